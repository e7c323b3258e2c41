"""Runs rounds: one prompt, answered by several models side by side."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from chat_tui.core.errors import ChatError
from chat_tui.core.side_by_side.answers import last_answer
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.runs import GOOD, Asked, Run, ended_how

if TYPE_CHECKING:
    from chat_tui.core.context.plan import ContextPlan
    from chat_tui.core.conversation import Node
    from chat_tui.core.side_by_side.rounds import Round, RoundStarted
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.turns import TurnRunner
    from chat_tui.ui.screens.conversation.view import ConversationView


class RoundRunner:
    """Begins rounds, and goes on where they have ended; each slot runs as a turn does.

    Args:
        screen: where they are shown.
        turns: runs the slots.
    """

    def __init__(self, screen: "ConversationView", turns: "TurnRunner") -> None:
        self._screen = screen
        self._turns = turns
        self._begun: dict[str, list[Round]] = {}
        """Conversation → the rounds that its answers on their way belong to."""

    async def run(
        self, chat: "OpenConversation", runs: Sequence[Run], asked: Asked, round_: "Round"
    ) -> None:
        """Begin a round, and have each of its slots consumed by a worker of its own.

        Args:
            chat: the conversation.
            runs: one a slot; they have not begun.
            asked: what is asked.
            round_: makes it.
        """
        screen = self._screen
        screen.answering_changed()
        idle = list(runs)
        """Those that nobody consumes."""
        began = None
        try:
            if asked.prompt:
                await screen.comparing.before_round(chat)
            before = last_answer(chat.tree)
            began = await round_.begin()
            if began is None:
                # It was stopped before it was sent.
                self._turns.give_back(chat, asked)
                return
            self._begun.setdefault(chat.id, []).append(round_)
            self._show(chat, began, before)
            for run in runs:
                reply = began.replies.get(run.slot or 0)
                if reply is None:
                    continue  # This one was stopped before it was sent.
                run.reply_id = reply.id
                if reply.status == "streaming":
                    idle.remove(run)
                    self._turns.consume(run, round_.events(reply.slot))
                else:
                    self._turns.events.finish(run, reply)
        except ChatError as error:
            if chat is screen.session.chat:
                # What can be done about it is done for the marked column.
                for slot in (slot for slot, each in round_.refusals.items() if each is error):
                    screen.sides.mark(slot)
            self._turns.refused(chat, asked, error)
        except Exception:
            # The app reports what a worker raises, and goes on.
            if began is None:
                self._turns.give_back(chat, asked)
            await round_.aclose()
            await screen.recover(chat)
            raise
        finally:
            self._turns.end(*idle)

    def _show(self, chat: "OpenConversation", began: "RoundStarted", before: "Node | None") -> None:
        """Show the prompts and the empty replies of a round.

        Args:
            chat: the conversation.
            began: they are stored.
            before: the answer that was gone on with until then.
        """
        screen = self._screen
        screen.writing.drafts.sent(chat)
        waited = screen.queueing.queues.started(chat)
        screen.reload_later()
        targets = chat.conversation.targets
        screen.answering.note_used(chat, [targets[slot] for slot in began.plans])
        if chat is not screen.session.chat:
            return
        prompts = {prompt.id: prompt for prompt in began.prompts.values()}
        # Names that a vote had shown are hidden again.
        screen.comparing.refresh()
        screen.panes.started(chat, [*prompts.values(), *began.replies.values()], calm=waited)
        self._warn(began.plans.values())
        screen.context.refresh()
        screen.finding.shown(chat)
        if began.prompts and before is not None:
            self._tell_left(chat, before)

    def _tell_left(self, chat: "OpenConversation", before: "Node") -> None:
        """Say whose answer is gone on with now, where that was one of a model that is not asked."""
        about, head = chat.conversation, last_answer(chat.tree)
        asked = before.slot in (*about.board.slots, MERGED) or before.slot >= len(about.targets)
        if asked or head is None or about.board.sharing != "one" or len(about.board.slots) < 2:
            return
        sides = self._screen.sides
        if not self._screen.comparing.hides:
            model = sides.name_of(chat, before.slot)
            self._tell("sides.left", model=model, other=sides.name_of(chat, head.slot))

    def _tell_moved(self, chat: "OpenConversation", moved: tuple[int, int]) -> None:
        """Say whose answer is gone on with, where the one that was to be came to nothing."""
        model, other = (self._screen.sides.name_of(chat, slot) for slot in moved)
        self._tell("sides.moved", model=model, other=other)

    def _tell(self, key: str, **values: str) -> None:
        self._screen.app.notify(text(key, **values), timeout=8, markup=False)

    def _warn(self, plans: Collection["ContextPlan"]) -> None:
        """Say that a window may be too small, where the policy is to say so and to send it."""
        over = [each.over for each in plans if each.over and each.policy.overflow == "warn"]
        if over:
            self._screen.warn(text("sending.over", count=f"{max(over):,}"))

    def describe(self, chat: "OpenConversation") -> tuple[str, str, tuple[str, ...]]:
        """How far a round is: in words, more of them, and the ids of the actions that help."""
        now = self._screen.clock.monotonic()
        live, runs = self._turns.runs.live(chat.id), self._turns.runs.all_of(chat.id)
        offered = max((run.progress.offered(now) for run in live), key=len, default=())
        if len(runs) == 1 or live[0].progress.sums_up:
            hides = self._screen.comparing.hides
            return *live[0].progress.describe(now, hides=hides), offered
        done = text("sides.done", done=len(runs) - len(live), count=len(runs))
        started = min(run.progress.started for run in live)
        return done, text("sides.seconds", seconds=f"{now - started:.0f}"), offered

    def ends_well_with(self, run: Run) -> bool:
        """Whether a run is the last one on its way, and all is well so far."""
        runs = self._turns.runs
        is_last = runs.live(run.chat.id) == [run]
        return is_last and ended_how(runs.all_of(run.chat.id)) in GOOD

    def ended(self, chat: "OpenConversation", runs: Collection[Run]) -> None:
        """All slots have ended: tell somebody who is elsewhere, once, and show what follows."""
        rounds = self._begun.pop(chat.id, [])
        screen, status = self._screen, ended_how(runs)
        if status is None:
            return
        longest = min(runs, key=lambda run: run.progress.started)
        self._turns.events.notify_end(longest, status)
        first = len(chat.tree.path()) == 2 and len(chat.tree) == 1 + len(runs)
        good = any(run.progress.ended in GOOD for run in runs)
        if first and good and not chat.temporary and screen.session.settings.title_by_model:
            screen.run_worker(screen.chats.name_by_model(chat), group="title", exit_on_error=False)
        if chat is screen.session.chat:
            if (moved := next((each.moved for each in rounds if each.moved), None)) is not None:
                self._tell_moved(chat, moved)
            # Another answer may be gone on with, and n answers become columns.
            follow = screen.branches.follow(chat)
            screen.run_worker(follow, name="columns", group="columns", exit_on_error=False)
