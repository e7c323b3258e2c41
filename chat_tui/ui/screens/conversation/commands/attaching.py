"""Pictures and documents get into the prompt: by path, folder, address, clipboard, screen."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.worker import Worker, WorkerCancelled, WorkerFailed

from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.widgets.status import Piece

if TYPE_CHECKING:  # nobody who attaches nothing pays for it
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.attachments.values import Attachment
    from chat_tui.core.messages import FilePart
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.gathered import Gathered
    from chat_tui.ui.screens.conversation.intake import Intake
    from chat_tui.ui.screens.conversation.send_check import SendCheck
    from chat_tui.ui.screens.conversation.view import ConversationView

T = TypeVar("T")


class AttachCommands(CommandGroup):
    """Reads what is to be attached in the background and puts it into the prompt as chips.

    What is behind it is imported with the first attachment: 30 ms.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._one_by_one = asyncio.Lock()
        self._now: dict[str, str] = {}
        """What is being read, by the conversation for which it was asked; clean."""
        self._sizes: dict[str, int] = {}
        """Bytes of what was attached since the app began, by hash."""
        self._check: SendCheck | None = None

    # What the screen shows of it

    @property
    def reading(self) -> str:
        """What is being read for the conversation on the screen; clean, empty where nothing is."""
        chat = self._screen.session.chat
        return "" if chat is None else self._now.get(chat.id, "")

    def pieces(self) -> list[Piece]:
        """What the status line says: what is read, and that a model will not see the pictures."""
        pieces = []
        if name := self.reading:
            pieces.append(Piece(text("attaching.reading", name=name), "$accent", rank=3))
        attached, outlook = self._screen.prompt.attached, self._screen.context.outlook
        pictures = any(isinstance(part, ImagePart) for part in attached)
        if (pictures or (outlook is not None and outlook.plan.pictures)) and self._blind():
            pieces.append(Piece(text("attaching.no-vision"), "$warning", rank=3))
        return pieces

    def _blind(self) -> bool:
        """Whether a model that is asked is known to see no pictures."""
        chat, facts = self._screen.session.chat, self._screen.session.manager.context.facts
        targets = () if chat is None else chat.targets
        return any(facts.card(each).can("vision") is False for each in targets)

    def stop(self) -> bool:
        """Read no further; tells whether something was being read for what is on the screen."""
        if not self.reading:
            return False
        chat = self._screen.session.chat
        if chat is not None:
            self._screen.workers.cancel_group(self._screen, _group(chat))
        return True

    # Reading

    async def attach(
        self, chat: "OpenConversation", paths: Sequence[Path], *, instead_of: str = ""
    ) -> None:
        """Attach files and folders, each kind by what is in it.

        What cannot be attached is told. Returns when all is in the prompt of the conversation, or
        in its draft where it is not on the screen.

        Args:
            chat: for whose prompt.
            paths: of regular files and folders.
            instead_of: the words in the prompt for which the chips come, if those still stand
                there; where nothing can be attached, they stay.
        """
        await self._take(chat, lambda intake: intake.paths(paths), instead_of)

    def attach_named(self, path: str, words: str) -> None:
        """Attach a file whose name was completed in the prompt, or the picture of an address.

        Until it is read, the words stand there. Returns at once.
        """
        if (chat := self._screen.session.chat) is None:
            return
        if path.lower().startswith(("http://", "https://")):
            work = self._attach_address(chat, path, words)
        else:
            work = self.attach(chat, [Path(path)], instead_of=words)
        self._in_background(work, "attach named")

    async def _take(
        self,
        chat: "OpenConversation",
        read: "Callable[[Intake], Awaitable[Gathered]]",
        instead_of: str = "",
    ) -> None:
        gathered = await self._in_order(chat, read)
        if gathered is None:
            return
        if gathered.taken:
            await self._keep(chat, gathered.parts, gathered.attachments, instead_of)
        gathered.tell(self._screen, chat, quiet=bool(instead_of) and not gathered.taken)

    async def _keep(
        self,
        chat: "OpenConversation",
        parts: "Sequence[ImagePart | FilePart]",
        attachments: "Sequence[Attachment]",
        instead_of: str = "",
    ) -> None:
        """Store what was read, and put it into the prompt."""
        self._note_sizes(attachments)
        await self._screen.writing.drafts.attach(chat, parts, attachments, instead_of)
        self._screen.update_status()

    def _note_sizes(self, attachments: "Sequence[Attachment]") -> None:
        self._sizes.update((each.sha256, len(each.content)) for each in attachments)

    async def _in_order(
        self, chat: "OpenConversation", read: "Callable[[Intake], Awaitable[T]]"
    ) -> T | None:
        """Read after what is being read already; None where it was stopped, or failed and told."""
        # Not the coroutine itself: one that is cancelled before it begins is never awaited.
        reading: Worker[T | None] = self._screen.run_worker(
            partial(self._read, chat, read),
            name="attach",
            group=_group(chat),
            exit_on_error=False,
        )
        try:
            return await reading.wait()
        except (WorkerCancelled, WorkerFailed):
            return None

    async def _read(
        self, chat: "OpenConversation", read: "Callable[[Intake], Awaitable[T]]"
    ) -> T | None:
        # 30 ms that only who attaches something need pay.
        from chat_tui.ui.screens.conversation.intake import Intake

        async with self._one_by_one:
            try:
                return await read(Intake(self._screen, chat, partial(self._show, chat.id)))
            except ChatError as error:
                self._screen.show_error(error.info)
                return None
            finally:
                self._show(chat.id, "")

    def _show(self, chat: str, name: str) -> None:
        """Say what is being read."""
        if name:
            self._now[chat] = name
        else:
            self._now.pop(chat, None)
        if self._screen.is_running:
            self._screen.update_status()

    # The ways

    def choose(self) -> None:
        """Choose pictures on a screen of their own."""
        self._in_background(self._choose(), "attach pictures")

    async def _choose(self) -> None:
        # 20 ms that only who opens it need pay.
        from chat_tui.ui.screens.attach.choosing import choose_pictures

        chat = await self._ready()
        chosen = await choose_pictures(self._screen, chat)
        if not chosen:
            return
        kept = [each.attachment for each in chosen if each.attachment is not None]
        await self._keep(chat, [each.part for each in chosen], kept)

    def choose_document(self) -> None:
        """Ask for the path of documents."""
        self._in_background(self._choose_document(), "attach documents")

    async def _choose_document(self) -> None:
        # 5 ms that only who opens it need pay.
        from chat_tui.ui.screens.path_line import PathDialog

        chat = await self._ready()
        written = await self._screen.app.push_screen_wait(PathDialog(Path.cwd()))
        if written:
            await self.attach_words(chat, written)

    async def attach_words(self, chat: "OpenConversation", written: str) -> None:
        """Attach what was written after `/attach`: paths, folders, patterns, addresses.

        Returns at once.
        """
        taking = self._take(chat, lambda intake: intake.words(written))
        self._in_background(taking, "attach words")

    def take_clipboard(self) -> None:
        """Attach the picture on the clipboard."""
        self._in_background(self._take_clipboard(), "attach clipboard")

    async def _take_clipboard(self) -> None:
        await self._take(await self._ready(), lambda intake: intake.clipboard())

    def choose_address(self) -> None:
        """Ask for the address of a picture, which the provider fetches."""
        self._in_background(self._choose_address(), "attach address")

    async def _choose_address(self) -> None:
        # 3 ms that only who opens it need pay.
        from chat_tui.ui.screens.picture_address import ask_address

        chat = await self._ready()
        if address := await ask_address(self._screen.app):
            await self._attach_address(chat, address)

    async def _attach_address(
        self, chat: "OpenConversation", address: str, words: str = ""
    ) -> None:
        part = ImagePart(url=address, detail=self._screen.session.settings.picture_detail)
        await self._keep(chat, [part], [], words)

    def detach(self) -> None:
        """Take the attachment at the cursor out of the prompt, else all of them."""
        # 3 ms that only who attached something need pay.
        from chat_tui.ui.attached_words import counted

        prompt = self._screen.prompt
        one = prompt.part_at_cursor()
        parts = (one,) if one is not None else prompt.attached
        if not parts:
            self._tell("attaching.nothing-to-detach", timeout=3)
            return
        prompt.detach(*parts)
        self._tell("attaching.detached", what=counted(parts))

    # Before sending

    def asks_first(self, chat: "OpenConversation", prompt: "Prompt") -> bool:
        """Whether a prompt must be looked at before it is sent; cheap."""
        if prompt.attached or "@" in prompt.text:
            return True
        if not len(chat.tree) or not self._blind():
            return False
        # Nothing is known until the conversation was weighed: then it is looked at.
        outlook = self._screen.context.outlook
        return outlook is None or outlook.plan.pictures > 0

    async def may_send(self, chat: "OpenConversation", prompt: "Prompt") -> "Prompt | None":
        """Attach the files that a prompt names, then say what speaks against sending it.

        Args:
            chat: where it goes.
            prompt: what was written.

        Returns:
            What is to be sent; None where it is not to be sent now.
        """
        # 30 ms that only a prompt with an attachment, or an @ in it, need pay.
        from chat_tui.ui.screens.conversation.send_check import SendCheck

        if self._check is None:
            self._check = SendCheck(self._screen)
        check = self._check
        if "@" in prompt.text:
            named = await self._in_order(
                chat, lambda intake: check.attach_named(chat, prompt, intake)
            )
            if named is None:
                return None
            prompt, gathered = named
            self._note_sizes(gathered.attachments)
            gathered.tell(self._screen, chat)
        return await check.agreed(chat, prompt, self._sizes)


def _group(chat: "OpenConversation") -> str:
    """Of the workers that read for a conversation."""
    return f"attach {chat.id}"
