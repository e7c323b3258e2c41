"""The messages of a transcript as one column of lines: what is where, and how much is exact.

Nothing here knows Textual's widgets: the transcript asks it what to draw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf

from chat_tui.core.conversation import Node
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, Status
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.cache import MissingTexts, RenderedCache
from chat_tui.ui.widgets.transcript.heights import Heights
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.offers import failed
from chat_tui.ui.widgets.transcript.rendered import GUTTER, MARGIN, RenderedMessage

_FRAME_LINES = 3
"""Lines of a message that are not its text: the heading and the blank below, and one to spare."""

_NEARBY = 20
"""Messages on either side of a missing one that are asked for with it."""

_SETTLE_ROUNDS = 8


class MessageColumn:
    """Messages, one below the other, rendered where they are near the view.

    Args:
        look: the styles.
        keys: those of the actions that the last message offers.
    """

    def __init__(self, look: TranscriptLook, keys: ActiveKeys) -> None:
        self._look = look
        self._keys = keys
        self._width = 80
        self._nodes: list[Node] = []
        self._index: dict[str, int] = {}
        self._heights = Heights()
        self._messages: dict[str, ChatMessage] = {}
        self._rendered = RenderedCache()
        self.missing = MissingTexts()
        """What is near the view and not loaded."""
        self._unfolded: set[str] = set()
        self._marks: dict[str, str] = {}
        self._notes: dict[str, tuple[str, Sequence[str]]] = {}
        self._dirty: set[str] = set()
        self.renders = 0
        """Messages rendered whole so far; tests count the work by it."""

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def total(self) -> int:
        """All lines, some of them estimated."""
        return self._heights.total

    def id_at(self, index: int) -> str:
        """The id of a message by its place."""
        return self._nodes[index].id

    def at(self, line: int) -> tuple[int, int]:
        """The message that a line falls into, and the line within it."""
        return self._heights.at(line)

    def span(self, index: int) -> tuple[int, int]:
        """A message's first line and its height."""
        return self._heights.start_of(index), self._heights[index]

    # Content

    def reset(
        self,
        nodes: Sequence[Node],
        messages: Iterable[ChatMessage],
        marks: Mapping[str, str],
    ) -> None:
        """Begin with other messages; `marks` (id → text) are shown in their headings."""
        self._messages.clear()
        self._notes.clear()
        self._rendered.clear()
        self.missing.clear()
        self._unfolded.clear()
        self._dirty.clear()
        self._marks = dict(marks)
        self._nodes = list(nodes)
        self._index = {node.id: index for index, node in enumerate(self._nodes)}
        self.supply(messages)
        self._measure()

    def extend(
        self, nodes: Iterable[Node], messages: Iterable[ChatMessage], marks: Mapping[str, str]
    ) -> None:
        """Add messages at the end."""
        self._marks.update(marks)
        if self._nodes and (last := self.message(len(self._nodes) - 1)) and failed(last):
            # It was the last message and offers nothing any more.
            self._rendered.drop(last.id)
        for node in nodes:
            self._index[node.id] = len(self._nodes)
            self._nodes.append(node)
            self._heights.append(_FRAME_LINES + node.lines + node.cells // self._text_width)
        self.supply(messages)

    def cut(self, id_: str) -> None:
        """Take a message and all below it away."""
        index = self._index.get(id_)
        if index is None:
            return
        for node in self._nodes[index:]:
            self._messages.pop(node.id, None)
            self._rendered.drop(node.id)
            del self._index[node.id]
        del self._nodes[index:]
        self._heights.truncate(index)

    def supply(self, messages: Iterable[ChatMessage]) -> None:
        """Take texts that were missing. A message that is rendered already knows better."""
        for message in messages:
            self.missing.forget_asked([message.id])
            if message.id in self._index and message.id not in self._rendered:
                self._messages[message.id] = message

    def replace(self, messages: Iterable[ChatMessage]) -> None:
        """Take messages anew that grew elsewhere."""
        for message in messages:
            index = self._index.get(message.id)
            if index is not None and self._messages.get(message.id) != message:
                self._messages[message.id] = message
                self._rendered.drop(message.id)

    def unfinished(self) -> tuple[str, ...]:
        """The loaded messages that are still streaming."""
        return tuple(
            id_ for id_, message in self._messages.items() if message.status == "streaming"
        )

    def message(self, index: int) -> ChatMessage | None:
        """A message by its place, as it came or ended; None where it is not loaded."""
        return self._messages.get(self._nodes[index].id)

    def append(self, id_: str, text: str, reasoning: str = "") -> bool:
        """Take more of a streaming message; tells whether it is here to be drawn."""
        index = self._index.get(id_)
        rendered = None if index is None else self.render(index)
        if rendered is None:
            # Its text is still to be supplied, and will come with this in it.
            return False
        if text:
            rendered.append(text)
        if reasoning:
            rendered.append_reasoning(reasoning)
        self._dirty.add(id_)
        return True

    def note(self, id_: str, words: str, offered: Sequence[str] = ()) -> bool:
        """Say something about a text that does not come; tells whether it can be drawn."""
        self._notes[id_] = words, offered
        rendered = self._rendered.get(id_)
        if rendered is not None:
            rendered.note(words, offered)
            self._dirty.add(id_)
        return rendered is not None

    def finish(self, message: ChatMessage, marks: Mapping[str, str]) -> bool:
        """Take a message as it ended; tells whether there is something to draw."""
        if message.id not in self._index:
            return False
        self._messages[message.id] = message
        self._marks.update(marks)
        self._notes.pop(message.id, None)
        rendered = self._rendered.get(message.id)
        if rendered is not None:
            rendered.finish(message, self._marks.get(message.id, ""))
            self._dirty.add(message.id)
        return rendered is not None

    def break_off(self, id_: str, error: ErrorInfo) -> bool:
        """End a streaming message with an error; tells whether there is something to draw."""
        rendered = self._rendered.get(id_)
        message = rendered.snapshot() if rendered else self._messages.get(id_)
        if message is None:
            return False
        has_content = bool(message.text or message.reasoning)
        status: Status = "interrupted" if has_content else "error"
        return self.finish(replace(message, status=status, error=error), {})

    def toggle_fold(self, index: int) -> None:
        """Fold or unfold the reasoning of a message."""
        id_ = self._nodes[index].id
        self._unfolded ^= {id_}
        if rendered := self._rendered.get(id_):
            rendered.fold(unfolded=id_ in self._unfolded)
            self._dirty.add(id_)

    # Layout

    def relayout(self, width: int, look: TranscriptLook) -> None:
        """Forget all lines: the width or the colours are others now."""
        self._width, self._look = width, look
        for rendered in self._rendered:
            if rendered.message.status == "streaming":
                self._messages[rendered.message.id] = rendered.snapshot()
        self._rendered.clear()
        self._measure()

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
        rendered = self._rendered.use(id_)
        if rendered is not None:
            return rendered
        message = self._messages.get(id_)
        if message is None:
            return None
        self.renders += 1
        rendered = RenderedMessage(
            message,
            self._look,
            self._width,
            unfolded=id_ in self._unfolded,
            mark=self._marks.get(id_, ""),
            keys=self._keys if index == len(self._nodes) - 1 else None,
        )
        if id_ in self._notes:
            rendered.note(*self._notes[id_])
            rendered.refresh()
        self._rendered.add(id_, rendered)
        return rendered

    def rendered(self, index: int) -> RenderedMessage | None:
        """The lines of a message if they are there: for drawing, which makes nothing."""
        return self._rendered.get(self._nodes[index].id)

    @property
    def _text_width(self) -> int:
        return max(self._width - GUTTER - MARGIN, 8)

    def _measure(self) -> None:
        width = self._text_width
        self._heights = Heights(
            _FRAME_LINES + node.lines + node.cells // width for node in self._nodes
        )

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

    def _miss(self, index: int) -> None:
        near = range(max(index - _NEARBY, 0), min(index + _NEARBY, len(self._nodes)))
        self.missing.want(id_ for at in near if (id_ := self._nodes[at].id) not in self._messages)
