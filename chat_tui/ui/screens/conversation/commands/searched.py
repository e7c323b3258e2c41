"""The texts of the open conversation, read and prepared for being searched."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from chat_tui.core.errors import ChatError
from chat_tui.core.finding import Finder
from chat_tui.core.ports import MessageText
from chat_tui.core.searchable import Searchable, prepare

if TYPE_CHECKING:  # for annotations alone
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_FIRST_PAGE, _PAGE = 40, 400
"""Messages whose texts are read at once: few at first, for a place that is near."""

_FIRST_FRAME = 0.03
"""Seconds that are left for drawing before the rest is read."""

_SLICE = 20_000
"""Characters that are prepared before keys are heard again: some 2 ms."""

_GROUP = "find texts"


class SearchedTexts:
    """Reads the texts of a conversation page by page, and keeps them while it stays.

    Args:
        screen: shows the conversation.
        grown: called when there is more to be searched, and when all of it was read.
    """

    def __init__(self, screen: "ConversationView", grown: Callable[[], None]) -> None:
        self._screen = screen
        self._grown = grown
        self._unfinished: set[str] = set()
        """The messages that may have grown since their texts were read."""
        self.chat: OpenConversation | None = None
        """Whose texts they are."""
        self.finder = Finder()
        """Searches them."""
        self.reading = False
        """Whether some are still to be read."""

    def begin(self) -> None:
        """Search the conversation on the screen."""
        if self.chat is not self._screen.session.chat:
            self.forget()
            self.chat = self._screen.session.chat

    def forget(self) -> None:
        """Let go of all texts."""
        self.stop()
        self.chat, self.finder = None, Finder()
        self._unfinished.clear()

    def stop(self) -> None:
        """Read no further."""
        self._screen.workers.cancel_group(self._screen, _GROUP)
        self.reading = False

    def changed(self, id_: str) -> None:
        """A message has another text now: it is read anew with the next `read`."""
        self._unfinished.add(id_)

    def read(self, start: int) -> None:
        """Search the path as it is now, and read what is missing or has grown.

        Args:
            start: the message from which on texts are wanted first.
        """
        chat, column = self.chat, self._screen.transcript.column
        if chat is None:
            return
        self.finder.show([column.id_at(index) for index in range(len(column))])
        streaming = self._supply_streaming(chat)
        self._unfinished |= streaming
        again = [id_ for id_ in self._unfinished - streaming if column.index_of(id_) is not None]
        wanted = list(dict.fromkeys([*again, *self.finder.missing(start)]))
        self.reading = bool(wanted)
        if wanted:
            self._screen.run_worker(
                self._read_pages(chat, wanted),
                name=_GROUP,
                group=_GROUP,
                exclusive=True,
                exit_on_error=False,
            )

    def _supply_streaming(self, chat: "OpenConversation") -> set[str]:
        """Search what has come so far of the messages that stream; gives their ids."""
        column = self._screen.transcript.column
        found: set[str] = set()
        for id_ in column.unfinished():
            index = column.index_of(id_)
            rendered = None if index is None else column.rendered(index)
            if rendered is not None:
                now = rendered.snapshot()
                self.finder.supply([_prepared(chat, MessageText(id_, now.text, now.reasoning, ""))])
                found.add(id_)
        return found

    async def _read_pages(self, chat: "OpenConversation", ids: Sequence[str]) -> None:
        start, size = 0, _FIRST_PAGE
        while start < len(ids):
            try:
                texts = await chat.store.texts(ids[start : start + size])
            except ChatError:
                # They are read again with the next `read`.
                self.reading = False
                self._grown()
                raise
            prepared: list[Searchable] = []
            for part in _slices(texts):
                prepared += [_prepared(chat, message) for message in part]
                # Keys are heard between.
                await asyncio.sleep(0)
            self.finder.supply(prepared)
            self._unfinished.difference_update(ids[start : start + size])
            start += size
            self.reading = start < len(ids)
            self._grown()
            if size == _FIRST_PAGE:
                # A place that is near is drawn before anything else is done.
                await asyncio.sleep(_FIRST_FRAME)
            size = _PAGE


def _prepared(chat: "OpenConversation", message: MessageText) -> Searchable:
    is_prompt = message.id in chat.tree and chat.tree[message.id].role == "user"
    return prepare(message, markdown=not is_prompt)


def _slices(texts: Sequence[MessageText]) -> Iterator[list[MessageText]]:
    part: list[MessageText] = []
    size = 0
    for message in texts:
        part.append(message)
        size += len(message.text) + len(message.reasoning)
        if size > _SLICE:
            yield part
            part, size = [], 0
    if part:
        yield part
