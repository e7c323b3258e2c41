"""The request, before it is put into any wire format."""

from dataclasses import dataclass

from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a `ChatClient` sends."""

    target: Target
    messages: tuple[ChatMessage, ...]
    """The system prompt first, where there is one; as the context plan has it."""
    stream: bool = True
    """Ask for the reply as it is made; False asks for it whole."""
