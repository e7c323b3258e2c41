"""Our strips do all that Textual's do."""

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.strip import Strip

from chat_tui.ui.markdown.strips import LineStrip

RED, BLUE = Style(color="red"), Style(color="blue")


def _pair() -> tuple[LineStrip, Strip]:
    segments = [Segment("one ", RED), Segment("中文 two", BLUE)]
    return LineStrip(list(segments), 12), Strip(list(segments), 12)


def test_everything_a_view_does_gives_the_same() -> None:
    ours, theirs = _pair()

    for _ in range(2):
        assert ours == theirs
        assert ours.crop(2, 7) == theirs.crop(2, 7)
        assert ours.crop_extend(3, 20, RED) == theirs.crop_extend(3, 20, RED)
        assert list(ours.divide([4, 12])) == list(theirs.divide([4, 12]))
        assert ours.apply_style(RED) == theirs.apply_style(RED)
        assert ours.apply_offsets(0, 3) == theirs.apply_offsets(0, 3)
        assert ours.adjust_cell_length(20) == theirs.adjust_cell_length(20)
        assert ours.apply_filter(Monochrome(), Color(0, 0, 0)) == theirs.apply_filter(
            Monochrome(), Color(0, 0, 0)
        )
        assert ours.simplify() == theirs.simplify()
        assert (ours.text, ours.cell_length, ours.cell_count, ours.link_ids) == (
            theirs.text,
            theirs.cell_length,
            theirs.cell_count,
            theirs.link_ids,
        )


def test_every_slot_of_textual_is_there() -> None:
    ours, _ = _pair()

    for name in Strip.__slots__:
        assert hasattr(ours, name), name
