"""Markdown as it is seen: what a reader finds on the screen, so that finding goes by that.

The screen is drawn by `ui/markdown`, which takes a hundred times as long; here the marks are taken
out with a few regular expressions. Where the two differ, in the corners of markdown, a place that
is found is a few words off.
"""

import re
from html import unescape

_MARKS = re.compile(r"[*_`~\[\]<>#|\\&!$=+-]|\d[.)]")
"""Without one of them a text is seen as it was written."""

_FENCE = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)

_LINE = re.compile(r"^[ \t]*(?:[>#|*+=_-]|\d{1,9}[.)][ \t]).*$", re.MULTILINE)
"""A line that may begin with the mark of a block."""

_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_RULE = re.compile(r"(?:[*_=-][ \t]*){3,}\Z|[-=]+\Z")
_DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*\Z")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+|\Z)(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,9}[.)]))[ \t]+(?:\[([ xX])\][ \t]+)?")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_DEFINITION = re.compile(r"^ {0,3}\[((?:[^\[\]\\\n]|\\.)+)\]:[ \t]*\S+.*$", re.MULTILINE)
_REFERENCE = re.compile(r"(?<!\\)\[([^\[\]]{1,300})\](?:\[([^\[\]]{0,300})\])?(?![(:])")

_BEGINNING = re.compile(r"`+|[\\$!\[<&]")
"""What `_INLINE` begins with: looking for that first takes a tenth of the time."""

_INLINE = re.compile(
    r"""
    (?P<code>(?P<ticks>`+)(?!`)(?P<inside>.{1,2000}?)(?<!`)(?P=ticks)(?!`))
    |(?P<math>\\\(.{1,400}?\\\)|\\\[.{1,400}?\\\]|\$\$.{1,400}?\$\$
        |\$(?=[^\s$])[^$\n]{0,2000}(?<![\s\\])\$(?!\d))
    |\\(?P<escaped>[!-/:-@\[-`{-~])
    |(?P<break>\\(?=\n))
    |(?P<image>!)?\[(?P<label>(?:[^\[\]\n]|\[[^\[\]\n]*\]){0,1000})\]
        \([ ]?<?(?P<to>[^()\s<>]{0,2000}(?:\([^()\s]{0,200}\)[^()\s<>]{0,200})?)>?
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'))?[ ]?\)
    |<(?P<address>(?:https?://|mailto:)[^\s<>]*)>
    |(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)
    """,
    re.VERBOSE | re.DOTALL,
)
"""What stands inside a line; the bounds keep hostile texts from costing more than their size."""

_SIMPLE = re.compile(r"(\*\*?\*?)(?![\s*])([^*\n]{1,600})(?<!\s)\1(?!\*)")
"""Emphasis as it mostly is; it takes a third of what the next ones do."""

_RUN = r"((?:[^\n]|\n(?![ \t]*\n)){1,300}?)"
_EMPHASIS = (
    re.compile(rf"(\*\*?\*?)(?![\s*]){_RUN}(?<![\s*])\1(?!\*)"),
    re.compile(rf"(_(?<!\w_)_?_?)(?![\s_]){_RUN}(?<![\s_])\1(?!\w)"),
    re.compile(rf"(~~)(?![\s~]){_RUN}(?<![\s~])\1(?!~)"),
)
_NESTED = 3
"""How deep emphasis is taken out of emphasis."""

_HIDDEN = {ord("*"): "\ufdd0", ord("_"): "\ufdd1", ord("~"): "\ufdd2"}
_PIPE = "\ufdd3"
_SHOWN = {ord(hidden): chr(mark) for mark, hidden in _HIDDEN.items()} | {ord(_PIPE): "|"}
"""Marks that mean themselves, while others are looked for: characters of no meaning."""

_LONGEST_DESTINATION = 60


