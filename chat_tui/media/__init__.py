"""Reads pictures and documents: every file counts as hostile."""
