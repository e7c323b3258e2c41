"""The transcript: a conversation as one virtual view."""

from chat_tui.ui.widgets.transcript.look import TranscriptLook, look_from_theme
from chat_tui.ui.widgets.transcript.view import Transcript

__all__ = ["Transcript", "TranscriptLook", "look_from_theme"]
