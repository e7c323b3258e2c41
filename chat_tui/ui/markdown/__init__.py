"""Markdown to lines for a virtual view, incrementally while it streams in."""

from chat_tui.ui.markdown.document import MarkdownDocument, render
from chat_tui.ui.markdown.lines import CodeBlock, Line
from chat_tui.ui.markdown.parser import parser, warm_up
from chat_tui.ui.markdown.styles import MarkdownStyles, styles_from_theme

__all__ = [
    "CodeBlock",
    "Line",
    "MarkdownDocument",
    "MarkdownStyles",
    "parser",
    "render",
    "styles_from_theme",
    "warm_up",
]
