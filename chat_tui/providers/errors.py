"""What servers say when they say no, translated into the core's errors.

Pure: the exceptions of the
HTTP library are translated in `connections`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    ChatError,
    ContextError,
    FilteredError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    QuotaError,
    RateLimitError,
    ServerError,
    StatusError,
    TooLargeError,
)
from chat_tui.core.safety import clean_line
from chat_tui.providers.errorbodies import ErrorBody, error_body
from chat_tui.providers.fields import parse_json
from chat_tui.providers.keys import Key

MAX_WORDS = 500
"""Characters of a server's own words that go into a message."""

MODEL_NOT_FOUND = "model_not_found"
"""The code of every 404 that is about the model."""

_CONTEXT_CODES = {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"}
_CONTEXT_WORDS = re.compile(
    r"maximum context length|context (length|window|size)[^.]{0,40}exceed"
    r"|exceeds?[^.]{0,60}context (length|window|size)|prompt is too long|input is too long",
    re.IGNORECASE,
)
_QUOTA_CODES = {"insufficient_quota", "insufficient_balance", "billing_hard_limit_reached"}
_QUOTA_WORDS = re.compile(
    r"exceeded your current quota|insufficient (balance|credits|quota)", re.IGNORECASE
)
_FILTER_CODES = {"content_filter", "content_policy_violation", "responsibleaipolicyviolation"}
_TITLE = re.compile(r"<title[^>]*>(.{0,1000}?)</title", re.IGNORECASE | re.DOTALL)
_STATUS_OF_CODE = {
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "rate_limit": 429,
    "overloaded_error": 529,
    "server_error": 500,
    "internal_error": 500,
    "internal_server_error": 500,
    "invalid_request_error": 400,
    "insufficient_quota": 429,
    "context_length_exceeded": 400,
}


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom a request went to: what an error message names."""

    label: str
    """The provider as it is shown."""
    host: str = ""
    model: str = ""
    key: Key | None = field(default=None, repr=False)

    def words(self, text: str) -> str:
        """A server's words, safe to show: one clean line, cut, without the key."""
        line = clean_line(self.key.redact(text) if self.key else text)
        return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"


def body_error(value: object, peer: Peer) -> ChatError:
    """The error of a body that came with status 200: judged by its code as a status would be."""
    body = error_body(value)
    named = next((_STATUS_OF_CODE[code] for code in body.codes if code in _STATUS_OF_CODE), None)
    status = body.status or named
    return make_error(status, body, peer)


def status_error(status: int, headers: Mapping[str, str], content: bytes, peer: Peer) -> ChatError:
    """The error of a response.

    Args:
        status: the HTTP status, 400 or more.
        headers: with case-insensitive names.
        content: the body, or its beginning.
        peer: whom it came from.
    """
    text = content.decode(errors="replace").strip()
    if text.startswith("<"):
        body = ErrorBody(f"a page titled “{page_title(text)}”")
    else:
        try:
            body = error_body(parse_json(text))
        except ValueError:
            body = ErrorBody(text)
    return make_error(status, body, peer, retry_after(headers))


def make_error(
    status: int | None, body: ErrorBody, peer: Peer, wait: float | None = None
) -> ChatError:
    """The core's error for a server's words."""
    words = peer.words(body.message)
    said = f": {words}" if words else "."
    codes = body.codes
    if codes & _CONTEXT_CODES or (status in {400, 413, 422} and _CONTEXT_WORDS.search(words)):
        return ContextError(
            f"The conversation is larger than the context window of {peer.model}{said}",
            hint="Start a new conversation, leave messages out, or choose a model that reads more.",
            status=status,
        )
    if codes & _FILTER_CODES:
        return FilteredError(
            f"The content filter of {peer.label} refused the request{said}",
            hint="Change the wording and send it again.",
            status=status,
        )
    kind, happened, hint = _kind(status, body, words, peer)
    if wait is not None and wait > 1:
        hint = f"It asks to wait {wait:.0f} s. {hint}"
    missing_model = status == 404 and names_model(body)
    return kind(
        f"{happened}{said}",
        hint=hint,
        status=status,
        retry_after=wait,
        param=body.param,
        code=MODEL_NOT_FOUND if missing_model else body.code or body.type or None,
    )


def _kind(
    status: int | None, body: ErrorBody, words: str, peer: Peer
) -> tuple[type[StatusError], str, str]:
    """The error's class, what happened and the next step."""
    label = peer.label
    if status == 402 or body.codes & _QUOTA_CODES or (status == 429 and _QUOTA_WORDS.search(words)):
        return (
            QuotaError,
            f"{label} says that nothing is left to spend",
            f"Check the balance of your account at {label}, or switch the provider.",
        )
    match status:
        case 401:
            return AuthError, *_refused_key(peer)
        case 403:
            return (
                ForbiddenError,
                f"{label} does not allow this (403)",
                ("Check what the key may do, or choose another model."),
            )
        case 404 if names_model(body):
            return (
                NotFoundError,
                f"{label} does not know the model {peer.model} (404)",
                ("Choose another model."),
            )
        case 404:
            return (
                NotFoundError,
                f"{label} does not know the address (404)",
                ("Check the base URL (with or without /v1) and the model."),
            )
        case 413:
            return (
                TooLargeError,
                f"The request is too large for {label} (413)",
                ("Attach smaller or fewer images, or leave messages out."),
            )
        case 429:
            return (
                RateLimitError,
                f"Too many requests for {label} (429)",
                ("Wait a moment and send it again, or switch the model."),
            )
        case int() if status < 500:
            what = f"the parameter {peer.words(body.param)}" if body.param else "the request"
            return (
                BadRequestError,
                f"{label} refused {what} ({status})",
                ("Change or remove what it names and send it again."),
            )
        case _:
            number = f" ({status})" if status else ""
            return (
                ServerError,
                f"{label} failed{number}",
                ("Send it again in a while, or switch the model."),
            )


def names_model(body: ErrorBody) -> bool:
    """Whether a 404 is about the model and not about the path."""
    return body.code == MODEL_NOT_FOUND or "model" in body.message.lower()


def _refused_key(peer: Peer) -> tuple[str, str]:
    if peer.key is None:
        return (
            f"{peer.label} wants a key, and none was sent (401)",
            "Name the environment variable that holds it with --api-key-env.",
        )
    source = peer.key.source
    return (
        f"{peer.label} refused the key from {source} (401)",
        f"Check the value of {source}; it may be expired or belong to another service.",
    )


def page_error(text: str, peer: Peer, status: int | None = 200) -> ProtocolError:
    """The error for a web page where an API was expected."""
    return ProtocolError(
        f"{peer.host or peer.label} is not an API: it answered with a page titled"
        f" “{peer.words(page_title(text))}”.",
        hint="Check the base URL: most end in /v1.",
        status=status,
    )


def page_title(text: str) -> str:
    """The title of an HTML page."""
    match = _TITLE.search(text)
    return unescape(match[1]).strip() if match and match[1].strip() else "(no title)"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, `Retry-After` as number or date."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        # Not float(): it also takes "nan", "inf" and "1_0".
        if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", value):
            return float(value) / scale
        if name == "retry-after" and value:
            return _seconds_until(value, now or datetime.now(UTC))
    return None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max((then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds(), 0.0)


def has_error(chunk: dict[str, Any]) -> bool:
    """Whether a chunk or reply carries an error that is one."""
    return bool(chunk.get("error")) and isinstance(chunk["error"], dict | str)
