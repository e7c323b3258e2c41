"""The pager and the editor of the user."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.as_markdown import as_markdown, cleaned
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.outside import run_outside
from chat_tui.ui.screens.conversation.commands.copying import conversation_markdown
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.user_programs import (
    editor_command,
    environment,
    keep_file,
    pager_command,
    passing_file,
    read_back,
)

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_NAME = re.compile(r"[^\w-]+")
_MOST_OF_A_NAME = 40


class OutsideCommands(CommandGroup):
    """The pager and the editor of the user.

    What they get are copies in passing files; only the prompt comes back by itself.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.busy = False
        """Whether one of them is open."""

    async def page_conversation(self) -> None:
        """Read the conversation in the pager."""
        chat = await self._ready()
        if messages := await self._messages(chat):
            words = conversation_markdown(chat, messages, reasoning=True).text
            self._in_background(self._page(chat, words, chat.conversation.title), "pager")
        else:
            self._tell("notice.nothing-said", timeout=3)

    async def page_message(self) -> None:
        """Read the marked message, else the last one, in the pager."""
        chat = await self._ready()
        if (message := await self._meant(chat)) is not None:
            words = as_markdown([message], reasoning=True).text
            self._in_background(self._page(chat, words, "message"), "pager")

    async def edit_conversation(self) -> None:
        """Open a copy of the conversation in the editor."""
        chat = await self._ready()
        if messages := await self._messages(chat):
            words = conversation_markdown(chat, messages).text
            self._in_background(self._edit_copy(chat, words, chat.conversation.title), "editor")
        else:
            self._tell("notice.nothing-said", timeout=3)

    async def edit_message(self) -> None:
        """Open a copy of the marked message, else of the last one, in the editor."""
        chat = await self._ready()
        if (message := await self._meant(chat)) is not None:
            words = cleaned(message.text).text
            self._in_background(self._edit_copy(chat, words, "message", message), "editor")

    async def edit_prompt(self) -> None:
        """Write the prompt in the editor; one that fails changes nothing."""
        self._in_background(self._edit_prompt(await self._ready()), "editor")

    async def edit_file(self, path: str) -> bool:
        """Open a file in the editor; tells whether that ended well, and the user why not."""
        command = editor_command()
        code = await self._run([*command, path])
        if code:
            name = clean_line(Path(command[0]).name, code=True)
            self._tell("outside.failed", name=name, code=code, timeout=8)
        return code == 0

    async def _messages(self, chat: "OpenConversation") -> list[ChatMessage]:
        return await chat.messages(self._screen.stage.path(chat))

    async def _meant(self, chat: "OpenConversation") -> ChatMessage | None:
        """The marked message, else the last one; says so where there is none."""
        id_ = self._screen.reading.meant_id
        messages = await chat.messages([] if id_ is None else [id_])
        if not messages:
            self._tell("outside.nothing", timeout=3)
            return None
        return messages[0]

    async def _page(self, chat: "OpenConversation", words: str, name: str) -> None:
        with passing_file(words, f"{file_name(name)}.md", in_memory=chat.temporary) as path:
            await self._run([*pager_command(), str(path)])

    async def _edit_prompt(self, chat: "OpenConversation") -> None:
        prompt = self._screen.prompt
        before = prompt.content
        after = await self._edited(chat, before, "prompt")
        if after is None or after == before:
            return
        # A prompt that was refused meanwhile was given back before what stood there.
        given_back = prompt.content.removesuffix(before) if prompt.content != before else ""
        prompt.write(given_back + after)
        self._screen.set_focus(prompt)
        self._tell("outside.taken", timeout=3)

    async def _edit_copy(
        self,
        chat: "OpenConversation",
        before: str,
        name: str,
        message: ChatMessage | None = None,
    ) -> None:
        after = await self._edited(chat, before, name)
        if after is None or after == before:
            return
        # 3 ms that only who changes a copy need pay.
        from chat_tui.ui.screens.question import Answer, QuestionDialog

        answers = [
            Answer("f", text("outside.as-file"), "file"),
            Answer("d", text("outside.as-nothing"), ""),
        ]
        if message is not None and has_versions(message) and after.strip():
            answers.insert(0, Answer("v", text("outside.as-version"), "version"))
        more = text("outside.edited-message" if len(answers) > 2 else "outside.edited-conversation")
        question = QuestionDialog(text("outside.edited"), more, answers)
        fate = await self._screen.app.push_screen_wait(question)
        if fate == "version" and message is not None:
            await self._screen.branches.edit_with(message.id, after)
        elif fate == "file":
            path = keep_file(after, file_name(name), [Path.cwd(), Path.home()])
            told = clean_line(str(path), code=True)
            self._tell("outside.kept", path=told, timeout=10)

    async def _edited(self, chat: "OpenConversation", before: str, name: str) -> str | None:
        """A text as the editor leaves it; None where it failed, which is told."""
        with passing_file(before, f"{file_name(name)}.md", in_memory=chat.temporary) as path:
            if not await self.edit_file(str(path)):
                return None
            after = read_back(path, before)
        if after is None:
            self._tell("outside.lost", timeout=8)
        return after

    async def _run(self, command: list[str]) -> int | None:
        """Run a program; gives its exit code, None where another one is running."""
        if self.busy:  # keys were typed ahead
            return None
        self.busy = True
        try:
            return await run_outside(self._screen.app, command, environment(self._key_variables()))
        finally:
            self.busy = False

    def _key_variables(self) -> set[str]:
        rows = self._screen.session.desk.providers()
        return {row.profile.key_env for row in rows if row.profile.key_env}


def has_versions(message: ChatMessage) -> bool:
    """Whether a message can stand in another version: what was said, and summaries of it."""
    return message.role in ("user", "assistant") or message.covers is not None


def file_name(title: str) -> str:
    """A title as the name of a file, without a suffix."""
    words = _NAME.sub("-", clean_line(title))[:_MOST_OF_A_NAME].strip("-")
    return words or text("outside.unnamed")
