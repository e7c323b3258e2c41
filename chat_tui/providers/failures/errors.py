"""What servers say when they say no, translated into the core's errors.

Pure: the exceptions of the HTTP library are translated in `connections`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chat_tui.core.durations import duration
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
    RedirectError,
    ServerError,
    StatusError,
    TooLargeError,
)
from chat_tui.core.safety import clean_line
from chat_tui.providers.failures.errorbodies import ErrorBody, error_body, page_title, read_body
from chat_tui.providers.failures.refusals import STATUS_OF_CODE, Cause, cause_of
from chat_tui.providers.failures.waits import limit_reset, retry_after, wait_in_words
from chat_tui.providers.failures.windows import prompt_in, window_in
from chat_tui.providers.fields import as_dict
from chat_tui.providers.keys import Key

MAX_WORDS = 500
"""Characters of a server's own words that go into a message."""

MODEL_NOT_FOUND = "model_not_found"
"""The code of every refusal that is about the model."""

_MAX_READ = 16 * MAX_WORDS
"""Characters of a server's words that are looked at: judging a megabyte takes seconds."""
_MAX_NAME = 100
_CHECK_URL = "Check the base URL (with or without /v1) and the model."
_SEND_AGAIN = "Send it again in a while, or switch the model."


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
        line = clean_line(self._redacted(text)[:_MAX_READ])
        # Once more: hidden characters that are gone now may have been inside of the key.
        line = self._redacted(line)
        return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"

    def _redacted(self, text: str) -> str:
        return self.key.redact(text) if self.key else text


def body_error(value: object, peer: Peer) -> ChatError:
    """The error of a body that came with status 200: judged by its code as a status would be."""
    body = error_body(value)
    named = next((STATUS_OF_CODE[code] for code in body.codes if code in STATUS_OF_CODE), None)
    return make_error(body.status or named, body, peer)


def status_error(status: int, headers: Mapping[str, str], content: bytes, peer: Peer) -> ChatError:
    """The error of a response.

    Args:
        status: the HTTP status, 400 or more.
        headers: with case-insensitive names.
        content: the body, or its beginning.
        peer: whom it came from.
    """
    wait = retry_after(headers)
    if wait is None and status == 429:
        wait = limit_reset(headers)
    return make_error(status, read_body(content), peer, wait)


def make_error(
    status: int | None, body: ErrorBody, peer: Peer, wait: float | None = None
) -> ChatError:
    """The core's error for a server's words.

    Args:
        status: the HTTP status, or what stands for it.
        body: what the server said.
        peer: who said it.
        wait: seconds that the headers ask to wait.
    """
    body = replace(body, message=body.message[:_MAX_READ])
    words = peer.words(body.message)
    said = f": {words}" if words else "."
    cause = cause_of(status, body)
    if cause == "model" and not peer.model:
        cause = ""  # a list was asked for, no model
    if cause == "context":
        return ContextError(
            f"The conversation is larger than the context window of {peer.model}{said}",
            hint="Send less of the conversation: trim it or sum it up. Or choose a model that "
            "reads more.",
            status=status,
            window=body.window or window_in(body.message),
            prompt=body.prompt or prompt_in(body.message),
        )
    if cause == "filter":
        return FilteredError(
            f"The content filter of {peer.label} refused the request{said}",
            hint="Change the wording and send it again.",
            status=status,
        )
    wait = _wait(status, body, wait)
    param = peer.words(body.param or "")[:_MAX_NAME]
    code = peer.words(body.code or body.type)
    kind, happened, hint = _kind(status, cause, param, peer)
    if wait is not None and wait > 1 and kind in (RateLimitError, ServerError):
        hint = f"Send it again in {duration(wait)}, as it asks, or switch the model."
    return kind(
        f"{happened}{said}",
        hint=hint,
        status=status,
        retry_after=wait,
        param=param or ("model" if cause == "model" else None),
        code=MODEL_NOT_FOUND if cause == "model" else code[:_MAX_NAME] or None,
    )


def _wait(status: int | None, body: ErrorBody, asked: float | None) -> float | None:
    """Seconds to wait: as the headers ask, else a field of the body, else its words."""
    wait = body.wait if asked is None else asked
    return wait_in_words(body.message) if wait is None and status == 429 else wait


_Verdict = tuple[type[StatusError], str, str]
"""The error's class, what happened, and the next step."""


