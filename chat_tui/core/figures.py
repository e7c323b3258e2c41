"""Figures for people: tokens, shares, money."""

_DOT = 100
"""From so many thousands or millions on there is no decimal."""


def short_count(count: int) -> str:
    """A number in a few cells: "310", "4.1k", "12.4k", "128k", "1.05M"."""
    if count < 1000:
        return str(count)
    if count < 999_500:
        return f"{_short(count / 1000, 1)}k"
    return f"{_short(count / 1_000_000, 2)}M"


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
