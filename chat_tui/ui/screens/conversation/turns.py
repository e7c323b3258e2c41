"""Runs turns and shows what happens in them."""

from collections.abc import AsyncGenerator, Collection, Coroutine
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chat_tui.core.attachments.prompts import Prompt, prompt_of
from chat_tui.core.errors import ChatError, PlanRefusedError
from chat_tui.core.events import TurnEvent
from chat_tui.core.turns import OpenConversation, busy
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.holding import Holding
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.screens.conversation.runs import Asked, Request, Run, Runs, ended_how
from chat_tui.ui.screens.conversation.showing import EventShow
from chat_tui.ui.screens.conversation.waiting import WHILE_WAITING, Waits
from chat_tui.ui.widgets.status import Piece
from chat_tui.ui.widgets.transcript.offers import offers_meanwhile

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.rounds import RoundRunner
    from chat_tui.ui.screens.conversation.view import ConversationView

_RANKS = {"stop": 0, "retry-now": 2}
"""Which offers keep their place in a narrow status line: the way out first."""


class TurnRunner:
    """Consumes the events of turns, each in a worker of its own.

    Several conversations may be answered at once, and each by several models; only the one on the
    screen is drawn.

    Args:
        screen: where the events are shown.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self.runs = Runs()
        """What is on its way."""
        self.waits = Waits(screen)
        """The waits before answering again."""
        self.holding = Holding(screen, self.runs, self.waits)
        """Why answers do not come."""
        self.events = EventShow(screen, self.holding)
        """What comes."""

    @cached_property
    def rounds(self) -> "RoundRunner":
        """Runs rounds."""
        # 3 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.rounds import RoundRunner

        return RoundRunner(self._screen, self)

    # How things are

    def describe(self, chat: OpenConversation) -> list[Piece]:
        """How far a conversation's answer is, and what can be done; empty where none is to come."""
        now = self._screen.clock.monotonic()
        if chat.id in self.runs:
            run = self.runs.find(chat.id, None)
            if run is None:
                state, more, ids = self.rounds.describe(chat)
            else:
                hides = self._screen.comparing.hides
                state, more = run.progress.describe(now, hides=hides)
                ids = run.progress.offered(now)
        elif chat.id in self.waits:
            state, more, ids = self.waits.describe(chat.id), "", WHILE_WAITING
        else:
            return []
        pieces = [Piece(state, "$success"), Piece(more, "$success", rank=3)]
        for offer in offers_meanwhile(ids, active_keys(self._screen)):
            rank = _RANKS.get(offer.action, 5)
            pieces.append(Piece(f"{offer.key} {offer.label}", "$success", rank))
        return pieces

    def waits_to_send(self, chat: OpenConversation) -> bool:
        """Whether a request waits to be sent again."""
        return any(self._counting_down(chat)) or chat.id in self.waits

    @property
    def moving(self) -> bool:
        """Whether there is anything that goes on with time."""
        return bool(self.runs) or len(self.waits) > 0

    def holds(self, conversation: str, slot: int | None = None) -> bool:
        """Whether a conversation is being answered, or is going to be.

        Args:
            conversation: its id.
            slot: ask only for this one's answer.
        """
        if slot is not None:
            running = self.runs.find(conversation, slot) or self.runs.find(conversation, None)
            return running is not None or self.waits.holds(conversation, slot)
        return conversation in self.runs or conversation in self.waits

    def busy(self, chat: OpenConversation, slot: int | None = None) -> bool:
        """Whether no answer may begin now: a slot's, or one that has all to itself."""
        return not self.runs.has_room(chat.id, (slot,)) or (slot is None and chat.streaming)

    @property
    def running(self) -> frozenset[str]:
        """The conversations that are being answered."""
        return self.runs.conversations

    # Beginning and ending

    def start(
        self,
        chat: OpenConversation,
        request: Request,
        prompt: Prompt | str = "",
        *,
        anyway: bool = False,
        waits: bool = False,
        sums_up: bool = False,
    ) -> None:
        """Run a turn, or a round of them.

        Args:
            chat: the conversation.
            request: makes it; it is asked for it again where it was too large.
            prompt: its new one; it goes back to where it was written where it is refused.
            anyway: send it whatever its size.
            waits: whether the prompt has waited, and is kept with those that still do.
            sums_up: whether it is a summary that is asked for.
        """
        asked = Asked(request, prompt_of(prompt), waits, sums_up)
        made = request(anyway=True) if anyway else request()
        single = isinstance(made, AsyncGenerator)
        slots: Collection[int | None] = (None,) if isinstance(made, AsyncGenerator) else made.slots
        if not self.runs.has_room(chat.id, slots):
            self._screen.refuse(chat, asked.given_back, busy().info)
            return
        for slot in slots:
            self.waits.cancel(chat.id, None if single or prompt else slot)
        now = self._screen.clock.monotonic()
        runs = [self.runs.add(Run(chat, Progress(now, sums_up=sums_up), slot)) for slot in slots]
        if isinstance(made, AsyncGenerator):
            self._work(self._run_single(runs[0], asked, made), f"turn {chat.id}")
        else:
            self._work(self.rounds.run(chat, runs, asked, made), f"turn {chat.id} begins")

    def consume(self, run: Run, events: AsyncGenerator[TurnEvent, None]) -> None:
        """Run one slot of a round that has begun."""
        self._work(self._run_slot(run, events), f"turn {run.chat.id} {run.slot}")

    def _work(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._screen.run_worker(work, name=name, group=name, exit_on_error=False)

    def stop_all(self) -> None:
        """Stop all answers; their texts stay."""
        for run in [*self.runs]:
            self._screen.session.manager.stop(run.chat)

    def interrupt(self, chat: OpenConversation, slot: int | None = None) -> bool:
        """Stop the answers to a conversation, and what waits to answer it.

        Args:
            chat: the conversation.
            slot: stop only this one's.

        Returns:
            Whether there was something to stop.
        """
        waited = self.waits.cancel(chat.id, slot)
        # One that has the conversation to itself is everybody's.
        slot = None if chat.turn is not None else slot
        return self._screen.session.manager.stop(chat, slot) or waited

    async def stop(self, chat: OpenConversation, slot: int | None = None) -> None:
        """Stop what is on its way to a conversation, or to a slot, and wait until it is stored."""
        self.interrupt(chat, slot)
        for run in self.runs.live(chat.id):
            if slot is None or run.slot in (slot, None):
                await run.ended.wait()

    def hurry(self, chat: OpenConversation) -> bool:
        """Send again at once what waits for it; tells whether something did."""
        now, waiting = self._screen.clock.monotonic(), self._counting_down(chat)
        if not waiting:
            return self.waits.end(chat.id)
        self._screen.session.manager.retry_now(chat)
        for run in waiting:
            run.progress.hurry(now)
        self.holding.tell(chat)
        return True

    def _counting_down(self, chat: OpenConversation) -> list[Run]:
        now = self._screen.clock.monotonic()
        return [run for run in self.runs.live(chat.id) if run.progress.counts_down(now)]

    # Running

    async def _run_single(
        self, run: Run, asked: Asked, events: AsyncGenerator[TurnEvent, None]
    ) -> None:
        self._screen.answering_changed()
        try:
            await self._run(run, events)
            if not run.reply_id:
                # It was stopped before it was sent.
                self.give_back(run.chat, asked)
        except ChatError as error:
            if run.reply_id:
                self.events.break_off(run, error.info)
            else:
                self.refused(run.chat, asked, error)
        except Exception:
            # The app reports what a worker raises, and goes on.
            if not run.reply_id:
                self.give_back(run.chat, asked)
            await self._screen.recover(run.chat)
            raise
        finally:
            self.end(run)

    async def _run_slot(self, run: Run, events: AsyncGenerator[TurnEvent, None]) -> None:
        try:
            await self._run(run, events)
            if self.rounds.ends_well_with(run):
                # As after an answer that had the conversation to itself.
                await self._run(run, self._screen.session.manager.sum_up_if_due(run.chat))
        except ChatError as error:
            self.events.break_off(run, error.info)
        except Exception:
            await self._screen.recover(run.chat)
            raise
        finally:
            self.end(run)

    async def _run(self, run: Run, events: AsyncGenerator[TurnEvent, None]) -> None:
        # Nothing else may be awaited in this loop: stopping interrupts it where it waits.
        async with aclosing(events) as stream:
            async for event in stream:
                self.events.show(run, event)

    def give_back(self, chat: OpenConversation, asked: Asked) -> None:
        """Put a prompt that was not sent back into the input."""
        if asked.given_back:
            self._screen.writing.drafts.give_back(chat, asked.given_back)

    def refused(self, chat: OpenConversation, asked: Asked, error: ChatError) -> None:
        """Tell that something could not even be asked; nothing was stored."""
        if isinstance(error, PlanRefusedError):
            self._screen.context.screens.refused(chat, asked, error)
        elif asked.sums_up:
            self._screen.show_error(error.info)
        else:
            self._screen.refuse(chat, asked.given_back, error.info)

    def end(self, *ended: Run) -> None:
        """Note that answers have ended, and go on where they were the last ones of theirs."""
        for run in ended:
            self.holding.forget(run.reply_id)
            together = self.runs.end(run)
            if together and self._screen.is_running:
                self._go_on_after(run.chat, together)
        self._screen.answering_changed()

    def _go_on_after(self, chat: OpenConversation, runs: Collection[Run]) -> None:
        """Send what waits for the end of answers, or let go of their conversation."""
        screen, status = self._screen, ended_how(runs)
        if any(run.slot is not None for run in runs):
            self.rounds.ended(chat, runs)
        elif chat is screen.session.chat and screen.panes.on:
            follow = screen.branches.follow(chat)
            screen.run_worker(follow, name="columns", group="columns", exit_on_error=False)
        screen.queueing.queues.turn_ended(chat, status)
        if chat is not screen.session.chat:
            if status not in (None, "stopped"):
                screen.keeper.note_new(chat.id)
            screen.chats.close_unless_needed(chat)
