"""The document grows: what it shows never depends on how its text came."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.theme import BUILTIN_THEMES

from chat_tui.ui.markdown import Line, MarkdownDocument, MarkdownStyles, render, styles_from_theme
from tests.examples import examples
from tests.ui.markdown.samples import ANSWER, copied, fragments, shown, split, streamed

STYLES = styles_from_theme(BUILTIN_THEMES["nord"].to_color_system().generate(), dark=True)
HARD = settings(max_examples=examples(150), derandomize=True, deadline=None)
sizes = st.lists(st.integers(1, 30), min_size=1, max_size=6)
widths = st.sampled_from([8, 11, 24, 40, 80])


@HARD
@given(fragments, sizes, widths)
def test_lines_are_those_of_the_whole_text_however_it_is_split(
    text: str, sizes: list[int], width: int
) -> None:
    whole = MarkdownDocument(STYLES, width, source=text)
    whole.close()
    whole.refresh()

    document = streamed(split(text, sizes), STYLES, width)

    assert list(document.lines) == list(whole.lines)
    assert document.code_blocks == whole.code_blocks
    assert document.links == whole.links
    assert document.source == text


@pytest.mark.parametrize("size", [1, 7, 50, 1_000])
def test_lines_of_an_answer_are_those_of_the_whole(styles: MarkdownStyles, size: int) -> None:
    document = streamed(split(ANSWER, [size]), styles, 70)

    assert list(document.lines) == render(ANSWER, styles, 70)


@pytest.mark.parametrize(
    "text",
    [
        "word **bold** and more words, " * 400,
        "no" * 5_000,
        "中文段落会在字之间换行，标点符号" * 400,
        "a line of a poem\n" * 400,
        "> - " + "quoted words " * 500,
        "```\n" + "A" * 9_000 + "\nend\n```\nafter",
        "    " + "A" * 9_000 + "\n    end\n",
        "$$\n" + "x+" * 3_000 + "\n$$\n",
        "```python\n" + 'x = """\n' + "def f(): return 1  # note\n" * 800 + "```\n",
        "| a | b |\n|---|---|\n" + "| one | two **b** |\n" * 40 + "| " + "wide " * 9 + "| c |\n",
        "| a | b |\n|---|---|\n" + "| one | two |\n" * 2_600,
        "| a | b |\n|---|---|\n| x | y |\n" + "long " * 1_000 + "\n",
        "# " + "long heading " * 400,
    ],
    ids=lambda text: text[:12].replace("\n", " "),
)
def test_lines_of_a_long_block_are_those_of_the_whole(styles: MarkdownStyles, text: str) -> None:
    document = streamed(split(text, [997, 50, 3]), styles, 60)

    assert list(document.lines) == render(text, styles, 60)


@HARD
@given(fragments, sizes, widths)
def test_refresh_names_the_first_line_that_changed(text: str, sizes: list[int], width: int) -> None:
    document = MarkdownDocument(STYLES, width)
    before: list[Line] = []
    for piece in [*split(text, sizes), ""]:
        document.append(piece)
        if not piece:
            document.close()
        first = document.refresh()
        lines = list(document.lines)

        assert lines[:first] == before[:first]
        if first < min(len(lines), len(before)):
            assert lines[first] != before[first]
        before = lines


@HARD
@given(st.one_of(fragments, st.text(st.characters(exclude_categories=["Cc", "Cs"]))), widths)
def test_strips_are_exactly_as_wide_as_the_view(text: str, width: int) -> None:
    for line in render(text, STYLES, width):
        cells = sum(cell_len(segment.text) for segment in line.strip)

        assert cells == line.strip.cell_length
        assert cells == width or (line.wide and cells > width)


@HARD
@given(fragments, widths)
def test_text_lies_under_what_is_seen_and_holds_no_controls(text: str, width: int) -> None:
    for line in render(text, STYLES, width):
        seen = line.strip.crop(line.start).text.replace("│", "|")

        assert seen.startswith(line.text)
        assert not any(ord(character) < 32 for character in seen + line.text)
        assert line.text == line.text.rstrip()


def test_refresh_without_new_text_changes_nothing(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source="one\n\ntwo")
    document.refresh()

    assert document.refresh() == len(document.lines) == 3


def test_finished_lines_are_kept_as_they_are(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source="one\n\ntwo\n\nth")
    document.refresh()
    first = document.lines[0]

    document.append("ree")

    assert document.refresh() == 4
    assert document.lines[0] is first


def test_append_after_close_is_refused(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40)
    document.close()

    with pytest.raises(RuntimeError, match="closed"):
        document.append("more")


def test_links_to_a_later_definition_come_right_at_the_end(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source="see [a]\n\nmiddle\n\n")
    document.refresh()
    assert document.links == []

    document.append("[a]: https://x.org\n")
    document.close()

    assert document.refresh() == 0
    assert document.links == ["https://x.org"]


def test_first_definition_of_a_label_wins(styles: MarkdownStyles) -> None:
    text = "[a]: https://one.org\n[a]: https://two.org\n\n[a] [A]"
    document = streamed(split(text, [3]), styles, 40)

    assert document.links == ["https://one.org"]


def test_marker_alone_at_the_end_is_not_shown_yet(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source="a paragraph\n-")
    document.refresh()
    paragraph = document.lines[0]

    document.append(" item")
    document.refresh()

    assert document.lines[0] == paragraph
    assert [line.text for line in document.lines] == ["a paragraph", "", "• item"]


def test_unfinished_blocks_are_shown(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source="- item\n\n  ```py\n  x = 1\n  y")
    document.refresh()

    assert [line.text for line in document.lines] == ["• item", "", "", "x = 1", "y"]


def test_text_of_all_lines_is_the_answer_without_its_marks(styles: MarkdownStyles) -> None:
    text = (
        "A *b* c that is long enough to wrap\n\n> quoted\n\n"
        "```py\nx = 1\n\ny = 2\n```\n\n1. one\n2. two"
    )

    assert copied(render(text, styles, 20)) == (
        "A b c that is long enough to wrap\n\nquoted\n\nx = 1\n\ny = 2\n\n1. one\n2. two"
    )


def test_narrow_view_gets_lines_of_eight_cells(styles: MarkdownStyles) -> None:
    assert shown("words to wrap", styles, 3) == ["words to", "wrap"]


@pytest.mark.parametrize("text", ["", "\n", "   \n\n  ", "\x07[]()", "[", "|", "[a]: b", "\u200d"])
def test_odd_texts_render(styles: MarkdownStyles, text: str) -> None:
    assert streamed(split(text, [1]), styles, 20).source == text


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50_000,
        "- " * 25_000,
        "1. " * 20_000,
        " " * 50_000 + "x",
        "# " + " " * 3_900 + "x",
        "[" + "a" * 3_900,
        "[a]: " + "b " * 1_900,
        '[a]: b "' + "c\\" * 1_900,
        "|" * 50_000 + "\n" + "|-" * 25_000,
        "| a " * 900 + "|\n" + "|-" * 900 + "|\n" + "| b " * 900,
        "a\n" * 5_000 + "=",
        "```\n" * 5_001,
        "- a\n\n" * 3_000,
        "> \n" * 5_000,
        "\t" * 20_000,
        "[a]: b\n\n[a] " * 500,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_texts_render_in_time(styles: MarkdownStyles, text: str) -> None:
    began = time.process_time()

    document = streamed(split(text, [len(text) // 7 + 1]), styles, 60)

    assert list(document.lines) == render(text, styles, 60)
    assert time.process_time() - began < 10
