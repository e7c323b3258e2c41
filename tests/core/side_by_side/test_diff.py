"""Word diffs: exact, symmetric, readable, and never slow."""

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.side_by_side.diff import LinePair, Piece, in_columns, in_common, word_diff
from chat_tui.core.side_by_side.matching import common_runs
from tests.examples import examples

WORDS = st.sampled_from(
    [
        "the",
        "cat",
        "sat",
        "on",
        "a",
        "mat",
        "今天",
        "天气",
        ",",
        ".",
        " ",
        "\n",
        "\n\n",
        "  ",
        "```",
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join)
ANY_TEXTS = st.one_of(TEXTS, st.text(max_size=30))

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}


def shown(left: str, right: str) -> str:
    """A diff as one text with marks."""
    return "".join(MARKS[piece.change].format(piece.text) for piece in word_diff(left, right))


def side(pieces: Sequence[Piece], other: str) -> str:
    """One of the texts: all pieces but those of the other one."""
    return "".join(piece.text for piece in pieces if piece.change != other)


@settings(max_examples=examples(300))
@given(ANY_TEXTS, ANY_TEXTS)
def test_pieces_make_both_texts_and_count_the_same_either_way(left: str, right: str) -> None:
    pieces, flipped = word_diff(left, right), word_diff(right, left)

    assert side(pieces, "added") == left
    assert side(pieces, "removed") == right
    same = [piece.text for piece in pieces if piece.change == "same"]
    assert same == [piece.text for piece in flipped if piece.change == "same"]
    assert in_common(pieces) == in_common(flipped)
    assert all(piece.text for piece in pieces)
    for before, after in pairwise(pieces):
        assert before.change != after.change
        assert (before.change, after.change) != ("added", "removed")


@settings(max_examples=examples(300))
@given(ANY_TEXTS, ANY_TEXTS)
def test_rows_make_both_texts_with_the_same_beside_each_other(left: str, right: str) -> None:
    rows = in_columns(word_diff(left, right))

    assert "\n".join(line_of(row.left) for row in rows if row.left is not None) == whole(left)
    assert "\n".join(line_of(row.right) for row in rows if row.right is not None) == whole(right)
    for row in rows:
        assert row != LinePair(None, None)
        assert all(piece.change != "added" for piece in row.left or ())
        assert all(piece.change != "removed" for piece in row.right or ())
        assert not any("\n" in piece.text for piece in (*(row.left or ()), *(row.right or ())))


def line_of(line: Sequence[Piece] | None) -> str:
    return "".join(piece.text for piece in line or ())


def whole(text: str) -> str:
    """A text without the line feed that ends its last line."""
    return text.removesuffix("\n")


@pytest.mark.parametrize("text", ["", "one", "one\ntwo\n", "今天。"])
def test_identical_texts_are_one_piece(text: str) -> None:
    assert word_diff(text, text) == ([Piece("same", text)] if text else [])
    assert in_common(word_diff(text, text)) == 1.0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("The cat sat.", "The dog sat.", "The [-cat-][+dog+] sat."),
        ("The cat sat.", "The cat sat down.", "The cat sat[+ down+]."),
        ("今天天气很好。", "今天天气不错。", "今天天气[-很好-][+不错+]。"),
        ("don't go", "do go", "[-don't-][+do+] go"),
        ("f(x, y)", "f(x, z)", "f(x, [-y-][+z+])"),
        ("one\n\ntwo\n", "one\n\n2\n", "one\n\n[-two-][+2+]\n"),
        ("a\nb", "a b", "a[-\n-][+ +]b"),
        ("", "all new", "[+all new+]"),
        ("all old", "", "[-all old-]"),
    ],
)
def test_differences_are_told_by_words(left: str, right: str, expected: str) -> None:
    assert shown(left, right) == expected


def test_single_words_between_longer_changes_are_changed_too() -> None:
    left = "Certainly nobody would ever a question whatever happened"
    right = "Perhaps somebody someday a answered everything quickly"

    assert [piece.change for piece in word_diff(left, right)] == ["removed", "added"]
    assert in_common(word_diff(left, right)) == 0.0


