"""The prompts that wait for the end of the answer, as they are shown and changed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import draft_of
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.attached_words import counted
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.queues import Queues
from chat_tui.ui.widgets.queue_bar import QueueBar

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

_TOLD = 40
"""Characters of a prompt in a toast."""


class QueueCommands(CommandGroup):
    """The prompts that wait in the conversation on the screen.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.queues = Queues(screen, self._changed)
        """What waits, in all conversations."""
        self.bar = QueueBar()
        """Shows it; on the screen from the first prompt on."""

    @property
    def waiting(self) -> bool:
        """Whether a prompt waits."""
        return self._meant() is not None

    def show(self) -> None:
        """Show what waits."""
        chat = self._screen.session.chat
        if chat is None or (self.bar.parent is None and not chat.queued):
            return
        if self.bar.parent is None:
            self._screen.query_one("#main").mount(self.bar, before="#prompt")
        if not chat.queued and self.bar.has_focus:
            self._screen.set_focus(self._screen.prompt)
        held = chat.id in self.queues.held
        keys, count = active_keys(self._screen), len(chat.queued)
        if held and self._screen.turns.holds(chat.id):
            title = text("queue.held-meanwhile", count=count, key=keys.shown("show-queue"))
        elif held:
            title = text("queue.held", count=count, send=keys.shown("send"))
        else:
            title = text("queue.waiting", count=count, key=keys.shown("show-queue"))
        self.bar.show(chat.queued, title, held=held)

    def _changed(self, chat: OpenConversation) -> None:
        """Keep, show and mark what waits now."""
        if chat is self._screen.session.chat:
            self.show()
        # What is running when the app is left is waited for by this beginning of its name.
        self._in_background(self._screen.writing.drafts.keep_queue(chat), f"turn queue {chat.id}")
        self._screen.keeper.note_queue(chat.id, bool(chat.queued))
        self._screen.mark_list()

    def take_back(self) -> bool:
        """Take the last prompt into an empty input; tells whether there was one."""
        chat, screen = self._meant(), self._screen
        if chat is None or screen.prompt.text or screen.branches.editing is not None:
            return False
        self._write(self.queues.take(chat, len(chat.queued) - 1))
        return True

    # Commands

    def focus(self) -> None:
        """Go to the waiting prompts, to the one that was written last."""
        if (chat := self._meant()) is None:
            self._tell("queue.nothing", timeout=3)
            return
        self.show()
        self._screen.set_focus(self.bar)
        self.bar.mark(len(chat.queued) - 1)

    def step(self, step: int) -> None:
        """Mark another waiting prompt."""
        self.bar.mark(self.bar.marked + step)

    async def edit(self) -> None:
        """Take the marked prompt back into the input; sent again, it gets its place back."""
        if (chat := self._meant()) is not None:
            self._write(self.queues.take(chat, self.bar.marked, comes_back=True))

    async def delete(self) -> None:
        """Do not send the marked prompt; it stays among the earlier ones."""
        if (chat := self._meant()) is None:
            return
        prompt = self.queues.take(chat, self.bar.marked)
        typed = self._typed(prompt)
        self._screen.writing.note(chat, typed, draft_of(typed))
        line = clean_line(prompt.text[: 4 * _TOLD]) or counted(prompt.attached)
        shown = line if len(line) <= _TOLD else f"{line[:_TOLD]}…"
        key = active_keys(self._screen).shown("earlier-prompt")
        self._tell("queue.deleted", words=shown, key=key, timeout=6)

    async def send(self) -> None:
        """Stop the answer and send the marked prompt; the others follow."""
        if (chat := self._meant()) is not None:
            self.queues.move(chat, self.bar.marked, 0)
            self._screen.set_focus(self._screen.prompt)
            self._in_background(self.queues.send_now(chat), f"turn queue {chat.id}")

    async def move(self, step: int) -> None:
        """Send the marked prompt sooner or later."""
        if (chat := self._meant()) is not None:
            at = self.bar.marked
            to = max(min(at + step, len(chat.queued) - 1), 0)
            self.bar.marked = to
            self.queues.move(chat, at, to)

    def _meant(self) -> OpenConversation | None:
        """The conversation on the screen, if something waits in it."""
        chat = self._screen.session.chat
        return chat if chat is not None and chat.queued else None

    def _write(self, prompt: Prompt) -> None:
        self._screen.prompt.give_back(draft_of(self._typed(prompt)))
        self._screen.set_focus(self._screen.prompt)

    def _typed(self, prompt: Prompt) -> Prompt:
        """A prompt as it is typed: what would be a command has a second slash."""
        return replace(prompt, text=clean(self._screen.writing.commands.typed(prompt.text)))
