"""Pictures and documents in the transcript: going to them, opening them, saving them."""

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import attached_to
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.attached_words import shown_name
from chat_tui.ui.code_files import shown_path
from chat_tui.ui.opener import open_file, opener
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.widgets.transcript.link_list import NamedLink

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.attachments import AttachmentPurpose
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.viewed_files import ViewedFiles
    from chat_tui.ui.widgets.transcript import Transcript

    Attached = ImagePart | FilePart

_FIRST_PAGE, _LAST_PAGE = 25, 800
"""Messages that are read at once while the next one with something attached is looked for."""


class AttachmentCommands(CommandGroup):
    """Pictures and documents: going to them, opening them, saving them."""

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._viewed: ViewedFiles | None = None

    # Moving

    async def move(self, step: int) -> None:
        """Go to the next message that has something attached (1), or to the one before (-1)."""
        chat, transcript = await self._ready(), self._screen.transcript
        if not len(transcript.column):
            return
        marked = self._screen.reading.marked
        if marked is None:
            line = 0 if step > 0 else transcript.size.height - 1
            start = transcript.line_at(line)[0]
        else:
            start = marked + step
        found = await self._look_on(chat, start, step)
        if chat is not self._screen.session.chat:
            return
        if found is not None:
            await self._screen.stage.rendered(chat, found)
            transcript.move_to_attached(found)
        else:
            self._tell("attached.no-later" if step > 0 else "attached.no-earlier")

    async def _look_on(self, chat: "OpenConversation", index: int, step: int) -> int | None:
        """The place of the first message on the way that has something attached."""
        column, size = self._screen.transcript.column, _FIRST_PAGE
        while 0 <= index < len(column):
            end = min(max(index + step * size, -1), len(column))
            places = {column.id_at(at): at for at in range(index, end, step)}
            found = await chat.messages([*places])
            having = [places[each.id] for each in found if attached_to(each)]
            if chat is not self._screen.session.chat:
                return None
            if having:
                return min(having) if step > 0 else max(having)
            index, size = end, min(size * 4, _LAST_PAGE)
        return None

    # Opening and saving

    def open(self) -> None:
        """Show a picture or document of the marked message, else of the last, in its viewer."""
        self._in_background(self._do("open"), "open attachment")

    def save(self) -> None:
        """Save a picture or document of the marked message, else of the last, to a file."""
        self._in_background(self._do("save"), "save attachment")

    def open_chosen(self, event: "Transcript.AttachmentChosen") -> None:
        """Show a picture that was clicked."""
        message = event.transcript.column.message(event.message)
        attached = () if message is None else attached_to(message)
        if event.number < len(attached):
            work = self._do_with(attached[event.number], event.number + 1, "open")
            self._in_background(work, "open attachment")

    async def _do(self, purpose: "AttachmentPurpose") -> None:
        chat, reading = await self._ready(), self._screen.reading
        marked, index = reading.marked, reading.meant
        rendered = None if index is None else await self._screen.stage.rendered(chat, index)
        attached = attached_to(rendered.message) if rendered is not None else ()
        if not attached:
            self._tell("attached.none" if marked is None else "attached.none-marked")
            return
        number = 0
        if len(attached) > 1:
            # 4 ms that only who has several of them need pay.
            from chat_tui.ui.screens.attachments import AttachmentsDialog

            dialog = AttachmentsDialog(attached, purpose)
            chosen = await self._screen.app.push_screen_wait(dialog)
            if chosen is None:
                return
            number, purpose = chosen.row, "save" if chosen.purpose == "save" else "open"
        await self._do_with(attached[number], number + 1, purpose)

    async def _do_with(self, part: "Attached", number: int, purpose: "AttachmentPurpose") -> None:
        if isinstance(part, ImagePart) and not part.sha256:
            if purpose == "open":
                await self._screen.links.open(NamedLink(part.url, ()))
            else:
                self._tell("attached.only-address")
            return
        chat = await self._ready()
        found = await chat.store.attachment(part.sha256)
        if found is None:
            self._tell("attached.lost", name=shown_name(part), timeout=6)
        elif purpose == "open":
            await self._show(part, found.content, in_memory=chat.temporary)
        else:
            await self._save(part, found.content, number)

    async def _show(self, part: "Attached", content: bytes, *, in_memory: bool) -> None:
        # 2 ms that only who looks at something need pay.
        from chat_tui.ui.viewed_files import ViewedFiles

        name, program = shown_name(part), opener(os.environ)
        if not program:
            self._tell("attached.no-viewer", name=name, key=self._save_key, timeout=6)
            return
        if self._viewed is None:
            self._viewed = ViewedFiles()
        try:
            put = partial(self._viewed.put, part, content, in_memory=in_memory)
            path = await asyncio.to_thread(put)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageError(text("attached.not-written", name=name, reason=reason)) from error
        if path is None:
            self._tell("attached.not-opened", name=name, key=self._save_key, timeout=6)
        elif await open_file(path, program):
            self._tell("attached.opened", name=name, timeout=3)
        else:
            self._tell("attached.viewer-failed", name=name, key=self._save_key, timeout=6)

    async def _save(self, part: "Attached", content: bytes, number: int) -> None:
        # 5 ms that only who saves need pay.
        from chat_tui.ui.screens.attachments import SaveAttachmentDialog
        from chat_tui.ui.screens.saving import save_to_file
        from chat_tui.ui.viewed_files import proposed_file, write_bytes

        def write(path: Path, replace: bool) -> None:
            write_bytes(path, content, replace=replace)

        proposed = await asyncio.to_thread(partial(proposed_file, part, content, number))
        path = await save_to_file(self._screen.app, proposed, SaveAttachmentDialog, write)
        if path is not None:
            self._tell("code.saved", path=shown_path(path), timeout=6)

    @property
    def _save_key(self) -> str:
        return active_keys(self._screen).shown_anywhere("save-attachment")
