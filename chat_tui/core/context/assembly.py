"""The messages of a request, made from a plan and the texts that it names."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from chat_tui.core.context.joining import Joined, join_messages
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.wording import FILLER, picture_words, shortened, summary_words
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, text_parts


def assemble(
    plan: ContextPlan,
    messages: Mapping[str, ChatMessage],
    system_prompt: str = "",
    joined: Mapping[str, Joined] = MappingProxyType({}),
    known: dict[tuple[str, ...], ChatMessage] | None = None,
) -> tuple[ChatMessage, ...]:
    """What is sent, in its order and as the plan says: shortened, or whole.

    The system prompt becomes the first message; a summary goes as a message of the user in the
    place of what it stands for, named as a summary. Words stand for the pictures of all messages
    that are not the user's: no server takes those. A refusal goes as the answer that it was. None
    of them is empty, but for calls, and results that said nothing.

    Args:
        plan: not a refused one.
        messages: all that the plan sends, by their ids.
        system_prompt: what the model is told first.
        joined: the answers that go together with others, in one message.
        known: what became of such answers in other requests; see `join_messages`.

    Raises:
        KeyError: a message that is sent is not among them.
    """
    sent: list[ChatMessage] = []
    if system_prompt:
        sent.append(ChatMessage("system", "system", (TextPart(system_prompt),)))
    filler = bool(plan.filler)
    for planned in plan.sent:
        if not planned.id:
            continue
        message = messages[planned.id]
        if filler and message.role != "system":
            sent.append(ChatMessage("filler", "user", (TextPart(FILLER),)))
            filler = False
        if planned.id == plan.summary:
            words = summary_words(message.text, plan.stands_for)
            message = replace(message, role="user", parts=(TextPart(words),))
        sent.append(_form(message, cut=planned.decision == "shortened"))
    return tuple(join_messages(sent, joined, {} if known is None else known))


def in_short(message: ChatMessage) -> ChatMessage:
    """A message as it is sent where it is shortened."""
    return _form(message, cut=True)


def _form(message: ChatMessage, *, cut: bool) -> ChatMessage:
    """A message in the form in which it is sent, shortened or not."""
    if cut and message.role == "assistant":
        message = replace(message, tool_calls=())
    if (cut or message.role != "user") and _pictures(message):
        parts = [
            TextPart(picture_words(part)) if isinstance(part, ImagePart) else part
            for part in message.parts
        ]
        message = replace(message, parts=tuple(parts))
    if cut and message.role == "tool":
        message = replace(message, parts=text_parts(shortened(message.text)))
    if message.empty and message.refusal:
        # It was an answer: without it two prompts would follow each other.
        message = replace(message, parts=text_parts(message.refusal))
    return message


def _pictures(message: ChatMessage) -> bool:
    return any(isinstance(part, ImagePart) for part in message.parts)
