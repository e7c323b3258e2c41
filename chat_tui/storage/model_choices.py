"""Favourites, models used last, model sets, votes and folders, kept in the database."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import time
from typing import Any, Protocol, get_args

from chat_tui.core.errors import UsageError
from chat_tui.core.model_choices import ModelSet, ModelUse, Place
from chat_tui.core.side_by_side.board import MOST, SHARINGS
from chat_tui.core.side_by_side.votes import Verdict, Vote
from chat_tui.core.targets import Target
from chat_tui.storage.decoding import readable_target
from chat_tui.storage.encoding import to_json
from chat_tui.storage.operations import Choice

_USE, _SET, _VOTE, _FOLDER = "model", "model-set", "vote", "folder"

LONGEST_NAME = 80
"""Characters of the name of a set."""

MOST_FOLDERS = 8
"""Folders that are kept."""


class ChoiceStore(Protocol):
    """What keeps them: small records by kind and name."""

    async def choices(self, kind: str) -> Mapping[str, Choice]:
        """All records of a kind, by name, the oldest first."""
        ...

    async def save_choice(self, kind: str, name: str, choice: Choice | None) -> None:
        """Keep a record in place of one of the same name; None deletes it."""
        ...


class StoredChoices:
    """The `ModelChoices` of the app. What cannot be read of a record is passed over.

    Args:
        store: keeps them.
        now: the time, in seconds since 1970.
    """

    def __init__(self, store: ChoiceStore, now: Callable[[], float] = time) -> None:
        self._store = store
        self._now = now

    async def uses(self) -> Mapping[Place, ModelUse]:
        """See `ModelChoices.uses`."""
        records = await self._store.choices(_USE)
        return {
            place: _use_of(record.data)
            for name, record in records.items()
            if (place := _place_of(name)) is not None
        }

    async def set_favourite(self, place: Place, favourite: bool) -> None:
        """See `ModelChoices.set_favourite`."""
        known = (await self.uses()).get(place, ModelUse())
        await self._keep_use(place, known._replace(favourite=favourite))

    async def note_used(self, places: Sequence[Place], at: float) -> None:
        """See `ModelChoices.note_used`."""
        known = await self.uses()
        for place in dict.fromkeys(places):
            use = known.get(place, ModelUse())
            await self._keep_use(place, use._replace(used=at, times=use.times + 1))

    async def sets(self) -> Sequence[ModelSet]:
        """See `ModelChoices.sets`."""
        records = await self._store.choices(_SET)
        sets = (_set_of(name, record.data) for name, record in records.items())
        return sorted((each for each in sets if each is not None), key=lambda each: each.name)

    async def save_set(self, models: ModelSet) -> None:
        """See `ModelChoices.save_set`."""
        name = models.name.strip()
        if not name:
            raise UsageError("The set has no name.", hint="Give it one.")
        if len(name) > LONGEST_NAME:
            raise UsageError(
                f"The name has {len(name)} characters.", hint=f"At most {LONGEST_NAME} fit."
            )
        if not 2 <= len(models.targets) <= MOST:
            raise UsageError(
                f"A set has 2 to {MOST} models, and this one has {len(models.targets)}.",
                hint="Go side by side with more models first.",
            )
        data = to_json(replace(models, name=name))
        await self._store.save_choice(_SET, name, Choice(data, self._now()))

    async def delete_set(self, name: str) -> None:
        """See `ModelChoices.delete_set`."""
        await self._store.save_choice(_SET, name, None)

    async def votes(self) -> Sequence[Vote]:
        """See `ModelChoices.votes`."""
        records = await self._store.choices(_VOTE)
        votes = (_vote_of(turn, record) for turn, record in records.items())
        return sorted((vote for vote in votes if vote is not None), key=lambda vote: vote.at)

    async def save_vote(self, vote: Vote) -> None:
        """See `ModelChoices.save_vote`."""
        await self._store.save_choice(_VOTE, vote.turn, Choice(to_json(vote), vote.at))

    async def delete_vote(self, turn: str) -> None:
        """See `ModelChoices.delete_vote`."""
        await self._store.save_choice(_VOTE, turn, None)

    async def folders(self) -> Sequence[str]:
        """See `ModelChoices.folders`."""
        records = await self._store.choices(_FOLDER)
        return sorted(records, key=lambda path: records[path].at, reverse=True)

    async def note_folder(self, path: str) -> None:
        """See `ModelChoices.note_folder`."""
        if any("\ud800" <= letter <= "\udfff" for letter in path):
            return  # bytes that are no text, which the database would not take
        await self._store.save_choice(_FOLDER, path, Choice({}, self._now()))
        for older in (await self.folders())[MOST_FOLDERS:]:
            await self._store.save_choice(_FOLDER, older, None)

    async def _keep_use(self, place: Place, use: ModelUse) -> None:
        choice = Choice(use._asdict(), self._now()) if use != ModelUse() else None
        await self._store.save_choice(_USE, json.dumps(place, ensure_ascii=False), choice)


def _place_of(name: str) -> Place | None:
    try:
        match json.loads(name):
            case [str(provider), str(model)]:
                return Place(provider, model)
    except (ValueError, RecursionError):
        return None
    return None


def _use_of(data: Mapping[str, Any]) -> ModelUse:
    used, times = data.get("used"), data.get("times")
    return ModelUse(
        data.get("favourite") is True,
        float(used) if isinstance(used, int | float) else 0.0,
        times if isinstance(times, int) else 0,
    )


def _set_of(name: str, data: Mapping[str, Any]) -> ModelSet | None:
    listed = data.get("targets")
    read = [readable_target(each) for each in listed] if isinstance(listed, list) else []
    targets: list[Target] = [each for each in read if each is not None][:MOST]
    sharing, at_once = data.get("sharing"), data.get("at_once")
    if len(targets) < 2:
        return None
    return ModelSet(
        name,
        tuple(targets),
        next((each for each in SHARINGS if each == sharing), "one"),
        min(max(at_once, 0), MOST) if isinstance(at_once, int) else 0,
    )


def _vote_of(turn: str, record: Choice) -> Vote | None:
    data = record.data
    verdicts: tuple[Verdict, ...] = get_args(Verdict)
    verdict = next((each for each in verdicts if each == data.get("verdict")), None)
    models = _texts(data.get("models"))
    winner = data.get("winner", "")
    if verdict is None or not models or (verdict == "win") != (winner in models):
        return None
    conversation = data.get("conversation")
    return Vote(
        turn,
        conversation if isinstance(conversation, str) else "",
        record.at,
        models,
        verdict,
        winner if verdict == "win" else "",
        _texts(data.get("tags")),
    )


def _texts(values: Any) -> tuple[str, ...]:
    listed = values if isinstance(values, list) else []
    return tuple(value for value in listed if isinstance(value, str))
