"""What is known of a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, TypeVar, get_args

T = TypeVar("T")

Ability = Literal["vision", "tools", "json", "reasoning"]

ABILITIES: tuple[Ability, ...] = get_args(Ability)

FactSource = Literal["settings", "server", "list", "catalogue", "error"]
"""The user, what a server has loaded, the provider's list, what is shipped, a refusal."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its provider lists it; None where the list does not say."""

    id: str
    name: str = ""
    """How the provider calls it for people."""
    window: int | None = None
    """Tokens of prompt and reply together."""
    max_output: int | None = None
    """Tokens of a reply."""
    input_price: float | None = None
    output_price: float | None = None
    cached_price: float | None = None
    """US dollars for a million tokens."""
    abilities: frozenset[str] = frozenset()
    """Of `vision`, `tools`, `json`, `reasoning`."""
    active: bool = True
    """False where the provider says that it has been taken away."""
    raw: Mapping[str, object] = field(default_factory=dict)
    """Everything else that the list says."""
    lacks: frozenset[str] = frozenset()
    """Of the abilities those that the list says it does not have."""
    released: str = ""
    """When it came out: ISO date."""


class Fact(NamedTuple, Generic[T]):
    """A value, and who says it."""

    value: T
    source: FactSource


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that is known of a model; None, or missing, where nobody says."""

    provider: str
    model: str
    name: str = ""
    """How it is called for people; empty: as its id."""
    window: Fact[int] | None = None
    max_output: Fact[int] | None = None
    input_price: Fact[float] | None = None
    output_price: Fact[float] | None = None
    cached_price: Fact[float] | None = None
    """US dollars for a million tokens."""
    abilities: Mapping[Ability, Fact[bool]] = field(default_factory=dict)
    """Whether it can; those nobody says anything of are missing."""
    tokenizer: Fact[str] | None = None
    """The vocabulary that it counts with, or the family of it."""
    image_rule: Fact[str] | None = None
    """How pictures are counted, by the names of `context.md`."""
    released: Fact[str] | None = None
    """ISO date, or its year and month."""
    active: bool = True
    """False where the provider says that it has been taken away."""
    catalogue_date: str = ""
    """The day of which the catalogue is, where something here is from it: ISO date."""

    def can(self, ability: Ability) -> bool | None:
        """Whether it can do something; None where nobody says."""
        fact = self.abilities.get(ability)
        return None if fact is None else fact.value
