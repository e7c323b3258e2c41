"""Counts tokens: text by shipped vocabularies, pictures and tools by published rules."""

from chat_tui.tokens.encodings import get_encoding as get_encoding
