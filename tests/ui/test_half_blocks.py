"""Pictures drawn with characters: every pixel where it belongs, also without colours."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.attachments.values import Pixels
from chat_tui.ui.widgets.half_blocks import cells_of, half_block_strips, wants_shades

DARK = Style.parse("white on black")
LIGHT = Style.parse("black on white")


def _pixels(*rows: str) -> Pixels:
    """Rows of `.` (black), `#` (white), `r`, `g`, `b`."""
    colours = {".": "000000", "#": "ffffff", "r": "ff0000", "g": "00ff00", "b": "0000ff"}
    rgb = b"".join(bytes.fromhex(colours[each]) for row in rows for each in row)
    return Pixels(len(rows[0]), len(rows), rgb)


def _seen(strips: list[Strip], base: Style) -> list[list[tuple[int, ...]]]:
    """The pixels that strips show: for each cell the colour of its upper and its lower half."""
    rows: list[list[tuple[int, ...]]] = []
    for strip in strips:
        upper: list[tuple[int, ...]] = []
        lower: list[tuple[int, ...]] = []
        for segment in strip:
            style = segment.style or base
            below = (style.bgcolor or Color.default()).get_truecolor()
            above = (style.color or Color.default()).get_truecolor()
            for mark in segment.text:
                assert mark in "▀ "
                upper.append(tuple(above if mark == "▀" else below))
                lower.append(tuple(below))
        rows += [upper, lower]
    return rows


@settings(max_examples=30, derandomize=True)
@given(st.integers(1, 6), st.integers(1, 5), st.data())
def test_each_half_of_a_cell_has_the_colour_of_its_pixel(
    width: int, height: int, data: st.DataObject
) -> None:
    size = width * height * 3
    rgb = data.draw(st.binary(min_size=size, max_size=size))
    pixels = Pixels(width, height, rgb)

    strips = half_block_strips(pixels, width, DARK)

    assert cells_of(pixels) == (width, len(strips))
    seen = _seen(strips, DARK)[:height]
    wanted = [
        [tuple(rgb[at : at + 3]) for at in range(y * width * 3, (y + 1) * width * 3, 3)]
        for y in range(height)
    ]
    assert seen == wanted


def test_strips_are_as_wide_as_asked_and_below_an_odd_picture_is_the_base() -> None:
    pixels = _pixels("rg", "bb", "r#")

    wide, narrow = half_block_strips(pixels, 5, DARK), half_block_strips(pixels, 1, DARK)

    assert [strip.cell_length for strip in wide] == [5, 5]
    assert [sum(len(each.text) for each in strip) for strip in wide] == [5, 5]
    assert [strip.text for strip in narrow] == ["▀", "▀"]
    assert {segment.style.bgcolor for segment in wide[1] if segment.style} == {DARK.bgcolor}


def test_meta_of_the_base_is_on_all_of_it() -> None:
    base = DARK + Style.from_meta({"picture": 3})

    for strip in half_block_strips(_pixels("rg#.", "r#.b"), 6, base):
        assert [segment.style.meta for segment in strip if segment.style] == [{"picture": 3}] * len(
            list(strip)
        )


@pytest.mark.parametrize(("base", "drawn"), [(DARK, " ▒█"), (LIGHT, "█▒ ")])
def test_shades_are_ink_on_the_ground_that_there_is(base: Style, drawn: str) -> None:
    (strip,) = half_block_strips(_pixels(".#" + "#", "..#"), 3, base, shades=True)

    assert strip.text == drawn
    assert {segment.style for segment in strip} == {base}


@pytest.mark.parametrize(
    ("no_color", "headless", "system", "shades"),
    [
        (True, True, "truecolor", True),
        (False, True, None, False),
        (False, False, "truecolor", False),
        (False, False, "256", False),
        (False, False, "standard", True),
        (False, False, None, True),
    ],
)
def test_shades_are_drawn_where_colours_are_few_or_not_wanted(
    no_color: bool, headless: bool, system: str | None, shades: bool
) -> None:
    console = SimpleNamespace(color_system=system)
    app = SimpleNamespace(no_color=no_color, is_headless=headless, console=console)

    assert wants_shades(cast("Any", app)) is shades
