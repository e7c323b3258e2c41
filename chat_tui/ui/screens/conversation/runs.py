"""Answers on their way: of a conversation, or of each of its models side by side."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.messages import Status
from chat_tui.ui.screens.conversation.progress import Progress

if TYPE_CHECKING:
    from chat_tui.core.events import TurnEvent
    from chat_tui.core.side_by_side.rounds import Round
    from chat_tui.core.turns import OpenConversation

Request = Callable[..., "AsyncGenerator[TurnEvent, None] | Round"]
"""Makes a request, as often as it is called; with `anyway=True` whatever its size."""

GOOD: tuple[Status, ...] = ("complete", "length")
"""How an answer ends that has come through."""


class Asked(NamedTuple):
    """What a turn was asked for: what becomes of it where it is refused."""

    request: Request
    prompt: Prompt = Prompt()
    """Its new prompt; empty where an answer is made anew."""
    waits: bool = False
    """Whether a refused prompt goes back to those that wait, and not into the input."""
    sums_up: bool = False
    """Whether it is a summary that is asked for."""

    @property
    def given_back(self) -> Prompt:
        """What goes back into the input; empty for nothing."""
        return Prompt() if self.waits else self.prompt


class RunningChoice(NamedTuple):
    """Another one of n answers on their way."""

    reply_id: str
    progress: Progress


@dataclass(slots=True, eq=False)
class Run:
    """One answer on its way, or n of one request."""

    chat: "OpenConversation"
    progress: Progress
    slot: int | None = None
    """Whose answer it is, side by side; None for one that has the conversation to itself."""
    reply_id: str = ""
    """Empty until it is stored."""
    choices: dict[int, RunningChoice] = field(default_factory=dict)
    """The others of n answers, from 1 on, as far as they have begun."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        """Whether it has ended; it is kept until all others of its conversation have."""
        return self.ended.is_set()

    @property
    def reply_ids(self) -> list[str]:
        """All that are on their way with it."""
        return [self.reply_id, *(choice.reply_id for choice in self.choices.values())]

    def progress_of(self, reply: str) -> Progress | None:
        """How far one of its answers is; None of others."""
        if reply == self.reply_id:
            return self.progress
        return next(
            (each.progress for each in self.choices.values() if each.reply_id == reply), None
        )


class Runs:
    """All answers that are on their way, by conversation; those that ended stay until all have."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[int | None, Run]] = {}

    def __bool__(self) -> bool:
        return bool(self._runs)

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._runs

    def __iter__(self) -> Iterator[Run]:
        """Those that have not ended."""
        return (run for runs in self._runs.values() for run in runs.values() if not run.over)

    @property
    def conversations(self) -> frozenset[str]:
        """Those that are being answered."""
        return frozenset(self._runs)

    def all_of(self, conversation: str) -> Collection[Run]:
        """Those of a conversation, the ended ones among them."""
        return self._runs.get(conversation, {}).values()

    def live(self, conversation: str) -> list[Run]:
        """Those of a conversation that have not ended."""
        return [run for run in self.all_of(conversation) if not run.over]

    def find(self, conversation: str, slot: int | None) -> Run | None:
        """A slot's that has not ended; of None that which has the conversation to itself."""
        run = self._runs.get(conversation, {}).get(slot)
        return None if run is None or run.over else run

    def has_room(self, conversation: str, slots: Collection[int | None]) -> bool:
        """Whether answers of these slots may begin now."""
        return all(
            run.slot is not None and None not in slots and run.slot not in slots
            for run in self.live(conversation)
        )

    def add(self, run: Run) -> Run:
        """Note that one begins; it takes the place of its slot's last one."""
        self._runs.setdefault(run.chat.id, {})[run.slot] = run
        return run

    def end(self, run: Run) -> Collection[Run]:
        """Note that one has ended; gives all of its conversation, where it was the last one."""
        run.ended.set()
        runs = self._runs.get(run.chat.id, {})
        if run.chat.id not in self._runs or any(not each.over for each in runs.values()):
            return ()
        return self._runs.pop(run.chat.id).values()


def ended_how(runs: Collection[Run]) -> Status | None:
    """How answers ended together; None where none could even begin.

    Stopped where one was: that was somebody's hand. Else well where one came through.
    """
    ends = [run.progress.ended for run in runs if run.progress.ended is not None]
    if "stopped" in ends:
        return "stopped"
    return next((each for each in ends if each in GOOD), next(iter(ends), None))
