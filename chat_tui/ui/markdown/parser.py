"""The parser of what stands inside a line: emphasis, code, links, math."""

from functools import cache
from typing import TYPE_CHECKING

from chat_tui.ui.markdown import highlight, rules

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def parser() -> "MarkdownIt":
    """The one parser, with our rules for Chinese emphasis, math and bare addresses.

    Only its inline half is used: blocks are found line by line in `blocks.py`, as they must not
    be parsed again while a reply grows.
    """
    # 55-70 ms with linkify, which markdown_it imports by itself: after the first frame.
    from markdown_it import MarkdownIt

    md = MarkdownIt("gfm-like", {"html": False, "linkify": False})
    md.inline.ruler.at("linkify", rules.bare_address)
    md.inline.ruler.at("emphasis", rules.emphasis)
    md.inline.ruler.at("strikethrough", rules.strikethrough)
    md.inline.ruler.before("escape", "math", rules.math)
    md.inline.ruler.push("cell_break", rules.cell_break)
    md.inline.ruler.enable(["linkify"])
    return md


def warm_up() -> None:
    """Load the parser and the usual lexers; to be called from a thread after the first frame."""
    parser().parseInline("**warm** `up`", {})
    for language in ("python", "bash", "json", "javascript"):
        highlight.lexer_for(language)
