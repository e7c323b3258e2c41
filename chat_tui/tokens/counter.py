"""Counts tokens with tiktoken's vocabularies, in a process of its own."""

from collections.abc import Iterator, Sequence

from chat_tui.core.context.items import Weight
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.tokens.helper import CountingHelper
from chat_tui.tokens.images import image_rule
from chat_tui.tokens.messages import Countable, image_weight, of_message
from chat_tui.tokens.models import encoding_name, own_encoding
from chat_tui.tokens.tools import of_request

_BATCH_LETTERS = 65_536
_BATCH_TEXTS = 1_000
"""What is asked for at once: about 15 ms, so that a draft need not wait behind a long history."""

_MOST_OVERHEADS = 32
"""Lists of tools and schemas whose tokens are kept in mind."""


class TiktokenCounter:
    """The `TokenCounter` of the app. It imports and starts nothing until something is counted.

    Args:
        helper: counts texts.
    """

    def __init__(self, helper: CountingHelper | None = None) -> None:
        self._helper = helper or CountingHelper()
        self._overheads: dict[tuple[str, Countable], int] = {}

    @property
    def ready(self) -> bool:
        """See `TokenCounter.ready`."""
        return self._helper.ready

    def encoding(self, model: str) -> str:
        """See `TokenCounter.encoding`."""
        return encoding_name(model)

    def own_encoding(self, model: str) -> bool:
        """See `TokenCounter.own_encoding`."""
        return own_encoding(model)

    def weigh(self, message: ChatMessage, model: str) -> Weight:
        """See `TokenCounter.weigh`."""
        counted = message.tokens.get(encoding_name(model))
        images = image_weight(message, model)
        if counted is None:
            return Weight(of_message(message).estimate, images)
        return Weight(counted, images, exact=True)

    def image_rule(self, model: str) -> str:
        """See `TokenCounter.image_rule`."""
        return image_rule(model)

    async def count(self, messages: Sequence[ChatMessage], model: str) -> list[int]:
        """See `TokenCounter.count`."""
        return await self._count([of_message(each) for each in messages], encoding_name(model))

    async def count_text(self, text: str, model: str) -> int:
        """See `TokenCounter.count_text`."""
        return (await self._count([Countable(0, (text,))], encoding_name(model)))[0]

    async def overhead(self, target: Target) -> int:
        """See `TokenCounter.overhead`."""
        countable = of_request(target.parameters, target.model)
        if not countable.texts:
            return countable.fixed
        encoding = encoding_name(target.model)
        known = self._overheads.get((encoding, countable))
        if known is not None:
            return known
        if not self.ready:
            return countable.estimate
        try:
            (counted,) = await self._count([countable], encoding)
        except UsageError:
            return countable.estimate
        if len(self._overheads) >= _MOST_OVERHEADS:
            self._overheads.clear()
        self._overheads[encoding, countable] = counted
        return counted

    async def aclose(self) -> None:
        """See `TokenCounter.aclose`."""
        await self._helper.aclose()

    async def _count(self, countables: Sequence[Countable], encoding: str) -> list[int]:
        texts = [text for each in countables for text in each.texts]
        counts: list[int] = []
        for batch in _batches(texts):
            counts += await self._helper.count(encoding, batch)
        numbers = iter(counts)
        return [each.fixed + sum(next(numbers) for _ in each.texts) for each in countables]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in their order, as many at once as take little time; at least one."""
    batch: list[str] = []
    letters = 0
    for text in texts:
        if batch and (letters + len(text) > _BATCH_LETTERS or len(batch) == _BATCH_TEXTS):
            yield batch
            batch, letters = [], 0
        batch.append(text)
        letters += len(text)
    if batch:
        yield batch
