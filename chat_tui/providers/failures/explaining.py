"""What a final error means for the request that failed: what in it was refused, what is too large.

Pure: errors are made from a server's words alone; here they meet what was sent.
"""

from collections.abc import Mapping

from chat_tui.core.errors import (
    BadRequestError,
    ChatError,
    ContextError,
    TooLargeError,
)
from chat_tui.core.requests import ChatRequest
from chat_tui.providers.adapting import refused_parameter
from chat_tui.providers.failures.largest import largest_in_bytes, largest_in_tokens
from chat_tui.providers.wire import Encoded

_SMALLER = (
    "Edit the prompt and attach the picture anew: the screen that attaches pictures shrinks it to"
    " fit. Or take it out, or exclude its message."
)


def explain(
    error: ChatError, request: ChatRequest, encoded: Encoded, sizes: Mapping[str, int]
) -> None:
    """Add to an error what the request tells about it.

    Args:
        error: changed in place.
        request: the one that failed.
        encoded: the same as it was sent.
        sizes: the bytes of its stored pictures by hash.
    """
    match error:
        case BadRequestError():
            _name_parameter(error, encoded)
        case TooLargeError():
            if sizes:
                error.hint = _SMALLER
            _say(error, largest_in_bytes(request.messages, sizes))
        case ContextError():
            # Before the colon stand our own words, and the name of the model in them.
            words = error.message.partition(": ")[2]
            if error.window and str(error.window) not in words.replace(",", ""):
                _say(error, f"The window is {error.window:,} tokens.")
            _say(error, largest_in_tokens(request.messages, sizes))
        case _:
            pass


def _name_parameter(error: BadRequestError, encoded: Encoded) -> None:
    spelt = refused_parameter(error, encoded.sent)
    # What the request did not have, or what is no parameter, cannot be left out.
    error.param = encoded.sent[spelt] if spelt else None
    if spelt is None or error.param is None:
        return
    if spelt not in error.message:
        _say(error, f"This is about the parameter {spelt}.")
    error.hint = f"Send it again without {error.param}, or give it another value."


def _say(error: ChatError, sentence: str) -> None:
    """Add a sentence to the message."""
    if sentence:
        end = "" if error.message.endswith((".", "!", "?", "…")) else "."
        error.message = f"{error.message}{end} {sentence}"
        error.args = (error.message,)
