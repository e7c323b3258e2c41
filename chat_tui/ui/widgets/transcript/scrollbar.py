"""The scrollbar of a transcript: only what is another on it than before is drawn."""

from typing import TYPE_CHECKING, Self, cast

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.scrollbar import ScrollBarRender

_KEPT = 100
"""Kinds of lines that are kept: a theme has 18 of them."""


class SteadyScrollBar(ScrollBar):
    """Costs next to nothing while text streams in, which moves its ends a little with each frame.

    Textual would make and send all of it each time, which takes as long as the text beside it.

    Args:
        thickness: cells.
    """

    def __init__(self, thickness: int) -> None:
        super().__init__(name="vertical", thickness=thickness)
        self._kinds: dict[tuple[Segment, Style], Strip] = {}
        self._drawn: list[Strip] = []
        """What was drawn last."""

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Draw those of its lines anew that are others now."""
        # Without a parent it is being taken away.
        known = bool(self._drawn) and self.parent is not None
        if repaint and known and not (regions or layout or recompose):
            lines = self._lines()
            if len(lines) == len(self._drawn):
                both = enumerate(zip(lines, self._drawn, strict=True))
                others = [y for y, (now, before) in both if now is not before]
                if not others:
                    return self
                first, last = others[0], others[-1]
                regions = (Region(0, first, self.size.width, last - first + 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines as they go to the terminal."""
        self._drawn = self._lines()
        background, strips = self.background_colors[1], self._drawn[crop.y : crop.bottom]
        for each in self.get_line_filters():
            strips = [strip.apply_filter(each, background) for strip in strips]
        return strips

    def _lines(self) -> list[Strip]:
        """All its lines; those that look alike are one object."""
        bar = cast("ScrollBarRender", self.render())
        style, below = self.app.console.get_style(bar.style), self.visual_style.rich_style
        segments = bar.render_bar(
            self.size.height,
            bar.virtual_size,
            bar.window_size,
            bar.position,
            bar.thickness,
            back_color=style.bgcolor or Color(0, 0, 0).rich_color,
            bar_color=style.color or Color(255, 255, 255).rich_color,
        ).segments
        if len(self._kinds) > _KEPT:
            self._kinds.clear()
        lines, last, strip = list[Strip](), None, None
        for segment in segments:
            if strip is None or segment is not last:
                last, kind = segment, (segment, below)
                strip = self._kinds.get(kind)
                if strip is None:
                    strip = self._kinds[kind] = Strip(Segment.apply_style([segment], below))
            lines.append(strip)
        return lines
