"""The conversation screen: list, transcript, prompt, status."""

from chat_tui.ui.screens.conversation.screen import ConversationScreen

__all__ = ["ConversationScreen"]
