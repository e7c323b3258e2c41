"""What the heading of a column tells."""

from dataclasses import dataclass
from typing import Literal

HeadState = Literal["", "queued", "waiting", "running", "awaited", "done", "stopped", "failed"]
"""How the newest answer of a column stands; empty where there is none. `awaited` is one of those
that have not all ended, where it is not to be seen which ones have."""

ON_ITS_WAY: frozenset[HeadState] = frozenset({"queued", "waiting", "running", "awaited"})


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """All that stands in the heading of one column. Words are clean."""

    number: int = 0
    """Counted from 1: the key that leads to it."""
    title: str = ""
    """The model."""
    provider: str = ""
    """Only where another column has a model of the same name elsewhere."""
    hint: str = ""
    """What it is asked with that the others are not: `t=0.2`."""
    state: HeadState = ""
    told: str = ""
    """What is said of the state: `12 s`, why it failed."""
    seconds: float | None = None
    """What the whole answer took."""
    first_token: float | None = None
    """Seconds until the first piece of the answer."""
    rate: float | None = None
    """Tokens a second."""
    tokens: int | None = None
    """Of the answer."""
    cost: float | None = None
    """In US dollars."""
    about: bool = False
    """Whether rate and tokens are estimates."""
    chosen: bool = False
    """Whether its answer is the one that is gone on with."""
    left_out: bool = False
    """Whether the next prompt goes to models that are not told its answer."""
    fastest: bool = False
    """Of all, by the whole time."""
    first: bool = False
    """Of all, by the first token."""
    cheapest: bool = False
    """Of all."""
    vote: Literal["", "win", "tie", "bad"] = ""
    """What was voted about its answer: it won, all were equally good, none was of use."""
    twin: bool = False
    """Whether another column has a model of the same name: provider and hint tell them apart."""
    hidden: str = ""
    """The letter that stands for the model while nobody is to know which one it is: then only it
    and the state are shown."""
