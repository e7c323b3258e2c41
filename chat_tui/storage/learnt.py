"""What models were found to refuse, kept over restarts: `state/learnt.json`."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

from chat_tui.core.context.calibration import (
    LEAST,
    LEAST_PICTURES,
    MOST,
    MOST_PICTURES,
    Calibration,
)
from chat_tui.core.memory import Learnt
from chat_tui.storage.place import free_name
from chat_tui.storage.private_files import held, read_small, write_private

MAX_BYTES = 1024 * 1024
_MAX_MODELS = 2000
"""The models learnt last; a gateway's thousands must not fill the file."""

_Known = dict[tuple[str, str], Learnt]
"""By provider and model."""


class _Change(NamedTuple):
    """What was learnt of a model here and is not written yet."""

    before: Learnt
    now: Learnt

    def over(self, other: Learnt) -> Learnt:
        """What is new in it over what the file says, where another instance may have written."""
        if self.now == Learnt():
            return self.now  # it was forgotten, whoever learnt it
        given = {each.name: getattr(self.now, each.name) for each in fields(Learnt)}
        new = {name: now for name, now in given.items() if now != getattr(self.before, name)}
        return replace(other, **new)


_Changes = dict[tuple[str, str], _Change]


class LearntFile:
    """The `ModelMemory` on disk.

    Read when it is first asked, then kept in memory. Writing is done in a thread of its own, so
    that no caller waits; a disk that refuses is passed over, what was learnt holds until the end
    of the process. Other instances' knowledge is read again before each write, and kept, of the
    same model too: calibrations are learnt with each answer.

    Args:
        path: of the file; nothing is made before something is learnt.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._known: _Known | None = None
        self._changed: _Changes = {}
        self._writer: Thread | None = None

    def learnt(self, provider: str, model: str) -> Learnt:
        """See `ModelMemory.learnt`."""
        with self._lock:
            return self._all().get((provider, model), Learnt())

    def learn(self, provider: str, model: str, learnt: Learnt) -> None:
        """See `ModelMemory.learn`."""
        with self._lock:
            known, place = self._all(), (provider, model)
            before = known.pop(place, Learnt())
            if learnt != Learnt():
                known[place] = learnt
            if before == learnt:
                return
            first = self._changed.get(place, _Change(before, learnt)).before
            self._changed[place] = _Change(first, learnt)
            if self._writer is None:
                self._start_writer()

    def forget(self, provider: str) -> None:
        """See `ModelMemory.forget`."""
        with self._lock:
            models = [model for name, model in self._all() if name == provider]
        for model in models:
            self.learn(provider, model, Learnt())

    def flush(self) -> None:
        """Wait until what was learnt is on the disk, or the disk has refused."""
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join()

    def _start_writer(self) -> None:
        # Not a daemon: the process waits for the few milliseconds that it takes.
        self._writer = Thread(target=self._write, name="learnt")
        try:
            self._writer.start()
        except RuntimeError:  # the interpreter is shutting down
            self._writer = None

    def _write(self) -> None:
        while True:
            with self._lock:
                changed, self._changed = self._changed, {}
                if not changed:
                    self._writer = None
                    return
            try:
                merged = self._merge(changed)
            except OSError:
                with self._lock:
                    # The next thing that is learnt tries again.
                    for place, change in self._changed.items():
                        first = changed.get(place, change).before
                        changed[place] = _Change(first, change.now)
                    self._changed = changed
                    self._writer = None
                return
            with self._lock:
                self._known = _with(merged, self._changed)

    def _merge(self, changed: _Changes) -> _Known:
        """Write what the file says, with the changes; gives all of it."""
        with held(self._path.parent):
            known = _with(_read(self._path), changed)
            known = dict(list(known.items())[-_MAX_MODELS:])
            write_private(self._path, _encoded(known))
        return known

    def _all(self) -> _Known:
        if self._known is None:
            try:
                self._known = _read(self._path)
            except OSError:
                self._known = {}
        return self._known


def _with(known: _Known, changes: _Changes) -> _Known:
    """What is known, with changes over it; what is learnt last stands last."""
    known = dict(known)
    for place, change in changes.items():
        learnt = change.over(known.pop(place, Learnt()))
        if learnt != Learnt():
            known[place] = learnt
    return known


def _read(path: Path) -> _Known:
    """What a file says; one that is damaged is moved aside and says nothing.

    Raises:
        OSError: it cannot be read.
    """
    try:
        content = read_small(path, MAX_BYTES)
        if content is None:
            return {}
        entries = json.loads(content)["models"]
        if not isinstance(entries, list):
            raise TypeError("no list of models")
    except (ValueError, TypeError, KeyError, RecursionError):
        with suppress(OSError):
            path.rename(free_name(path, "damaged"))
        return {}
    return dict(filter(None, map(_decoded, entries)))


def _decoded(entry: Any) -> tuple[tuple[str, str], Learnt] | None:
    match entry:
        case {"provider": str(provider), "model": str(model)}:
            left_out = entry.get("left_out")
            spellings = entry.get("spellings")
            root = entry.get("root")
            return (provider, model), Learnt(
                frozenset(filter(_is_text, left_out if isinstance(left_out, list) else ())),
                _texts(spellings if isinstance(spellings, dict) else {}),
                _size(entry.get("window")),
                _calibration(entry.get("calibration")),
                root if isinstance(root, str) else "",
                _size(entry.get("own_window")),
            )
        case _:
            return None


def _encoded(known: Mapping[tuple[str, str], Learnt]) -> bytes:
    models = [
        {
            "provider": provider,
            "model": model,
            "left_out": sorted(learnt.left_out),
            "spellings": dict(learnt.spellings),
            "window": learnt.window,
            "own_window": learnt.own_window,
            "calibration": _measured(learnt.calibration),
            "root": learnt.root,
        }
        for (provider, model), learnt in known.items()
    ]
    return (json.dumps({"models": models}, indent=1) + "\n").encode("ascii")


def _size(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _calibration(value: Any) -> Calibration:
    """What is written of a calibration; what no tokenizer can have done is not believed."""
    match value:
        case {"ratio": int() | float() as ratio, "samples": int(samples)} if (
            LEAST <= ratio <= MOST and samples > 0
        ):
            error = value.get("error")
            known = isinstance(error, int | float) and 0 <= error <= 1
            told = float(error) if known else None
            found = Calibration(float(ratio), told, samples, value.get("vague") is True)
        case _:
            found = Calibration()
    match value:
        case {"pictures": int() | float() as pictures, "pictured": int(pictured)} if (
            LEAST_PICTURES <= pictures <= MOST_PICTURES and pictured > 0
        ):
            return replace(found, pictures=float(pictures), pictured=pictured)
        case _:
            return found


def _measured(calibration: Calibration) -> dict[str, Any] | None:
    if not calibration.samples and not calibration.pictured:
        return None
    return {
        "ratio": round(calibration.ratio, 6),
        "error": None if calibration.error is None else round(calibration.error, 6),
        "samples": calibration.samples,
        "vague": calibration.vague,
        "pictures": round(calibration.pictures, 6),
        "pictured": calibration.pictured,
    }


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in table.items() if _is_text(value)}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
