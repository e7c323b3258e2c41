"""The card of a prompt that does not fit: what is too large, by how much, and the ways out."""

from typing import ClassVar, Literal, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.context.plan import DRAFT, ContextPlan, PlannedMessage
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.context_list import ContextListDialog
from chat_tui.ui.screens.too_large_words import must_words, what_must_be_sent
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.context_table import ContextRow, ContextTable, is_message

_SHOWN = 50
"""Messages that are listed at most, the heaviest ones."""

_ROWS, _LEAST_ROWS = 8, 2
"""Lines of the list at most, and at least."""

_BESIDES, _BESIDES_LOW = 10, 8
"""Lines of the terminal that are left for all else; of a low one."""

_LOW = 18
"""Lines of a low terminal at most."""

_HEIGHTS = [(0, "-low"), (_LOW, "-high")]

WayOut = Literal["send", "anyway", "context"]
"""What is done after the card: send, for it fits now; send all of it, once; look at it."""


class Remedies(Protocol):
    """What the card can do about it; each change is told in a toast."""

    async def plan_again(
        self, chat: OpenConversation, plan: ContextPlan, prompt: Prompt
    ) -> ContextPlan:
        """What becomes of a refused request now; `prompt` is its new one, if it has one."""
        ...

    async def toggle_excluded(self, chat: OpenConversation, id_: str) -> None:
        """Leave a message out, or no longer."""
        ...

    async def toggle_pinned(self, chat: OpenConversation, id_: str) -> None:
        """Send a message no longer in any case."""
        ...

    async def ask_window(self, chat: OpenConversation) -> None:
        """Ask how large the model's window is."""
        ...

    def model(self, chat: OpenConversation) -> str:
        """Tell how the model is called that it was to go to; clean."""
        ...

    async def choose_model(self) -> None:
        """Let the user choose another model."""
        ...


