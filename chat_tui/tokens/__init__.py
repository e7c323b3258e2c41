"""Counts tokens: text by shipped vocabularies, pictures and tools by published rules."""
