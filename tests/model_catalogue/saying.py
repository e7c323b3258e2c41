"""What one snapshot says of one model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chat_tui.core.models import Ability

Prices = tuple[float | None, float | None, float | None]
"""In, out, from the cache: dollars for a million tokens."""

NO_PRICES: Prices = (None, None, None)

_DATED = re.compile(r"(?:[-@:](?:20\d{6}|20\d\d-\d\d-\d\d|latest))+\Z")


@dataclass(frozen=True, slots=True)
class Saying:
    """A model in a snapshot; None, or missing, where it does not say."""

    id: str
    """As its provider spells it."""
    window: int | None = None
    max_output: int | None = None
    prices: Prices = NO_PRICES
    abilities: Mapping[Ability, bool] = field(default_factory=dict)
    released: str = ""
    """ISO date."""
    gone: bool = False
    """Whether it has been, or is being, taken away."""
    chat: bool = True
    """Whether it answers Chat Completions."""

    def same_facts(self, other: "Saying") -> bool:
        """Whether another name stands for the same model."""
        return replace(self, id=other.id, gone=other.gone) == other


def undated(name: str) -> str:
    """A name without a date, or `latest`, behind it."""
    return _DATED.sub("", name)
