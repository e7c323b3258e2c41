"""Where a conversation is shown: its transcript, or a welcome while nothing was said."""

from textual.widgets import Static

from chat_tui.core.errors import ChatError
from chat_tui.core.events import TurnStarted
from chat_tui.core.messages import ChatMessage
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.screens.conversation.welcome import welcome_text
from chat_tui.ui.widgets.transcript import Transcript

_LEAST_HEIGHT = 3
"""Lines that a message takes besides its text."""


class Stage:
    """Shows the session's conversation in a transcript.

    Args:
        session: what is shown.
        transcript: shows what was said.
        welcome: stands in its place while nothing was said.
    """

    def __init__(self, session: Session, transcript: Transcript, welcome: Static) -> None:
        self._session = session
        self._transcript = transcript
        self._welcome = welcome

    @property
    def empty(self) -> bool:
        """Whether nothing was said yet."""
        chat = self._session.chat
        return chat is None or not len(chat.tree)

    async def show(self, chat: OpenConversation) -> bool:
        """Show a conversation's active path with its end in view; tells whether it still is."""
        self._session.chat = chat
        self._transcript.show_path([])
        messages = await self._session.manager.messages(chat, self._last_screen(chat))
        if self._session.chat is not chat:
            return False
        # No await from here on: text that streams in meanwhile would come twice. The path is read
        # now, since a turn may have begun while the texts were loaded.
        nodes = [chat.tree[id_] for id_ in chat.tree.path()]
        self._transcript.show_path(nodes, messages, _marks(chat, [node.id for node in nodes]))
        self.show_welcome()
        return True

    def extend(self, chat: OpenConversation, event: TurnStarted) -> None:
        """Show the prompt and the empty reply of a turn."""
        messages = [message for message in (event.prompt, *event.replies) if message is not None]
        ids = [message.id for message in messages]
        if event.prompt is None:
            for sibling in chat.tree.siblings(ids[0]):
                self._transcript.cut(sibling)
        nodes = [chat.tree[id_] for id_ in ids]
        self._transcript.extend(nodes, messages, _marks(chat, ids))
        # What is meant from now on is the new answer, not what was read before.
        self._transcript.current = None
        self._transcript.jump_to_end()
        self.show_welcome()

    def finish(self, chat: OpenConversation, reply: ChatMessage) -> None:
        """Show a reply as it ended; further choices may have been stored beside it."""
        self._transcript.finish(reply, _marks(chat, [reply.id]))

    async def supply(self, chat: OpenConversation, ids: tuple[str, ...]) -> None:
        """Load texts that come into view."""
        try:
            messages = await self._session.manager.messages(chat, ids)
        except ChatError:
            # They are asked for again when they come into view the next time.
            self._transcript.column.missing.forget_asked(ids)
            raise
        if chat is self._session.chat:
            self._transcript.supply(messages)

    async def follow_others(self, chat: OpenConversation) -> None:
        """Show how far the replies are that another window is receiving."""
        if ids := self._transcript.column.unfinished():
            messages = await self._session.manager.messages(chat, ids)
            if chat is self._session.chat:
                self._transcript.replace(messages)

    def _last_screen(self, chat: OpenConversation) -> list[str]:
        """The messages that fill a screen, from the end upwards."""
        ids: list[str] = []
        room = self._transcript.screen.size.height
        for id_ in reversed(chat.tree.path()):
            if room <= 0:
                break
            room -= _LEAST_HEIGHT + chat.tree[id_].lines
            ids.append(id_)
        return ids

    def show_welcome(self) -> None:
        """Say whom one talks to while nothing was said, else make room for the transcript."""
        chat = self._session.chat
        self._transcript.screen.set_class(self.empty, "-empty")
        if self.empty and chat is not None:
            label = self._session.backend.label(chat.target.provider)
            self._welcome.update(welcome_text(chat.target, label, active_keys(self._transcript)))


def _marks(chat: OpenConversation, ids: list[str]) -> dict[str, str]:
    """Which of several versions a message is, for those that have some."""
    marks: dict[str, str] = {}
    for id_ in ids:
        siblings = chat.tree.siblings(id_)
        if len(siblings) > 1:
            place = siblings.index(id_) + 1
            marks[id_] = text("transcript.sibling", position=place, count=len(siblings))
    return marks
