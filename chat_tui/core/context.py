"""What of a conversation is sent: a pure plan, made before anything is stored or sent.

Token budgets are not part of it yet: everything goes that may go. What holds already are the
rules of form: empty replies are never sent, and a prompt that failed not again with the next one;
stopped and interrupted replies are sent; a tool's result never goes without its call nor a call
without its results.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, TextPart, text_parts


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A message that is not sent."""

    id: str
    reason: str
    """`empty`, `excluded`, `failed` (a prompt that got nothing but an empty reply which did not
    end well) or `unanswered` (tool calls without all their results, and results without their
    call)."""


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What is sent, in order, and what is not."""

    messages: tuple[ChatMessage, ...]
    left_out: tuple[LeftOut, ...] = ()


def plan_context(path: Sequence[ChatMessage], system_prompt: str = "") -> ContextPlan:
    """Plan a request from the active path.

    Args:
        path: the messages from the root to the newest, which is the user's or a tool's result.
        system_prompt: the conversation's; becomes the first message.

    Raises:
        UsageError: there is nothing to answer.
    """
    sent: list[ChatMessage] = []
    left_out: list[LeftOut] = []
    if system_prompt:
        sent.append(ChatMessage("system", "system", (TextPart(system_prompt),)))
    failed = _failed(path)
    for unit in _units(path):
        is_failed = unit[0].id in failed
        kept = () if is_failed else _sendable(unit)
        excluded = any(message.excluded for message in unit)
        reason = "failed" if is_failed else "excluded" if excluded else "unanswered"
        kept_ids = {message.id for message in kept}
        left_out.extend(
            LeftOut(message.id, "empty" if message.empty else reason)
            for message in unit
            if message.id not in kept_ids
        )
        sent.extend(kept)
    if not path or sent[-1:] != [path[-1]] or path[-1].role not in ("user", "tool"):
        raise UsageError("There is nothing to answer.", hint="Type a message first.")
    return ContextPlan(tuple(sent), tuple(left_out))


def _failed(path: Sequence[ChatMessage]) -> set[str]:
    """The prompts that were answered by nothing but one reply that failed before its first word.

    Sent again they would fail with every later prompt too: what is too large stays too large.
    """
    return {
        prompt.id
        for prompt, reply, after in zip(path, path[1:], path[2:], strict=False)
        # Whatever comes next and is no prompt is an answer too.
        if (prompt.role, after.role) == ("user", "user")
        and not prompt.excluded
        and came_to_nothing(reply)
    }


def came_to_nothing(reply: ChatMessage) -> bool:
    """Whether a reply ended before its first word, so that its prompt is not sent again."""
    ended = reply.status not in ("complete", "length")
    return reply.role == "assistant" and reply.empty and not reply.refusal and ended


def _units(path: Sequence[ChatMessage]) -> list[list[ChatMessage]]:
    """The path in pieces that go or stay as a whole: a message, or a call with its results."""
    units: list[list[ChatMessage]] = []
    for message in path:
        if message.role == "tool" and units and units[-1][0].tool_calls:
            units[-1].append(message)
        else:
            units.append([message])
    return units


def _sendable(unit: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    first = unit[0]
    if any(message.excluded for message in unit) or first.role == "tool":
        return ()
    calls = {call.id for call in first.tool_calls}
    if not calls <= {message.tool_call_id for message in unit[1:]}:
        # Calls that nobody answered would be refused; the words beside them stay.
        first = replace(first, tool_calls=())
        calls = set()
    results = [message for message in unit[1:] if message.tool_call_id in calls]
    if first.empty and first.refusal:
        # It was an answer: without it two prompts would follow each other.
        first = replace(first, parts=text_parts(first.refusal))
    return () if first.empty else (first, *results)
