"""The context: what the next request weighs, the inspector, pins, summaries."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.timer import Timer

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.context_policies import ContextPolicies
from chat_tui.ui.screens.conversation.commands.context_screens import ContextScreens
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.context_bar import ALARM_FROM, context_pieces
from chat_tui.ui.screens.conversation.draft_count import DraftCount
from chat_tui.ui.screens.conversation.outlooks import Outlooks
from chat_tui.ui.widgets.status import Piece
from chat_tui.ui.widgets.transcript.sending import sending_of

if TYPE_CHECKING:
    from chat_tui.core.context.planner import ContextPlanner, Outlook
    from chat_tui.core.events import TurnStarted
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_AHEAD = 0.3
"""Seconds between two plans of what a draft would do, while one writes."""


class _Summing(NamedTuple):
    """How things were when a summary was asked for."""

    chat: str
    summary: str
    """The one that held then."""
    lost: int
    """How many messages were not sent, and no summary stood for them."""


class ContextCommands(CommandGroup):
    """Keeps the outlook of the conversation on the screen, and changes what it depends on.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._draft = DraftCount(screen, self._weighed)
        self._outlooks = Outlooks(screen, lambda: self._draft.tokens, self._found)
        self.screens = ContextScreens(screen)
        """The inspector, and the card of what is too large."""
        self.policies = ContextPolicies(screen)
        """What is done where a conversation does not fit."""
        self._ahead: Timer | None = None
        self._summing: _Summing | None = None
        """The summary that was asked for and is not there yet."""
        self._near = False
        """Whether the draft was near the end of the budget when it was last looked at."""

    # What is known

    @property
    def basis(self) -> object:
        """Of what the figures are made; another one where they are others."""
        return self._outlooks.count, self._draft.tokens

    @property
    def outlook(self) -> "Outlook | None":
        """Of the conversation on the screen, with its draft; None until it was found out."""
        return self._outlooks.now

    @property
    def draft(self) -> int:
        """Tokens of what is written and not sent, as they are shown."""
        return self._draft.tokens

    @property
    def settled(self) -> bool:
        """Whether nothing is being found out or counted."""
        return self._outlooks.settled and self._draft.settled

    def pieces(self) -> list[Piece]:
        """The context in the status line."""
        empty, several = self._screen.stage.empty, self._screen.sides.on
        return context_pieces(self.outlook, self._draft.tokens, empty=empty, several=several)

    @property
    def refused(self) -> Collection[int]:
        """Side by side, the slots whose next request would not fit."""
        return self._outlooks.refused if self._screen.sides.on else ()

    # Keeping it

    def refresh(self) -> None:
        """Find out anew what the next request would be; several in a row are one.

        For when the conversation, its model or its policy changed. Returns at once.
        """
        self._outlooks.refresh()

    def look(self) -> None:
        """The same if something can be seen to be other than it was; cheap."""
        if self._outlooks.look():
            self._draft.recount()

    def shown(self) -> None:
        """Another conversation comes to the screen."""
        # The planner is there only once the backend is open.
        self._planner.changed = self._figures_changed
        self._outlooks.shown()

    def started(self, event: "TurnStarted") -> None:
        """A turn of the conversation on the screen began."""
        if not event.replies[0].covers:
            plan = event.plan
            self._tell_sending(plan)
            if plan.over and plan.policy.overflow == "warn":
                self._screen.warn(text("sending.over", count=f"{plan.over:,}"))
        self.refresh()

    def _figures_changed(self) -> None:
        """Counts were settled, or a window was looked up."""
        if self._screen.is_running:
            self._draft.recount()
            self.refresh()

    def draft_changed(self) -> None:
        """Weigh the draft anew, at most every 50 ms. Returns at once."""
        self._draft.follow()
        self._look_ahead()

    def _weighed(self) -> None:
        self._look_ahead()
        self._screen.update_status()

    def _look_ahead(self) -> None:
        """Where a draft makes it scarce, find out what becomes of the rest."""
        share = None if (outlook := self.outlook) is None else outlook.share
        near = share is not None and share >= ALARM_FROM
        if (near or self._near) and self._ahead is None:
            self._ahead = self._screen.set_timer(_AHEAD, self._plan_ahead)
        self._near = near

    def _plan_ahead(self) -> None:
        self._ahead = None
        self.refresh()

    def _found(self) -> None:
        outlook = self.outlook
        plan = outlook.plan if outlook is not None else ContextPlan(())
        self._tell_sending(plan)
        self._tell_summed_up(plan)
        self._screen.update_status()

    def _tell_sending(self, plan: ContextPlan) -> None:
        """Show in the transcript where the part begins that is sent."""
        about = self.outlook is not None and self.outlook.approximate
        key = active_keys(self._screen).shown_anywhere("context")
        if not (columns := self._screen.panes.panes):
            self._screen.transcript.mark_sending(sending_of(plan, key, approximate=about))
        for each in columns:
            if (outlook := self._outlooks.by_slot.get(each.column.slot)) is not None:
                sending = sending_of(outlook.plan, key, approximate=outlook.approximate)
                each.transcript.mark_sending(sending)

    # Pins and exclusions

    async def pin_message(self) -> None:
        """Always send the marked message (else the last one), or no longer."""
        await self._toggle("pin-message")

    async def exclude_message(self) -> None:
        """Never send the marked message (else the last one), or send it again."""
        await self._toggle("exclude-message")

    async def _toggle(self, action: str) -> None:
        chat = await self._ready()
        if (id_ := self._meant(chat)) is None:
            self._tell("sending.nothing", timeout=3)
            return
        reads = self._screen.focused is self._screen.transcript
        keys = active_keys(self._screen)
        key = keys.shown(action) if reads else keys.shown_anywhere(action)
        await self.toggle(chat, id_, action, key)

    def _meant(self, chat: "OpenConversation") -> str | None:
        """The marked message, else the last prompt or answer."""
        column, marked = self._screen.transcript.column, self._screen.reading.marked
        if marked is not None:
            return column.id_at(marked)
        path = self._screen.stage.path(chat)
        said = (id_ for id_ in reversed(path) if chat.tree[id_].role != "system")
        return next(said, None)

    async def toggle(self, chat: "OpenConversation", id_: str, action: str, key: str) -> None:
        """Pin a message or leave it out, or no longer, and tell it.

        What hangs together goes or stays together: a mark is taken away from all of it.

        Args:
            chat: the conversation.
            id_: the message.
            action: `pin-message` or `exclude-message`.
            key: the one that does it here, to be told.
        """
        pins = action == "pin-message"
        path = self._screen.stage.path(chat)
        together = await chat.messages(_together(chat, path, id_))
        if any(each.status == "streaming" for each in together):
            self._tell("notice.busy", timeout=5)
            return
        marked = [each.id for each in together if (each.pinned if pins else each.excluded)]
        if pins:
            await self.mark(chat, marked or [id_], pinned=not marked)
        else:
            await self.mark(chat, marked or [id_], excluded=not marked)
        self._tell(f"marking.{'no-' if marked else ''}{action}", timeout=6, key=key)

    async def mark(
        self,
        chat: "OpenConversation",
        ids: Sequence[str],
        *,
        pinned: bool | None = None,
        excluded: bool | None = None,
    ) -> None:
        """Always send messages, or never, and show it; see `ContextPlanner.mark`."""
        await self._planner.mark(chat, ids, pinned=pinned, excluded=excluded)
        flags = await chat.store.flags(chat.id)
        if chat is self._screen.session.chat:
            for transcript in self._screen.panes.transcripts:
                transcript.flag(flags)
            self.refresh()

    # Summaries

    async def compact(self, target: "Target | None" = None) -> None:
        """Have a model sum up the oldest turns: by default the one of the policy."""
        chat = await self._ready()
        if chat.streaming:
            self._tell("notice.busy", timeout=5)
            return
        if (outlook := self.outlook) is not None:
            self._summing = _Summing(chat.id, outlook.plan.summary, len(outlook.plan.lost))
        compact = partial(self._screen.session.manager.compact, chat, target=target)
        self._screen.turns.start(chat, compact, sums_up=True)

    def _tell_summed_up(self, plan: ContextPlan) -> None:
        """Say how much of what did not fit is summed up now, where that is not all of it."""
        before, chat = self._summing, self._screen.session.chat
        if before is None or chat is None or chat.streaming:
            return
        if before.chat == chat.id and plan.summary == before.summary:
            return
        self._summing, left = None, len(plan.lost)
        if before.chat == chat.id and 0 < left < before.lost:
            key = active_keys(self._screen).shown_anywhere("compact")
            count, of = before.lost - left, before.lost
            self._tell("sending.some-summed-up", timeout=8, count=count, of=of, key=key)

    @property
    def _planner(self) -> "ContextPlanner":
        return self._screen.session.manager.context


def _together(chat: "OpenConversation", path: list[str], id_: str) -> list[str]:
    """A message with those of a path that it hangs together with: a call with its results."""
    if id_ not in path:
        return [id_]
    first = after = path.index(id_)
    while first and chat.tree[path[first]].role == "tool":
        first -= 1
    after += 1
    while after < len(path) and chat.tree[path[after]].role == "tool":
        after += 1
    return path[first:after]
