"""Figures for people: tokens, shares, money; and numbers as they write them."""

import re

from chat_tui.core.errors import UsageError
from chat_tui.core.texts import text

_DOT = 100
"""From so many thousands or millions on there is no decimal."""

_UNITS = (("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000))

# Patterns are compiled when they are first used: 0.6 ms that the first frame need not pay.
_WHOLE = r"[0-9]{1,12}|[0-9]{1,3}(?:[,._'][0-9]{3}){1,3}"
_SHORT = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([km])"
_SUFFIXES = {"k": 1_000, "m": 1_000_000}
_NO_MARKS = str.maketrans("", "", ",._'")


def read_count(written: str) -> int:
    """A number as people write it: `8192`, `8,192`, `128k`, `1.05M`.

    Raises:
        UsageError: it is none.
    """
    words = "".join(written.split()).lower()
    if re.fullmatch(_WHOLE, words):
        return int(words.translate(_NO_MARKS))
    if short := re.fullmatch(_SHORT, words):
        return round(float(short[1]) * _SUFFIXES[short[2]])
    raise UsageError(text("context.no-number"))


def short_count(count: int) -> str:
    """A number in a few cells: "310", "4.1k", "12.4k", "128k", "1.05M"."""
    if count < 1000:
        return str(count)
    if count < 999_500:
        return f"{_short(count / 1000, 1)}k"
    return f"{_short(count / 1_000_000, 2)}M"


def data_size(count: int) -> str:
    """An amount of bytes for people: "310 bytes", "4.1 KB", "20 MB", "1.2 GB"."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    # What would be shown as a thousand of one unit is one of the next.
    unit, size = next((each for each in _UNITS if count < 999.5 * each[1]), _UNITS[-1])
    return f"{_short(count / size, 1)} {unit}"


def percent(share: float) -> str:
    """How far a figure may be off, as a share: "2 %"; never less than one per cent."""
    return f"{max(round(abs(share) * 100), 1)} %"


def money(dollars: float) -> str:
    """An amount in US dollars with as many decimals as say something: "$0.031", "$1.20"."""
    if dollars >= 1:
        return f"${dollars:,.2f}"
    if dollars >= 0.01:
        return f"${dollars:.3f}"
    return f"${dollars:.4f}" if dollars >= 0.0001 or dollars <= 0 else "<$0.0001"


def _short(value: float, decimals: int) -> str:
    words = f"{value:.{0 if value >= _DOT else decimals}f}"
    return words.rstrip("0").rstrip(".") if "." in words else words
