"""From the text of a paragraph, heading or cell to styled pieces."""

import re
from collections.abc import MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.style import Style

from chat_tui.core.safety import clean, clean_line
from chat_tui.ui.markdown.lines import Piece
from chat_tui.ui.markdown.parser import parser
from chat_tui.ui.markdown.styles import MarkdownStyles, laid_over

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINK = re.compile(
    r"(?:https?://(?![^/?#]*@)[^\s/?#]+|mailto:[^\s@-][^\s@]*@)[^\s]*\Z", re.IGNORECASE
)
_PLAIN = re.compile(r"[^\n\\`*_~\[\]!<&$:\t]*\Z")
_LONGEST_DESTINATION = 60


def is_link(destination: str) -> bool:
    """Whether an address may be opened: http, https or mailto, and no user info in it."""
    return destination.isprintable() and bool(_LINK.match(destination))


class _OpenLink(NamedTuple):
    destination: str
    start: int
    """Index of the first piece of its label."""


class InlineRenderer:
    """Renders texts; keeps what their links point to.

    Args:
        styles: how it looks.
        env: markdown-it's environment, of which `references` is read.
        links: takes the destinations, in order.
    """

    def __init__(
        self, styles: MarkdownStyles, env: MutableMapping[str, Any], links: MutableSequence[str]
    ) -> None:
        self._styles = styles
        self._env = env
        self._links = links

    def pieces(self, text: str, base: Style, *, cell: bool = False) -> list[Piece]:
        """Render a text.

        Args:
            text: its markdown; a line end breaks the line, as chat answers mean it to.
            base: the style that everything is laid over.
            cell: whether it stands in a table, where `<br>` breaks the line.
        """
        if _PLAIN.match(text):
            return [Piece(_shown(text), base)] if text else []
        self._env["cell"] = cell
        children = parser().parseInline(text, self._env)[0].children or []
        return self._render(children, base)

    def _render(self, tokens: list["Token"], base: Style) -> list[Piece]:
        styles = self._styles
        pieces: list[Piece] = []
        outer: list[Style] = []
        links: list[_OpenLink] = []
        style = base
        for token in tokens:
            match token.type:
                case "text":
                    if token.content:
                        pieces.append(Piece(_shown(token.content), style))
                case "code_inline":
                    pieces.append(Piece(_shown(token.content), laid_over(style, styles.code)))
                case "math_inline":
                    pieces += _broken(token.content, laid_over(style, styles.math))
                case "softbreak" | "hardbreak":
                    pieces.append(Piece("\n", style))
                case "image":
                    pieces += self._image(token, style)
                case "link_open":
                    links.append(_OpenLink(str(token.attrs.get("href", "")), len(pieces)))
                    outer.append(style)
                    style = self._link(links[-1].destination, style)
                case "link_close":
                    link = links.pop()
                    label = "".join(piece.text for piece in pieces[link.start :])
                    inside, style = style, outer.pop()
                    pieces += self._after_link(link.destination, label, inside)
                case _ if token.nesting > 0:
                    outer.append(style)
                    style = laid_over(style, self._overlay(token.type))
                case _ if token.nesting < 0:
                    style = outer.pop()
        return pieces

    def _after_link(self, destination: str, label: str, style: Style) -> list[Piece]:
        """Nothing vanishes: what is no link shows where it leads, and so does one with no label."""
        shown = _shortened(destination)
        if not label.strip():
            return [Piece(shown if is_link(destination) else f"[]({shown})", style)]
        if is_link(destination) or label == shown or not destination:
            return []
        return [Piece(f" ({shown})", laid_over(style, self._styles.muted))]

    def _overlay(self, kind: str) -> Style:
        styles = self._styles
        return {
            "strong_open": styles.strong,
            "em_open": styles.emphasis,
            "s_open": styles.strike,
        }.get(kind, Style.null())

    def _link(self, destination: str, style: Style) -> Style:
        if not is_link(destination):
            return style
        self._links.append(destination)
        return laid_over(style, self._styles.link) + Style(meta={"link": destination})

    def _image(self, token: "Token", style: Style) -> list[Piece]:
        """A picture is never loaded: its description and where it is."""
        destination = str(token.attrs.get("src", ""))
        label = _shown(token.content)
        muted = laid_over(style, self._styles.muted)
        where = Piece(_shortened(destination), self._link(destination, muted))
        return [Piece(f"▣ {label} (" if label else "▣ (", muted), where, Piece(")", muted)]


def _broken(text: str, style: Style) -> list[Piece]:
    """A text with line ends in it, as pieces."""
    pieces: list[Piece] = []
    for line in text.split("\n"):
        if pieces:
            pieces.append(Piece("\n", style))
        pieces.append(Piece(_shown(line.strip()), style))
    return pieces


def _shown(text: str) -> str:
    """Clean once more: entities (`&#x202e;`) and decoded addresses bring new characters in."""
    if text.isprintable():
        return text
    return clean(text).replace("\t", " ").replace("\n", " ")


def _shortened(destination: str) -> str:
    shown = clean_line(destination, code=True)
    if len(shown) <= _LONGEST_DESTINATION:
        return shown
    return shown[: _LONGEST_DESTINATION - 1] + "…"
