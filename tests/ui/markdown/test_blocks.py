"""The structure of a document: as CommonMark has it, compared with markdown-it's own parser."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from textual.theme import BUILTIN_THEMES

from chat_tui.ui.markdown import MarkdownStyles, styles_from_theme
from tests.examples import examples
from tests.ui.markdown.oracle import WIDTH, oracle_lines
from tests.ui.markdown.samples import shown

STYLES = styles_from_theme(BUILTIN_THEMES["nord"].to_color_system().generate(), dark=True)

_STRUCTURE = (
    *("a", "b c", "word", "- ", "* ", "1. ", "2) ", "10. ", "> ", ">", "# ", "## ", "- [x] d"),
    *("```", "~~~", "```py", "---", "===", "***", "  ", "    ", "\n", "\n", "\n", "\n\n", "x | y"),
    *("|", "--|--"),
)
_MARKED_HEADER = re.compile(
    r"^\s*(?:[-*+>#]|\d+[.)]|```|~~~)[^\n]*\|[^\n]*\n[ >]*[|:-]", re.MULTILINE
)
_EMPTY_ITEM = re.compile(r"^[ >]*(?:[-*+]|\d+[.)])[ \t]*\n", re.MULTILINE)


@settings(max_examples=examples(400), derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(_STRUCTURE), min_size=2, max_size=16).map("".join))
def test_structure_is_that_of_markdown_it(text: str) -> None:
    text += "\n"
    # markdown-it takes `- a | b` for a table's header, where GFM sees a list; it begins another
    # list after an empty item and two blank lines; and it keeps indentation in code over two
    # lines. CommonMark's reference parser does none of it, nor do we.
    assume(not _MARKED_HEADER.search(text) and not _EMPTY_ITEM.search(text))
    assume(not ("`" in text and "    " in text))

    assert _squeezed(shown(text, STYLES, WIDTH)) == _squeezed(oracle_lines(text, STYLES))


def _squeezed(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b", [" • a", " • b"]),
        ("- a\n\n- b\n- c", [" • a", "", " • b", "", " • c"]),
        ("- a\n  - b\n\n  - c\n- d", [" • a", "    ◦ b", "", "    ◦ c", " • d"]),
        ("- a\n\n  b\n- c", [" • a", "", "   b", "", " • c"]),
        ("- a\n-\n- c", [" • a", " •", " • c"]),
        ("- a\n- ```\n\n  ```\n- b", [" • a", " •", " • b"]),
        ("- - a\n  - b", [" •  ◦ a", "    ◦ b"]),
        ("* a\n- b", [" • a", "", " • b"]),
        ("- a\n\n\n\n- b", [" • a", "", " • b"]),
    ],
)
def test_lists_are_tight_or_loose_as_a_whole(
    styles: MarkdownStyles, text: str, expected: list[str]
) -> None:
    assert shown(text, styles) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9. a\n9. b\n1. c", [" 9. a", "10. b", "11. c"]),
        ("3) a\n4) b", [" 3) a", " 4) b"]),
        ("para\n2. no list", ["para", "2. no list"]),
        ("para\n1. list", ["para", "", " 1. list"]),
        ("1. a\n   - b\n2. c", [" 1. a", "     • b", " 2. c"]),
        ("0. a", [" 0. a"]),
    ],
)
def test_numbers_count_from_the_first(
    styles: MarkdownStyles, text: str, expected: list[str]
) -> None:
    assert shown(text, styles) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> a\nlazy\n> b", ["▌ a", "▌ lazy", "▌ b"]),
        ("> a\n\nb", ["▌ a", "", "b"]),
        ("> a\n>\n> > b\n> c", ["▌ a", "▌", "▌ ▌ b", "▌ ▌ c"]),
        ("> - a\n>\n>   b", ["▌  • a", "▌", "▌    b"]),
        ("- a\nlazy", [" • a", "   lazy"]),
        ("- > a\n- b", [" • ▌ a", " • b"]),
    ],
)
def test_quotations_and_lazy_lines(styles: MarkdownStyles, text: str, expected: list[str]) -> None:
    assert shown(text, styles) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\n===", ["Title", "─────"]),
        ("a\nb\n---", ["a", "b"]),
        ("# Title #", ["Title", "─────"]),
        ("#no", ["#no"]),
        ("####### seven", ["####### seven"]),
        ("para\n# head", ["para", "", "head", "────"]),
        ("***", ["─" * 60]),
        ("a\n\n---\n\nb", ["a", "", "─" * 60, "", "b"]),
    ],
)
def test_headings_and_rules(styles: MarkdownStyles, text: str, expected: list[str]) -> None:
    assert shown(text, styles) == expected


def test_task_boxes_replace_bullets(styles: MarkdownStyles) -> None:
    text = "- [ ] open\n- [x] done\n- [X]\n\n1. [x] numbered"

    assert shown(text, styles) == [" ☐ open", " ☑ done", " • [X]", "", " 1. ☑ numbered"]


def test_fence_in_a_list_item_loses_its_indentation(styles: MarkdownStyles) -> None:
    text = "1. do\n\n   ````md\n   ```\n     x\n   ```\n   ````\n2. next"

    assert shown(text, styles) == [
        " 1. do", "", "      md", "      ```", "        x", "      ```", "", " 2. next",
    ]  # fmt: skip


def test_deep_nesting_is_shown_as_text(styles: MarkdownStyles) -> None:
    text = ">" * 60 + " deep"

    lines = shown(text, styles, 120)

    assert len(lines) == 1
    assert lines[0].endswith("> deep")


def test_indentation_leaves_room_in_a_narrow_view(styles: MarkdownStyles) -> None:
    text = "- a\n  - b\n    - c\n      - d\n        - words to read"

    lines = shown(text, styles, 16)

    assert "words" in " ".join(lines)
    assert all(len(line) <= 16 for line in lines)


def test_display_math_keeps_its_source(styles: MarkdownStyles) -> None:
    text = "so\n$$\na_1 \\\\\n+ b_1\n$$\nand\n\\[\nE=mc^2\n\\]"

    assert shown(text, styles) == [
        "so", "", "$$", "a_1 \\\\", "+ b_1", "$$", "", "and", "", "\\[", "E=mc^2", "\\]",
    ]  # fmt: skip


def test_display_math_without_an_end_stops_at_a_blank_line(styles: MarkdownStyles) -> None:
    assert shown("$$\na\n\n# head", styles) == ["$$", "a", "", "head", "────"]
