"""The transcript: a conversation as one virtual view."""

from chat_tui.ui.widgets.transcript.feed import CodePlace
from chat_tui.ui.widgets.transcript.look import TranscriptLook, look_from_theme
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.view import Transcript

__all__ = ["CodePlace", "Transcript", "TranscriptLook", "TranscriptOptions", "look_from_theme"]
