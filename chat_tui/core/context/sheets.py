"""Items by message, for each way to weigh them that was asked for."""

from collections.abc import Iterator, Mapping

from chat_tui.core.context.items import ContextItem
from chat_tui.core.messages import Flags
from chat_tui.core.ports import TokenCounter

Sheet = dict[str, ContextItem]
"""Message → item."""


class Sheets:
    """The items of one conversation.

    Without pictures a message weighs the same for all models of one encoding; with them, each
    model has its own rule.

    Args:
        counter: knows the encodings.
    """

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._plain: dict[str, Sheet] = {}
        """Encoding → messages without pictures."""
        self._pictured: dict[str, Sheet] = {}
        """Model → messages with some."""
        self.version = 0
        """Grows whenever something is known otherwise than before."""

    def of(self, model: str) -> tuple[Sheet, Sheet]:
        """What is known for a model of messages without pictures, and with them."""
        encoding = self._counter.encoding(model)
        return self._plain.setdefault(encoding, {}), self._pictured.setdefault(model, {})

    def known(self, id_: str, model: str) -> ContextItem | None:
        """A message's item; None where it was not read yet."""
        plain, pictured = self.of(model)
        return plain.get(id_) or pictured.get(id_)

    def put(self, item: ContextItem, model: str) -> None:
        """Keep an item."""
        before = self.known(item.id, model)
        plain, pictured = self.of(model)
        (pictured if item.pictures else plain)[item.id] = item
        if before is not None and before != item:
            self.version += 1
            # Whether it is pinned or excluded is no matter of the encoding.
            self.flag(item.id, pinned=item.pinned, excluded=item.excluded)

    def lose(self, id_: str) -> None:
        """Forget a message that is there no longer."""
        for sheet in self._all():
            sheet.pop(id_, None)
        self.version += 1

    def flag(self, id_: str, *, pinned: bool | None, excluded: bool | None) -> None:
        """Note whether a message is pinned or excluded; None leaves it as it is."""
        for sheet in self._all():
            if (item := sheet.get(id_)) is None:
                continue
            now = item._replace(
                pinned=item.pinned if pinned is None else pinned,
                excluded=item.excluded if excluded is None else excluded,
            )
            if now != item:
                sheet[id_] = now
                self.version += 1

    def follow(self, flags: Mapping[str, Flags]) -> None:
        """Note which messages are pinned or excluded: these, and no others."""
        flagged = {
            id_
            for sheet in self._all()
            for id_, item in sheet.items()
            if item.pinned or item.excluded
        }
        for id_ in flagged | {*flags}:
            pinned, excluded = flags.get(id_, Flags())
            self.flag(id_, pinned=pinned, excluded=excluded)

    def count(self, counts: Mapping[str, int], encoding: str) -> None:
        """Note how many tokens the texts of messages have."""
        for sheet in self._counted_by(encoding):
            for id_, tokens in counts.items():
                # While it was counted it may have been flagged: only the count is new.
                if (item := sheet.get(id_)) is not None:
                    sheet[id_] = item._replace(tokens=tokens + item.images, exact=True)
        self.version += 1

    def shorten(self, counts: Mapping[str, int], encoding: str) -> None:
        """Note how many tokens messages have where they are shortened."""
        for sheet in self._counted_by(encoding):
            for id_, tokens in counts.items():
                if (item := sheet.get(id_)) is not None:
                    sheet[id_] = item._replace(short=tokens)
        self.version += 1

    def _counted_by(self, encoding: str) -> list[Sheet]:
        pictured = self._pictured.items()
        same = [sheet for model, sheet in pictured if self._counter.encoding(model) == encoding]
        return [self._plain.setdefault(encoding, {}), *same]

    def _all(self) -> Iterator[Sheet]:
        yield from self._plain.values()
        yield from self._pictured.values()
