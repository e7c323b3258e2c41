"""The models of the demo: what sets them apart, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat_tui.providers.catalogue import DEMO_WINDOW
from chat_tui.providers.fields import as_text


@dataclass(frozen=True, slots=True)
class DemoModel:
    """One model of the demo."""

    name: str
    first: float = 1.0
    """How long it takes to its first token, as a multiple of the usual time."""
    rate: float = 1.0
    """How fast it goes on, likewise."""
    reasons: bool = False
    """Whether it thinks before each answer."""
    flaky: bool = False
    """Whether it fails now and then."""


MODELS: Mapping[str, DemoModel] = {
    model.name: model
    for model in (
        DemoModel("demo"),
        DemoModel("demo-markdown"),
        DemoModel("demo-reasoner", reasons=True),
        DemoModel("demo-tools"),
        DemoModel("demo-fast", first=0.3, rate=4.0),
        DemoModel("demo-slow", first=4.0, rate=0.35),
        DemoModel("demo-brief", first=0.6),
        DemoModel("demo-flaky", flaky=True),
    )
}

_PLAIN = DemoModel("")


def model_of(body: Mapping[str, Any]) -> DemoModel:
    """The model that a request is for; any other name is answered as the plain demo does."""
    return MODELS.get(as_text(body.get("model")), _PLAIN)


def entries() -> list[dict[str, object]]:
    """The list of models, as the demo's server gives it."""
    return [
        {
            "id": model.name,
            "object": "model",
            "owned_by": "demo",
            "context_length": DEMO_WINDOW,
            "capabilities": {
                "vision": True,  # it reads what an image's file says of itself
                "tools": True,
                "json": True,
                "reasoning": model.reasons,
            },
        }
        for model in MODELS.values()
    ]