class TooLargeDialog(ContextListDialog[WayOut | None]):
    """Says what is too large; gives the way out, None for going back to the prompt.

    Args:
        chat: whose request it is.
        prompt: what was to be sent. Empty where an answer was to be made anew.
        plan: the refused one.
        work: the remedies.
        waits: whether the prompt waits in the queue again, and does not stand in the input.
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
        & ContextTable { background: $surface; scrollbar-background: $surface; }
        & ActionHints { margin: 1 0 0 0; }
        &.-low ActionHints { margin: 0; }
        &.-low #too-large-window { display: none; }
    }
    """
    VERTICAL_BREAKPOINTS = _HEIGHTS

    def __init__(
        self,
        chat: OpenConversation,
        prompt: Prompt,
        plan: ContextPlan,
        work: Remedies,
        *,
        waits: bool = False,
    ) -> None:
        super().__init__(chat)
        self._prompt = prompt
        self._plan = plan
        self._work = work
        self._waits = waits
        self._fits = False
        self._listed: set[str] = set()
        """What stood in the list: it stays there, so that what was left out can be taken back."""

    # What can be done, as the registry of actions asks for it

    @property
    def can_send(self) -> bool:
        """Whether it fits by now."""
        return self._fits

    @property
    def can_send_anyway(self) -> bool:
        """Whether it does not, so that it can be sent only whatever becomes of it."""
        return not self._fits

    @property
    def can_exclude(self) -> bool:
        """Whether the marked message can be left out, or sent again."""
        return (message := self.table.message) is not None and not self._must_go(message)

    @property
    def can_unpin(self) -> bool:
        """Whether the marked message is pinned."""
        return (message := self.table.message) is not None and message.reason == "pinned"

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
        rows = self._rows()
        self._fit(len(rows))
        marked = self.table.marked.id if self.table.marked is not None else None
        at = next((at for at, row in enumerate(rows) if row.id == marked), self.table.at)
        self.table.show(rows, at)
        self.set_class(self._fits, "-fits")
        box = self.query_one(Vertical)
        box.border_title = text("too-large.fits" if self._fits else "too-large.title")
        self.query_one("#too-large-words", Static).update(self._words())
        self.query_one("#too-large-window", Static).update(self._window_words())
        self.show_hints()

    def _rows(self) -> list[ContextRow]:
        """The heaviest messages that are sent, and those that stood here before."""
        heaviest = sorted(self._plan.messages, key=lambda each: -each.full)
        listed = [
            each for each in heaviest if each.decision != "left-out" or each.id in self._listed
        ][:_SHOWN]
        self._listed.update(each.id for each in listed)
        must = self._plan.refused
        return [ContextRow(each.id, each, must_words(each) if must else "") for each in listed]

    @on(ContextTable.Moved)
    def show_hints(self) -> None:
        """Show the keys of what can be done with the marked message."""
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    def on_resize(self) -> None:
        """Keep the keys in view on a low terminal."""
        self.call_after_refresh(self._fit, len(self.table.rows))

    def _fit(self, rows: int) -> None:
        height = self.size.height
        room = height - (_BESIDES_LOW if height < _LOW else _BESIDES)
        self.table.styles.height = min(rows, _ROWS, max(room, _LEAST_ROWS))

    def _words(self) -> Content:
        plan, keys = self._plan, active_keys(self)
        room = plan.budget.tokens
        if self._fits:
            there = text("too-large.any")
            if room is not None:
                there = text("too-large.there", room=f"{room:,}")
            told = text("too-large.now", tokens=f"{plan.tokens:,}", there=there)
            how = text("too-large.send", key=keys.shown("too-large-send"))
            return Content(f"{told} {how}")
        tokens, what = f"{plan.tokens:,}", what_must_be_sent(plan)
        told = text("too-large.needs", tokens=tokens, what=what, room=_said(room))
        over = text("too-large.over", over=f"{plan.over:,}")
        return Content.assemble(told, " ", (over, "bold $error"))

    def _window_words(self) -> Content:
        """How large the window is: what could be other with another model."""
        budget, model = self._plan.budget, self._work.model(self._chat)
        if (window := budget.window.tokens) is None:
            return Content("")
        kept = f"{budget.reserve:,}"
        return Content(text("too-large.window", model=model, window=f"{window:,}", kept=kept))

    def _must_go(self, message: PlannedMessage) -> bool:
        """Whether a message cannot be left out: the system prompt, or what is to be answered."""
        return not is_message(message) or self._is_new(message) or message.reason == "newest"

    def _is_new(self, message: PlannedMessage) -> bool:
        """Whether a message is the prompt that was to be sent."""
        stored = message.id in self._chat.tree
        return message.id == DRAFT or (message.id != "" and not stored)

    # The remedies

    async def action_exclude(self) -> None:
        """Leave the marked message out, now and later, or no longer."""
        message = self.table.message
        if message is None:
            return
        if self._must_go(message):
            self.app.notify(self._how_to_shorten(message), timeout=6, markup=False)
            return
        await self._work.toggle_excluded(self._chat, message.id)
        await self._mark_anew(message.id)

    async def _mark_anew(self, id_: str) -> None:
        self.read_facts((id_,))
        await self._plan_again()

    def _how_to_shorten(self, message: PlannedMessage) -> str:
        """What can be done about what must go in any case."""
        keys = active_keys(self)
        if not message.id:
            key = keys.shown_anywhere("system-prompt")
            return text("too-large.shorten-system", key=key)
        if self._waits:
            return text("too-large.shorten-waiting", key=keys.shown_anywhere("show-queue"))
        return text("too-large.shorten-prompt", key=keys.shown("too-large-back"))

    async def action_unpin(self) -> None:
        """Pin the marked message no longer: it goes where there is room."""
        message = self.table.message
        if message is None or message.reason != "pinned":
            self.app.notify(text("too-large.not-pinned"), timeout=4, markup=False)
            return
        await self._work.toggle_pinned(self._chat, message.id)
        await self._mark_anew(message.id)

    @work(name="window", exit_on_error=False)
    async def action_set_window(self) -> None:
        """Set the size of this model's window, then see whether it fits."""
        await self._work.ask_window(self._chat)
        await self._plan_again()

    @work(name="other model", exit_on_error=False)
    async def action_other_model(self) -> None:
        """Take another model, then see whether it fits."""
        await self._work.choose_model()
        await self._plan_again()

    async def _plan_again(self) -> None:
        self._plan = await self._work.plan_again(self._chat, self._plan, self._prompt)
        self._fits = not self._plan.refused
        self._show()

    def action_send_anyway(self) -> None:
        """Send all of it this once; where it fits by now, send it."""
        self.dismiss("send" if self._fits else "anyway")

    def action_send(self) -> None:
        """Send it, for it fits by now."""
        if self._fits:
            self.dismiss("send")
        else:
            self.app.notify(text("too-large.not-yet"), timeout=4, markup=False)

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


def _said(tokens: int | None) -> str:
    return "" if tokens is None else f"{tokens:,}"
