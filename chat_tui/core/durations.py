"""Lengths of time, for people."""

from math import ceil


def duration(seconds: float) -> str:
    """A length of time in its two largest units, rounded up: "8 s", "1 min 54 s", "2 h 5 min".

    Up, because what is done a little late is right, and what is done too early is refused again.

    Args:
        seconds: how long; less than nothing is nothing.
    """
    whole = max(ceil(seconds), 0)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return _joined((minutes, "min"), (rest, "s"))
    hours, minutes = divmod(ceil(whole / 60), 60)
    return _joined((hours, "h"), (minutes, "min"))


def _joined(large: tuple[int, str], small: tuple[int, str]) -> str:
    shown = [f"{count} {unit}" for count, unit in (large, small) if count]
    return " ".join(shown) or f"0 {small[1]}"
