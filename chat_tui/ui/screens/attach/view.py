"""How the attach screen looks: the line to type in, the tree, the preview, the facts, the keys."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.core.texts import text
from chat_tui.ui.screens.attach.folders import shown_folder
from chat_tui.ui.screens.attach.options import ChosenPicture
from chat_tui.ui.screens.attach.preview import PicturePreview
from chat_tui.ui.screens.attach.tree_view import PictureTree
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, ClickableLine, clickable, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput
from chat_tui.ui.widgets.marked_rows import cut

WIDE = 70
"""Columns from which on the preview stands beside the tree; below, it takes its place."""

_WIDTHS = [(0, "-narrow"), (WIDE, "-beside"), (110, "-wide")]
_HEIGHTS = [(0, "-low"), (18, "-middle"), (30, "-high")]

_THERE = "$foreground on $primary 40%"
"""The look of the folder that is shown."""

_LONGEST = 4_000
"""Characters that can be typed: a path, or an address."""


class Place(NamedTuple):
    """A folder that a key leads to."""

    label: str
    """Clean."""
    folder: str


class AttachView(ActionDialog[list[ChosenPicture] | None]):
    """What is seen of the screen, and moving through it."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    DEFAULT_CSS: ClassVar[str] = """
    AttachView {
        background: $background;
        & > Vertical {
            margin: 1 3; background: $surface; border: round $primary; padding: 0 1;
        }
        & CleanInput { background: $panel; padding: 0 1; }
        & #folder, & #places, & #told {
            height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        }
        & #warning, & #trouble { display: none; height: auto; max-height: 3; }
        & #warning { color: $warning; text-wrap: wrap; }
        & #trouble { color: $error; }
        & #warning.-shown, & #trouble.-shown { display: block; }
        & Horizontal { height: 1fr; margin: 1 0; }
        & #side { display: none; width: 3fr; margin: 0 0 0 2; }
        & #tree { width: 2fr; }
        &.-preview #side { display: block; }
        & #facts { height: 9; margin: 1 0 0 0; }
        &.-middle Horizontal { margin: 0; }
        &.-middle #facts { height: 8; margin: 0; }
        &.-beside #tree, &.-beside #side { width: 1fr; }
        &.-beside > Vertical { margin: 0; }
        &.-beside #side { margin: 0 0 0 1; }
        &.-narrow > Vertical { margin: 0; }
        &.-narrow Horizontal { margin: 0; }
        &.-narrow.-preview #tree { display: none; }
        &.-narrow #side { width: 1fr; margin: 0; }
        &.-low #places, &.-low #folder { display: none; }
        &.-low Horizontal { margin: 0; }
        &.-low #facts { height: 4; margin: 0; }
    }
    """

    line = query_one(CleanInput)
    rows = query_one(PictureTree)
    preview = query_one(PicturePreview)

    def __init__(self) -> None:
        super().__init__()
        self.places: Sequence[Place] = ()
        """What the key for folders leads to, one after the other."""

    def compose(self) -> ComposeResult:
        """The line, where one is, the tree beside what is known of a picture, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("pictures.title"))
            yield Static("", id="warning", markup=False)
            yield CleanInput(placeholder=text("pictures.type"), max_length=_LONGEST)
            yield ClickableLine(id="places")
            with Horizontal():
                with Vertical(id="tree"):
                    yield Static("", id="folder", markup=False)
                    yield PictureTree()
                with Vertical(id="side"):
                    yield PicturePreview()
                    yield ClickableLine(id="facts")
            yield Static("", id="trouble", markup=False)
            yield ClickableLine(id="told")
            yield ActionHints(hints_of(self, self.SCOPE))

    # What is told

    def show_audience(self, label: str, warning: str) -> None:
        """Say who looks at the pictures, and what speaks against it; both clean."""
        self.query_one("Vertical", Vertical).border_subtitle = Content(label)
        self._say("#warning", warning)

    def show_folder(self, folder: str) -> None:
        """Say which folder is at the top of the tree, and which others are near."""
        words = shown_folder(folder)
        room = max(self.rows.size.width, 1)
        if len(words) > room:
            words = "…" + words[len(words) - room + 1 :]
        self.query_one("#folder", Static).update(Content(words), layout=False)
        pieces = [
            clickable(
                Content.styled(
                    f" {place.label} ",
                    _THERE if place.folder == folder else "$accent on $panel",
                ),
                f"screen.go_to_place({at})",
            )
            for at, place in enumerate(self.places)
        ]
        width, shown = self.query_one("#places").size.width, list[Content]()
        for piece in pieces:
            width -= piece.cell_length + 1
            if width < 0:
                break
            shown.append(piece)
        self.query_one("#places", Static).update(Content(" ").join(shown), layout=False)

    def say_trouble(self, words: str) -> None:
        """Say what went wrong; clean, empty where nothing did."""
        self._say("#trouble", words)

    def _say(self, where: str, words: str) -> None:
        line = self.query_one(where, Static)
        line.update(Content(words))
        line.set_class(bool(words), "-shown")

    def show_facts(self, lines: Content) -> None:
        """Show what is known of the picture under the cursor."""
        self.query_one("#facts", Static).update(lines)

    @property
    def facts_width(self) -> int:
        """Cells of a line of facts."""
        return max(self.query_one("#side").size.width, 20)

    def show_told(self, left: Content, right: str) -> None:
        """Say what was marked, and at the right what else there is to say; clean."""
        line = self.query_one("#told", Static)
        room = line.size.width - left.cell_length - 2
        right = cut(right, room)
        gap = " " * max(room + 2 - len(right), 0)
        line.update(Content.assemble(left, gap, (right, "$foreground 60%")), layout=False)

    def refresh_hints(self) -> None:
        """Show the keys of what can be done now."""
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    # Moving

    def action_move(self, step: int) -> None:
        """Put the cursor on another row."""
        self.rows.move_by(step)

    def action_pages(self, step: int) -> None:
        """Go a page on."""
        self.rows.move_pages(step)

    def action_end(self, end: int) -> None:
        """Go to the first row, or the last."""
        self.rows.move_to_end(end)

    def action_toggle_preview(self) -> None:
        """Show the preview, or the tree alone."""
        self.toggle_class("-preview")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the tree from wherever the pointer is."""
        event.stop()
        self.rows.scroll_relative(y=3, animate=False)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same the other way."""
        event.stop()
        self.rows.scroll_relative(y=-3, animate=False)
