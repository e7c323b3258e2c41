"""Colouring code, piece by piece."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from chat_tui.ui.markdown.lines import Piece
from chat_tui.ui.markdown.styles import MarkdownStyles

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_SIZE = 200_000
"""Characters of a block after which nothing is coloured any more."""

MAX_LINE = 2_000
"""Characters of a line beyond which its piece is not coloured: lexers are slow on those."""

_LANGUAGE = re.compile(r"[\w+#.-]+")
_ALIASES = {"c++": "cpp", "shell": "bash", "golang": "go", "vue": "html", "jsonc": "json"}

_Token = tuple[tuple[str, ...], str]


@lru_cache(maxsize=128)
def lexer_for(language: str) -> "Lexer | None":
    """The lexer for the word after a fence; None for no word or an unknown one.

    The language is never guessed: that costs 325 ms and is wrong more often than right.
    """
    if not _LANGUAGE.fullmatch(language):
        return None
    # 45-80 ms with the first lexer: after the first frame.
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = language.lower()
    try:
        return get_lexer_by_name(_ALIASES.get(name, name))
    except ClassNotFound:
        return None


def plain_lines(code: str, styles: MarkdownStyles) -> list[list[Piece]]:
    """The lines of a code that is not to be coloured."""
    return [[Piece(line, styles.code_block)] for line in code.split("\n")]


class Highlighter:
    """Colours code in pieces of whole lines, carrying the lexer's state from one to the next.

    What spans several lines in one pattern (a comment in C) is seen as such inside of a piece.
    """

    def __init__(self, lexer: "Lexer | None", styles: MarkdownStyles) -> None:
        self._lexer = lexer
        self._styles = styles
        self._stack: tuple[str, ...] = ("root",)

    def lines(self, code: str) -> list[list[Piece]]:
        """Colour some more whole lines; `code` comes without the last line end."""
        return list(_lines(self._tokens(code + "\n"), self._styles))[:-1]

    def _tokens(self, code: str) -> list[_Token]:
        # Loaded with the lexer already.
        from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer

        lexer = self._lexer
        if lexer is None:
            return [((), code)]
        if type(lexer).get_tokens_unprocessed is not RegexLexer.get_tokens_unprocessed:
            return _whole(lexer, code)
        context = LexerContext(code, 0, list(self._stack))
        try:
            # The one public function that takes and gives back a lexer's state. It runs any
            # RegexLexer's table; callbacks that do not know of contexts raise TypeError.
            tokens = [
                (tuple(kind), text)
                for _, kind, text in ExtendedRegexLexer.get_tokens_unprocessed(
                    lexer,  # type: ignore[arg-type]
                    context=context,
                )
            ]
        except (TypeError, AttributeError):
            return _whole(lexer, code)
        if sum(len(text) for _, text in tokens) != len(code):
            return _whole(lexer, code)
        self._stack = tuple(context.stack)
        return tokens

    def copy(self) -> "Highlighter":
        """One that goes on from here by itself."""
        other = Highlighter(self._lexer, self._styles)
        other._stack = self._stack
        return other


def _whole(lexer: "Lexer", code: str) -> list[_Token]:
    try:
        tokens = [(tuple(kind), text) for _, kind, text in lexer.get_tokens_unprocessed(code)]
    except Exception:  # noqa: BLE001 - 600 lexers of other people meet any text here
        return [((), code)]
    if "".join([text for _, text in tokens]) != code:
        return [((), code)]
    return tokens


def _lines(tokens: Iterable[_Token], styles: MarkdownStyles) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    for kind, text in tokens:
        style = styles.token(kind)
        first, *rest = text.split("\n")
        if first:
            _add(line, Piece(first, style))
        for part in rest:
            yield line
            line = [Piece(part, style)] if part else []
    yield line


def _add(line: list[Piece], piece: Piece) -> None:
    if line and line[-1].style is piece.style:
        line[-1] = Piece(line[-1].text + piece.text, piece.style)
    else:
        line.append(piece)
