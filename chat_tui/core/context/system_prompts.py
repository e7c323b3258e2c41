"""What system prompts weigh."""

from contextlib import suppress

from chat_tui.core.context.items import Weight
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.ports import TokenCounter

_KEPT = 20
"""System prompts whose weights are kept."""


class SystemPrompts:
    """Weighs system prompts, each of them once.

    Args:
        counter: weighs and counts.
    """

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._weights: dict[tuple[str, str], Weight] = {}
        """Encoding and system prompt → its weight; of several side by side each has its own."""

    async def weigh(self, text: str, model: str) -> Weight:
        """What a system prompt weighs; nothing where there is none."""
        if not text:
            return Weight(0, exact=True)
        encoding = self._counter.encoding(model)
        weight = self._weights.pop((encoding, text), None)
        if weight is not None and weight.exact:
            self._weights[encoding, text] = weight
            return weight
        message = ChatMessage("system", "system", text_parts(text))
        weight = self._counter.weigh(message, model)
        if self._counter.ready and not weight.exact:
            with suppress(UsageError):
                weight = Weight((await self._counter.count([message], model))[0], exact=True)
        self._weights[encoding, text] = weight
        while len(self._weights) > _KEPT:
            del self._weights[next(iter(self._weights))]
        return weight
