"""What drafts weigh while they are written, and what each picture costs."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import ceil

from chat_tui.core.attachments.prompts import Prompt, prompt_of
from chat_tui.core.context.inquiries import Inquiries
from chat_tui.core.context.learning import Learning
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.context.plan import DRAFT
from chat_tui.core.errors import UsageError
from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, part_text, text_parts
from chat_tui.core.ports import TokenCounter
from chat_tui.core.targets import Prices, Target

_KEPT = 256
"""Documents whose tokens are kept in mind."""

_Key = tuple[str, bool, str, str, str, int]


class Drafts:
    """Weighs drafts. A document is counted once, however often the words beside it change.

    Args:
        counter: counts.
        inquiries: gets it ready.
        learning: knows how models count.
    """

    def __init__(self, counter: TokenCounter, inquiries: Inquiries, learning: Learning) -> None:
        self._counter = counter
        self._inquiries = inquiries
        self._learning = learning
        self._documents: dict[_Key, int] = {}

    async def tokens(self, given: Prompt | str, target: Target) -> int:
        """What a draft weighs as a message, with what is attached to it, calibrated.

        0 for an empty one.
        """
        prompt = prompt_of(given)
        if not prompt.text and not prompt.attached:
            return 0
        message = ChatMessage(DRAFT, "user", text_parts(prompt.text))
        weight = await self._inquiries.count_draft(message, target.model)
        exact, words = weight.exact, weight.tokens
        for part in prompt.attached:
            if isinstance(part, FilePart):
                words += await self._document(part, target.model, exact=exact)
        ratio = self._learning.calibration(target).ratio_of(0 if exact else 1)
        pictures = [part for part in prompt.attached if isinstance(part, ImagePart)]
        return ceil(words * ratio) + self.pictures(pictures, target)

    def pictures(self, parts: Sequence[ImagePart], target: Target) -> int:
        """What pictures weigh for a target, calibrated."""
        if not parts:
            return 0
        message = ChatMessage(DRAFT, "user", tuple(parts))
        known = self._learning.calibration(target)
        images = self._counter.weigh(message, target.model).images
        return ceil(
            round(images * known.pictures) * known.ratio_of(0 if self._counter.ready else 1)
        )

    def picture_cost(self, part: ImagePart, target: Target, prices: Prices | None) -> PictureCost:
        """What one picture takes of a prompt."""
        tokens, rule = self.pictures([part], target), self._counter.image_rule(target.model)
        price = None if prices is None else prices.input
        return PictureCost(tokens, None if price is None else price * tokens / 1_000_000, rule)

    def rescaled(self, draft: int, of: Target, to: Target) -> int:
        """What the words of a draft weigh for another target, by what is learnt of both."""
        ratios = self._learning.calibration(to).ratio, self._learning.calibration(of).ratio
        return ceil(draft * ratios[0] / ratios[1])

    async def _document(self, part: FilePart, model: str, *, exact: bool) -> int:
        """The tokens of a document alone: counted if that is possible, else estimated."""
        encoding, told = self._counter.encoding(model), hash(part.text)
        key = (encoding, exact, part.sha256, part.name, part.language, told)
        if (known := self._documents.get(key)) is not None:
            return known
        await asyncio.sleep(0)  # Several of millions of characters would keep keys waiting.
        text, counted = part_text(part), None
        if exact:
            with suppress(UsageError):
                counted = await self._counter.count_text(text, model)
        if counted is None:
            counted = estimate_tokens(text)
        while len(self._documents) >= _KEPT:
            del self._documents[next(iter(self._documents))]
        self._documents[key] = counted
        return counted
