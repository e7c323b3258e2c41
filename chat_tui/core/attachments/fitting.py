"""How much of each of several texts has room together."""

from collections.abc import Sequence


def most_each(lengths: Sequence[int], room: int) -> int:
    """How many characters each of several texts may have so that all of them fit.

    Short ones stay whole; what they do not need is there for the long ones. At least 0; where all
    fit as they are, the length of the longest.

    Args:
        lengths: of the texts, in characters.
        room: characters for all of them.
    """
    left = max(room, 0)
    for taken, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - taken)
        if length > share:
            return share
        left -= length
    return max(lengths, default=0)
