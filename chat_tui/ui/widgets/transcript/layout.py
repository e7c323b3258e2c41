"""A path as lines: what is where, exact near the view and estimated elsewhere."""

from collections.abc import Callable, Iterator
from datetime import date
from math import inf

from chat_tui.core.conversation import Node
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.cache import RenderedCache
from chat_tui.ui.widgets.transcript.folds import estimated
from chat_tui.ui.widgets.transcript.heights import Heights
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.options import TranscriptOptions
from chat_tui.ui.widgets.transcript.path import ShownPath
from chat_tui.ui.widgets.transcript.pictures import PictureKey, Thumbnails
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage, text_width

_SETTLE_ROUNDS = 8


class LaidOutPath(ShownPath):
    """Messages, one below the other, rendered where they are near the view.

    Args:
        look: the styles.
        keys: those in force.
        options: as the user set them.
        today: tells the day, for times.
    """

    def __init__(
        self,
        look: TranscriptLook,
        keys: ActiveKeys,
        options: TranscriptOptions,
        today: Callable[[], date],
    ) -> None:
        super().__init__(keys, options, today)
        self._look = look
        self._width = 80
        self._measured: Heights | None = None
        self._rendered = RenderedCache()
        self.thumbnails = Thumbnails()
        """Those of pictures that were seen last."""
        self._dirty: set[str] = set()
        """Messages that changed since they were laid out."""
        self.renders = 0
        """Messages rendered whole so far; tests count the work by it."""

    @property
    def total(self) -> int:
        """All lines, some of them estimated."""
        return self._heights.total

    def at(self, line: int) -> tuple[int, int]:
        """The message that a line falls into, and the line within it."""
        return self._heights.at(line)

    def span(self, index: int) -> tuple[int, int]:
        """A message's first line and its height."""
        return self._heights.start_of(index), self._heights[index]

    def relayout(self, width: int, look: TranscriptLook) -> None:
        """Forget all lines: the width or the colours are others now."""
        self._width, self._look = width, look
        for rendered in self._rendered:
            if rendered.message.status == "streaming":
                self._messages[rendered.message.id] = rendered.snapshot()
        self._rendered.clear()
        self._measured = None

    def refresh(self, deadline: float = inf) -> int | None:
        """Render what streamed in; gives the first line of the column that changed, if any.

        Args:
            deadline: when to leave the rest for the next frame (see `behind`).
        """
        first: int | None = None
        behind: set[str] = set()
        for id_ in self._dirty:
            rendered = self._rendered.get(id_)
            if rendered is None:
                continue
            index = self._index[id_]
            line = rendered.refresh(deadline)
            if rendered.behind:
                behind.add(id_)
            self._heights.set(index, rendered.height)
            changed = self._heights.start_of(index) + line
            first = changed if first is None else min(first, changed)
        self._dirty = behind
        return first

    @property
    def behind(self) -> bool:
        """Whether some text is still to be laid out."""
        return bool(self._dirty)

    def settle(self, top: int, view: int, *, following: bool) -> int:
        """Make what a view shows exact, without what the reader looks at moving.

        Args:
            top: the line at the view's top.
            view: the view's height in lines.
            following: show the end, wherever that comes to be.

        Returns:
            The line that is at the top now.
        """
        for _ in range(_SETTLE_ROUNDS if self._nodes else 0):
            if following:
                top = max(self.total - view, 0)
            moved, exact = self._settle_round(top, view, following)
            top += moved
            if exact:
                break
        return min(max(top, 0), max(self.total - view, 0))

    def render(self, index: int) -> RenderedMessage | None:
        """The lines of a message, made where there are none; None where it is not loaded."""
        id_ = self._nodes[index].id
        if (kept := self._rendered.use(id_)) is not None:
            return kept
        if (message := self._messages.get(id_)) is None:
            return None
        self.renders += 1
        rendered = RenderedMessage(
            message,
            self._look,
            self._width,
            self._folding(index),
            self._around(index),
            self.thumbnails,
        )
        if id_ in self._notes:
            rendered.note(*self._notes[id_])
            rendered.refresh()
        self._rendered.add(id_, rendered)
        return rendered

    def rendered(self, index: int) -> RenderedMessage | None:
        """The lines of a message if they are there: for drawing, which makes nothing."""
        return self._rendered.get(self._nodes[index].id)

    def pictures_in(self, top: int, view: int) -> Iterator[PictureKey]:
        """The thumbnails that stand in a view, whether they are there or not.

        Args:
            top: the line at the view's top.
            view: the view's height in lines.
        """
        if not self._nodes:
            return
        index, within = self._heights.at(top)
        line = -within
        while index < len(self._nodes) and line < view:
            if rendered := self.rendered(index):
                yield from rendered.pictures_between(-line, view - line)
            line += self._heights[index]
            index += 1

    @property
    def _heights(self) -> Heights:
        """Of all messages; they are estimated when they are needed, for the width that is known."""
        if self._measured is None:
            self._measured = Heights(self._estimates())
        return self._measured

    def _estimates(self) -> list[int]:
        """All heights, estimated: quick for the many of which nothing was folded by hand."""
        width, folds = text_width(self._width), self.folds
        usual = {role: folds.usual(role) for role in {node.role for node in self._nodes}}
        heights = [estimated(node, width, usual[node.role]) for node in self._nodes]
        for id_ in folds.by_hand:
            if (index := self._index.get(id_)) is not None:
                heights[index] = self._estimated(self._nodes[index])
        return heights

    def _estimated(self, node: Node) -> int:
        return estimated(node, text_width(self._width), self.folds.of(node.id, node.role))

    def _draw_anew(self, index: int, rendered: RenderedMessage) -> None:
        """Take over changes of a message; text that still waits is left for the next frame."""
        rendered.refresh(0.0)
        self._heights.set(index, rendered.height)
        if rendered.behind:
            self._dirty.add(rendered.message.id)

    def _settle_round(self, top: int, view: int, following: bool) -> tuple[int, bool]:
        """Render what a view shows; gives how far its top moves, and whether all was exact."""
        anchor, within = self._heights.at(top)
        index, shown = anchor, -within
        moved, exact = 0, True
        while index < len(self._nodes) and shown < view:
            rendered = self.render(index)
            if rendered is None:
                self._miss(index)
            elif delta := self._heights.set(index, rendered.height):
                exact = False
                if index == anchor and within and not following:
                    # The reader came from below and sees its lower part: that stays.
                    moved += delta
            shown += self._heights[index]
            index += 1
        return moved, exact
