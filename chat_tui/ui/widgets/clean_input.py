"""Fields to write in, safe with what is pasted into them."""

from textual import events
from textual.widgets import Input

from chat_tui.core.safety import clean, clean_line
from chat_tui.ui.widgets.paste_guard import PasteGuard
from chat_tui.ui.widgets.steady_area import SteadyTextArea


class CleanInput(Input):
    """An input that cleans pastes to one line, and takes no Enter that may be part of one.

    Args:
        value: what stands in it at first; clean.
        placeholder: shown while it is empty.
        max_length: characters at most.
    """

    def __init__(self, value: str = "", *, placeholder: str = "", max_length: int = 0) -> None:
        super().__init__(value, placeholder=placeholder, max_length=max_length, compact=True)
        self.cursor_blink = False
        self._guard = PasteGuard()

    @property
    def just_pasted(self) -> bool:
        """Whether an Enter that comes now may be part of a paste."""
        return self._guard.holds

    async def action_submit(self) -> None:
        """Submit what is written, unless it was only just pasted."""
        if not self.just_pasted:
            await super().action_submit()

    def _on_paste(self, event: events.Paste) -> None:
        # A paste comes from outside: it is cleaned before the input sees it.
        event.prevent_default()
        event.stop()
        self._guard.pasted()
        self.replace(clean_line(event.text), *self.selection)


class CleanTextArea(SteadyTextArea):
    """Several lines to write in, safe with what is pasted into them; Tab leaves it.

    Args:
        value: what stands in it at first; clean.
        placeholder: shown while it is empty.
    """

    def __init__(self, value: str = "", *, placeholder: str = "") -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            compact=True,
        )
        self.cursor_blink = False
        self._guard = PasteGuard()

    @property
    def just_pasted(self) -> bool:
        """Whether an Enter that comes now may be part of a paste."""
        return self._guard.holds

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._guard.pasted()
        self.replace(clean(event.text), *self.selection)
