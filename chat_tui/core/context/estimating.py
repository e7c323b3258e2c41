"""Counts and facts without a tokenizer and a catalogue: estimates, and nothing."""

import json
from collections.abc import Iterator, Sequence

from chat_tui.core.context.budget import Window
from chat_tui.core.context.items import Weight, pictures
from chat_tui.core.errors import UsageError
from chat_tui.core.estimate import PER_MESSAGE, PER_PICTURE, PRIMING, estimate_tokens
from chat_tui.core.messages import ChatMessage, ImagePart, part_text
from chat_tui.core.models import ModelCard
from chat_tui.core.targets import Prices, Target


class EstimatingCounter:
    """A `TokenCounter` that only estimates: for whoever has no tokenizer."""

    @property
    def ready(self) -> bool:
        """See `TokenCounter.ready`: never."""
        return False

    def encoding(self, model: str) -> str:
        """See `TokenCounter.encoding`."""
        return "estimate"

    def own_encoding(self, model: str) -> bool:
        """See `TokenCounter.own_encoding`: no model's."""
        return False

    def weigh(self, message: ChatMessage, model: str) -> Weight:
        """See `TokenCounter.weigh`."""
        words = sum(map(estimate_tokens, _texts(message)))
        return Weight(PER_MESSAGE + words, PER_PICTURE * pictures([message]))

    def image_rule(self, model: str) -> str:
        """See `TokenCounter.image_rule`: none is known."""
        return ""

    async def count(self, messages: Sequence[ChatMessage], model: str) -> list[int]:
        """See `TokenCounter.count`: always raises."""
        raise _uncountable()

    async def count_text(self, text: str, model: str) -> int:
        """See `TokenCounter.count_text`: always raises."""
        raise _uncountable()

    async def overhead(self, target: Target) -> int:
        """See `TokenCounter.overhead`."""
        given = (target.parameters.get(name) for name in ("tools", "response_format"))
        told = (json.dumps(each, ensure_ascii=False, default=str) for each in given if each)
        return PRIMING + sum(map(estimate_tokens, told))

    async def aclose(self) -> None:
        """See `TokenCounter.aclose`: there is nothing to end."""


class UnknownModels:
    """A `ModelFacts` that knows of no model."""

    def window(self, target: Target) -> Window:
        """See `ModelFacts.window`."""
        return Window()

    def prices(self, target: Target) -> Prices | None:
        """See `ModelFacts.prices`."""
        return None

    def card(self, target: Target) -> ModelCard:
        """See `ModelFacts.card`."""
        return ModelCard(target.provider, target.model)

    async def look_up(self, target: Target, *, ask: bool = True) -> None:
        """See `ModelFacts.look_up`: there is nobody to ask."""


def _texts(message: ChatMessage) -> Iterator[str]:
    for part in message.parts:
        if not isinstance(part, ImagePart):
            yield part_text(part)
    for call in message.tool_calls:
        yield from (call.name, call.arguments)
    yield message.name
    if message.empty:
        # A refusal goes back in the place of the words that there are not.
        yield message.refusal


def _uncountable() -> UsageError:
    return UsageError("There is no tokenizer here.", hint="Go by the estimate.")
