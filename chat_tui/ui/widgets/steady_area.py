"""A text area in which every change can be undone."""

from textual.geometry import Offset
from textual.widgets import TextArea


class SteadyTextArea(TextArea):
    """Textual's, but for an error of its 8.2.8.

    Where an undo takes so many lines away that the scroll bar goes too, it looks for the cursor,
    which stands below the end of the text at that moment, and fails.
    """

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into view, if it stands in the text."""
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)