def seen_markdown(source: str) -> str:
    """A text as it is seen when its markdown is drawn, but for its white space."""
    if not _MARKS.search(source):
        return source
    if "]:" in source:
        source = _without_definitions(source)
    if "```" not in source and "~~~" not in source:
        return _prose(source)
    pieces: list[str] = []
    at = 0
    while fence := _FENCE.search(source, at):
        pieces.append(_prose(source[at : fence.start()]))
        mark = fence[1]
        closing = re.compile(rf"^[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*(?:\n|\Z)", re.MULTILINE)
        end = closing.search(source, fence.end())
        code = source[fence.end() : end.start() if end else len(source)]
        quoted = ">" in source[fence.start() : fence.start(1)]
        pieces.append(_QUOTE.sub("", code) if quoted else code)
        at = end.end() if end else len(source)
        if end is None:
            break
    pieces.append(_prose(source[at:]))
    return "\n".join(pieces)


def has_marks(words: str) -> bool:
    """Whether words may be meant as they were written rather than as they are seen."""
    return bool(_MARKS.search(words))


def _prose(text: str) -> str:
    if not _MARKS.search(text):
        return text
    text = _LINE.sub(_block, text)
    text = _inlined(text)
    if "*" in text:
        text = _SIMPLE.sub(_emphasized, text)
    for pattern, mark in zip(_EMPHASIS, ("*", "_", "~~"), strict=True):
        for _ in range(_NESTED):
            if mark not in text:
                break
            text, count = pattern.subn(_emphasized, text)
            if not count:
                break
    return text.translate(_SHOWN)


def _block(match: re.Match[str]) -> str:
    """A line without what makes it a heading, an item, a quotation, a row of a table."""
    line = match[0].strip()
    if line.startswith(">"):
        line = line.lstrip("> \t")
    if not line or _RULE.match(line) or ("|" in line and _DELIMITERS.match(line)):
        return ""
    if line.startswith("|"):
        cells = line.strip("|").replace("\\|", _PIPE).split("|")
        return " | ".join(_BREAK.sub(" ", cell).strip() for cell in cells)
    if heading := _HEADING.match(line):
        return heading[1]
    if item := _ITEM.match(line):
        number, task = item[1], item[2]
        box = "" if task is None else ("☐" if task == " " else "☑")
        before = " ".join(filter(None, (number or ("" if box else "•"), box)))
        return f"{before} {line[item.end() :]}"
    return line


def _inlined(text: str) -> str:
    pieces: list[str] = []
    taken = at = 0
    while beginning := _BEGINNING.search(text, at):
        found = _INLINE.match(text, beginning.start())
        if found is None:
            at = beginning.end()
            continue
        pieces += (text[taken : found.start()], _inline(found))
        taken = at = found.end()
    return "".join([*pieces, text[taken:]]) if pieces else text


def _inline(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if match["code"] is not None:
        inside = match["inside"].replace("\n", " ")
        if inside.startswith(" ") and inside.endswith(" ") and inside.strip():
            inside = inside[1:-1]
        return inside.translate(_HIDDEN)
    if match["label"] is not None:
        return _link(match["image"] or "", match["label"], match["to"])
    if kind == "entity":
        return unescape(match[0]).translate(_HIDDEN)
    return {
        "math": match[0],
        "escaped": match["escaped"],
        "break": "",
        "address": match["address"],
    }[kind or "math"].translate(_HIDDEN)


def _emphasized(match: re.Match[str]) -> str:
    return match[2]


def _link(image: str, label: str, to: str) -> str:
    """A link as its label; what is no address to open is shown with where it leads."""
    label = _inlined(label)
    shown = to if len(to) <= _LONGEST_DESTINATION else to[: _LONGEST_DESTINATION - 1] + "…"
    shown = shown.translate(_HIDDEN)
    if image:
        return f"▣ {label} ({shown})" if label else f"▣ ({shown})"
    opens = to.startswith(("http://", "https://", "mailto:"))
    if not label.strip():
        return shown if opens else f"[]({shown})"
    return label if opens or not to else f"{label} ({shown})"


def _without_definitions(text: str) -> str:
    """Take out where links by reference lead, and leave their labels."""
    known = {" ".join(found[1].casefold().split()) for found in _DEFINITION.finditer(text)}
    if not known:
        return text

    def label(match: re.Match[str]) -> str:
        name = match[2] or match[1]
        return match[1] if " ".join(name.casefold().split()) in known else match[0]

    return _REFERENCE.sub(label, _DEFINITION.sub("", text))
