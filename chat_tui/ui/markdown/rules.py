"""Our inline rules for markdown-it."""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9\-._~:@%\[\]]+(?:[/?#](?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|]|[^\W\d_])*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:^|[^A-Za-z0-9.+-])(https?)\Z", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?'\"*_~|"
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LONGEST_MATH = 2_000


def math(state: "StateInline", silent: bool) -> bool:
    r"""Keep `$…$`, `$$…$$`, `\(…\)` and `\[…\]` as they were written, backslashes and all.

    A single `$` is taken for math as pandoc does: no blank inside its ends and no digit after
    it, so that `$5 and $10` stays text.
    """
    source, start = state.src, state.pos
    if source[start] == "$":
        end = _end_of_dollars(source, start, state.posMax)
    elif source.startswith(("\\(", "\\["), start):
        closing = "\\)" if source[start + 1] == "(" else "\\]"
        end = source.find(closing, start + 2, min(state.posMax, start + _LONGEST_MATH))
        end = end + 2 if end > start + 2 else -1
    else:
        return False
    if end < 0:
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content = source[start:end]
    state.pos = end
    return True


def _end_of_dollars(source: str, start: int, limit: int) -> int:
    limit = min(limit, start + _LONGEST_MATH)
    if source.startswith("$$", start):
        end = source.find("$$", start + 2, limit)
        return end + 2 if end > start + 2 else -1
    if start + 1 >= limit or source[start + 1].isspace():
        return -1
    end = source.find("$", start + 1, limit)
    if end < 0 or source[end - 1].isspace() or source[end - 1] == "\\":
        return -1
    if end + 1 < len(source) and source[end + 1].isdigit():
        return -1
    return -1 if "\n" in source[start:end] else end + 1


def bare_address(state: "StateInline", silent: bool) -> bool:
    """Make links of bare http(s) addresses; unlike linkify's, it ends at Chinese punctuation."""
    position = state.pos
    if state.linkLevel > 0 or not state.src.startswith("://", position):
        return False
    scheme = _SCHEME.search(state.src[max(0, position - 6) : position])
    if not scheme or not state.pending.endswith(scheme[1]):
        return False
    found = _ADDRESS.match(state.src, position - len(scheme[1]), state.posMax)
    address = _without_closing_marks(found[0]) if found else ""
    if len(address) <= len(scheme[1]) + 3:
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(address)}
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos = position - len(scheme[1]) + len(address)
    return True


def _without_closing_marks(address: str) -> str:
    """Leave out the marks that end the sentence, and brackets that were opened before."""
    while address:
        last = address[-1]
        unopened = last in ")]" and address.count(last) > address.count("(" if last == ")" else "[")
        if last not in _AFTER_ADDRESS and not unopened:
            return address
        address = address[:-1]
    return address


def cell_break(state: "StateInline", silent: bool) -> bool:
    """`<br>` breaks the line in a table's cell, where no other line end can stand."""
    if not state.env.get("cell") or state.src[state.pos] != "<":
        return False
    found = _BREAK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def emphasis(state: "StateInline", silent: bool) -> bool:
    """`*` and `_` as in CommonMark; beside Chinese, Japanese and Korean text `*` binds as meant.

    CommonMark asks for a blank or punctuation outside of a delimiter that has punctuation inside,
    which Chinese never has: `**你好：**世界` would keep its asterisks.
    """
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    # 25 ms with its package: loaded with the parser, after the first frame.
    from markdown_it.rules_inline.state_inline import Delimiter

    scanned = state.scanDelims(state.pos, marker == "*")
    opens, closes = scanned.can_open, scanned.can_close
    if marker == "*":
        opens, closes = _flanks(state, scanned.length, opens, closes)
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(ord(marker), scanned.length, len(state.tokens) - 1, -1, opens, closes)
        )
    state.pos += scanned.length
    return True


def strikethrough(state: "StateInline", silent: bool) -> bool:
    """`~~` strikes, with the same rule; one `~`, or three, is text."""
    if silent or state.src[state.pos] != "~":
        return False
    # As above.
    from markdown_it.rules_inline.state_inline import Delimiter

    scanned = state.scanDelims(state.pos, True)
    state.push("text", "", 0).content = "~" * scanned.length
    if scanned.length == 2:
        opens, closes = _flanks(state, 2, scanned.can_open, scanned.can_close)
        state.delimiters.append(Delimiter(ord("~"), 0, len(state.tokens) - 1, -1, opens, closes))
    state.pos += scanned.length
    return True


def _flanks(state: "StateInline", length: int, opens: bool, closes: bool) -> tuple[bool, bool]:
    """Widen what CommonMark allows a run to do, where East Asian text stands on either side."""
    before = state.src[state.pos - 1] if state.pos else " "
    end = state.pos + length
    after = state.src[end] if end < state.posMax else " "
    if before.isascii() and after.isascii():
        return opens, closes
    if not after.isspace() and (_is_east_asian(before) or _is_east_asian(after)):
        opens = opens or not before.isspace()
    if not before.isspace() and (_is_east_asian(before) or _is_east_asian(after)):
        closes = closes or not after.isspace()
    return opens, closes


@lru_cache(maxsize=4096)
def _is_east_asian(character: str) -> bool:
    """A wide letter or punctuation mark of Chinese, Japanese or Korean; an emoji is none."""
    return cell_len(character) == 2 and unicodedata.category(character)[0] in "LPN"
