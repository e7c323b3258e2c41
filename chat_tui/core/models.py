"""What is known of a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
