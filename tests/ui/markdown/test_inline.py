"""What stands inside a line."""

import pytest

from chat_tui.ui.markdown import MarkdownDocument, MarkdownStyles, render
from chat_tui.ui.markdown.inline import is_link
from tests.ui.markdown.samples import shown, style_of


def _bold(text: str, styles: MarkdownStyles) -> list[str]:
    return [
        segment.text.strip()
        for line in render(text, styles, 60)
        for segment in line.strip
        if segment.style and segment.style.bold
    ]


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("**你好：**世界", "你好："),
        ("他说**“你好”**。", "“你好”"),
        ("他说**“你好”**再见", "“你好”"),
        ("**（注）**text", "（注）"),
        ("これは**「強調」**です", "「強調」"),
        ("한국어**(강조)**는", "(강조)"),
        ("**bold**", "bold"),
        ("in**tra**word", "tra"),
    ],
)
def test_emphasis_binds_beside_east_asian_text(
    styles: MarkdownStyles, text: str, bold: str
) -> None:
    assert _bold(text, styles) == [bold]


@pytest.mark.parametrize("text", ["**Note:**text", "a ** b ** c", "2 * 3 * 4", "snake_case_name"])
def test_emphasis_elsewhere_is_that_of_commonmark(styles: MarkdownStyles, text: str) -> None:
    assert shown(text, styles) == [text]


def test_two_tildes_strike_and_one_does_not(styles: MarkdownStyles) -> None:
    lines = render("~~gone~~ ~5 min~ ~~~x~~~ ~~删除：~~后", styles, 60)

    assert style_of("gone", lines).strike
    assert style_of("删除：", lines).strike
    assert not style_of("~5 min~ ~~~x~~~", lines).strike


@pytest.mark.parametrize(
    "math", ["$E = mc^2$", "$$a_1$$", "\\(x_1 * y_1\\)", "\\[E=mc^2\\]", "$x$"]
)
def test_math_keeps_its_source(styles: MarkdownStyles, math: str) -> None:
    lines = render(f"so {math} holds", styles, 60)

    assert lines[0].text == f"so {math} holds"
    assert style_of(math, lines).color == styles.math.color


def test_prices_are_no_math(styles: MarkdownStyles) -> None:
    lines = render("costs $5 and $10, or $5/$10", styles, 60)

    assert style_of("costs $5 and $10, or $5/$10", lines) == styles.text


def test_tags_and_comparisons_do_not_vanish(styles: MarkdownStyles) -> None:
    text = "<thinking>a</thinking> 0<foo or foo>10 <br>"

    assert shown(text, styles) == [text]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[label](https://x.org/a)", ["https://x.org/a"]),
        ("见https://x.org，然后http://a.b/c。", ["https://x.org", "http://a.b/c"]),
        ("(https://x.org/a_(b)) https://x.org/c.", ["https://x.org/a_(b)", "https://x.org/c"]),
        ("<https://x.org> <me@x.org>", ["https://x.org", "mailto:me@x.org"]),
        ("`https://x.org` README.md example.com", []),
        ("[a](javascript:x) [b](file:///etc/passwd) [c](/docs) [d](--help)", []),
        ("[a](https://user:pass@x.org) http://user@x.org", []),
        ("![picture](https://x.org/a.png)", ["https://x.org/a.png"]),
    ],
)
def test_only_plain_addresses_are_links(
    styles: MarkdownStyles, text: str, links: list[str]
) -> None:
    document = MarkdownDocument(styles, 60, source=text)
    document.close()
    document.refresh()

    assert document.links == links


def test_link_carries_its_destination(styles: MarkdownStyles) -> None:
    lines = render("[label](https://x.org/a) rest", styles, 60)

    assert style_of("label", lines).meta == {"link": "https://x.org/a"}
    assert style_of("rest", lines).meta == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](/docs)", "a (/docs)"),
        ("[a](--help)", "a (--help)"),
        ("[a](javascript:x)", "[a](javascript:x)"),
        ("[](https://x.org)", "https://x.org"),
        ("[]()", "[]()"),
        ("![alt](x.png)", "▣ alt (x.png)"),
        ("![](x.png)", "▣ (x.png)"),
    ],
)
def test_destinations_that_are_no_links_are_shown(
    styles: MarkdownStyles, text: str, expected: str
) -> None:
    assert shown(text, styles) == [expected]


def test_characters_from_entities_are_cleaned(styles: MarkdownStyles) -> None:
    assert shown("a&#x1b;[31m&#x202e;b&#9;c&#10;d http://x/%1b", styles) == [
        "a\ufffd[31mb c d http://x/%1b"
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.org", True),
        ("HTTP://x.org/a?b#c", True),
        ("mailto:a@b.c", True),
        ("mailto:-a@b.c", False),
        ("https://user@x.org", False),
        ("https://x.org/@user", True),
        ("https:///path", False),
        ("https://x.org/a b", False),
        ("https://x.org/\u202e", False),
        ("javascript:alert(1)", False),
        ("file%3A///etc/passwd", False),
        ("-https://x.org", False),
    ],
)
def test_is_link(address: str, expected: bool) -> None:
    assert is_link(address) is expected


@pytest.mark.parametrize(
    "text", ["[" * 4_000, "![" * 2_000, "[a](" * 1_000, "*a_ " * 1_000, "`" * 4_000, "<" * 4_000,
             "$" * 4_000, "\\(" * 2_000, "https://" * 500, "**a" * 1_300, "(" * 4_000, "&" * 4_000],
    ids=lambda text: text[:4],
)  # fmt: skip
def test_repeated_openers_render(styles: MarkdownStyles, text: str) -> None:
    assert render(text, styles, 60)
