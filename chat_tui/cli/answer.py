"""What `ask` has to tell of one answer: the JSON object of the contract, and the exit code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chat_tui.core.context.plan import ContextPlan, weight_of
from chat_tui.core.costs import cost_told
from chat_tui.core.errors import ChatError, ErrorInfo, exit_code_for
from chat_tui.core.extras import images_of
from chat_tui.core.messages import ChatMessage, Status, Timings, ToolCall
from chat_tui.core.ports import ConversationStore
from chat_tui.core.targets import Target
from chat_tui.storage.encoding import dump, escape_hidden, to_json

_JSON_FORMATS = ("json_object", "json_schema")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one model's answer went."""

    target: Target
    slot: int = 0
    """Its place among several models."""
    conversation: str = ""
    """Where it is saved; empty where it is not."""
    reply: ChatMessage | None = None
    """None where it did not come so far."""
    choices: Sequence[ChatMessage] = ()
    """Further answers to the same request."""
    error: ErrorInfo | None = None
    """What went wrong outside of the reply."""
    plan: ContextPlan | None = None
    """Of what was sent last; None where it did not come so far."""
    expected: int | None = None
    """Tokens of that prompt as the server was to report them."""
    summary: ChatMessage | None = None
    """What the oldest turns were summed up as, after the answer."""

    @property
    def status(self) -> Status:
        """The reply's; where there is none, `error` or (by a signal) `stopped`."""
        if self.reply is not None:
            return self.reply.status
        return "error" if self.error is not None else "stopped"

    @property
    def failure(self) -> ErrorInfo | None:
        """What went wrong: with the reply, else around it."""
        error = (self.reply.error if self.reply is not None else None) or self.error
        return None if error is None else _with_way_out(error, self.target.parameters)

    @property
    def breaks_format(self) -> bool:
        """Whether JSON was asked for, and the answer is words that are none."""
        format_ = self.target.parameters.get("response_format")
        if not isinstance(format_, Mapping) or format_.get("type") not in _JSON_FORMATS:
            return False
        reply = self.reply
        if reply is None or reply.status not in ("complete", "length") or not reply.text.strip():
            return False
        return not _is_json(reply.text)

    @property
    def exit_code(self) -> int:
        """As the contract has it; `stopped` is up to whoever stopped it."""
        if self.status in ("complete", "length", "stopped"):
            return exit_code_for(self.error.kind) if self.error else 0
        if self.status == "error" and self.failure is not None:
            return exit_code_for(self.failure.kind)
        return 1


def _with_way_out(error: ErrorInfo, parameters: Mapping[str, Any]) -> ErrorInfo:
    """The error; where a parameter that was given is refused, with how to leave it out."""
    if error.kind != "bad_request" or not error.param:
        return error
    if error.param in parameters:
        how = f"-p {error.param}= leaves it out."
    elif error.param in parameters.get("extra", {}):
        how = f"Leave {error.param} out of -p extra."
    else:
        return error
    return replace(error, hint=f"{error.hint} {how}".strip())


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def unasked(targets: Sequence[Target], error: ErrorInfo | None) -> list[Outcome]:
    """What there is to tell of models that never came to answer: the error, or (None) a stop."""
    return [Outcome(target, slot, error=error) for slot, target in enumerate(targets)]


def error_info(error: Exception) -> ErrorInfo:
    """Any error as the contract has it; the words of an unforeseen one may quote a text."""
    if isinstance(error, ChatError):
        return error.info
    return ErrorInfo(
        "protocol",
        f"The command failed ({type(error).__name__}).",
        hint="Standard error names the report.",
    )


async def with_pictures(
    store: ConversationStore, messages: Sequence[ChatMessage]
) -> Sequence[ChatMessage]:
    """Messages whose pictures are there as they came: they were stored apart.

    Raises:
        StorageError: they cannot be read.
    """
    if not any(map(images_of, messages)):
        return messages
    from chat_tui.core.attachments.replies import with_bytes  # 3 ms that few answers need

    return [await with_bytes(store, each) for each in messages]


