"""Where trimming has cut."""

from typing import NamedTuple

from chat_tui.core.targets import Target


class Cut(NamedTuple):
    """Where trimming has cut, kept until it overflows again.

    A cut that moves every turn would break the provider's prompt cache every turn.
    """

    first: str = ""
    """The oldest message that is sent, besides pinned ones; empty: all are."""
    whole: str = ""
    """From this message on tool results and pictures go whole; empty: all do."""


def thread_key(target: Target, slot: int | None = None) -> str:
    """By what it is kept what was sent to a target last, and where that was cut.

    Args:
        target: a model; two slots may have the same one.
        slot: which of several side by side; None where one is asked alone.
    """
    return str(target) if slot is None else f"{target}#{slot}"
