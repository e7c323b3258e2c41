"""Where things stand in a TOML text: which characters make a key, a value, a line.

`tomllib` gives values without places, and tomlkit, which keeps places, counts a comment above a
table to the table before it: it goes when that one is deleted, and new keys land below it. The
texts here are valid TOML by the time they are scanned, which keeps this small.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

KeyPath = tuple[str, ...]
"""A key from the root down, one part for each table."""

Span = tuple[int, int]
"""Where something begins and ends, in characters."""

_DEEPEST = 8
"""Parts of the keys whose lines are noted; no setting has as many."""

_TOKEN = re.compile(
    r"(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)"
    r'|(?P<text>"""(?:[^\\]|\\.)*?"""(?!")|\'\'\'.*?\'\'\'(?!\')'
    r'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\')'
    r"|(?P<bare>[A-Za-z0-9_-]+)|(?P<mark>.)",
    re.DOTALL,
)


class Key(NamedTuple):
    """A key as it is written somewhere."""

    path: KeyPath
    spans: tuple[Span, ...]
    """Its written parts: the last ones of the path, the others come from the table around."""


class Statement(NamedTuple):
    """A table's header, or a key with its value."""

    key: Key
    header: bool
    start: int
    """Where its first line begins."""
    end: int
    """Where the line after its last one begins."""
    value: Span
    """Where the value stands; empty for a header."""
    inner: tuple[Key, ...]
    """The keys inside the value: those of inline tables."""

    @property
    def path(self) -> KeyPath:
        """The key from the root down."""
        return self.key.path


def scan(text: str) -> list[Statement]:
    """All statements of a text that is valid TOML, in order."""
    scanner = _Scanner()
    for token in _TOKEN.finditer(text):
        scanner.take(token)
    scanner.finish(len(text))
    return scanner.statements


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """The line, from 1 on, on which each key and each table first stands."""
    ends = [match.start() for match in re.finditer("\n", text)]
    lines: dict[KeyPath, int] = {}
    for statement in scan(text):
        for key in (statement.key, *statement.inner):
            line = bisect_right(ends, key.spans[0][0] - 1) + 1
            for length in range(1, min(len(key.path), _DEEPEST) + 1):
                lines.setdefault(key.path[:length], line)
    return lines


class _Scanner:
    """Takes one token after the other; nested values are counted, not called."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self._section: KeyPath = ()
        self._line = 0
        self._begin()

    def _begin(self) -> None:
        self._header = False
        self._in_key = True
        self._parts: list[str] = []
        self._spans: list[Span] = []
        self._keys: list[Key] = []
        self._value: Span = (0, 0)
        self._open: list[tuple[str, KeyPath]] = []

    def take(self, token: re.Match[str]) -> None:
        """Go on by a token."""
        kind = token.lastgroup
        if kind == "skip":
            return
        if kind == "newline":
            if not self._open:
                self.finish(token.end())
            return
        if self._keys:
            begin = self._value[0] or token.start()
            self._value = (begin, token.end())
        if self._in_key:
            self._take_key(token)
        else:
            self._take_value(token[0])

    def finish(self, end: int) -> None:
        """End the statement, at the end of its line."""
        if self._header:
            self._section = tuple(self._parts)
            self._keys = [Key(self._section, tuple(self._spans))]
        if self._keys:
            first, *inner = self._keys
            self.statements.append(
                Statement(first, self._header, self._line, end, self._value, tuple(inner))
            )
        self._line = end
        self._begin()

    def _take_key(self, token: re.Match[str]) -> None:
        match token[0]:
            case "=":
                base = self._open[-1][1] if self._open else self._section
                self._keys.append(Key((*base, *self._parts), tuple(self._spans)))
                self._current = self._keys[-1].path
                self._in_key = False
            case "[":
                self._header = True
            case "}":
                self._close()
            case "." | "," | "]":
                pass
            case word:
                self._parts.append(_plain(word))
                self._spans.append(token.span())

    def _take_value(self, word: str) -> None:
        match word:
            case "[" | "{":
                self._open.append((word, self._current))
                self._expect_key(word == "{")
            case "]" | "}":
                self._close()
            case "," if self._open:
                self._expect_key(self._open[-1][0] == "{")

    def _close(self) -> None:
        self._current = self._open.pop()[1]
        self._in_key = False

    def _expect_key(self, expected: bool) -> None:
        self._in_key = expected
        self._parts, self._spans = [], []


def _plain(word: str) -> str:
    """A part of a key without its quotes."""
    if word[0] not in "\"'":
        return word
    if "\\" not in word:
        return word[1:-1]
    return str(tomllib.loads(f"k = {word}")["k"])


def sections(statements: list[Statement]) -> Iterator[list[Statement]]:
    """The statements in groups: those before the first header, then each header with its keys."""
    group: list[Statement] = []
    for statement in statements:
        if statement.header:
            yield group
            group = []
        group.append(statement)
    yield group
