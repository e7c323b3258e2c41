"""Code blocks: going from one to the next, copying them, saving them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.ui.code_files import proposed_name, shown_path, write_code
from chat_tui.ui.markdown import CodeBlock, MarkdownDocument
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.widgets.transcript import CodePlace, Transcript

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.code_blocks import CodePurpose
    from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_FIRST_PAGE, _LAST_PAGE = 25, 800
"""Texts that are read at once while a block is looked for: few at first, since it may be near."""

_MAY_BE_CODE = re.compile(r"```|~~~|(?:\A|\n[ \t]*\n)(?: {4}| {0,3}\t)")
"""Fences, and what is indented after a blank line. Only where this is, is a message laid out."""


class CodeCommands(CommandGroup):
    """Code blocks: going from one to the next, copying them, saving them."""

    # Moving

    async def move(self, step: int) -> None:
        """Go to the next code block (1), or to the one before (-1)."""
        chat, transcript = await self._ready(), self._transcript
        if not len(transcript.column):
            return
        start = self._start(step)
        place = await self._place_in(chat, start.message, start.number, step)
        if place is None:
            place = await self._look_on(chat, start.message + step, step)
        if self._screen.session.chat is not chat:
            return
        if place is not None:
            transcript.move_to_code(place)
        else:
            self._tell("code.no-later" if step > 0 else "code.no-earlier")

    def _start(self, step: int) -> CodePlace:
        """Where to look first: after the marked block, in the marked message, or in the view."""
        transcript = self._transcript
        current, code = self._screen.reading.marked, transcript.code
        if current is None:
            line = 0 if step > 0 else transcript.size.height - 1
            return CodePlace(transcript.line_at(line)[0], 0 if step > 0 else -1)
        if code is not None and code.message == current:
            # The one before the first is none; it is not the last.
            return CodePlace(current, code.number + step if code.number + step >= 0 else 1 << 30)
        return CodePlace(current, 0 if step > 0 else -1)

    async def _place_in(
        self, chat: "OpenConversation", index: int, number: int, step: int
    ) -> CodePlace | None:
        """A block of a message by its number (-1: the last), if it has that."""
        rendered = await self._screen.stage.rendered(chat, index)
        count = len(rendered.code_blocks) if rendered is not None else 0
        if number < 0 and step < 0:
            number += count
        return CodePlace(index, number) if 0 <= number < count else None

    async def _look_on(self, chat: "OpenConversation", index: int, step: int) -> CodePlace | None:
        """The first block on the way from a message on; only texts are read on the way."""
        column, size = self._transcript.column, _FIRST_PAGE
        while 0 <= index < len(column):
            end = min(max(index + step * size, -1), len(column))
            page = [at for at in range(index, end, step) if column.node(at).role != "user"]
            ids = {column.id_at(at): at for at in page}
            for found in await chat.store.texts([*ids]):
                if _MAY_BE_CODE.search(found.text):
                    at = ids[found.id]
                    place = await self._place_in(chat, at, 0 if step > 0 else -1, step)
                    if place is not None:
                        return place
            if self._screen.session.chat is not chat:
                return None
            index, size = end, min(size * 4, _LAST_PAGE)
        return None

    # Copying and saving

    def copy(self) -> None:
        """Copy the code block at hand, or one of several."""
        self._in_background(self._copy(), "copy code")

    def save(self) -> None:
        """Save the code block at hand, or one of several, to a file."""
        self._in_background(self._save(), "save code")

    async def _copy(self) -> None:
        await self._do_with_block("copy")

    async def _save(self) -> None:
        await self._do_with_block("save")

    async def _do_with_block(self, purpose: "CodePurpose") -> None:
        chat, reading = await self._ready(), self._screen.reading
        marked, index = reading.marked, reading.meant
        rendered = None if index is None else await self._screen.stage.rendered(chat, index)
        if rendered is None or not rendered.code_blocks:
            self._tell("code.none" if marked is None else "code.none-marked")
            return
        blocks = list(rendered.code_blocks)
        number, code = 0, None if marked is None else self._transcript.code
        if code is not None and code.message == index and code.number < len(blocks):
            number = code.number
        elif len(blocks) > 1:
            chosen = await self._ask(blocks, purpose)
            if chosen is None:
                return
            number, purpose = chosen
        if purpose == "copy":
            await self._screen.copy(_as_it_came(rendered, blocks, number))
        else:
            await self._save_block(blocks[number], number + 1)

    async def _ask(
        self, blocks: Sequence[CodeBlock], purpose: "CodePurpose"
    ) -> "tuple[int, CodePurpose] | None":
        # 4 ms that only who has several blocks need pay.
        from chat_tui.ui.screens.code_blocks import CodeBlocksDialog

        chosen = await self._screen.app.push_screen_wait(CodeBlocksDialog(blocks, purpose))
        if chosen is None:
            return None
        return chosen.row, "save" if chosen.purpose == "save" else "copy"

    async def _save_block(self, block: CodeBlock, number: int) -> None:
        """Ask for a path until the code is saved or the user gives up."""
        # 3 ms that only who saves need pay.
        from chat_tui.ui.screens.code_blocks import SaveCodeDialog
        from chat_tui.ui.screens.saving import save_to_file

        def write(path: Path, replace: bool) -> None:
            write_code(path, block.source, replace=replace)

        proposed = proposed_name(block, number)
        path = await save_to_file(self._screen.app, proposed, SaveCodeDialog, write)
        if path is not None:
            self._tell("code.saved", path=shown_path(path), timeout=6)

    # Inside

    @property
    def _transcript(self) -> Transcript:
        return self._screen.transcript


def _as_it_came(rendered: "RenderedMessage", blocks: Sequence[CodeBlock], number: int) -> str:
    """The source of a block with what is hidden in it, so that who copies can tell how much is."""
    if rendered.hidden_characters:
        document = MarkdownDocument(rendered.look.reply, 80, source=rendered.snapshot().text)
        document.close()
        document.refresh()
        if len(document.code_blocks) == len(blocks):
            return document.code_blocks[number].source
    return blocks[number].source
