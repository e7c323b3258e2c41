"""Tables."""

import pytest

from chat_tui.ui.markdown import MarkdownDocument, MarkdownStyles, render
from chat_tui.ui.markdown.tables import fit
from tests.ui.markdown.samples import copied, shown, split, streamed


def test_columns_are_aligned_as_asked(styles: MarkdownStyles) -> None:
    text = "| left | mid | right |\n|:--|:-:|--:|\n| a | b | c |\n"

    assert shown(text, styles) == [
        "left │ mid │ right",
        "─────┼─────┼──────",
        "a    │  b  │     c",
    ]


def test_table_fits_by_wrapping_its_widest_columns(styles: MarkdownStyles) -> None:
    text = "| a | note |\n|---|---|\n| x | several words in one cell |\n| y | few |\n"

    assert shown(text, styles, 18) == [
        "a │ note",
        "──┼───────────────",
        "x │ several words",
        "  │ in one cell",
        "╌╌┼╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌",
        "y │ few",
    ]


def test_break_in_a_cell_breaks_the_line(styles: MarkdownStyles) -> None:
    assert shown("a | b\n--|--\none<br>two<BR/>three | x", styles)[2:] == [
        "one   │ x",
        "two   │",
        "three │",
    ]


def test_table_that_cannot_fit_is_wide(styles: MarkdownStyles) -> None:
    row = "|" + " ten chars. |" * 8 + "\n"
    lines = render(row + "|" + "---|" * 8 + "\n" + row, styles, 40)

    assert all(line.wide for line in lines)
    assert {line.strip.cell_length for line in lines} == {8 * 10 + 7 * 3}


def test_wide_characters_keep_the_borders_in_line(styles: MarkdownStyles) -> None:
    lines = render("名 | b\n--|--\n中文字 | x\na | 好", styles, 40)

    assert {line.strip.text.split("│")[0].rstrip() for line in lines} >= {"名", "中文字", "a"}
    assert lines[2].text == "中文字 | x"
    assert lines[3].text == "a      | 好"


def test_copying_gives_cells_with_bars_between(styles: MarkdownStyles) -> None:
    assert copied(render("a | b\n--|--\nc | d", styles, 40)) == "a | b\nc | d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text\na | b\n--|--", ["text", "", "a │ b", "──┼──"]),
        ("a | b\n--|--|--", ["a | b", "--|--|--"]),
        ("a | b\n--|--\nc\n\nd", ["a │ b", "──┼──", "c │", "", "d"]),
        ("a | b\n--|--\nc | d | e", ["a │ b", "──┼──", "c │ d"]),
        ("a | b\n--|--\n# head", ["a │ b", "──┼──", "", "head", "────"]),
        ("a \\| x | b\n--|--\n`p\\|q` | r", ["a | x │ b", "──────┼──", "p|q   │ r"]),
        ("| a |\n|---|\n| b |", ["a", "─", "b"]),
    ],
)
def test_where_tables_begin_and_end(styles: MarkdownStyles, text: str, expected: list[str]) -> None:
    assert shown(text, styles) == expected


def test_columns_stay_while_many_rows_stream_and_come_right_at_the_end(
    styles: MarkdownStyles,
) -> None:
    text = "| a | b |\n|---|---|\n" + "| x | y |\n" * 40
    document = MarkdownDocument(styles, 40, source=text)
    document.refresh()
    header = document.lines[0]

    document.append("| wider cell | z |\n")

    assert document.refresh() >= 42
    assert document.lines[0] is header
    document.close()
    assert document.refresh() == 0
    assert document.lines[0].text == "a          | b"


def test_huge_table_is_shown_as_text(styles: MarkdownStyles) -> None:
    text = "| a | b |\n|---|---|\n" + "| c | d |\n" * 2_600
    document = streamed(split(text, [9_000]), styles, 40)

    assert [line.text for line in document.lines] == text.strip().split("\n")


@pytest.mark.parametrize(
    ("natural", "words", "room", "expected"),
    [
        ([3, 4], [3, 4], 10, [3, 4]),
        ([3, 40], [3, 8], 20, [3, 17]),
        ([30, 30], [5, 5], 40, [20, 20]),
        ([10, 30, 30], [5, 12, 5], 45, [10, 18, 17]),
        ([20, 20, 20], [9, 9, 9], 20, [20, 20, 20]),
        ([90, 90], [9, 9], 10, [32, 32]),
    ],
)
def test_fit(natural: list[int], words: list[int], room: int, expected: list[int]) -> None:
    assert fit(natural, words, room) == expected
