"""Layouts after which each widget knows its size, and in which nothing is drawn that is gone.

Textual (8.2.8) tells a widget its size where that differs from the layout before. But what it holds
for that layout it works out anew when somebody asks for a place in between, as drawing does. What
came on the screen by then is no news to the next layout: it is never told its size, and stays empty
until the terminal gets another one.
"""

from collections.abc import Callable, Mapping, Sequence

from textual._compositor import Compositor, CompositorMap, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget


class TellingCompositor(Compositor):
    """Compares a layout with the one that widgets were told of last."""

    def __init__(self) -> None:
        super().__init__()
        self._told: CompositorMap = {}
        self._cut_for: CompositorMap = self._told
        """The places by which lines are cut."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out; gives what is hidden, shown, and of another size."""
        drawn, self._full_map = self._full_map, self._told
        found = super().reflow(parent, size)
        if drawn is not self._told:
            # What was drawn in between may stand where it is no news that nothing is, and what was
            # elsewhere in between be missing where it is no news that it stands.
            places = drawn.items() ^ self._full_map.items()
            self._dirty_regions.update(
                shown for _, place in places if (shown := place.clip.intersection(place.region))
            )
        self._told = self._full_map
        return found

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        # Cut by the lines of older places, what has come on the screen would not be drawn.
        if self._cut_for is not self._full_map:
            self._cuts, self._cut_for = None, self._full_map
        return super()._render_chops(crop, is_rendered_line)

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """What is drawn. What is being taken away is not: it has no screen to look for styles on.

        A dialog that lets the screen shine through draws it between two of its layouts, too.
        """
        found = super().visible_widgets
        return {widget: place for widget, place in found.items() if widget.is_attached}

    def clear(self) -> None:
        """Let go of all widgets."""
        super().clear()
        self._told.clear()
        self._cut_for.clear()
