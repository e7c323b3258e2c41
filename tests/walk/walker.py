"""One walk: what was done, what was seen, and what must be so at the end."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from textual import events

from chat_tui.core.drafts import Draft
from chat_tui.ui.actions import action_called
from chat_tui.ui.screens.question import QuestionDialog
from tests.fakes import DEADLINE, eventually
from tests.ui.actions.hands import Hands
from tests.ui.rig import Rig
from tests.walk.agreement import (
    Seen,
    disagreements,
    draft_key,
    draft_of,
    seen,
)
from tests.walk.provider import Moody

REMEMBERED = 20
"""Steps that are told where a walk goes wrong."""


class WalkError(AssertionError):
    """A walk found something; the message tells how to see it again."""


class Walker:
    """Somebody at the keyboard who does something at every turn.

    Args:
        rig: the app.
        seed: all chances come from it.
        provider: answers.
        home: a folder of its own.
    """

    def __init__(self, rig: Rig, seed: int, provider: Moody, home: Path) -> None:
        self.rig = rig
        self.hands = Hands(rig, home)
        self.chance = Random(seed)
        self.provider = provider
        self.log: deque[str] = deque(maxlen=REMEMBERED)
        self.typed: set[str] = set()
        """All that was submitted."""
        self.known: dict[str, Seen] = {}
        """The stored conversations as they were on the screen last."""
        self.steps = 0
        self.secrets: dict[str, str] = {}
        """Temporary conversation → the word that is in all that is said there."""
        self.kept: set[str] = set()
        """The secrets of temporary conversations that were kept after all."""
        self._words = 0

    # What steps use

    def words(self) -> str:
        """Something that nobody wrote before."""
        self._words += 1
        tail = self.chance.choice(("", " needle", " why"))
        return f"p{self._words}{tail}{self.secret}"

    @property
    def secret(self) -> str:
        """What is added to all that is written in a temporary conversation."""
        chat = self.rig.chat
        if not chat.temporary:
            return ""
        return f" {self.secrets.setdefault(chat.id, f'unwritten{self._words}x')}"

    async def write(self, words: str) -> None:
        """Type in the prompt."""
        await self.to_prompt()
        await self.hands.write(words)

    async def send(self) -> None:
        """Send what stands in the prompt."""
        await self.to_prompt()
        if words := self.rig.screen.prompt.content:
            self.typed.add(words)
        await self.hands.press("send")
        await self.rest()

    async def paste(self, words: str) -> None:
        """Paste into the prompt."""
        await self.to_prompt()
        prompt = self.rig.screen.prompt
        prompt.post_message(events.Paste(words))
        await self.hands.settle()
        await eventually(lambda: not prompt._guard.holds)

    async def to_prompt(self) -> None:
        """Go to the prompt."""
        if self.rig.app.focused is not self.rig.screen.prompt:
            await self.after_leader("write")
        assert self.rig.app.focused is self.rig.screen.prompt, "the prompt cannot be reached"

    async def after_leader(self, id_: str) -> None:
        """Press an action's keys that are heard in all parts of the screen."""
        keys = self.rig.app.active_keys
        leader = keys.of(action_called("leader"))[0]
        await self.hands.strike(leader, *keys.leader_keys_of(action_called(id_))[0].split(" "))

    async def to_transcript(self, *, mark: bool = True) -> None:
        """Go to the transcript, by default to some message."""
        transcript = self.rig.screen.transcript
        if self.rig.app.focused is not transcript:
            await self.after_leader("focus-transcript")
        assert self.rig.app.focused is transcript, "the transcript cannot be reached"
        if mark:
            for _ in range(self.chance.randint(1, min(len(transcript.column), 6))):
                await self.hands.press("previous-message")

    async def dialog(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something in the dialog that has been opened, and wait until it is closed."""
        await eventually(lambda: len(self.rig.app.screen_stack) > 1)
        await self.hands.settle()
        await act()
        await self.rest()

    async def rest(self) -> None:
        """Wait until nothing is under way but answers that stall."""
        await eventually_still(self)

    @property
    def still(self) -> bool:
        """Whether nothing is under way but answers that stall."""
        busy = [
            worker
            for worker in self.rig.app.workers
            if not worker.is_finished and not worker.name.startswith(("turn 0", "wait "))
        ]
        return not busy and len(self.rig.screen.turns.running) == self.provider.stalled

    # The walk

    async def step(self, name: str, act: Callable[["Walker"], Awaitable[None]]) -> None:
        """Do something, and see whether all agrees afterwards.

        Raises:
            WalkError: it does not.
        """
        self.steps += 1
        self.rig.clock.advance(1)
        self.log.append(f"{self.steps} {name} (in {self._where()})")
        try:
            await act(self)
            await self.rest()
            assert len(self.rig.app.screen_stack) == 1, "a dialog is left open"
        except (AssertionError, TimeoutError, ValueError, LookupError) as error:
            raise WalkError(self._told([f"{type(error).__name__}: {error}"])) from error
        await self.agree()

    async def answer(self) -> None:
        """Answer the question what becomes of a temporary conversation, where it is asked."""
        if not isinstance(self.rig.app.screen, QuestionDialog):
            return
        answer = self.chance.choice("ykn")
        if answer == "k":
            chat = self.rig.chat
            self.kept.add(self.secret.strip())
            if len(chat.tree):
                self.known[chat.id] = seen(self.rig)
        await self.hands.strike(answer)

    def _where(self) -> str:
        focused, chat = self.rig.app.focused, self.rig.chat
        place = (focused.id or type(focused).__name__) if focused is not None else "nothing"
        draft = self.rig.screen.prompt.text[:20]
        state = "streaming" if chat.streaming else f"{len(chat.tree.path())} messages"
        return f"{place}, {state}, {draft!r}, {len(chat.queued)} queued"

    async def agree(self) -> None:
        """Wait until screen, memory and database say the same.

        Raises:
            WalkError: they do not.
        """
        wrong: list[str] = []
        try:
            async with asyncio.timeout(DEADLINE):
                while wrong := await disagreements(self.rig):  # noqa: ASYNC110 - it polls
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise WalkError(self._told(wrong)) from None
        chat = self.rig.chat
        if not chat.temporary and len(chat.tree):
            self.known[chat.id] = seen(self.rig)
        for row in self.rig.screen.list_of_conversations._rows:
            if row.id in self.known:
                was = self.known[row.id]
                self.known[row.id] = was._replace(title=row.title, pinned=row.pinned)

    async def check_draft(self) -> None:
        """Wait until what stands in the prompt is stored.

        Raises:
            WalkError: it is not.
        """
        chat, stored = self.rig.chat, Draft()
        try:
            async with asyncio.timeout(DEADLINE):
                while True:
                    stored = await chat.store.draft(draft_key(chat))
                    if replace(stored, set_aside=stored.set_aside or None) == draft_of(self.rig):
                        return
                    await asyncio.sleep(0.01)
        except TimeoutError:
            told = [f"the draft is {draft_of(self.rig)}, stored is {stored}"]
            raise WalkError(self._told(told)) from None

    def _told(self, wrong: list[str]) -> str:
        workers = [worker for worker in self.rig.app.workers if not worker.is_finished]
        stalled = f"{self.provider.stalled} stalled"
        lines = [*wrong, f"under way: {workers}, {stalled}", *self.rig.backend.reports]
        return "\n".join([*lines, "Steps:", *self.log, *self.rig.toasts[-5:], self.rig.drawn()])


async def heard(walker: Walker) -> None:
    """Wait until what the app was told so far is done: a command may wait for the disk."""
    app = walker.rig.app
    for node in (app, app.screen, app.focused):
        if node is not None and node.is_running:
            done = asyncio.Event()
            node.call_later(done.set)
            await done.wait()


async def eventually_still(walker: Walker) -> None:
    """Wait until nothing is under way but answers that stall.

    Raises:
        TimeoutError: something goes on.
    """
    async with asyncio.timeout(DEADLINE):
        while True:
            await walker.hands.settle()
            await heard(walker)
            if walker.still:
                return
            await walker.answer()
            await asyncio.sleep(0.001)
