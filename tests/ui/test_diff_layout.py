"""A diff as lines: nothing is lost, nothing is too wide, and both views count the same changes."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from chat_tui.core.side_by_side.diff import Piece, word_diff
from chat_tui.ui.screens.comparing.diff import shown_text
from chat_tui.ui.screens.comparing.diff_layout import GUTTER, Laid, Run, lay_out

_WORDS = st.text(alphabet="ab \n.你é", max_size=60)


def _text(runs: Sequence[Run], *changes: str) -> str:
    return "".join(run.text for run in runs if run.change in changes)


def _plain(words: str) -> str:
    return "".join(words.split())


@given(_WORDS, _WORDS, st.integers(2, 30))
@settings(max_examples=60, deadline=None)
def test_all_of_both_texts_stands_in_lines_that_fit(left: str, right: str, width: int) -> None:
    pieces = word_diff(shown_text(left), shown_text(right))
    inline = lay_out(pieces, width, columns=False, marks=False)
    columns = lay_out(pieces, width, columns=True, marks=False)
    for laid in (inline, columns):
        room = laid.column or width
        for line in laid.lines:
            for side in (line.left, line.right):
                # A blank at a break hangs over the edge; so does what is wider than the column.
                assert cell_len(_text(side, "same", "removed", "added").rstrip()) <= max(room, 2)
    one = _plain("".join(_text(line.left, "same", "removed") for line in inline.lines))
    other = _plain("".join(_text(line.left, "same", "added") for line in inline.lines))
    assert (one, other) == (_plain(left), _plain(right))
    assert _plain("".join(_text(line.left, "same", "removed") for line in columns.lines)) == one
    assert _plain("".join(_text(line.right, "same", "added") for line in columns.lines)) == other


@given(_WORDS, _WORDS)
@settings(max_examples=60, deadline=None)
def test_both_views_count_the_same_changes(left: str, right: str) -> None:
    pieces = word_diff(shown_text(left), shown_text(right))
    inline = lay_out(pieces, 20, columns=False, marks=False)
    columns = lay_out(pieces, 43, columns=True, marks=False)
    assert len(inline.changes) == len(columns.changes)
    assert list(inline.changes) == sorted(inline.changes)
    for laid in (inline, columns):
        numbers = {run.number for line in laid.lines for run in (*line.left, *line.right)}
        assert numbers - {-1} <= set(range(len(laid.changes)))


def test_columns_stand_beside_each_other_with_what_differs_marked() -> None:
    pieces = [
        Piece("same", "one "),
        Piece("removed", "old"),
        Piece("added", "new"),
        Piece("same", " end\n"),
        Piece("added", "more\n"),
        Piece("same", "last"),
    ]
    laid = lay_out(pieces, 20 + GUTTER, columns=True, marks=True)
    assert _drawn(laid) == [
        ("one [-old-] end"[:10], "one {+new+} end"[:10], True),
        *_drawn(laid)[1:],
    ]
    words = ["".join(run.text for run in line.left) for line in laid.lines]
    assert "".join(words) == "one [-old-] endlast"
    assert [line.differs for line in laid.lines] == [True, True, True, False]
    assert laid.changes == [0, 2]


def _drawn(laid: Laid) -> list[tuple[str, str, bool]]:
    return [
        (
            "".join(run.text for run in line.left)[:10],
            "".join(run.text for run in line.right)[:10],
            line.differs,
        )
        for line in laid.lines
    ]


def test_lines_break_between_words_and_wide_characters_count_two() -> None:
    laid = lay_out([Piece("same", "alpha beta 你好你好")], 11, columns=False, marks=False)
    assert [line.left[0].text for line in laid.lines] == ["alpha beta ", "你好你好"]
    laid = lay_out([Piece("same", "你好你好你好")], 5, columns=False, marks=False)
    assert [line.left[0].text for line in laid.lines] == ["你好", "你好", "你好"]


def test_a_megabyte_is_laid_out_in_linear_time() -> None:
    words = "word " * 100_000
    laid = lay_out(
        [Piece("same", words), Piece("added", "你" * 100_000)], 80, columns=False, marks=False
    )
    assert len(laid.lines) > 6_000
    assert len(laid.changes) == 1
