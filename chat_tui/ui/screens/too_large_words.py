"""What the card of a prompt that does not fit says of what must be sent."""

from chat_tui.core.context.plan import ContextPlan, PlannedMessage
from chat_tui.core.texts import text


def what_must_be_sent(plan: ContextPlan) -> str:
    """What a request cannot do without, in words: “the system prompt and the new prompt”."""
    reasons = [each.reason for each in plan.sent]
    pinned = reasons.count("pinned")
    parts = [text("too-large.system")] if "system" in reasons else []
    if pinned:
        key = "too-large.pinned-one" if pinned == 1 else "too-large.pinned"
        parts.append(text(key, count=pinned))
    if "summary" in reasons:
        parts.append(text("too-large.summary"))
    parts.append(text("too-large.prompt"))
    *first, last = parts
    return text("too-large.and", first=", ".join(first), last=last) if first else last


def must_words(message: PlannedMessage) -> str:
    """What a row of a request says that was refused: all else is left out of it."""
    if message.decision == "left-out":
        return ""
    why = text(f"context.why.{message.reason}")
    if message.reason == "system":
        why = text("context.must-system")
    return text("context.must", why=why)
