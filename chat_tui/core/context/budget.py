"""How much room a request has: the model's window, less what must stay free."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

WindowSource = Literal["settings", "server", "list", "catalogue", "error", ""]
"""Who says how large a window is: the user; the server, of the model as it is loaded; the
provider's list; the catalogue that comes with the app; a refusal; nobody."""

LEAST_WINDOW = 256
"""Tokens; a smaller window that somebody gives is a slip of the finger."""

DEFAULT_RESERVE = 4096
"""Tokens kept free for a reply whose length nobody limits, as far as a quarter of the window."""

_MARGIN = 0.05
"""The share of the window that is kept free for what cannot be counted."""


class Window(NamedTuple):
    """A model's context window."""

    tokens: int | None = None
    """Of prompt and reply together; None where nobody says."""
    source: WindowSource = ""


class Budget(NamedTuple):
    """What there is for the messages of a request, in tokens."""

    window: Window = Window()
    reserve: int = 0
    """Kept free for the reply."""
    overhead: int = 0
    """Tool definitions, a schema, and what each request costs besides its messages."""
    margin: int = 0

    @property
    def tokens(self) -> int | None:
        """For the messages, never below 0; None where the window is not known."""
        if self.window.tokens is None:
            return None
        return max(self.window.tokens - self.reserve - self.overhead - self.margin, 0)


def budget_for(window: Window, parameters: Mapping[str, Any], overhead: int = 0) -> Budget:
    """The budget of a request.

    Args:
        window: of the model.
        parameters: of the request; a limit of the reply in them is what is reserved.
        overhead: tokens that come with each request besides its messages.
    """
    if window.tokens is None:
        return Budget(window, overhead=overhead)
    limit = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
    reserve = limit if isinstance(limit, int) else min(DEFAULT_RESERVE, window.tokens // 4)
    return Budget(window, min(reserve, window.tokens), overhead, int(window.tokens * _MARGIN))
