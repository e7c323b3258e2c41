"""Words that are looked for and messages that are searched, in the forms that are compared."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from chat_tui.core.plain_text import has_marks, seen_markdown
from chat_tui.core.ports import MessageText
from chat_tui.core.safety import clean

SectionName = Literal["reasoning", "text", "calls"]
"""The parts of a message, in the order in which they stand on the screen."""

_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}\[\],:]')
_BLANKS = re.compile(r"\s+")


class Query(NamedTuple):
    """What is looked for."""

    needle: str
    """White space as single blanks; folded, unless case matters."""
    exact: bool
    """Whether case matters: there is a capital letter in the words."""
    seen: str
    """What is marked where the words are found in the source alone: without their markup."""

    def prepared(self, text: str) -> str:
        """A text (with single blanks) in the form in which the needle is looked for."""
        return text if self.exact else fold(text)

    @property
    def marks(self) -> bool:
        """Whether the words may be meant as they were written, markup and all."""
        return has_marks(self.needle)


def query_of(words: str) -> Query | None:
    """What words mean; None where there are none.

    White space in them stands for any white space, also the end of a line. Case matters only
    where a capital letter is among them.
    """
    needle = _BLANKS.sub(" ", clean(words))
    if not needle.strip():
        return None
    seen = _normal(seen_markdown(needle)).strip()
    exact = any(character.isupper() for character in needle)
    return Query(needle, True, seen) if exact else Query(fold(needle), False, fold(seen))


def fold(text: str) -> str:
    """A text without differences of case, each character in its place.

    Full case folding, but for the characters that it would make longer (`ß`).
    """
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join([each if len(each) == 1 else old for old, each in _folded_each(text)])


def _folded_each(text: str) -> Iterable[tuple[str, str]]:
    return ((character, character.casefold()) for character in text)


class Section(NamedTuple):
    """A part of a message, prepared; white space as single blanks, one at each end."""

    name: SectionName
    seen: str
    folded: str
    source: str
    """As it was written; empty where that is as it is seen."""
    source_folded: str

    def text(self, query: Query, *, source: bool) -> str:
        """The text to look through."""
        if source and self.source:
            return self.source if query.exact else self.source_folded
        return self.seen if query.exact else self.folded


class Searchable(NamedTuple):
    """A message, prepared."""

    id: str
    sections: tuple[Section, ...]


def prepare(message: MessageText, *, markdown: bool) -> Searchable:
    """Make a message ready to be searched.

    Args:
        message: its texts, raw.
        markdown: whether its text is drawn as markdown; prompts are shown as they were written.
    """
    sections = (
        _section("reasoning", message.reasoning, markdown=True),
        _section("text", message.text, markdown=markdown),
        _section("calls", message.tool_calls, markdown=False),
    )
    return Searchable(message.id, tuple(section for section in sections if section is not None))


def _section(name: SectionName, raw: str, *, markdown: bool) -> Section | None:
    if not raw:
        return None
    source = clean(raw)
    seen = source
    if name == "calls":
        seen = "\n".join(map(_seen_call, source.split("\n")))
    elif markdown:
        seen = seen_markdown(source)
    shown = _normal(seen)
    folded = fold(shown)
    if seen is source:
        return Section(name, shown, folded, "", "")
    written = _normal(source)
    return Section(name, shown, folded, written, fold(written))


def _normal(text: str) -> str:
    return f" {' '.join(text.split())} "


def _seen_call(line: str) -> str:
    """A call as it is laid out: JSON with a blank wherever its lines are broken."""
    name, _, arguments = line.partition(" ")
    if arguments.lstrip()[:1] not in ("{", "["):
        return line
    return f"{name} {_JSON.sub(_spaced, arguments)}"


def _spaced(match: re.Match[str]) -> str:
    token = match[0]
    if len(token) > 1:
        return token if token[0] == '"' else token[0] + token[-1]
    return f" {token}" if token in ("}", "]") else f"{token} "
