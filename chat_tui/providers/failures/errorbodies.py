"""The shapes of error bodies, read into one."""

import re
from dataclasses import dataclass, replace
from html import unescape

from chat_tui.providers.failures.waits import span
from chat_tui.providers.fields import as_count, as_dict, as_list, as_text, parse_json

_HEADLINES = tuple(
    re.compile(rf"<{tag}\b[^>]{{0,1000}}>(.{{0,1000}}?)</{tag}", re.IGNORECASE | re.DOTALL)
    for tag in ("title", "h1", "message")
)
_MAX_PAGE = 32_768
"""Characters of a page in which its title is looked for."""
_TAG = re.compile(r"<[^>]{0,1000}>")
_EVENT_DATA = re.compile(r"^data: ?(.+)$", re.MULTILINE)
_SHOWN = 200
"""Characters that are shown of what a model made and the server refused."""
_MAX_NESTED = 4
"""Levels of errors inside of errors."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error as a server worded it."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str | None = None
    """The refused parameter, as a name or as a path (`messages.0.content`)."""
    status: int | None = None
    """A number from 400 to 599 that the body itself gives as its code."""
    window: int | None = None
    """Tokens of the context window, where a field tells (llama.cpp's `n_ctx`)."""
    wait: float | None = None
    """Seconds to wait, where a field tells (Gemini's `retryDelay`)."""
    prompt: int | None = None
    """Tokens of the prompt, where a field tells (llama.cpp's `n_prompt_tokens`)."""

    @property
    def codes(self) -> set[str]:
        """Code and type in lower case, for comparisons."""
        return {self.code.lower(), self.type.lower()} - {""}


def read_body(content: bytes) -> ErrorBody:
    """Read the body of an error, whatever its type is said to be.

    JSON, a web page, an event of a stream, bare words, nothing.
    """
    text = content.decode(errors="replace").removeprefix("\ufeff").strip()
    if text.startswith("<"):
        return ErrorBody(f"a page titled “{page_title(text)}”")
    if text.startswith(("data:", "event:")) and (data := _EVENT_DATA.search(text)):
        text = data[1]
    try:
        return error_body(parse_json(text))
    except ValueError:
        return ErrorBody(text)


def page_title(text: str) -> str:
    """The title of an HTML page, or its headline; the message of an XML document."""
    for pattern in _HEADLINES:
        match = pattern.search(text, 0, _MAX_PAGE)
        if match and (title := unescape(_TAG.sub("", match[1])).strip()):
            return title
    return "(no title)"


def error_body(value: object, depth: int = 0) -> ErrorBody:
    """Read a parsed error body.

    `{"error": {message, type, param, code}}`, `{"error": "text"}`, `{"detail": "text" | […]}`,
    `{message, …}` at the top, a list of any of them, a bare string.

    Args:
        value: parsed JSON.
        depth: how many errors it is inside of.
    """
    if isinstance(value, list):
        value = next((entry for entry in value if entry), {})
    if isinstance(value, str):
        return ErrorBody(value)
    if depth > _MAX_NESTED:
        return ErrorBody()
    body = as_dict(value)
    error = body.get("error") or as_dict(body.get("x_groq")).get("error") or body.get("errors")
    if isinstance(error, str):
        found = _fields(body, depth)
        return replace(found, message=as_text(body.get("message")) or error)
    if isinstance(error, list):
        inner = error_body(error, depth + 1)
        if inner.message:
            return inner
    found = _fields(as_dict(error) or body, depth)
    return found if found.message else replace(found, message=_words(body))


def _fields(data: dict[str, object], depth: int) -> ErrorBody:
    """Read the object that holds the message."""
    code = data.get("code")
    found = ErrorBody(
        _words(data),
        as_text(code),
        as_text(data.get("type")) or as_text(data.get("status")),
        as_text(data.get("param")) or None,
        _status(code) or _status(data.get("status")) or _status(data.get("statusCode")),
        as_count(data.get("n_ctx")) or None,
        _delay(data.get("details")),
        as_count(data.get("n_prompt_tokens")) or None,
    )
    metadata = as_dict(data.get("metadata"))
    inners = [
        data.get(name)
        for name in ("detail", "message", "innererror")
        if isinstance(data.get(name), dict | list)
    ]
    for inner in [*inners, _parsed(metadata.get("raw"))]:
        if inner:
            found = _joined(found, _inner(inner, depth))
    if reasons := as_list(metadata.get("reasons")):
        found = _joined(found, ErrorBody(", ".join(as_text(reason) for reason in reasons)))
    made = as_text(data.get("failed_generation"))
    if made:
        shown = made if len(made) <= _SHOWN else f"{made[: _SHOWN - 1]}…"
        found = replace(found, message=f"{found.message} The model wrote: {shown}".strip())
    return found


def _words(data: dict[str, object]) -> str:
    names = ("message", "detail", "msg", "error_message", "error_msg", "title")
    return next((words for name in names if (words := as_text(data.get(name)))), "")


def _inner(value: object, depth: int) -> ErrorBody:
    """Read an error inside of another: a list of validation errors, or an object, or words."""
    if isinstance(value, list) and any("loc" in as_dict(entry) for entry in value):
        return _validation(value)
    if isinstance(value, list):
        words = [error_body(entry, depth + 1).message for entry in value]
        return ErrorBody("; ".join(text for text in words if text))
    return error_body(value, depth + 1)


def _joined(outer: ErrorBody, inner: ErrorBody) -> ErrorBody:
    """An error with what the one inside of it tells besides."""
    words = outer.message
    if inner.message and inner.message not in words:
        words = f"{words}: {inner.message}" if words else inner.message
    # An inner code says more: the outer one is often just the status, as a word.
    return ErrorBody(
        words,
        inner.code or outer.code,
        outer.type or inner.type,
        outer.param or inner.param,
        outer.status or inner.status,
        outer.window or inner.window,
        outer.wait or inner.wait,
        outer.prompt or inner.prompt,
    )


def _validation(entries: list[object]) -> ErrorBody:
    """FastAPI's list of validation errors: where, and what."""
    parts = []
    param = ""
    for entry in entries:
        data = as_dict(entry)
        steps = [str(step) for step in as_list(data.get("loc"))]
        named = ".".join(steps[1:] if steps[:1] == ["body"] else steps)
        param = param or named
        words = as_text(data.get("msg")) or as_text(entry)
        parts.append(": ".join(text for text in (".".join(steps), words) if text))
    return ErrorBody("; ".join(part for part in parts if part), param=param or None)


def _parsed(raw: object) -> object:
    """The words of the server behind a gateway, which may be JSON in a string."""
    text = as_text(raw).strip()
    if not text.startswith(("{", "[")):
        return raw
    try:
        return parse_json(text)
    except ValueError:
        return raw


def _status(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[45]\d\d", value, re.ASCII):
        value = int(value)
    return value if isinstance(value, int) and 400 <= value <= 599 else None


def _delay(details: object) -> float | None:
    """Gemini's `RetryInfo` among the details."""
    delays = (span(as_text(as_dict(entry).get("retryDelay"))) for entry in as_list(details))
    return next((delay for delay in delays if delay is not None), None)