def json_text(outcomes: Sequence[Outcome], *, array: bool) -> str:
    """One object, or an array of them, as text without any unescaped control character."""
    values = [_object(outcome) for outcome in outcomes]
    return escape_hidden(dump(values if array else values[0], indent=1)) + "\n"


def _object(outcome: Outcome) -> dict[str, Any]:
    reply = outcome.reply or ChatMessage("", "assistant")
    saved = bool(outcome.conversation) and outcome.reply is not None
    target = outcome.target
    return {
        **_choice(reply),
        "status": outcome.status,
        "usage": _values(reply.usage, _USAGE),
        "model": reply.model or target.model,
        "provider": target.provider,
        "id": reply.id if saved else None,
        "conversation": outcome.conversation if saved else None,
        "slot": outcome.slot,
        "choices": [_choice(each) for each in (reply, *outcome.choices)] if outcome.choices else [],
        "timings": _timings(reply.timings),
        "cost": _cost(reply),
        "notices": [_values(notice, ("kind", "message")) for notice in reply.notices],
        "context": _context(outcome, reply),
        "error": _values(outcome.failure, ("kind", "status", "message", "hint")),
    }


_USAGE = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cached_tokens",
    "reasoning_tokens",
)


def _choice(message: ChatMessage) -> dict[str, Any]:
    """What each of n answers has of its own."""
    return {
        "text": message.text,
        "reasoning": message.reasoning,
        "tool_calls": [_tool_call(call) for call in message.tool_calls],
        "finish_reason": message.finish_reason or None,
        "status": message.status,
        "refusal": message.refusal or None,
        "annotations": to_json(message.annotations),
        "images": to_json(message.raw.get("images", ())),
        "logprobs": to_json(message.logprobs),
    }


def _tool_call(call: ToolCall) -> dict[str, str]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}


def _timings(timings: Timings | None) -> dict[str, Any]:
    if timings is None:
        return {"first_token_s": None, "total_s": None, "attempts": 0}
    return {
        "first_token_s": _seconds(timings.sent, timings.first_token),
        "total_s": _seconds(timings.sent, timings.ended),
        "attempts": timings.attempts,
    }


def _cost(reply: ChatMessage) -> dict[str, Any] | None:
    """What the reply cost; where that was not kept with it, what the provider says, in USD."""
    return _values(reply.cost or cost_told(reply.raw), ("amount", "currency"))


def _context(outcome: Outcome, reply: ChatMessage) -> dict[str, Any] | None:
    """What was sent of the conversation; of a refused plan, what would have to be sent."""
    plan = outcome.plan
    if plan is None:
        return None
    budget = plan.budget
    return {
        "policy": plan.policy.overflow,
        "window": budget.window.tokens,
        "window_source": budget.window.source or None,
        "budget": budget.tokens,
        "tokens": plan.tokens,
        "expected": outcome.expected or plan.tokens + budget.overhead,
        "sent": 0 if plan.refused else len(plan.sent),
        "left_out": {"messages": len(plan.trimmed), "tokens": weight_of(plan.trimmed)},
        "shortened": sum(each.decision == "shortened" for each in plan.messages),
        "refused": plan.refused,
        "cut": any(notice.kind == "cut" for notice in reply.notices),
        "summary": _summary(outcome),
    }


def _summary(outcome: Outcome) -> dict[str, Any] | None:
    """The summary that was made after the answer, whose usage and cost are its own."""
    summary = outcome.summary
    if summary is None:
        return None
    return {
        "id": summary.id if outcome.conversation else None,
        "status": summary.status,
        "model": summary.model,
        "usage": _values(summary.usage, _USAGE),
        "cost": _cost(summary),
        "error": _values(summary.error, ("kind", "status", "message", "hint")),
    }


def _seconds(start: float, end: float | None) -> float | None:
    return None if end is None else round(max(end - start, 0.0), 4)


def _values(record: object, names: Sequence[str]) -> dict[str, Any] | None:
    """The named fields, all of them, whatever their values; None for None."""
    return None if record is None else {name: getattr(record, name) for name in names}
