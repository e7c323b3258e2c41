"""Changes to a TOML text that leave all else in it as it is, to the byte.

Pure: text in, text out. Texts are valid TOML; whether the outcome means what it should is for the
caller to check with `tomllib`.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from chat_tui.storage.settings.toml_text import KeyPath, Span, Statement, scan, sections

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_REMARK = re.compile(r"[ \t]*#[^\n]*(?:\n|\Z)")
_INDENT = re.compile(r"[ \t]*")


def rendered(value: Any) -> str:
    """A value as TOML, on one line.

    Raises:
        TypeError: TOML has nothing for it (None).
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # TOML's escapes are JSON's, but that it wants one for DEL.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return repr(value)
        case Mapping():
            pairs = [f"{key_text(str(key))} = {rendered(each)}" for key, each in value.items()]
            return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
        case list() | tuple():
            return f"[{', '.join(map(rendered, value))}]"
        case _:
            raise TypeError(f"TOML has no {type(value).__name__}")


def key_text(part: str) -> str:
    """A part of a key, in quotes where it needs them."""
    return part if _BARE.fullmatch(part) else rendered(part)


def with_value(text: str, path: KeyPath, value: Any) -> str:
    """Set a key: in the place of its old value, or below the last key of its table.

    A table that is not there yet is made beside those that it belongs to, or at the end.
    """
    statements = scan(text)
    pairs = [statement for statement in statements if not statement.header]
    for pair in pairs:
        if pair.path == path:
            return _spliced(text, pair.value, rendered(value))
        if path[: len(pair.path)] == pair.path:
            return _in_inline_table(text, pair, path, value)
    parent = path[:-1]
    for group in sections(statements):
        if _section(group) == parent:
            return _added(text, group, path[-1:], value, _first_header(statements))
    dotted = [
        pair
        for pair in pairs
        if pair.path[: len(parent)] == parent and len(_table_around(pair)) < len(parent)
    ]
    if dotted:
        key = path[len(_table_around(dotted[-1])) :]
        return _line_after(text, dotted[-1], key, value)
    return _with_section(text, statements, path, value)


def without(text: str, path: KeyPath) -> str:
    """Take out a key, or a table with all below it; the comments of what stays are kept."""
    cuts: list[Span] = []
    for group in sections(scan(text)):
        if group and group[0].header and group[0].path[: len(path)] == path:
            cuts.append((group[0].start, _end(text, group)))
            continue
        for pair in group:
            if pair.header:
                continue
            if pair.path[: len(path)] == path:
                cuts.append((pair.start, pair.end))
            elif path[: len(pair.path)] == pair.path:
                return _in_inline_table(text, pair, path, None)
    for start, end in reversed(cuts):
        text = _cut(text, start, end)
    return text


def renamed(text: str, path: KeyPath, name: str) -> str:
    """Give the last part of a key another name, wherever it is written."""
    place = len(path) - 1
    spans = []
    for statement in scan(text):
        for key in (statement.key, *statement.inner):
            written = place - (len(key.path) - len(key.spans))
            if key.path[: len(path)] == path and written >= 0:
                spans.append(key.spans[written])
    for span in reversed(spans):
        text = _spliced(text, span, key_text(name))
    return text


def _spliced(text: str, span: Span, new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _in_inline_table(text: str, pair: Statement, path: KeyPath, value: Any) -> str:
    """Change a key inside an inline table, which is written anew; None takes the key out."""
    table = tomllib.loads(f"v = {text[slice(*pair.value)]}")["v"]
    at: Any = table
    *parents, last = path[len(pair.path) :]
    for part in parents:
        at = at.setdefault(part, {}) if isinstance(at, dict) else None
    if isinstance(at, dict):
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return _spliced(text, pair.value, rendered(table))


def _section(group: list[Statement]) -> KeyPath:
    return group[0].path if group and group[0].header else ()


def _first_header(statements: Iterable[Statement]) -> Statement | None:
    return next((statement for statement in statements if statement.header), None)


def _table_around(pair: Statement) -> KeyPath:
    return pair.path[: len(pair.path) - len(pair.key.spans)]


def _added(
    text: str, group: list[Statement], key: KeyPath, value: Any, following: Statement | None
) -> str:
    if group:
        return _line_after(text, group[-1], key, value)
    # There is no key before the first table: above the comment that belongs to that one.
    place = len(text) if following is None else _above_remarks(text, following.start)
    end = _newline(text)
    before = end if text[:place] and not text[:place].endswith("\n") else ""
    after = end if following is not None else ""
    line = f"{before}{_pair(key, value)}{end}{after}"
    return _spliced(text, (place, place), line)


def _line_after(text: str, anchor: Statement, key: KeyPath, value: Any) -> str:
    """A line below a statement, as far in as that one."""
    match = _INDENT.match(text, anchor.start)
    line = (match[0] if match else "") + _pair(key, value) + _newline(text)
    if not text[: anchor.end].endswith("\n"):
        line = _newline(text) + line.removesuffix(_newline(text))
    return _spliced(text, (anchor.end, anchor.end), line)


def _with_section(text: str, statements: list[Statement], path: KeyPath, value: Any) -> str:
    """A new table: after the last one of its kind, else at the end."""
    end = _newline(text)
    place = len(text)
    for group in sections(statements):
        section = _section(group)
        if section[:1] == path[:1]:
            place = _end(text, group)
    new = f"[{'.'.join(map(key_text, path[:-1]))}]{end}{_pair(path[-1:], value)}{end}"
    before = text[:place]
    if before and not before.endswith("\n"):
        new = end + new
    if before.strip() and not before.endswith((end * 2, "\n\n")):
        new = end + new
    if text[place:] and not text[place:].startswith(("\n", "\r\n")):
        new += end
    return _spliced(text, (place, place), new)


def _pair(key: KeyPath, value: Any) -> str:
    return f"{'.'.join(map(key_text, key))} = {rendered(value)}"


def _end(text: str, group: list[Statement]) -> int:
    """Where a table ends: with the comment right below it, unless that is the next table's."""
    end = place = group[-1].end
    while match := _REMARK.match(text, place):
        if match.end() == place:
            break
        place = match.end()
    follows = text[place : place + 2]
    return place if not follows or follows[0] == "\n" or follows == "\r\n" else end


def _above_remarks(text: str, start: int) -> int:
    """Where the comment right above a line begins."""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _cut(text: str, start: int, end: int) -> str:
    """Take out lines, and one of the two empty lines that would meet."""
    before, after = text[:start], text[end:]
    if not before or before.endswith(("\n\n", "\n\r\n")):
        if after:
            after = after.removeprefix("\r").removeprefix("\n") if _opens_empty(after) else after
        else:
            before = before.removesuffix("\n").removesuffix("\r")
    return before + after


def _opens_empty(text: str) -> bool:
    return text.startswith(("\n", "\r\n"))


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
