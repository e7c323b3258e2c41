"""Breaking lines by cells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from chat_tui.ui.markdown.lines import Piece
from chat_tui.ui.markdown.wrap import NEVER_FIRST, Cut, cut_cells, cut_words, wrap
from tests.examples import examples

ALPHABET = st.sampled_from("a b，。“”（）中文字e\u0301👩\u200d👧☀\ufe0f -/")
HARD = settings(max_examples=examples(300), derandomize=True, deadline=None)


def _lines(text: str, width: int) -> list[str]:
    return [text[cut.start : cut.end] for cut in cut_words(text, width)]


@HARD
@given(st.text(ALPHABET, max_size=60), st.integers(2, 12))
def test_cuts_lose_nothing_but_blanks(text: str, width: int) -> None:
    for cuts in (cut_words(text, width), cut_cells(text, width)):
        rebuilt = "".join(text[cut.start : cut.next] for cut in cuts)

        assert rebuilt == text
        assert all(not text[cut.end : cut.next].strip(" ") for cut in cuts)


@HARD
@given(st.text(ALPHABET, max_size=60), st.integers(2, 12))
def test_lines_fit(text: str, width: int) -> None:
    for cut in cut_words(text, width):
        assert cell_len(text[cut.start : cut.end].rstrip()) <= width
    for cut in cut_cells(text, width):
        assert cell_len(text[cut.start : cut.end]) <= width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("one  two", 4, ["one", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("ab abcdefgh", 4, ["ab", "abcd", "efgh"]),
        ("中文换行", 4, ["中文", "换行"]),
        ("中文换。行", 6, ["中文", "换。行"]),
        ("中文（换行）", 6, ["中文", "（换", "行）"]),
        ("中a文b", 3, ["中a", "文b"]),
        ("see 中文字 here", 7, ["see 中", "文字", "here"]),
        ("", 4, [""]),
    ],
)
def test_words_are_cut(text: str, width: int, expected: list[str]) -> None:
    assert _lines(text, width) == expected


def test_closing_punctuation_never_begins_a_line() -> None:
    text = "标点符号，例如逗号、句号。不会（也不应）出现在“行首”：这是基本的规则！" * 3

    for width in range(6, 40):
        assert not any(line[0] in NEVER_FIRST for line in _lines(text, width))


def test_code_is_cut_where_the_line_is_full() -> None:
    assert cut_cells("a b  c", 3) == [Cut(0, 3, 3), Cut(3, 6, 6)]
    assert cut_cells("", 3) == [Cut(0, 0, 0)]


def test_wrapped_lines_remember_what_was_between_them() -> None:
    style = Style()
    contents = wrap([Piece("one two中文", style), Piece("\n", style), Piece("end", style)], 5)

    assert [(line.text, line.joint) for line in contents] == [
        ("one", "\n"), ("two中", " "), ("文", ""), ("end", "\n"),
    ]  # fmt: skip


def test_style_changes_never_tear_a_grapheme() -> None:
    red, blue = Style(color="red"), Style(color="blue")
    contents = wrap([Piece("ab👩", red), Piece("\u200d👧 cd", blue)], 20)

    assert [(segment.text, segment.style) for segment in contents[0].segments] == [
        ("ab👩\u200d👧", red), (" cd", blue),
    ]  # fmt: skip
    assert contents[0].cells == 7
