"""The shapes of error bodies, read into one."""

from dataclasses import dataclass

from chat_tui.providers.fields import as_dict, as_list, as_text


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error as a server worded it."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str | None = None
    status: int | None = None
    """A number from 400 to 599 that the body itself gives as its code."""

    @property
    def codes(self) -> set[str]:
        """Code and type in lower case, for comparisons."""
        return {self.code.lower(), self.type.lower()} - {""}


def error_body(value: object) -> ErrorBody:
    """Read a parsed error body.

    `{"error": {message, type, param, code}}`, `{"error": "text"}`, `{"detail": "text" | […]}`,
    `{message, …}` at the top, a list of any of them, a bare string.
    """
    if isinstance(value, list):
        value = next((entry for entry in value if entry), {})
    if isinstance(value, str):
        return ErrorBody(value)
    body = as_dict(value)
    error = body.get("error")
    if isinstance(error, str) and error:
        return ErrorBody(as_text(body.get("message")) or error, code=as_text(body.get("code")))
    data = as_dict(error) or body
    detail = data.get("detail")
    message = as_text(data.get("message")) or as_text(detail) or _details(detail)
    upstream = as_dict(data.get("metadata")).get("raw")
    if upstream and as_text(upstream) not in message:
        message = f"{message}: {as_text(upstream)}" if message else as_text(upstream)
    code = data.get("code")
    number = code if isinstance(code, int) else data.get("status")
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else number
    return ErrorBody(
        message,
        as_text(code),
        as_text(data.get("type")) or as_text(data.get("status")),
        as_text(data.get("param")) or None,
        number if isinstance(number, int) and 400 <= number <= 599 else None,
    )


def _details(value: object) -> str:
    """The words of FastAPI's list of validation errors."""
    parts = []
    for entry in as_list(value):
        where = ".".join(str(step) for step in as_list(as_dict(entry).get("loc")))
        words = as_text(as_dict(entry).get("msg")) or as_text(entry)
        parts.append(f"{where}: {words}" if where else words)
    return "; ".join(part for part in parts if part)
