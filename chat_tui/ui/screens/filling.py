"""Asks for the places of a saved prompt."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.safety import clean, clean_line
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.chip_area import ChipArea
from chat_tui.ui.widgets.form_scroll import FormScroll


class FillScreen(ActionDialog[Mapping[str, str] | None]):
    """A field for each place; gives what is to stand there, None where nothing is taken.

    Args:
        prompt: whose places they are.
        places: their names and what stands there at first.
    """

    SCOPE = "filling"
    AUTO_FOCUS = "ChipArea"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("filling")]
    DEFAULT_CSS: ClassVar[str] = """
    FillScreen {
        align: center middle;
        & > Vertical {
            width: 84; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & FormScroll { height: auto; max-height: 80vh; scrollbar-size-vertical: 1; }
        & FormScroll Static { height: 1; color: $accent; text-wrap: nowrap; }
        & TextArea { height: auto; max-height: 8; background: $panel; margin: 0 0 1 0; }
    }
    """

    def __init__(self, prompt: SavedPrompt, places: Mapping[str, str]) -> None:
        super().__init__()
        self._prompt = prompt
        self._areas: dict[str, ChipArea] = {}
        for number, (name, value) in enumerate(places.items(), start=1):
            area = self._areas[name] = ChipArea(id=f"place-{number}", compact=True)
            area.put(clean(value))

    def compose(self) -> ComposeResult:
        """Names and fields, and the keys."""
        with Vertical() as box:
            box.border_title = Content(clean_line(self._prompt.name, code=True))
            with FormScroll():
                for name, area in self._areas.items():
                    yield Static(clean_line(name, code=True), markup=False)
                    yield area
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Go to the first place with nothing in it."""
        empty = [area for area in self._areas.values() if not area.text]
        if empty:
            empty[0].focus()

    def action_next(self) -> None:
        """Go to the next place; from the last one, take them all."""
        areas = list(self._areas.values())
        focused = next((at for at, area in enumerate(areas) if area.has_focus), None)
        if focused is not None and areas[focused].just_pasted:
            return
        if focused is None or focused + 1 == len(areas):
            self.action_take()
        else:
            areas[focused + 1].focus()

    def action_take(self) -> None:
        """Give what is written."""
        self.dismiss({name: area.content for name, area in self._areas.items()})

    def action_new_line(self) -> None:
        """Start a new line in the place."""
        for area in self._areas.values():
            if area.has_focus:
                result = area.replace("\n", *area.selection, maintain_selection_offset=False)
                area.move_cursor(result.end_location)
