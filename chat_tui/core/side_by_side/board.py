"""How a conversation stands side by side: kept with it, so that it comes back as it was left."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Sharing = Literal["one", "own", "several"]
"""Which earlier answers the models are told: the chosen one of each prompt, each model its own, or
all of them, each under its model's name."""

SHARINGS: tuple[Sharing, ...] = get_args(Sharing)

MERGED = -1
"""The slot of an answer that was merged from others: it stands in no model's column."""

MOST = 6
"""Models at once."""


@dataclass(frozen=True, slots=True)
class Board:
    """How a conversation is asked and shown side by side. Slots are places in its `targets`."""

    slots: tuple[int, ...] = ()
    """Who is asked, in the order of the columns; empty: it is not side by side. With a single one,
    its n answers are the columns. A model that was taken away leaves only this: slots are never
    given to others, since messages name them."""
    sharing: Sharing = "one"
    zoomed: int | None = None
    """The column (its slot) that is shown alone; None for all."""
    synced: bool = True
    """Whether the columns scroll together."""
    at_once: int = 0
    """How many answer at the same time; 0 for all, 1 for one after the other."""
    blind: tuple[int, ...] = ()
    """The slots in the order in which they are shown while nobody is to know who they are; empty
    while everybody may."""
    alone: int = 0
    """The slot that is asked while it is not side by side, and by what is asked of one alone."""
    folded: bool = False
    """Whether n answers of one model do not become columns by themselves: those were left."""

    def __bool__(self) -> bool:
        return bool(self.slots)

    def sane(self) -> "Board":
        """The board as it may be, where it was read from outside: each slot once, none negative."""
        slots = tuple(dict.fromkeys(each for each in self.slots if each >= 0))[:MOST]
        fits = sorted(self.blind) == sorted(slots)
        return replace(
            self,
            slots=slots,
            zoomed=self.zoomed if self.zoomed in (*slots, MERGED) else None,
            at_once=min(max(self.at_once, 0), MOST),
            blind=self.blind if fits else (),
            alone=max(self.alone, 0),
        )

    @property
    def shown(self) -> tuple[int, ...]:
        """The slots in the order in which they are shown."""
        return self.blind or self.slots