def test_blank_lines_and_fences_do_not_part_what_belongs_together() -> None:
    left = "An introduction.\n\nThe second paragraph stays as it is\n\nThe end of it"
    right = "The second paragraph stays as it was\n\nAnother one\n\nThe end of it"

    assert shown(left, right) == (
        "[-An introduction.\n\n-]The second paragraph stays as it [-is-][+was\n\nAnother one+]"
        "\n\nThe end of it"
    )


def test_share_in_common_counts_words_and_no_marks() -> None:
    assert in_common(word_diff("one two three four", "one two three 4")) == 0.75
    assert in_common(word_diff("one", "two")) == 0.0
    assert in_common(word_diff("", "")) == 1.0


def test_lines_that_are_only_on_one_side_have_no_line_beside_them() -> None:
    rows = in_columns(
        word_diff("first line\nlast line\n", "first line\nnew line here\nlast line\n")
    )

    assert [(row.left is None, row.right is None) for row in rows] == [
        (False, False),
        (True, False),
        (False, False),
    ]


def test_changed_lines_stand_beside_each_other_up_to_the_last() -> None:
    rows = in_columns(word_diff("a b c d\ne f g h\n", "a b c d\n1 2 3 4\n5 6 7 8\nnow g h\n"))

    assert [line_of(row.left) for row in rows] == ["a b c d", "", "", "e f g h"]
    assert [line_of(row.right) for row in rows] == ["a b c d", "1 2 3 4", "5 6 7 8", "now g h"]


SEQUENCES = st.lists(st.integers(0, 5), max_size=25)


@settings(max_examples=examples(300))
@given(SEQUENCES, SEQUENCES)
def test_common_part_is_the_longest_there_is(left: list[int], right: list[int]) -> None:
    runs = common_runs(left, right)

    assert sum(run.length for run in runs) == longest_common(left, right)
    at = other = 0
    for run in runs:
        assert run.left >= at
        assert run.right >= other
        at, other = run.left + run.length, run.right + run.length
        assert left[run.left : at] == right[run.right : other]


def longest_common(left: Sequence[int], right: Sequence[int]) -> int:
    """The length of the longest common part, by the book."""
    row = [0] * (len(right) + 1)
    for each in left:
        before = 0
        for place, other in enumerate(right, 1):
            above = row[place]
            row[place] = before + 1 if each == other else max(row[place], row[place - 1])
            before = above
    return row[-1]


def test_large_sequences_are_cut_at_what_occurs_once() -> None:
    left = [number for number in range(20_000) if number % 7]
    right = [number for number in range(20_000) if number % 5]

    runs = common_runs(left, right)

    common = {*left} & {*right}
    assert sum(run.length for run in runs) == len(common)


def long_text(seed: int, words: int, vocabulary: int = 4_000) -> str:
    """Text that repeats nothing in an order that repeats nothing."""
    said, at = [], seed
    for number in range(words):
        at = (at * 48_271 + 11) % 2_147_483_647
        said.append(f"w{at % vocabulary}" + (".\n\n" if number % 17 == 0 else " "))
    return "".join(said)


TEXT = long_text(1, 170_000)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (TEXT, long_text(2, 170_000)),
        (TEXT, TEXT[:300_000] + "other " + TEXT[300_000:]),
        (TEXT.replace("\n", " "), TEXT.replace("\n", " ").replace("w17 ", "w18 ")),
        ("\n" * 500_000, "a\n" * 250_000),
        (".," * 140_000, ",;" * 140_000),
        ("a " * 250_000, "a " * 200_000 + "b"),
    ],
    ids=["different", "edited", "one-line", "empty-lines", "marks", "one-word"],
)
def test_texts_of_any_length_are_compared_in_no_time(left: str, right: str) -> None:
    begin = time.process_time()
    pieces = word_diff(left, right)
    took = time.process_time() - begin

    assert side(pieces, "added") == left
    assert side(pieces, "removed") == right
    # About 0.2 s where it was written; what is quadratic takes minutes.
    assert took < 4


def test_long_line_that_differs_in_a_word_is_compared_by_words() -> None:
    line = TEXT.replace("\n", " ")
    at = line.index(" ", 600_000) + 1

    pieces = word_diff(line, f"{line[:at]}changed {line[at:]}")

    assert [(piece.change, len(piece.text)) for piece in pieces] == [
        ("same", at),
        ("added", len("changed ")),
        ("same", len(line) - at),
    ]
