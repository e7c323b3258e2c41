"""What a column keeps: the lines of the messages used last, and which texts are still to come."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

KEPT = 300
"""Messages whose lines are kept; about 7 MB."""


class RenderedCache:
    """The messages that were rendered last, by their ids; those that stream are never dropped."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, RenderedMessage] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._kept

    def __iter__(self) -> Iterator[RenderedMessage]:
        return iter(self._kept.values())

    def get(self, id_: str) -> RenderedMessage | None:
        """A message's lines, if they are there."""
        return self._kept.get(id_)

    def use(self, id_: str) -> RenderedMessage | None:
        """The same, and they count as used now."""
        rendered = self._kept.get(id_)
        if rendered is not None:
            self._kept.move_to_end(id_)
        return rendered

    def add(self, id_: str, rendered: RenderedMessage) -> None:
        """Keep a message's lines; what was not used for longest makes room."""
        self._kept[id_] = rendered
        while len(self._kept) > KEPT:
            oldest = next((key for key, each in self._kept.items() if not _streams(each)), None)
            if oldest is None:
                return
            del self._kept[oldest]

    def drop(self, id_: str) -> None:
        """Forget a message's lines."""
        self._kept.pop(id_, None)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()


class MissingTexts:
    """The ids of texts that are wanted and not loaded; each is asked for once."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._asked: set[str] = set()

    def want(self, ids: Iterable[str]) -> None:
        """Note that texts came near the view."""
        self._wanted.update(ids)

    def take(self) -> tuple[str, ...]:
        """What to ask for now."""
        new = self._wanted - self._asked
        self._wanted.clear()
        self._asked |= new
        return tuple(new)

    def forget_asked(self, ids: Iterable[str]) -> None:
        """They came, or could not be loaded: they may be asked for again."""
        self._asked.difference_update(ids)

    def clear(self) -> None:
        """Begin anew."""
        self._wanted.clear()
        self._asked.clear()


def _streams(rendered: RenderedMessage) -> bool:
    return rendered.message.status == "streaming"