def _kind(status: int | None, cause: Cause, param: str, peer: Peer) -> _Verdict:
    number = f" ({status})" if status else ""
    if cause == "quota":
        return (
            QuotaError,
            f"{peer.label} says that nothing is left to spend",
            f"Check the balance of your account at {peer.label}, or switch the provider.",
        )
    if cause == "model":
        happened = f"{peer.label} does not know the model {peer.model}{number}"
        return NotFoundError, happened, "Choose another model."
    if cause == "key" or status == 401:
        return _refused_key(number, peer)
    if status in _BY_STATUS:
        kind, happened, hint = _BY_STATUS[status]
        return kind, happened.format(label=peer.label) + number, hint
    if status and status < 500:
        what = f"the parameter {param}" if param else "the request"
        return (
            BadRequestError,
            f"{peer.label} refused {what}{number}",
            "Change or remove what it names and send it again.",
        )
    return ServerError, f"{peer.label} failed{number}", _SEND_AGAIN


_BY_STATUS: Mapping[int | None, _Verdict] = {
    403: (
        ForbiddenError,
        "{label} does not allow this",
        "Check what the key may do, or choose another model.",
    ),
    404: (NotFoundError, "{label} does not know the address", _CHECK_URL),
    405: (BadRequestError, "{label} takes no prompts at this address", _CHECK_URL),
    408: (ServerError, "{label} gave up waiting for the request", "Send it again."),
    409: (ServerError, "{label} was busy with something that clashes", "Send it again."),
    413: (
        TooLargeError,
        "The request is too large for {label}",
        "Send a shorter message, or start a new conversation.",
    ),
    415: (BadRequestError, "{label} does not take JSON at this address", _CHECK_URL),
    429: (
        RateLimitError,
        "Too many requests for {label}",
        "Wait a moment and send it again, or switch the model.",
    ),
    501: (
        ServerError,
        "{label} cannot do this",
        "Choose another model, or leave out what was asked for besides the text.",
    ),
    502: (ServerError, "The gateway of {label} got no answer from the model", _SEND_AGAIN),
    503: (ServerError, "{label} is not available now", _SEND_AGAIN),
    504: (ServerError, "The gateway of {label} got no answer in time", _SEND_AGAIN),
    529: (ServerError, "{label} is overloaded", _SEND_AGAIN),
}
"""The statuses with words of their own."""


def _refused_key(number: str, peer: Peer) -> _Verdict:
    if peer.key is None:
        return (
            AuthError,
            f"{peer.label} wants a key, and none was sent{number}",
            "Give one in the provider's settings, or name its variable with --api-key-env.",
        )
    hint = f"Check {peer.key.words}, or give another one in the provider's settings."
    return AuthError, f"{peer.label} refused {peer.key.words}{number}", hint


def redirect_error(status: int, headers: Mapping[str, str], peer: Peer) -> RedirectError:
    """The error of a response that sends requests elsewhere.

    Args:
        status: the HTTP status, 3xx.
        headers: with case-insensitive names.
        peer: whom it came from.
    """
    to = peer.words(headers.get("location", "")) or "another address"
    return RedirectError(
        f"{peer.host} sends requests on to {to}; nothing was sent there.",
        hint="If you trust it, make it the base URL.",
        status=status,
    )


def page_error(text: str, peer: Peer, status: int | None = 200) -> ProtocolError:
    """The error for a web page where an API was expected."""
    return ProtocolError(
        f"{peer.host or peer.label} is not an API: it answered with a page titled"
        f" “{peer.words(page_title(text))}”.",
        hint="Check the base URL: most end in /v1.",
        status=status,
    )


def has_error(chunk: dict[str, Any]) -> bool:
    """Whether a chunk or reply carries an error that is one, or is one."""
    if error := chunk.get("error"):
        return isinstance(error, dict | str | list)
    if "x_groq" in chunk and as_dict(chunk["x_groq"]).get("error"):
        return True
    if "choices" in chunk:
        return False
    # FastAPI's and Mistral's errors have no `error` around them.
    return (
        chunk.get("object") == "error"
        or (bool(chunk.get("detail")) and isinstance(chunk["detail"], dict | str | list))
        or (isinstance(chunk.get("message"), str) and not chunk.keys().isdisjoint({"code", "type"}))
    )
