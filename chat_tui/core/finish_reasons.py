"""What a finish reason means, in the spellings of all servers seen."""

from chat_tui.core.messages import Status

_COMPLETE = frozenset(
    {
        "",
        "stop",
        "stop_sequence",
        "end_turn",
        "eos",
        "eos_token",
        "done",
        "complete",
        "completed",
        "tool_calls",
        "tool_use",
        "function_call",
    }
)

_LENGTH = frozenset(
    {
        "length",
        "max_tokens",
        "max_length",
        "max_new_tokens",
        "max_output_tokens",
        "max_completion_tokens",
        "model_length",
        "model_context_window_exceeded",
    }
)

_FILTERED = frozenset(
    {
        "content_filter",
        "content_filtered",
        "contentfilter",
        "safety",
        "image_safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "sensitive",
        "guardrail_intervened",
        "refusal",
    }
)

_INTERRUPTED = frozenset(
    {
        "error",
        "abort",
        "aborted",
        "cancelled",
        "network_error",
        "insufficient_system_resource",
        "malformed_function_call",
    }
)

_MEANINGS: dict[str, Status] = {
    **dict.fromkeys(_COMPLETE, "complete"),
    **dict.fromkeys(_LENGTH, "length"),
    **dict.fromkeys(_FILTERED, "filtered"),
    **dict.fromkeys(_INTERRUPTED, "interrupted"),
}


def status_of(finish_reason: str) -> Status | None:
    """How a reply ended by its finish reason; None where the word is not known.

    Case and hyphens do not count: `MAX_TOKENS`, `content-filter`.
    """
    return _MEANINGS.get(finish_reason.strip().lower().replace("-", "_"))
