"""Where a request goes: provider, model, parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEMO = "demo"
"""The name of the built-in provider that answers without a network."""


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """An endpoint that speaks Chat Completions, and what it needs. Never holds a key."""

    name: str
    base_url: str
    """With or without `/v1`, with or without `/chat/completions`."""
    key_env: str = ""
    """The environment variable that holds the key; empty where none is sent."""
    default_model: str = ""
    label: str = ""
    """How it is shown; the name where empty."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, beside the key."""


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider, with parameters: what one slot talks to."""

    provider: str
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Request parameters by their name on the wire (`temperature`, `top_p`, …)."""

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"
