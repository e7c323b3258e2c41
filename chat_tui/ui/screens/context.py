"""The context inspector: what the next request sends, what it weighs, and what stays behind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.context.plan import DRAFT, ContextPlan, PlannedMessage, Reason
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.context_head import HeadFacts, head_lines
from chat_tui.ui.screens.context_list import ContextListDialog
from chat_tui.ui.screens.context_work import ContextView, ContextWork
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.context_table import ContextTable, context_rows, is_message

_LOOK_INTERVAL = 1.0
"""Seconds between two looks at whether the conversation has changed meanwhile."""

_GROWING = 3
"""Messages at the end that may be others at the next look."""

_LOW, _MIDDLE = 18, 28
"""Rows of the terminal under which the head is cut short, and has no empty lines around it."""

_HEIGHTS = [(0, "-low"), (_LOW, "-middle"), (_MIDDLE, "-high")]

_SHORT_HEAD, _WHOLE_HEAD = 3, 6
"""Lines of it."""


_ANSWERS: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        "pinned": ("context-pin", "context.key-takes-back"),
        "excluded": ("context-exclude", "context.key-sends-again"),
        "too-large": ("context-pin", "context.key-pins"),
        "history": ("context-pin", "context.key-pins"),
        "leading": ("context-pin", "context.key-pins"),
    }
)
"""What can be done about a reason: the action, and the words for its key."""


class ContextScreen(ContextListDialog[str | None]):
    """Shows the next request, message by message; gives the message to go to.

    `""` stands for the system prompt, `DRAFT` for the prompt, None for staying where one was.

    Args:
        chat: whose request it is.
        work: reads and changes it.
    """

    SCOPE = "context"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("context")]
    DEFAULT_CSS: ClassVar[str] = """
    ContextScreen {
        background: $background;
        & > Static {
            height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > #context-title { background: $surface; text-style: bold; }
        & > #context-head { height: auto; margin: 1 0; text-wrap: wrap; }
        & > #context-columns { color: $text-muted; padding: 0 2; }
        & > ContextTable { margin: 0 1; padding: 0 1; }
        & > #context-why { background: $surface; }
        & > #context-none { display: none; height: 1fr; padding: 1 2; text-wrap: wrap; }
        & > ActionHints { background: $surface; padding: 0 1; }
        &.-low > #context-head, &.-middle > #context-head { margin: 0; }
        &.-low > #context-columns { display: none; }
        &.-none > ContextTable, &.-none > #context-columns, &.-none > #context-why {
            display: none;
        }
        &.-none > #context-none { display: block; }
    }
    """
    VERTICAL_BREAKPOINTS = _HEIGHTS

    def __init__(self, chat: OpenConversation, work: ContextWork) -> None:
        super().__init__(chat)
        self._work = work
        self._view: ContextView | None = None
        self._by_weight = False

    def compose(self) -> ComposeResult:
        """Title, figures, the names of the columns, the messages, why, and the keys."""
        yield Static("", id="context-title", markup=False)
        yield Static(text("context.counting"), id="context-head", markup=False)
        yield Static("", id="context-columns", markup=False)
        yield ContextTable()
        yield Static(text("context.none"), id="context-none", markup=False)
        yield Static("", id="context-why", markup=False)
        yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Weigh the conversation; look again while it changes."""
        self.table.focus()
        self._show_title()
        self.reload()
        self.set_interval(_LOOK_INTERVAL, self._look)

    def on_resize(self) -> None:
        """Fit the figures to the new size."""
        self.call_after_refresh(self._show_head)

    @property
    def view(self) -> ContextView | None:
        """What is shown; None while it is found out."""
        return self._view

    # Showing

    @work(name="view", exclusive=True, exit_on_error=False)
    async def reload(self) -> None:
        """Show how things are now."""
        await self._reload()

    async def _reload(self) -> None:
        view = await self._work.view(self._chat)
        fresh = self._view is None
        self._view = view
        self.supply_beside({DRAFT: view.draft}, text("context.draft"))
        self._show_rows(keep_place=not fresh)

    def _look(self) -> None:
        view = self._view
        if view is not None and (
            self._chat.streaming or self._work.changed_since(self._chat, view)
        ):
            # An answer grows, and a summary may have begun behind one that has ended.
            self.read_facts(tuple(self._chat.tree.path()[-_GROWING:]))
            self.reload()

    def _show_rows(self, *, keep_place: bool) -> None:
        if self._view is None:
            return
        plan = self._view.outlook.plan
        rows = context_rows(plan, by_weight=self._by_weight)
        marked = self.table.marked.id if self.table.marked is not None else None
        # At first the newest message is marked: what is asked most is what comes next.
        last = 0 if self._by_weight else len(rows) - 1
        at = next((at for at, row in enumerate(rows) if row.id == marked), last)
        self.table.show(rows, at, keep_place=keep_place)
        self.set_class(not rows, "-none")
        self._show_title()
        self._show_head()
        self._show_why()

    def _show_title(self) -> None:
        title = clean_line(self._chat.conversation.title) or text("list.untitled")
        told: list[str] = []
        plan = self._view.outlook.plan if self._view is not None else ContextPlan(())
        if messages := plan.messages:
            left, lost = len(plan.left_out), len(plan.trimmed)
            told.append(text("context.counted", sent=f"{len(messages) - left:,}"))
            told += [text("context.counted-lost", lost=f"{lost:,}")] if lost else []
            left -= lost
            told += [text("context.counted-left", left=f"{left:,}")] if left else []
        told += [text("status.temporary")] if self._chat.temporary else []
        told += [text("context.streaming")] if self._chat.streaming else []
        line = Content.assemble(
            text("context.title"),
            (f"  {' · '.join(told)}" if told else "", "$foreground 60% not bold"),
            (f"  {title}", "$foreground not bold"),
        )
        self.query_one("#context-title", Static).update(line, layout=False)

    def _show_head(self) -> None:
        view, width = self._view, self.size.width - 2
        if view is None or width < 1:
            return
        key = active_keys(self).shown("context-window")
        target = view.target or self._chat.target
        facts = HeadFacts(target, view.label, view.outlook, view.prices, key)
        rows = _SHORT_HEAD if self.size.height < _LOW else _WHOLE_HEAD
        lines = head_lines(facts, width, rows)
        self.query_one("#context-head", Static).update(Content("\n").join(lines))
        approximate = view.outlook.approximate
        heading = self.table.heading(approximate=approximate, by_weight=self._by_weight)
        self.query_one("#context-columns", Static).update(heading, layout=False)

    @on(ContextTable.Moved)
    def _show_why(self) -> None:
        """Say of the marked message why it is sent, or is not."""
        message = self.table.message
        words = "" if message is None else self._why(message)
        self._show_words(words)
        facts = None if message is None else self.table.facts_of(message.id)
        self._weigh(facts.attached if facts is not None else (), words)

    def _show_words(self, words: str) -> None:
        self.query_one("#context-why", Static).update(Content(words), layout=False)

    @work(name="weights", group="weights", exclusive=True, exit_on_error=False)
    async def _weigh(self, attached: Sequence[ImagePart | FilePart], why: str) -> None:
        """Say what the pictures and documents of the marked message weigh, before why."""
        if attached and self._view is not None:
            told = await self._work.weigh(self._view, attached)
            self._show_words(" · ".join((*told, why)))

    def _why(self, message: PlannedMessage) -> str:
        told = text(f"context.plainly.{message.decision}")
        facts = self.table.facts_of(message.id)
        if message.reason == "superseded" and facts is not None and facts.unended:
            told = text("context.told.unended")
        elif message.reason:
            told = text(f"context.told.{message.reason}")
        if message.reason in _ANSWERS:
            action, words = _ANSWERS[message.reason]
            told += " " + text(words, key=active_keys(self).shown(action))
        if message.decision == "shortened":
            figures = text("context.of", tokens=f"{message.tokens:,}", full=f"{message.full:,}")
            told = f"{figures} · {told}"
        return told

    # Moving

    def action_move_pages(self, pages: int) -> None:
        """Mark a row some pages further on."""
        self.table.move_pages(pages)

    def action_move_to_end(self, end: int) -> None:
        """Mark the first row (0) or the last one (1)."""
        self.table.move_to_end(end)

    def action_toggle_sort(self) -> None:
        """List the heaviest messages first, or in their order; the marked one stays marked."""
        self._by_weight = not self._by_weight
        self._show_rows(keep_place=False)

    def action_open_message(self) -> None:
        """Go to the marked message."""
        if self.table.message is not None:
            self.dismiss(self.table.message.id)

    @on(ContextTable.Chosen)
    def open_chosen(self, event: ContextTable.Chosen) -> None:
        """Go to a row that was clicked twice."""
        event.stop()
        self.action_open_message()

    def action_leave(self) -> None:
        """Go back to the conversation."""
        self.dismiss(None)

    # Changing

    async def action_toggle_pinned(self) -> None:
        """Always send the marked message, or no longer."""
        await self._toggle(self._work.toggle_pinned)

    async def action_toggle_excluded(self) -> None:
        """Never send the marked message, or send it again."""
        await self._toggle(self._work.toggle_excluded)

    async def _toggle(self, toggle: Callable[[OpenConversation, str], Awaitable[None]]) -> None:
        message = self.table.message
        if message is None:
            return
        if not is_message(message):
            key = "context.draft-stays" if message.id == DRAFT else "context.system-stays"
            self.app.notify(text(key), timeout=4, markup=False)
            return
        await toggle(self._chat, message.id)
        self.read_facts((message.id,))
        await self._reload()

    async def action_compact(self) -> None:
        """Have a model sum up the oldest turns."""
        await self._work.compact()
        self._show_title()

    async def action_next_policy(self) -> None:
        """Take the next way to deal with what does not fit."""
        await self._work.next_policy(self._chat)
        await self._reload()

    @work(name="history", exit_on_error=False)
    async def action_set_history(self) -> None:
        """Limit how many messages are sent."""
        await self._work.ask_history(self._chat)
        await self._reload()

    @work(name="window", exit_on_error=False)
    async def action_set_window(self) -> None:
        """Set the size of this model's window."""
        await self._work.ask_window(self._chat)
        await self._reload()

    @work(name="request", exclusive=True, group="request", exit_on_error=False)
    async def action_show_request(self) -> None:
        """Show the next request as it would be sent."""
        await self._work.show_request(self._chat)

    def action_show_raw(self) -> None:
        """Show the last request as it was sent."""
        self._work.show_raw()
