"""What a server's refusal is about, beyond its status: its codes and its words tell."""

import re
from typing import Literal

from chat_tui.providers.failures.errorbodies import ErrorBody
from chat_tui.providers.failures.windows import window_in

Cause = Literal["context", "filter", "quota", "key", "model", ""]
"""What was refused; empty where the status says all there is to say."""

STATUS_OF_CODE = {
    "invalid_api_key": 401,
    "authentication_error": 401,
    "unauthenticated": 401,
    "unauthorized": 401,
    "permission_error": 403,
    "permission_denied": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "rate_limit": 429,
    "resource_exhausted": 429,
    "too_many_requests": 429,
    "overloaded_error": 529,
    "overloaded": 529,
    "server_error": 500,
    "internal_error": 500,
    "internal": 500,
    "internal_server_error": 500,
    "api_error": 500,
    "unavailable": 503,
    "service_unavailable": 503,
    "deadline_exceeded": 504,
    "timeout_error": 504,
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "insufficient_quota": 429,
    "context_length_exceeded": 400,
}
"""The status that a code or type (in lower case) stands for, where an error came with 200."""

_CONTEXT_CODES = {
    "context_length_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "context_window_exceeded",
}
_CONTEXT_WORDS = re.compile(
    r"maximum context length|maximum model length|context limit|reduce the length of the messages"
    r"|context (length|window|size)[^.]{0,40}exceed"
    r"|exceed(s|ed)?[^.]{0,60}context (length|window|size)"
    r"|input token count[^.]{0,60}exceeds|(prompt|input) is too long|too many input tokens"
    r"|inputs. tokens \+ .max_new_tokens. must be",
    re.IGNORECASE,
)
_LIMIT_WORDS = re.compile(
    r"max_(completion_|new_)?tokens\W{1,3}(is|are) too large|output token", re.IGNORECASE
)
"""It is the limit of the reply that is too large, not the prompt."""

_FILTER_CODES = {
    "content_filter",
    "content_filtered",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "data_inspection_failed",
    "moderation_blocked",
}
_FILTER_WORDS = re.compile(
    r"requires moderation.{0,120}flagged|violat\w+ our (usage|content) polic", re.IGNORECASE
)
_QUOTA_CODES = {
    "insufficient_quota",
    "insufficient_balance",
    "insufficient_funds",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
}
_QUOTA_WORDS = re.compile(
    r"exceeded your current quota|insufficient (balance|credits|quota|funds)"
    r"|credit balance is too low|(used all|out of|run out of)[^.]{0,30} credits"
    r"|(monthly )?spending limit",
    re.IGNORECASE,
)
_KEY_CODES = {"invalid_api_key", "api_key_invalid", "authentication_error"}
_KEY_WORDS = re.compile(
    r"(incorrect|invalid|missing|no) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid|missing)",
    re.IGNORECASE,
)
_MODEL_CODES = {
    "model_not_found",
    "modelnotfound",
    "invalid_model",
    "unknown_model",
    "deploymentnotfound",
}
_MODEL_NAMED = re.compile(r"(?<![/\w])model|no endpoints", re.IGNORECASE)
"""Not as a part of the path that was asked for (`Cannot GET /v1/models`)."""
_MODEL_WORDS = re.compile(
    r"model\b[^.]{0,80}(not found|not exist|doesn.t exist|not a valid model)"
    r"|(invalid|unknown|no such) model\b|not a valid model",
    re.IGNORECASE,
)


def cause_of(status: int | None, body: ErrorBody) -> Cause:
    """What a server refused.

    Args:
        status: the HTTP status, or what stands for it; None where nothing is known.
        body: what the server said.
    """
    codes, words = body.codes, body.message
    if codes & _CONTEXT_CODES or (
        status in {400, 413, 422, 500, None}
        and (_CONTEXT_WORDS.search(words) or window_in(words))
        and not _LIMIT_WORDS.search(words)
    ):
        return "context"
    if codes & _FILTER_CODES or (status in {400, 403} and _FILTER_WORDS.search(words)):
        return "filter"
    if status == 402 or codes & _QUOTA_CODES or _is_quota(status, body):
        return "quota"
    if status in {400, 403} and (codes & _KEY_CODES or _KEY_WORDS.search(words)):
        return "key"
    return "model" if _is_model(status, body) else ""


def _is_quota(status: int | None, body: ErrorBody) -> bool:
    """Whether nothing is left to spend. Gemini says so too when it only asks for a minute."""
    return (
        status in {400, 403, 429}
        and body.wait is None
        and _QUOTA_WORDS.search(body.message) is not None
    )


def _is_model(status: int | None, body: ErrorBody) -> bool:
    """Whether it is about the model: of a 404, and not about the path."""
    if status == 404:
        return bool(body.codes & _MODEL_CODES) or _MODEL_NAMED.search(body.message) is not None
    if status not in {400, 422} or body.param not in {None, "model"}:
        return False
    return bool(body.codes & _MODEL_CODES) or _MODEL_WORDS.search(body.message) is not None
