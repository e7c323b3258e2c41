"""Copying, and saying how."""

from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.as_markdown import Written, as_markdown, cleaned
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.texts import text
from chat_tui.ui.clipboard import Clipboard, Copied
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.terminal import send_sequence
from chat_tui.ui.widgets.transcript.attached import words_of

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class CopyCommands(CommandGroup):
    """Copying, and saying how."""

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._clipboard = Clipboard(partial(send_sequence, screen.app))

    async def copy_answer(self) -> None:
        """Copy the last answer as it was written."""
        chat = await self._ready()
        path = self._screen.stage.path(chat)
        answers = [id_ for id_ in path if chat.tree[id_].role == "assistant"]
        await self._copy_message(chat, answers[-1:])

    async def copy_message(self) -> None:
        """Copy what is selected, else the marked message, else the last answer."""
        selected = self._screen.get_selected_text()
        index = self._screen.reading.marked
        if selected:
            await self.copy(selected)
            self._screen.clear_selection()
        elif index is None:
            await self.copy_answer()
        else:
            id_ = self._screen.transcript.column.id_at(index)
            await self._copy_message(await self._ready(), [id_])

    async def copy_conversation(self) -> None:
        """Copy what is shown as markdown; side by side the marked column."""
        chat = await self._ready()
        messages = await chat.messages(self._screen.stage.path(chat))
        if messages:
            await self._copy(conversation_markdown(chat, messages))
        else:
            self._tell("notice.nothing-said", timeout=3)

    async def copy(self, words: str) -> None:
        """Copy any text, and say which way and how much; hidden characters are left out."""
        await self._copy(cleaned(words))

    async def _copy_message(self, chat: "OpenConversation", ids: list[str]) -> None:
        messages = await chat.messages(ids)
        if messages and (words := words_of(messages[0])):
            await self.copy(words)
        else:
            self._tell("notice.nothing-to-copy", timeout=3)

    async def _copy(self, written: Written) -> None:
        app, chat = self._screen.app, self._screen.session.chat
        # What ctrl+v puts into the prompt.
        app._clipboard = written.text  # noqa: SLF001 - Textual's own way writes OSC 52 with it
        temporary = chat is not None and chat.temporary
        try:
            copied = await self._clipboard.copy(written.text, to_file=not temporary)
        except OSError as error:
            raise StorageError(
                text("copied.failed", reason=error.strerror or type(error).__name__)
            ) from error
        nowhere = copied == Copied()
        words = text("copied.nowhere") if nowhere else told(copied, written)
        if nowhere or copied.path:
            app.notify(words, severity="warning", timeout=10, markup=False)
        else:
            app.notify(words, timeout=4, markup=False)


def conversation_markdown(
    chat: "OpenConversation", messages: list[ChatMessage], *, reasoning: bool = False
) -> Written:
    """A conversation with its title and system prompt; reasoning is left out by default."""
    about = chat.conversation
    return as_markdown(
        messages, title=about.title, system_prompt=about.system_prompt, reasoning=reasoning
    )


def told(copied: Copied, written: Written) -> str:
    """Where a text went, how much it was, and what was left out of it, in sentences."""
    lines = written.text.removesuffix("\n").count("\n") + 1
    if len(written.text) == 1:
        size = text("copied.character")
    else:
        key = "copied.lines" if lines > 1 else "copied.line"
        size = text(key, lines=f"{lines:,}", characters=f"{len(written.text):,}")
    if copied.path:
        words = text("copied.file", size=size, path=copied.path)
    else:
        way = text("copied.terminal") if copied.terminal else ", ".join(copied.tools)
        words = text("copied.told", size=size, way=way)
    if written.hidden:
        key = "copied.hidden" if written.hidden > 1 else "copied.hidden-one"
        words += f" {text(key, count=written.hidden)}"
    return words
