"""A model as the picker and `chat-tui models` list it."""

from dataclasses import dataclass, field

from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import ModelCard


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model at one provider."""

    place: Place
    label: str = ""
    """How the provider is shown."""
    card: ModelCard = field(default_factory=lambda: ModelCard("", ""))
    use: ModelUse = ModelUse()
    chat: bool = True
    """Whether it is one to talk to; others (embeddings, speech) come last."""
