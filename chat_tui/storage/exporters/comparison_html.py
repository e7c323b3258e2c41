"""A comparison as one HTML file: the answers to each prompt beside each other.

It holds its look and needs nothing else: no script, no picture, no address that is opened by
itself, which its content security policy says to browsers too. All that was said is escaped; the
markdown of answers is drawn without HTML in it.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from chat_tui.core.as_markdown import body_blocks
from chat_tui.core.messages import TextPart
from chat_tui.core.safety import clean
from chat_tui.core.side_by_side.comparison import ComparedAnswer, ComparedTurn, Comparison
from chat_tui.core.side_by_side.figures import (
    NUMBERS,
    Column,
    column_label,
    table_of,
)
from chat_tui.core.texts import text
from chat_tui.storage.exporters.comparison_words import (
    about,
    marks,
    notes_told,
    parameters_told,
    turn_title,
    vote_told,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_MOST = 300_000
"""Characters of an answer up to which its markdown is drawn; a longer one is shown as written."""

_OPENS = ("http://", "https://", "mailto:")


def as_html(compared: Comparison) -> str:
    """The text of the file."""
    title = compared.title or text("comparison.untitled")
    return "\n".join([*_head(title), *_body(compared, title), "</body>", "</html>", ""])


def _head(title: str) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_words(title)}</title>"
    yield f"<style>\n{_style()}</style>"
    yield "</head>"
    yield "<body>"


def _body(compared: Comparison, title: str) -> Iterator[str]:
    yield f"<h1>{_words(title)}</h1>"
    yield "<dl>"
    for label, told in about(compared):
        yield f"<dt>{_words(label)}</dt><dd>{_words(told)}</dd>"
    yield "</dl>"
    if compared.system_prompt.strip():
        yield f"<h2>{_words(text('comparison.system'))}</h2>"
        yield _said(compared.system_prompt)
    for number, turn in enumerate(compared.turns, 1):
        yield from _turn(turn, number)


def _turn(turn: ComparedTurn, number: int) -> Iterator[str]:
    yield "<section>"
    yield f"<h2>{_words(turn_title(number))}</h2>"
    if turn.prompt.text.strip():
        yield _said(turn.prompt.text)
    attached = tuple(part for part in turn.prompt.parts if not isinstance(part, TextPart))
    if attached:
        yield _drawn("\n\n".join(body_blocks(replace(turn.prompt, parts=attached))))
    yield '<div class="answers">'
    for answer in turn.answers:
        yield from _answer(turn, answer)
    yield "</div>"
    if len(turn.answers) > 1:
        yield from _figures(turn)
    if turn.vote is not None:
        yield f"<p><strong>{_words(vote_told(turn, turn.vote))}</strong></p>"
    yield "</section>"


def _answer(turn: ComparedTurn, answer: ComparedAnswer) -> Iterator[str]:
    message = answer.message
    yield '<article class="chosen">' if answer.chosen else "<article>"
    told = "".join(f" · {each}" for each in marks(turn, answer))
    yield f'<h3 class="name">{_words(answer.name)}<span class="mark">{_words(told)}</span></h3>'
    if parameters := parameters_told(answer):
        yield f'<p class="about">{_words(parameters)}</p>'
    if message.reasoning.strip():
        yield f"<details><summary>{_words(text('transcript.reasoning'))}</summary>"
        yield _said(message.reasoning)
        yield "</details>"
    source = "\n\n".join(body_blocks(message))
    yield _drawn(source or f"*{text('comparison.no-text')}*")
    yield "</article>"


def _figures(turn: ComparedTurn) -> Iterator[str]:
    names = [answer.name for answer in turn.answers]
    table = table_of([answer.figures for answer in turn.answers], names)
    yield '<div class="figures">'
    yield f"<h3>{_words(text('comparison.figures'))}</h3>"
    yield "<table>"
    headings = "".join(f"<th>{_words(column_label(column))}</th>" for column in table.columns)
    yield f"<tr>{headings}</tr>"
    for at, row in enumerate(table.rows):
        cells = (
            _cell(words, column, best=(at, place) in table.best)
            for place, (words, column) in enumerate(zip(row, table.columns, strict=True))
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table>"
    if notes := notes_told(turn):
        yield f'<p class="about">{_words(notes)}</p>'
    yield "</div>"


def _cell(words: str, column: Column, *, best: bool) -> str:
    inside = f"<strong>{_words(words)}</strong>" if best else _words(words)
    return f'<td class="number">{inside}</td>' if column in NUMBERS else f"<td>{inside}</td>"


def _said(words: str) -> str:
    """A text as it was written."""
    return f'<pre class="said">{_words(words.strip(chr(10)))}</pre>'


def _drawn(source: str) -> str:
    """Markdown as HTML."""
    if len(source) > _MOST:
        return _said(source)
    drawn: str = _parser().render(clean(source))
    return drawn.rstrip("\n")


def _words(words: str) -> str:
    """A text as content, or as an attribute's value."""
    return escape(clean(words), quote=True)


@cache
def _style() -> str:
    return Path(__file__).with_name("comparison_page.css").read_text(encoding="utf-8")


@cache
def _parser() -> MarkdownIt:
    """Draws markdown: no HTML in it is, and pictures are links, so that nothing is loaded."""
    md = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    md.add_render_rule("image", _picture)
    md.add_render_rule("link_open", _link)
    return md


def _picture(_: Any, tokens: Any, at: int, __: Any, ___: Any) -> str:
    """A picture as a link to it; its words alone, where it is no address."""
    token = tokens[at]
    address, label = str(token.attrs.get("src", "")), str(token.content)
    shown = _words(label or address)
    if not address.startswith(_OPENS):
        return shown
    return f'<a rel="noopener noreferrer nofollow" href="{_words(address)}">{shown}</a>'


def _link(renderer: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """A link that tells its server nothing; one that leads nowhere a browser should go is none."""
    token = tokens[at]
    if not str(token.attrs.get("href", "")).lower().startswith(_OPENS):
        token.attrs = {}
    else:
        token.attrSet("rel", "noopener noreferrer nofollow")
    opened: str = renderer.renderToken(tokens, at, options, env)
    return opened
