"""What a model is asked beside a conversation: for a title, for a summary."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from chat_tui.core.context.wording import clipped
from chat_tui.core.events import TextDelta
from chat_tui.core.messages import ChatMessage, TextPart, text_parts
from chat_tui.core.ports import ClientSource
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.core.titles import TITLE_REQUEST, title_from

_OF_EVERY_REQUEST = frozenset({"extra", "user"})
"""Parameters that have nothing to do with what is asked."""

_LETTERS = 4_000
"""Characters of a message that are told for a title."""


def aside(own: Target, asked: Target | None = None) -> Target:
    """Where a request beside a conversation goes.

    What shapes an answer (a schema, tools, several choices) is not meant for it.

    Args:
        own: the conversation's target.
        asked: another model; by default the conversation's.
    """
    asked = asked or own
    kept = {name: own.parameters[name] for name in _OF_EVERY_REQUEST & {*own.parameters}}
    return replace(asked, parameters=kept if asked.provider == own.provider else {})


async def ask_for_title(
    clients: ClientSource, target: Target, exchange: Sequence[ChatMessage], id_: str
) -> str:
    """Ask a model for a title; empty where it has none to give.

    Args:
        clients: gives the client for the target.
        target: the model.
        exchange: the messages that it is told.
        id_: of the message that asks.

    Raises:
        ChatError: the request failed.
    """
    ask = ChatMessage(id_, "user", (TextPart(TITLE_REQUEST),))
    told = [replace(message, tool_calls=()) for message in exchange if message.role != "tool"]
    told = [_short(message) for message in told if not message.empty]
    request = ChatRequest(target, (*told, ask))
    async with aclosing(clients.client_for(target).stream(request)) as events:
        text = [event.text async for event in events if isinstance(event, TextDelta)]
    return title_from("".join(text))


def _short(message: ChatMessage) -> ChatMessage:
    """A message with as much of its text as a title takes, and with its pictures."""
    if len(message.text) <= _LETTERS:
        return message
    half = _LETTERS // 2
    others = tuple(part for part in message.parts if not isinstance(part, TextPart))
    return replace(message, parts=(*text_parts(clipped(message.text, half, half)), *others))
