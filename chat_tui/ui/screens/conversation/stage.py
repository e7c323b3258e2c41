"""Where a conversation is shown: its transcript, or a welcome while nothing was said."""

from collections.abc import Sequence
from functools import partial

from textual.widgets import Static

from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.screens.conversation.welcome import welcome_text
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_LEAST_HEIGHT = 3
"""Lines that a message takes besides its text."""

_NEAR_TOP = 8
"""Messages of another branch that are loaded before it is shown, besides those at its end."""


class Stage:
    """Shows the session's conversation in a transcript.

    Args:
        session: what is shown.
        transcript: shows what was said.
        welcome: stands in its place while there is nothing to be seen.
    """

    def __init__(self, session: Session, transcript: Transcript, welcome: Static) -> None:
        self._session = session
        self._transcript = transcript
        self._welcome = welcome

    @property
    def transcript(self) -> Transcript:
        """What it shows the conversation in."""
        return self._transcript

    def path(self, chat: OpenConversation) -> list[str]:
        """The messages that are shown, from the first one on: those of the active path."""
        return chat.tree.path()

    def siblings(self, chat: OpenConversation, id_: str) -> Sequence[str]:
        """The versions of a message that can be shown at its place."""
        return chat.tree.siblings(id_)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be seen."""
        chat = self._session.chat
        return chat is None or chat.tree.head is None

    async def show(self, chat: OpenConversation) -> bool:
        """Show a conversation's path with its end in view; tells whether it still is."""
        self._session.chat = chat
        self._transcript.show_path([])
        messages = await chat.messages(self.wanted(chat))
        if self._session.chat is not chat:
            return False
        self.fill(chat, messages)
        return True

    def wanted(self, chat: OpenConversation) -> list[str]:
        """The messages with which `fill` shows a whole screen."""
        return self._last_screen(chat, self.path(chat))

    def fill(self, chat: OpenConversation, messages: Sequence[ChatMessage]) -> None:
        """Show a conversation's path with its end in view, at once; other texts are asked for."""
        # No await from here on: text that streams in meanwhile would come twice. The path is read
        # now, since a turn may have begun while the texts were loaded.
        path = self.path(chat)
        nodes = [chat.tree[id_] for id_ in path]
        self._transcript.show_path(nodes, messages, partial(self._mark_of, chat))
        self.show_welcome()

    def extend(
        self, chat: OpenConversation, messages: Sequence[ChatMessage], *, calm: bool = False
    ) -> None:
        """Show what a turn begins with: its prompt and the empty reply.

        Args:
            chat: whose turn; its tree has the messages.
            messages: those that were stored; the ones on the path stand at its end.
            calm: nobody pressed a key for it: who reads further up is left in peace.
        """
        path = self.path(chat)
        begun = {message.id for message in messages}
        # A message that is shown already begins anew where it is gone on with.
        place = next((at for at, id_ in enumerate(path) if id_ in begun), len(path))
        same = min(self._transcript.column.same_as(path), place)
        if same < len(self._transcript.column):
            # Another version takes the place of the one that is shown, perhaps on another branch.
            self._transcript.cut(self._transcript.column.id_at(same))
        elif same == len(path):
            # Another answer may have begun beside the one that is shown.
            self._transcript.mark_headings()
            return
        nodes = [chat.tree[id_] for id_ in path[same:]]
        self._transcript.extend(nodes, messages)
        if not calm or self._transcript.following:
            # What is meant from now on is the new answer, not what was read before.
            self._transcript.current = None
            self._transcript.jump_to_end()
        self.show_welcome()

    def finish(self, chat: OpenConversation, reply: ChatMessage) -> None:
        """Show a reply as it ended; further choices may have been stored beside it."""
        self._transcript.finish(reply)

    async def supply(self, chat: OpenConversation, ids: tuple[str, ...]) -> None:
        """Load texts that come into view."""
        try:
            messages = await chat.messages(ids)
        except ChatError:
            # They are asked for again when they come into view the next time.
            self._transcript.column.missing.forget_asked(ids)
            raise
        if chat is self._session.chat:
            self._transcript.supply(messages)

    async def rendered(self, chat: OpenConversation, index: int) -> RenderedMessage | None:
        """A message's lines, its text loaded where it is not; None where another is shown then."""
        column = self._transcript.column
        if not 0 <= index < len(column):
            return None
        if (rendered := column.render(index)) is not None:
            return rendered
        id_ = column.id_at(index)
        await self.supply(chat, (id_,))
        is_here = chat is self._session.chat and column.index_of(id_) == index
        return column.render(index) if is_here else None

    async def follow(
        self,
        chat: OpenConversation,
        *,
        at: int | None = None,
        line: int | None = None,
        reveal: bool = False,
    ) -> None:
        """Show the path as it is now; what stays of it stays where it is on the screen.

        Args:
            chat: whose path it is; nothing is done where it is not on the screen.
            at: the message to mark, by its place; by default none is, and where the end was
                followed, it still is.
            line: the line of the view on which that message begins, if there is enough below it.
            reveal: mark the first message that is new here, if it would be out of view.
        """
        path = self.path(chat)
        changed = path[self._transcript.column.same_as(path) :]
        end = self._last_screen(chat, path) if changed else []
        near = dict.fromkeys([*changed[:_NEAR_TOP], *end])
        messages = await chat.messages([*near])
        if self._session.chat is not chat:
            return
        # Read once more: it may have changed while the texts were loaded.
        path = self.path(chat)
        same = self._transcript.column.same_as(path)
        self._replace_from(same, chat, path, messages)
        self.show_welcome()
        if at is None and reveal and same < len(path):
            height = self._transcript.size.height
            at = None if 0 <= self.line_of(same) < height else same
        if at is None or not path:
            return
        at = min(at, len(path) - 1)
        if line is None:
            self._transcript.move_to(at)
        else:
            self._transcript.place(at, line)

    def _replace_from(
        self, at: int, chat: OpenConversation, path: Sequence[str], messages: list[ChatMessage]
    ) -> None:
        """Show a path, of which the messages before a place are shown already."""
        transcript, marked = self._transcript, self._transcript.current
        if at < len(transcript.column):
            transcript.cut(transcript.column.id_at(at))
            if marked is not None and marked < at:
                transcript.current = marked
        transcript.mark_headings()
        transcript.extend([chat.tree[id_] for id_ in path[at:]], messages)

    def line_of(self, at: int) -> int:
        """The line of the view on which a message begins; negative above it."""
        return self._transcript.column.span(at)[0] - self._transcript.scroll_offset.y

    async def follow_others(self, chat: OpenConversation) -> None:
        """Show how far the replies are that another window receives, and what it pinned."""
        messages = await chat.messages(self._transcript.column.unfinished())
        flags = await chat.store.flags(chat.id)
        if chat is self._session.chat:
            if messages:
                self._transcript.replace(messages)
            self._transcript.flag(flags)

    def _last_screen(self, chat: OpenConversation, path: Sequence[str]) -> list[str]:
        """The messages that fill a screen, from the end upwards."""
        ids: list[str] = []
        room = self._transcript.screen.size.height
        for id_ in reversed(path):
            if room <= 0:
                break
            room -= _LEAST_HEIGHT + chat.tree[id_].lines
            ids.append(id_)
        return ids

    def _mark_of(self, chat: OpenConversation, id_: str) -> str:
        """Which of several versions a message is; empty where there are no others."""
        # One that was deleted just now is shown until the path is followed.
        siblings = self.siblings(chat, id_) if chat.tree.visible(id_) else ()
        if len(siblings) < 2:
            return ""
        place = siblings.index(id_) + 1
        return text("transcript.sibling", position=place, count=len(siblings))

    def show_welcome(self) -> None:
        """Say whom one talks to while there is nothing to see, else show the transcript."""
        chat = self._session.chat
        self._transcript.screen.set_class(self.empty, "-empty")
        if self.empty and chat is not None:
            label = self._session.backend.label(chat.target.provider)
            keys = active_keys(self._transcript)
            words = welcome_text(
                chat.target,
                label,
                keys,
                temporary=chat.temporary,
                system_prompt=chat.conversation.system_prompt,
            )
            self._welcome.update(words)
