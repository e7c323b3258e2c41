"""What the messages of a path weigh, and what is sent of them with a given cut."""

from collections.abc import Sequence
from math import ceil

from chat_tui.core.context.form import Form
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.wording import (
    FILLER_TOKENS,
    SUMMARY_TOKENS,
    may_shorten,
    shortened_tokens,
    whole_tokens,
)


class Sizes:
    """What the messages of a path weigh, and what is sent of them with a given cut."""

    def __init__(
        self,
        path: Sequence[ContextItem],
        form: Form,
        policy: ContextPolicy,
        scale: float,
        system: int,
    ) -> None:
        self.path = path
        self.form = form
        self.system = ceil(system * scale)
        self._policy = policy
        self._scale = scale
        self.whole = [
            ceil((whole_tokens(each) if each.pictures else each.tokens) * scale) for each in path
        ]
        """Tokens of each message, calibrated."""
        if form.summary >= 0:
            said = path[form.summary].tokens + SUMMARY_TOKENS
            self.whole[form.summary] = ceil(said * scale)
        self.must = self.system + sum(self.whole[place] for place in form.must_go())
        """Tokens of what goes in any case."""
        self._filler, self._last_before = self._about_filler()

    def _about_filler(self) -> tuple[int, int]:
        """What a filler weighs if there is one, and the last message that makes it needless."""
        form = self.form
        spoken = (place for place in form.fixed if self.path[place].role != "system")
        first = min(next(spoken, form.newest), form.newest)
        if 0 <= form.before <= first or self.path[first].role == "user":
            return 0, -1
        before = (place for place in range(first - 1, -1, -1) if not form.reasons[place])
        return ceil(FILLER_TOKENS * self._scale), next(before, -1)

    def may_begin(self, place: int) -> bool:
        """Whether what is sent may begin with a message, besides those that must go."""
        return self.path[place].role == "user" and self.form.may_go(place)

    def filler(self, first: int) -> int:
        """Tokens of the line that comes first where an answer would, with such a first message."""
        return self._filler if first > self._last_before else 0

    def short(self, place: int) -> int:
        """The tokens of a message as it is shortened, or whole where that is not less."""
        item, policy, whole = self.path[place], self._policy, self.whole[place]
        if (policy.shorten_results and may_shorten(item)) or (
            policy.drop_images and item.pictures and item.role == "user"
        ):
            return min(ceil(shortened_tokens(item) * self._scale), whole)
        return whole

    def shortened(self, first: int, whole: int) -> dict[int, int]:
        """The tokens of all messages that a cut shortens, by their places."""
        return {
            place: size
            for place in range(first, whole)
            if not self.form.reasons[place] and (size := self.short(place)) < self.whole[place]
        }

    def total(self, first: int, whole: int) -> int:
        """All that is sent.

        Args:
            first: the place of the oldest message that goes, besides those that must.
            whole: the place from which on messages go whole.
        """
        end = self.form.newest
        rows = zip(self.whole[first:end], self.form.reasons[first:end], strict=True)
        total = self.must + self.filler(first) + sum([size for size, why in rows if not why])
        for place, size in self.shortened(first, whole).items():
            total -= self.whole[place] - size
        return total
