"""Blocks of code."""

import sys
from subprocess import run

import pytest

from chat_tui.ui.markdown import CodeBlock, MarkdownDocument, MarkdownStyles, render
from chat_tui.ui.markdown.highlight import Highlighter, lexer_for
from tests.ui.markdown.samples import copied, shown, split, streamed, style_of


def test_block_has_a_label_and_its_background(styles: MarkdownStyles) -> None:
    lines = render("```python title\nx = 1\n```", styles, 30)

    assert [line.strip.text.rstrip() for line in lines] == ["  python title", "  x = 1"]
    assert all(
        segment.style and segment.style.bgcolor == styles.code_block.bgcolor
        for line in lines
        for segment in line.strip
    )


def test_copying_gives_the_code_alone(styles: MarkdownStyles) -> None:
    code = "def f():\n\n    return '" + "long " * 20 + "end'\n\tx"
    lines = render(f"```python\n{code}\n```", styles, 30)

    assert copied(lines) == code.expandtabs(4)


def test_code_blocks_keep_their_source(styles: MarkdownStyles) -> None:
    text = "a\n\n```make\nall:\n\tcc  x \n```\n\n- b\n\n      indented\n"
    document = streamed(split(text, [4]), styles, 30)

    assert document.code_blocks == [
        CodeBlock("make", "all:\n\tcc  x ", 2, 4, "make"),
        CodeBlock("", "indented", 8, 8),
    ]


def test_open_block_is_among_them(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 30, source="```py\nx = 1\ny")
    document.refresh()

    assert document.code_blocks == [CodeBlock("py", "x = 1", 0, 2, "py")]


def test_indices_move_when_a_list_becomes_loose(styles: MarkdownStyles) -> None:
    text = "- a\n- ```\n  x\n  ```\n- ```\n  y\n  ```\n\n- b"
    document = streamed(split(text, [1]), styles, 30)

    for block, source in zip(document.code_blocks, "xy", strict=True):
        assert document.lines[block.first_line].text == source


def test_docstring_is_coloured_while_it_streams(styles: MarkdownStyles) -> None:
    document = MarkdownDocument(styles, 40, source='```python\n"""one\ndef two\n')
    document.refresh()
    document.append("three\n")
    document.refresh()

    string = styles.token(("Literal", "String"))
    assert style_of("def two", document.lines) == string
    assert style_of("three", document.lines) == string


def test_comment_over_lines_is_coloured_when_complete(styles: MarkdownStyles) -> None:
    document = streamed(split("```c\n/* one\n int two */\n```\n", [6]), styles, 40)

    assert style_of("int two", document.lines) == styles.token(("Comment", "Multiline"))


@pytest.mark.parametrize("language", ["", "nosuchlanguage", "../etc", "{.python}"])
def test_unknown_language_is_not_guessed(styles: MarkdownStyles, language: str) -> None:
    lines = render(f"```{language}\nimport os\n```", styles, 40)

    assert style_of("import os", lines) == styles.code_block


def test_long_lines_are_not_coloured(styles: MarkdownStyles) -> None:
    lines = render("```python\nimport os\nx = '" + "a" * 2_100 + "'\n```", styles, 40)

    assert style_of("import os", lines) == styles.code_block


def test_nothing_is_coloured_after_200_kb(styles: MarkdownStyles) -> None:
    lines = render(
        "```python\nimport os\n" + "pass  # x\n" * 21_000 + "import sys\n```", styles, 40
    )

    assert style_of("import", lines) != styles.code_block
    assert style_of("import sys", lines) == styles.code_block


@pytest.mark.parametrize("language", ["python", "yaml", "html", "pycon", "rust", "json", "console"])
def test_lines_hold_the_code_whatever_the_lexer(styles: MarkdownStyles, language: str) -> None:
    code = "a: 'b\n>>> <p class=x>{'k': 1}\n$ fn(x) /* y\n\n  end"
    highlighter = Highlighter(lexer_for(language), styles)

    lines = [line for part in code.split("\n") for line in highlighter.lines(part)]

    assert ["".join(piece.text for piece in line) for line in lines] == code.split("\n")


def test_fence_closes_with_its_own_marks_only(styles: MarkdownStyles) -> None:
    assert shown("~~~~\n```\n~~~\n~~~~\nafter", styles, 40) == ["  ```", "  ~~~", "", "after"]


def test_import_of_the_renderer_loads_no_parser_and_no_lexers() -> None:
    code = (
        "import sys, chat_tui.ui.markdown as m; m.styles_from_theme({}, True);"
        "print([n for n in ('markdown_it', 'linkify_it', 'pygments.lexers') if n in sys.modules])"
    )

    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
