"""Everything that may go wrong, as one tree.

::

    ChatError                  kind          exit code of `ask`
    ├── UsageError             usage         2   wrong words, wrong configuration
    ├── StorageError           storage       1   the disk, the database
    ├── ContextError           context       5   the conversation is larger than the window
    │   └── PlanRefusedError   context       5   by our own count: nothing was sent
    ├── InterruptedReplyError  interrupted   1   the reply ended before its end
    ├── FilteredError          filtered      1   the provider's filter refused
    ├── TransportError                           no answer came
    │   ├── ConnectError       connect       7   DNS, TCP, proxy
    │   ├── TlsError           tls           7   certificate, handshake
    │   ├── ReplyTimeoutError  timeout       1   connected, then silence
    │   ├── ProtocolError      protocol      1   what answers is not an API
    │   └── RedirectError      redirect      1   sent elsewhere; not followed
    └── StatusError                              the server said no
        ├── AuthError          auth          3   401
        ├── ForbiddenError     forbidden     3   403
        ├── NotFoundError      not_found     4   404
        ├── TooLargeError      too_large     5   413
        ├── RateLimitError     rate_limit    6   429
        ├── QuotaError         quota         6   402, insufficient_quota
        ├── BadRequestError    bad_request   1   400, 422
        └── ServerError        server        1   5xx

Providers and stores translate what their libraries raise at their edge; everything above them
catches `ChatError` only. The message names the thing, the hint says the next step.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:  # nothing of it is needed before a plan is refused
    from chat_tui.core.context.plan import ContextPlan

_SENTENCE_ENDS = (".", "!", "?", ":", ";", "…", "。", "！", "？", "：", "；", "．", "｡")
_CLOSING = "\"'’”»›)]）」』】〉》"

ErrorKind = Literal[
    "usage",
    "auth",
    "forbidden",
    "not_found",
    "too_large",
    "context",
    "rate_limit",
    "quota",
    "bad_request",
    "server",
    "connect",
    "timeout",
    "tls",
    "protocol",
    "redirect",
    "interrupted",
    "filtered",
    "storage",
]


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error as it is stored with a message and printed by `ask --json`."""

    kind: ErrorKind
    """What sort of thing went wrong."""
    message: str
    """What happened, in one sentence that names the thing."""
    hint: str = ""
    """What to do next; may be empty."""
    status: int | None = None
    """The HTTP status, where a server answered."""
    retry_after: float | None = None
    """Seconds that the server asked to wait before the same request."""
    param: str | None = None
    """The request parameter that the server refused, where it named one."""

    @property
    def told(self) -> str:
        """The message and the hint as one text, with a full stop between where there is none."""
        return together(self.message, self.hint)


class ChatError(Exception):
    """The root: a failure that has a sentence for the user.

    Args:
        message: what happened, naming the thing.
        hint: the next step; may be empty.
        status: the HTTP status, where a server answered.
    """

    kind: ClassVar[ErrorKind] = "server"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status

    @property
    def info(self) -> ErrorInfo:
        """The error as a value."""
        return ErrorInfo(self.kind, self.message, self.hint, self.status)

    @property
    def told(self) -> str:
        """See `ErrorInfo.told`."""
        return self.info.told


class UsageError(ChatError):
    """The command line, a setting or an input file is wrong."""

    kind = "usage"
    exit_code = 2


class StorageError(ChatError):
    """The disk or the database refused."""

    kind = "storage"


class ContextError(ChatError):
    """The conversation does not fit into the model's window.

    Args:
        window: tokens of prompt and reply together, where the server told it.
        prompt: tokens of the prompt by the server's own count, where it told that.
    """

    kind = "context"
    exit_code = 5

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        window: int | None = None,
        prompt: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.window = window
        self.prompt = prompt


class PlanRefusedError(ContextError):
    """What must be sent is larger than the budget: nothing was sent, and nothing stored.

    Args:
        plan: says what weighs how much.
    """

    def __init__(self, message: str, plan: "ContextPlan", *, hint: str = "") -> None:
        super().__init__(message, hint=hint, window=plan.budget.window.tokens)
        self.plan = plan


class InterruptedReplyError(ChatError):
    """The reply broke off after its first content; what came is kept."""

    kind = "interrupted"


class FilteredError(ChatError):
    """The provider's content filter refused."""

    kind = "filtered"


class TransportError(ChatError):
    """No answer came that could be read."""


class ConnectError(TransportError):
    """The name, the port or the proxy could not be reached."""

    kind = "connect"
    exit_code = 7


class TlsError(TransportError):
    """The secure connection was refused."""

    kind = "tls"
    exit_code = 7


class ReplyTimeoutError(TransportError):
    """The server accepted the request and then stayed silent."""

    kind = "timeout"


class ProtocolError(TransportError):
    """What answered does not speak Chat Completions."""

    kind = "protocol"


class RedirectError(TransportError):
    """The server sent the request elsewhere; it was not followed."""

    kind = "redirect"


class StatusError(ChatError):
    """The server answered with an error.

    Args:
        retry_after: seconds that the server asked to wait, if it did.
        param: the request parameter that the server named, if it did.
        code: the provider's own code or type, for the judgement of retries.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.retry_after = retry_after
        self.param = param
        self.code = code

    @property
    def info(self) -> ErrorInfo:
        """The error as a value."""
        return replace(super().info, retry_after=self.retry_after, param=self.param)


class AuthError(StatusError):
    """401: the key was refused."""

    kind = "auth"
    exit_code = 3


class ForbiddenError(StatusError):
    """403: the key may not do this."""

    kind = "forbidden"
    exit_code = 3


class NotFoundError(StatusError):
    """404: no such model, or no such path."""

    kind = "not_found"
    exit_code = 4


class TooLargeError(StatusError):
    """413: the request is too large for the server."""

    kind = "too_large"
    exit_code = 5


class RateLimitError(StatusError):
    """429: too many requests."""

    kind = "rate_limit"
    exit_code = 6


class QuotaError(StatusError):
    """402, or a 429 that waiting does not mend: nothing left to spend."""

    kind = "quota"
    exit_code = 6


class BadRequestError(StatusError):
    """400 or 422: a parameter is refused."""

    kind = "bad_request"


class ServerError(StatusError):
    """5xx: the server failed."""

    kind = "server"


def together(message: str, hint: str) -> str:
    """Two sentences as one text; the first one gets its full stop where it has none."""
    message = message.rstrip()
    if not (message and hint):
        return message or hint
    ends = message.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)
    return f"{message}{'' if ends else '.'} {hint}"


def exit_code_for(kind: ErrorKind) -> int:
    """The exit code of `ask` for a stored error (see the tree above)."""
    return _EXIT_CODES.get(kind, 1)


def _leaves(root: type[ChatError]) -> dict[ErrorKind, int]:
    codes: dict[ErrorKind, int] = {}
    for branch in root.__subclasses__():
        codes |= _leaves(branch) if branch.__subclasses__() else {branch.kind: branch.exit_code}
    return codes


_EXIT_CODES = _leaves(ChatError)
