"""chat-tui: a full-screen, keyboard-driven chat client for every Chat Completions API."""

__version__ = "0.1.0"
