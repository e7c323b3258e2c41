"""The messages of a transcript as one column of lines, and how it changes.

Nothing here knows Textual's widgets: the transcript asks it what to draw.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from chat_tui.core.attachments.values import Pixels
from chat_tui.core.conversation import Node
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, Flags, Status
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.layout import LaidOutPath
from chat_tui.ui.widgets.transcript.pictures import PictureKey, on_background
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage
from chat_tui.ui.widgets.transcript.sending import Sending


class MessageColumn(LaidOutPath):
    """Messages that come, grow, end, fold and go, each drawn anew as far as it changed."""

    # Content

    def reset(
        self,
        nodes: Sequence[Node],
        messages: Iterable[ChatMessage],
        mark_of: Callable[[str], str],
    ) -> None:
        """Begin with other messages; `mark_of` gives by id what is shown in their headings."""
        self._begin(nodes, mark_of)
        self._rendered.clear()
        self.thumbnails.forget_troubles()
        self._dirty.clear()
        self.supply(messages)
        self._measured = None

    def extend(self, nodes: Iterable[Node], messages: Iterable[ChatMessage]) -> None:
        """Add messages at the end."""
        last = len(self) - 1
        for node in nodes:
            self._add(node)
            if self._measured is not None:
                self._measured.append(self._estimated(node))
        self.supply(messages)
        if last >= 0 and (rendered := self.rendered(last)):
            # Only the last message offers something.
            self._dress(last, rendered)

    def cut(self, id_: str) -> None:
        """Take a message and all below it away."""
        index = self.index_of(id_)
        if index is not None:
            for gone in self._cut(index):
                self._rendered.drop(gone)
            if self._measured is not None:
                self._measured.truncate(index)

    def supply(self, messages: Iterable[ChatMessage]) -> None:
        """Take texts that were missing; what came meanwhile knows better."""
        for message in self._loaded(messages):
            self._messages.setdefault(message.id, message)

    def replace(self, messages: Iterable[ChatMessage]) -> None:
        """Take messages anew that grew elsewhere."""
        for message in messages:
            if message.id in self._index and self._messages.get(message.id) != message:
                self._messages[message.id] = message
                self._rendered.drop(message.id)

    def append(self, id_: str, text: str, reasoning: str = "") -> bool:
        """Take more of a streaming message; tells whether it is here to be drawn."""
        index = self.index_of(id_)
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

    def supply_picture(
        self,
        key: PictureKey,
        picture: Pixels | str,
        needed: Collection[PictureKey],
        *,
        shades: bool,
    ) -> bool:
        """Take a thumbnail that was missing; tells whether there is something to draw.

        Args:
            key: which one.
            picture: its pixels, or why there are none (clean).
            needed: those in view.
            shades: draw it by brightness alone.
        """
        base = on_background(self._look.base, key.background)
        gone = self.thumbnails.add(key, picture, base, needed, shades=shades)
        changed = [each for each in self._rendered if each.shows({key, *gone})]
        for rendered in changed:
            rendered.redraw_pictures()
            rendered.refresh(0.0)
        return bool(changed)

    def finish(self, message: ChatMessage) -> bool:
        """Take a message as it ended; tells whether there is something to draw."""
        index = self.index_of(message.id)
        if index is None:
            return False
        self._messages[message.id] = message
        self._notes.pop(message.id, None)
        rendered = self._rendered.get(message.id)
        if rendered is not None:
            rendered.finish(message, self._around(index))
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
        return self.finish(replace(message, status=status, error=error))

    # Folding, and what is told around messages

    def refold(self, index: int) -> None:
        """Show as much of a message as its folding says now; drawn with the next `refresh`."""
        node = self._nodes[index]
        if rendered := self._rendered.get(node.id):
            rendered.fold(self._folding(index))
            self._dirty.add(node.id)
        else:
            self._heights.set(index, self._estimated(node))

    def refold_all(self) -> None:
        """The same of all, at once; what is not near the view gets another height only."""
        self._measured = None
        for index, rendered in self._kept():
            rendered.fold(self._folding(index))
            self._draw_anew(index, rendered)

    def dress_all(self, keys: ActiveKeys | None = None) -> None:
        """Tell other things around messages, as the options and the keys say now."""
        self._keys = keys or self._keys
        for index, rendered in self._kept():
            self._dress(index, rendered)

    def mark_headings(self) -> bool:
        """Show in headings what is to be shown there now; tells whether anything changed."""
        others = [each for each in self._kept() if each[1].around != self._around(each[0])]
        for index, rendered in others:
            self._dress(index, rendered)
        return bool(others)

    def disguise(self, alias: Callable[[Node], str] | None) -> None:
        """Name models otherwise, or as they are called; empty names stay."""
        self._alias = alias
        self.dress_all()

    def mark_new(self, index: int) -> None:
        """Say above a message that it and what follows was not seen yet."""
        self._new = self.id_at(index)
        if rendered := self.rendered(index):
            self._dress(index, rendered)

    def mark_sending(self, sending: Sending) -> bool:
        """Say what is not sent; only the messages concerned are drawn anew, if there are any.

        Tells whether something is to be drawn.
        """
        before, self._sending = self._sending, sending
        if sending == before:
            return False
        concerned = before.superseded ^ sending.superseded | before.replaced ^ sending.replaced
        concerned |= {before.summary, sending.summary}
        if (before.begins, before.ends, before.words) != (
            sending.begins,
            sending.ends,
            sending.words,
        ):
            concerned |= {before.begins, sending.begins, before.ends, sending.ends}
        return self._dress_some(concerned)

    def put_away(self, ids: frozenset[str]) -> None:
        """Fold messages to their first lines that nobody unfolded; others as they were."""
        changed, self.folds.put_away = self.folds.put_away ^ ids, ids
        for id_ in changed:
            if (index := self.index_of(id_)) is not None:
                self.refold(index)

    def flag(self, flags: Mapping[str, Flags]) -> bool:
        """Take over which messages are pinned or left out: these, and no others.

        Tells whether something changed that is drawn.
        """
        changed = set[str]()
        for id_, known in self._messages.items():
            pinned, excluded = flags.get(id_, Flags())
            if (known.pinned, known.excluded) == (pinned, excluded):
                continue
            self._messages[id_] = replace(known, pinned=pinned, excluded=excluded)
            if rendered := self._rendered.get(id_):
                rendered.flag(pinned=pinned, excluded=excluded)
            changed.add(id_)
        return self._dress_some(changed)

    def _dress_some(self, ids: Iterable[str]) -> bool:
        found = [(self._index[id_], each) for id_ in ids if (each := self._rendered.get(id_))]
        for index, rendered in found:
            self._dress(index, rendered)
        return bool(found)

    def _kept(self) -> list[tuple[int, RenderedMessage]]:
        return [(self._index[rendered.message.id], rendered) for rendered in self._rendered]

    def _dress(self, index: int, rendered: RenderedMessage) -> None:
        rendered.dress(self._around(index))
        self._draw_anew(index, rendered)
