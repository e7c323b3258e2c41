"""The card of a prompt that does not fit: what is too large, by how much, and the ways out."""

from typing import ClassVar, Literal, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.context.plan import DRAFT, ContextPlan, PlannedMessage
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.context_list import ContextListDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.context_table import ContextRow, ContextTable, is_message

_SHOWN = 50
"""Messages that are listed at most, the heaviest ones."""

_ROWS, _LEAST_ROWS = 8, 2
"""Lines of the list at most, and at least."""

_BESIDES = 10
"""Lines of the terminal that are left for all else."""

_HEIGHTS = [(0, "-low"), (18, "-high")]

WayOut = Literal["send", "anyway", "compact", "context"]
"""What is done after the card: send, for it fits now; send all of it, once; sum up; look at it."""


class Remedies(Protocol):
    """What the card can do about it; each change is told in a toast."""

    async def plan_with(self, chat: OpenConversation, prompt: str) -> ContextPlan:
        """What the request would be now, with what is written."""
        ...

    async def toggle(self, chat: OpenConversation, id_: str, mark: str) -> None:
        """Leave a message out (`excluded`)."""
        ...

    async def choose_model(self) -> None:
        """Let the user choose another model."""
        ...


class TooLargeDialog(ContextListDialog[WayOut | None]):
    """Says what is too large; gives the way out, None for going back to the prompt.

    Args:
        chat: whose request it is.
        prompt: what was to be sent; it stands in the input again. Empty where an answer was to be
            made anew.
        plan: the refused one.
        work: the remedies.
        sends: whether it can be sent from here at all.
    """

    SCOPE = "too-large"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("too-large")]
    DEFAULT_CSS: ClassVar[str] = """
    TooLargeDialog {
        align: center middle;
        & > Vertical {
            width: 92; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $error; padding: 0 1;
        }
        &.-fits > Vertical { border: round $success; }
        & #too-large-words { height: auto; }
        & #too-large-window { height: auto; color: $text-muted; margin: 0 0 1 0; }
        & ContextTable, & .marked-rows--plain, & .marked-rows--strong, & .marked-rows--muted,
        & .context-table--bar, & .context-table--cut, & .context-table--summary {
            background: $surface;
        }
        & ActionHints { margin: 1 0 0 0; }
        &.-low ActionHints { margin: 0; }
        &.-low #too-large-window { display: none; }
    }
    """
    VERTICAL_BREAKPOINTS = _HEIGHTS

    def __init__(
        self,
        chat: OpenConversation,
        prompt: str,
        plan: ContextPlan,
        work: Remedies,
        *,
        sends: bool = True,
    ) -> None:
        super().__init__(chat)
        self._prompt = prompt
        self._plan = plan
        self._work = work
        self._sends = sends
        self._fits = False

    # What can be done, as the registry of actions asks for it

    @property
    def can_send(self) -> bool:
        """Whether it fits by now, and can be sent from here."""
        return self._fits and self._sends

    @property
    def can_send_anyway(self) -> bool:
        """Whether all of it can be sent, whatever becomes of it."""
        return not self._fits and self._sends

    @property
    def can_compact(self) -> bool:
        """Whether a summary of older messages could make enough room."""
        older = sum(each.tokens for each in self._plan.sent if not each.reason)
        return not self._fits and older >= max(self._plan.over, 1)

    def compose(self) -> ComposeResult:
        """What is too large, the heaviest messages, and the keys."""
        with Vertical():
            yield Static("", id="too-large-words", markup=False)
            yield Static("", id="too-large-window", markup=False)
            yield ContextTable()
            yield ActionHints()

    def on_mount(self) -> None:
        """Show the plan that was refused."""
        self.table.focus()
        self._show()

    # Showing

    def _show(self) -> None:
        plan = self._plan
        new = [each.id for each in plan.sent if self._is_new(each)]
        self.supply_beside(dict.fromkeys(new, self._prompt), text("too-large.new"))
        rows = [ContextRow(each.id, each) for each in plan.biggest(_SHOWN)]
        self._fit(len(rows))
        self.table.show(rows, min(self.table.at, max(len(rows) - 1, 0)))
        self.set_class(self._fits, "-fits")
        box = self.query_one(Vertical)
        box.border_title = text("too-large.fits" if self._fits else "too-large.title")
        self.query_one("#too-large-words", Static).update(self._words())
        self.query_one("#too-large-window", Static).update(self._window_words())
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    def on_resize(self) -> None:
        """Keep the keys in view on a low terminal."""
        self.call_after_refresh(self._fit, len(self.table.rows))

    def _fit(self, rows: int) -> None:
        room = self.size.height - _BESIDES
        self.table.styles.height = min(rows, _ROWS, max(room, _LEAST_ROWS))

    def _words(self) -> Content:
        plan, keys = self._plan, active_keys(self)
        room = plan.budget.tokens
        if self._fits:
            there = text("too-large.any")
            if room is not None:
                there = text("too-large.there", room=f"{room:,}")
            told = text("too-large.now", tokens=f"{plan.tokens:,}", there=there)
            key = keys.shown("too-large-send")
            how = text("too-large.send", key=key) if self._sends else text("too-large.close")
            return Content(f"{told} {how}")
        told = text(
            "too-large.needs",
            what=what_must_be_sent(plan),
            tokens=f"{plan.tokens:,}",
            room=_said(room),
        )
        over = text("too-large.over", over=f"{plan.over:,}")
        return Content.assemble(told, " ", (over, "bold $error"))

    def _window_words(self) -> Content:
        """How large the window is: what could be other with another model."""
        window = self._plan.budget.window.tokens
        model = clean_line(self._chat.target.model, code=True)
        if window is None:
            return Content("")
        return Content(text("too-large.window", model=model, window=f"{window:,}"))

    def _is_new(self, message: PlannedMessage) -> bool:
        """Whether a message is the prompt that was to be sent."""
        stored = message.id in self._chat.tree
        return message.id == DRAFT or (message.id != "" and not stored)

    # The remedies

    async def action_exclude(self) -> None:
        """Leave the marked message out, now and later."""
        message = self.table.message
        if message is None:
            return
        if not is_message(message) or self._is_new(message) or message.reason == "newest":
            told = text("too-large.shorten-prompt")
            if not message.id:
                key = active_keys(self).shown_anywhere("system-prompt")
                told = text("too-large.shorten-system", key=key)
            self.app.notify(told, timeout=6, markup=False)
            return
        await self._work.toggle(self._chat, message.id, "excluded")
        await self._plan_again()

    @work(name="other model", exit_on_error=False)
    async def action_other_model(self) -> None:
        """Take another model, then see whether it fits."""
        await self._work.choose_model()
        await self._plan_again()

    async def _plan_again(self) -> None:
        self._plan = await self._work.plan_with(self._chat, self._prompt)
        self._fits = not self._plan.refused
        self._show()

    def action_compact(self) -> None:
        """Sum up the oldest turns, where that could help."""
        if self.can_compact:
            self.dismiss("compact")
        elif not self._fits:
            self.app.notify(text("too-large.no-summary"), timeout=6, markup=False)

    def action_send_anyway(self) -> None:
        """Send all of it this once; where it fits by now, send it."""
        if self._sends:
            self.dismiss("send" if self._fits else "anyway")

    def action_send(self) -> None:
        """Send it, for it fits by now."""
        if self.can_send:
            self.dismiss("send")
        elif not self._fits:
            self.app.notify(text("too-large.not-yet"), timeout=4, markup=False)
        else:
            self.dismiss(None)

    def action_inspect(self) -> None:
        """Look at the whole context."""
        self.dismiss("context")

    def action_leave(self) -> None:
        """Go back to the prompt, which is as it was."""
        self.dismiss(None)

    @on(ContextTable.Chosen)
    def keep_chosen(self, event: ContextTable.Chosen) -> None:
        """A click marks; nothing is left out by it."""
        event.stop()


def what_must_be_sent(plan: ContextPlan) -> str:
    """What a request cannot do without, in words: “The system prompt and the new prompt”."""
    reasons = [each.reason for each in plan.sent]
    pinned = reasons.count("pinned")
    parts = [text("too-large.system")] if "system" in reasons else []
    if pinned:
        key = "too-large.pinned-one" if pinned == 1 else "too-large.pinned"
        parts.append(text(key, count=pinned))
    if "summary" in reasons:
        parts.append(text("too-large.summary"))
    if any(not reason for reason in reasons):
        parts.append(text("too-large.others"))
    parts.append(text("too-large.prompt"))
    *first, last = parts
    words = text("too-large.and", first=", ".join(first), last=last) if first else last
    return words[:1].upper() + words[1:]


def _said(tokens: int | None) -> str:
    return "" if tokens is None else f"{tokens:,}"
