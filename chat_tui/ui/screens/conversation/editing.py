"""The other version of a message that is being written in the prompt."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft, draft_of
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.messages import Role
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.asking import to_edit

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class EditingLine(Static):
    """Stands above the prompt and says what is written there, and the ways on and out."""

    DEFAULT_CSS = """
    EditingLine {
        height: 1; margin: 0 1; padding: 0 1; background: $surface; color: $warning;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """


class Editing:
    """Which message's other version stands in the prompt, and what stood there before.

    Args:
        screen: whose prompt it is.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._message: str | None = None
        self._set_aside: dict[str, Draft] = {}
        """What stood in the prompt before, by the message that is written anew."""
        self._line: EditingLine | None = None

    @property
    def message(self) -> str | None:
        """The message whose other version stands in the prompt; None while it is a new prompt."""
        return self._message

    @property
    def set_aside(self) -> Draft | None:
        """What stood in the prompt before and comes back afterwards."""
        return self._set_aside.get(self._message) if self._message is not None else None

    def resume(self, message: str | None, set_aside: Draft | None = None) -> None:
        """Take over what was being written when a draft was kept; the prompt shows its text."""
        self._message = message
        if message is not None and set_aside is not None:
            self._set_aside[message] = set_aside
        self.show()

    def begin(self, message: str, said: Prompt) -> None:
        """Bring what was said into the prompt, to be another version of a message.

        What stands there is set aside, unless it is another version too: its message is kept.
        """
        prompt = self._screen.prompt
        before = prompt.draft
        if self._message is not None:
            before = self._set_aside.pop(self._message, Draft())
        self.resume(message, before)
        prompt.put(draft_of(replace(said, text=clean(said.text))))
        self._screen.set_focus(prompt)
        self._screen.writing.drafts.changed()

    def leave(self) -> bool:
        """Bring back what stood in the prompt before; tells whether a message was being written."""
        if self._message is None:
            return False
        before = self._set_aside.pop(self._message, Draft())
        self.resume(None)
        self._screen.prompt.show(before)
        self._screen.writing.drafts.changed()
        return True

    async def submit(self, chat: OpenConversation, sent: Prompt) -> None:
        """Make another version of the message, of what was sent and left the prompt.

        Of a prompt it is answered; of an answer it is kept as the user's own. What is refused comes
        back with `take_back`.
        """
        id_, screen = self._message, self._screen
        if id_ is None or chat.streaming:
            screen.writing.drafts.give_back(chat, sent)
            screen.app.notify(text("notice.busy"), timeout=5, markup=False)
            return
        before = self._set_aside.pop(id_, Draft())
        self.resume(None)
        screen.prompt.show(before)
        if id_ not in chat.tree or chat.tree[id_].role == "user":
            edit = to_edit(screen.session.manager, chat, id_, sent)
            screen.turns.start(chat, edit, sent)
            return
        try:
            if sent.attached:
                # It keeps what came with it, and takes nothing more.
                raise UsageError(text("editing.words-only"), hint=text("editing.take-out"))
            await screen.session.manager.branches.revise(chat, id_, sent.text)
        except ChatError as error:
            screen.refuse(chat, sent, error.info)
            return
        await screen.branches.follow(chat, at=len(screen.stage.path(chat)) - 1)
        await screen.reload_list()
        is_answer = chat.tree[id_].role == "assistant"
        told = text("editing.revised" if is_answer else "editing.revised-other")
        screen.app.notify(told, timeout=4, markup=False)

    def take_back(self, sent: Draft) -> None:
        """Bring a refused version back; what stands in the prompt by now is set aside for it."""
        prompt, words = self._screen.prompt, Draft(sent.text, sent.pastes, sent.attached)
        if self._message is None:
            self.resume(sent.editing, prompt.draft)
            prompt.show(words)
        else:
            prompt.give_back(words)

    def show(self) -> None:
        """Say above the prompt what is written, where it is not a new prompt."""
        chat = self._screen.session.chat
        if self._message is None or chat is None:
            if self._line is not None:
                self._line.remove()
                # One that is being removed still stands among the widgets for a while.
                self._line = None
            return
        words = self._words(chat, self._message)
        if self._line is not None:
            self._line.update(words, layout=False)
        else:
            self._line = EditingLine(words, markup=False)
            self._screen.query_one("#main").mount(self._line, before="#prompt")

    def _words(self, chat: OpenConversation, id_: str) -> Content:
        keys = active_keys(self._screen)
        send, stop = keys.shown("send"), keys.shown("stop")
        path = chat.tree.path(id_) if chat.tree.visible(id_) else []
        role: Role = chat.tree[id_].role if path else "user"
        key = {"user": "editing.prompt", "assistant": "editing.answer"}.get(role, "editing.other")
        return Content(text(key, number=len(path), send=send, stop=stop))
