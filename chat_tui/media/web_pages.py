"""The text of a web page, as Markdown: what is seen of it, no scripts, nothing that is hidden."""

import re
from html.parser import HTMLParser
from typing import Any

from chat_tui.media.extracts import Extract, Importer

_TEMPLATE = re.compile(r"\{\{|\{%|<%|<\?php|<\?=")
_MARKUP = re.compile(r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px|;|$)", re.IGNORECASE
)
_DROPPED = (
    *("script", "style", "template", "noscript", "svg", "iframe", "object", "embed", "canvas"),
    *("audio", "video", "select", "datalist", "dialog", "map"),
)
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "title"),
    }
)
_EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr", "col"})
"""Elements that have no end."""

_UNCLOSED = {
    "li": ("li",),
    "p": ("p",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("tr", "td", "th"),
}
"""Elements whose ends may be left out, and which of them they end."""

_WIDE = 200
"""Blanks that are kept of a row of them."""

_BLANKS = re.compile(rf"[ \t]{{{_WIDE},}}")

_MOST_DEEP = 200
"""Elements in one another, from which on the page is read without its structure."""

_MOST_STRUCTURED = 700_000
"""Characters of a page that is read with its structure: about two seconds."""

_SHORTEST_SHARE = 0.002
"""Share of a page that must be text; what has less is a program, and read as code."""


def is_page(text: str) -> bool:
    """Whether a text without a telling name is a web page."""
    return _MARKUP.match(text.lstrip()[:2_000]) is not None


def is_template(text: str) -> bool:
    """Whether a page is made to be filled in by a program: that is code."""
    return _TEMPLATE.search(text) is not None


def charset_of(start: bytes) -> str:
    """The encoding that a page says it has; empty where it says none."""
    found = _CHARSET.search(start[:4_096])
    return found[1].decode("ascii") if found else ""


def read_page(source: str, importer: Importer) -> Extract:
    """What is seen of a page. Without the libraries its structure is lost, not its text.

    Args:
        source: its HTML, decoded.
        importer: imports bs4 and markdownify.
    """
    text = ""
    if len(source) <= _MOST_STRUCTURED and _depth(source) <= _MOST_DEEP:
        try:
            text = _as_markdown(importer, source)
        except (ModuleNotFoundError, RecursionError):
            text = ""
    text = text or _as_lines(source)
    if len(text) < len(source) * _SHORTEST_SHARE and len(source) < 200_000:
        return Extract(source, language="html")
    return Extract(text)


def parsed(importer: Importer, source: str) -> Any:
    """A page as its elements, with no long row of blanks: libraries take the square of its time."""
    return importer("bs4").BeautifulSoup(_BLANKS.sub(" " * _WIDE, source), "html.parser")


def markdown_of(importer: Importer, soup: Any) -> str:
    """A parsed page as Markdown, for a reader who pays by the character."""
    text: str = (
        importer("markdownify")
        .MarkdownConverter(
            heading_style="ATX",
            bullets="-",
            escape_asterisks=False,
            escape_underscores=False,
            table_infer_header=True,
        )
        .convert_soup(soup)
    )
    # No expression for the ends of lines: its time grows with the square of a row of spaces.
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _as_markdown(importer: Importer, source: str) -> str:
    soup = parsed(importer, source)
    for element in soup.find_all(_DROPPED):
        element.decompose()
    for element in soup.find_all(_is_hidden):
        if not element.decomposed:
            element.decompose()
    for comment in soup.find_all(string=lambda string: type(string).__name__ != "NavigableString"):
        comment.extract()
    for element in soup.find_all(_UNCLOSED.keys()):
        # Written without their ends: what follows stands in the one before.
        while element.parent.name in _UNCLOSED[element.name]:
            before = element.parent
            before.insert_after(element.extract())
    title = soup.title
    if title is not None:
        if soup.find("h1") is None and title.get_text().strip():
            title.name = "h1"
        else:
            title.decompose()
    for picture in soup.find_all("img"):
        picture.replace_with(str(picture.get("alt") or ""))
    for link in soup.find_all("a"):
        if not str(link.get("href") or "").lower().startswith(("http://", "https://")):
            link.unwrap()
    return markdown_of(importer, soup)


def _is_hidden(element: Any) -> bool:
    style = str(element.get("style") or "")
    return (
        element.has_attr("hidden")
        or element.get("aria-hidden") == "true"
        or _UNSEEN.search(style) is not None
    )


class _Depth(HTMLParser):
    """How deep elements are in one another, those that are never closed among them."""

    def __init__(self) -> None:
        super().__init__()
        self.open = 0
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self.open += 1
            self.deepest = max(self.deepest, self.open)

    def handle_endtag(self, tag: str) -> None:
        self.open = max(self.open - 1, 0)


def _depth(source: str) -> int:
    parser = _Depth()
    parser.feed(source)
    parser.close()
    return parser.deepest


class _Lines(HTMLParser):
    """The text of a page, a line for each block of it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unseen = ""
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen:
            self._within += tag == self._unseen
        elif tag in _DROPPED or _is_marked_hidden(tag, dict(attrs)):
            self._unseen, self._within = tag, 1
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            self._within -= tag == self._unseen
            self._unseen = self._unseen if self._within else ""
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _is_marked_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    if tag in _EMPTY:
        return False
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _UNSEEN.search(attributes.get("style") or "") is not None
    )


def _as_lines(source: str) -> str:
    parser = _Lines()
    parser.feed(source)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"
