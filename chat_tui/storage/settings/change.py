"""One change of the settings file: read, change, check, write; or none of it."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chat_tui.core.errors import StorageError
from chat_tui.core.safety import clean_line
from chat_tui.storage.private_files import held, read_small, write_private
from chat_tui.storage.settings.file import MAX_BYTES
from chat_tui.storage.settings.toml_edit import renamed, with_value, without
from chat_tui.storage.settings.toml_text import KeyPath

_TRIES = 5
_BOM = "\ufeff"


class Edit(NamedTuple):
    """One step of a change."""

    path: KeyPath
    value: Any = None
    """None takes the key out."""
    name: str = ""
    """The new name of the key, where it is to be renamed."""


Plan = Callable[[Mapping[str, Any]], Iterable[Edit]]
"""Gives the steps for what the file says."""


def change(path: Path, plan: Plan) -> None:
    """Change a settings file; once more from the start where somebody else wrote meanwhile.

    The new text must say exactly what the steps mean, or it is not written. The file keeps its
    mode, and a link stays one; a new file is its owner's alone.

    Raises:
        StorageError: the file cannot be read or written, or is not valid TOML.
    """
    try:
        with held(path.resolve().parent):
            for _ in range(_TRIES):
                if _try(path, plan):
                    return
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check the permissions of the file and its folder.",
        ) from error
    raise StorageError(
        f"{path} is being written by another program all the time.", hint="Try again later."
    )


def _try(path: Path, plan: Plan) -> bool:
    """One try; False where the file changed between reading and writing."""
    content = _read(path)
    text, wanted = _parsed(path, content or b"")
    new = text.removeprefix(_BOM)
    for edit in plan(wanted):
        new = _edited(new, edit)
        wanted = _edited_table(wanted, edit)
    if text.startswith(_BOM):
        new = _BOM + new
    _check(path, new, wanted)
    if new == text:
        return True
    mode = path.stat().st_mode & 0o777 if content is not None else 0o600
    return write_private(path, new.encode(), still=lambda: _read(path) == content, mode=mode)


def _read(path: Path) -> bytes | None:
    try:
        return read_small(path, MAX_BYTES)
    except ValueError as error:
        raise StorageError(f"{path} is larger than 1 MB and was not changed.") from error


def _parsed(path: Path, content: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = content.decode("utf-8")
        return text, tomllib.loads(text.removeprefix(_BOM))
    except (ValueError, RecursionError) as error:
        what = "UTF-8 text" if isinstance(error, UnicodeDecodeError) else "valid TOML"
        why = "" if isinstance(error, UnicodeDecodeError) else f": {clean_line(str(error))}"
        raise StorageError(
            f"{path} is not {what} and was not changed{why}.",
            hint="Mend it in an editor, then try again.",
        ) from error


def _edited(text: str, edit: Edit) -> str:
    if edit.name:
        return renamed(text, edit.path, edit.name)
    if edit.value is None:
        return without(text, edit.path)
    return with_value(text, edit.path, edit.value)


def _edited_table(table: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    """The same step in what a text says."""
    new = dict(table)
    name, *more = edit.path
    if more:
        inner = new.get(name, {})
        inner = inner if isinstance(inner, dict) else {}
        new[name] = _edited_table(inner, edit._replace(path=tuple(more)))
    elif edit.name:
        new[edit.name] = new.pop(name)
    elif edit.value is None:
        new.pop(name, None)
    else:
        new[name] = edit.value
    return new


def _check(path: Path, text: str, wanted: Mapping[str, Any]) -> None:
    """Make sure that a new text says what it should, before it is written.

    Raises:
        StorageError: it does not: the file is written in a way that cannot be changed safely.
    """
    try:
        text.encode()
        says = tomllib.loads(text.removeprefix(_BOM))
    except (ValueError, RecursionError):
        says = None
    if says is None or _without_empty(says) != _without_empty(wanted):
        raise StorageError(
            f"{path} cannot be changed without harm to what else stands in it.",
            hint="Make the change in an editor.",
        )


def _without_empty(value: Any) -> Any:
    """A table without its empty tables: whether they are written makes no difference."""
    if not isinstance(value, dict):
        return value
    inner = {name: _without_empty(each) for name, each in value.items()}
    return {name: each for name, each in inner.items() if each != {}}
