"""Where trimming has cut."""

from typing import NamedTuple


class Cut(NamedTuple):
    """Where trimming has cut, kept until it overflows again.

    A cut that moves every turn would break the provider's prompt cache every turn.
    """

    first: str = ""
    """The oldest message that is sent, besides pinned ones; empty: all are."""
    whole: str = ""
    """From this message on tool results and pictures go whole; empty: all do."""
