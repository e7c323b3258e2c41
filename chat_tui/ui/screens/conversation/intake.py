"""Reads what is to be attached: pictures made ready, documents as text, folders after a look."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.attachments.limits import limits_for_all
from chat_tui.core.attachments.media import (
    Document,
    DocumentWish,
    FileList,
    ListedFile,
    Media,
    PictureWish,
    Source,
)
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.secrets import secrets_in
from chat_tui.core.context.budget import budget_for
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.messages import FilePart, ImageDetail, ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.disk import ask_disk
from chat_tui.ui.path_words import path_words
from chat_tui.ui.screens.attach.options import Options
from chat_tui.ui.screens.conversation.gathered import (
    Gathered,
    Taken,
    document_words,
    picture_words,
)
from chat_tui.ui.screens.documents import DocumentsScreen
from chat_tui.ui.screens.documents_sum import Room, Selection
from chat_tui.ui.screens.picture_address import picture_address
from chat_tui.ui.widgets.file_rows import FileFacts

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

LARGE = 100_000
"""Characters of one document from which on it is asked for, …"""

_SHARE = 4
"""… or this part of the free room."""

_KEPT = 16_000_000
"""Characters of documents that are kept from the look at a folder, so that none is read twice."""


class Intake:
    """Reads for one conversation, by the settings, for the model that it talks to.

    Args:
        screen: shows the dialogs.
        chat: for whose prompt.
        now: told what is being read; clean.
    """

    def __init__(
        self, screen: "ConversationView", chat: "OpenConversation", now: Callable[[str], None]
    ) -> None:
        self._screen = screen
        self._chat = chat
        self._now = now
        self._kept: dict[Path, Document] = {}
        """Documents that were read to be weighed."""
        self._room_left = _KEPT
        self._failures: list[ChatError] = []
        """Of files that were read so far."""

    @property
    def _media(self) -> Media:
        return self._screen.session.media

    @property
    def picture_wish(self) -> PictureWish:
        """What is to become of pictures: what each provider wants, within the settings."""
        limits = limits_for_all(self._chat.targets)
        return Options(side=self._screen.session.settings.picture_side).wish(limits)

    @property
    def _detail(self) -> ImageDetail:
        return self._screen.session.settings.picture_detail

    # One file

    async def picture(self, source: Source, name: str = "") -> Taken:
        """Make a picture ready to be sent.

        Raises:
            UsageError: it cannot be.
        """
        shown = name or (source.name if isinstance(source, Path) else "")
        self._now(clean_line(shown, code=True))
        prepared = await self._media.prepare(source, self.picture_wish, name)
        part = prepared.part(self._detail)
        planner = self._screen.session.manager.context
        tokens = planner.picture_cost(part, self._chat.target).tokens
        return Taken(part, prepared.attachment, picture_words(prepared, tokens), tokens)

    async def document(self, path: Path, wish: DocumentWish, name: str = "") -> Taken:
        """Read a document by a rule.

        Raises:
            UsageError: it cannot be.
        """
        self._now(clean_line(name or path.name, code=True))
        document = await self._read(path, name)
        if wish.rule != "whole" and wish.most_characters < document.characters:
            document = await self._media.document(path, wish, name)
        return await self._taken(document)

    async def _taken(self, document: Document) -> Taken:
        part = document.part()
        tokens = await self._tokens(part)
        told = document_words(document, tokens)
        # What looks like a key is told before it is sent. In a thread: all of it is looked through.
        later = await asyncio.to_thread(secrets_in, part.name, part.text)
        return Taken(part, document.attachment, told, tokens, _warnings(document, later))

    async def _tokens(self, part: FilePart) -> int:
        planner = self._screen.session.manager.context
        return await planner.draft_tokens(Prompt("", (part,)), self._chat.target)

    async def _read(self, path: Path, name: str = "") -> Document:
        """All of a document; it is read once."""
        if (kept := self._kept.get(path)) is not None:
            return kept
        document = await self._media.document(path, DocumentWish(), name)
        if len(document.text) <= self._room_left:
            self._room_left -= len(document.text)
            self._kept[path] = document
        return document

    async def clipboard(self) -> Gathered:
        """The picture on the clipboard.

        Raises:
            UsageError: there is none, or nothing that gives it.
        """
        name = text("attaching.clipboard")
        self._now(name)
        content = await self._media.clipboard_picture()
        return Gathered([await self.picture(content, name)], [])

    # Several

    async def words(self, written: str) -> Gathered:
        """What was written after a command: paths, folders, patterns, addresses.

        Raises:
            UsageError: the disk does not answer.
        """
        here = Path.cwd()
        gathered = Gathered([], self._failures)
        for word in await ask_disk(partial(path_words, written, here)):
            try:
                if word.is_address:
                    address = ImagePart(url=picture_address(word.written), detail=self._detail)
                    gathered.taken.append(Taken(address, None, ""))
                elif word.path is not None:
                    gathered.add(await self._path(word.path))
                elif word.is_pattern:
                    gathered.add(await self.listed([word.written], here))
                else:
                    name = clean_line(word.written, code=True)
                    hint = text("attaching.no-words-hint")
                    raise UsageError(text("attaching.no-words", name=name), hint=hint)
            except ChatError as error:
                self._failures.append(error)
        return gathered

    async def paths(self, paths: Sequence[Path]) -> Gathered:
        """Read files and folders, each kind by what is in it; asks about folders and large ones."""
        gathered = Gathered([], self._failures)
        for path in paths:
            try:
                gathered.add(await self._path(path))
            except ChatError as error:
                self._failures.append(error)
        return gathered

    async def _path(self, path: Path) -> list[Taken] | None:
        self._now(clean_line(path.name, code=True))
        kind = await self._media.kind_of(path)
        if kind == "picture":
            return [await self.picture(path)]
        if kind == "folder":
            return await self.listed([str(path)], Path.cwd(), path.name)
        return await self._whole_or_asked(path)

    async def _whole_or_asked(self, path: Path) -> list[Taken] | None:
        """A document as it is; where it is large, by the rule that the user chooses."""
        document = await self._read(path)
        tokens, room = await self._tokens(document.part()), self.room()
        fits = room.free is None or tokens * _SHARE <= room.free
        if document.characters <= LARGE and fits and not document.cut:
            return [await self._taken(document)]
        size = len(document.attachment.content)
        file = ListedFile(path, path.name, size, "document", document.warnings)
        title = text("documents.large", name=clean_line(path.name, code=True))
        return await self._chosen(title, FileList((file,)))

    async def listed(
        self, patterns: Sequence[str], here: Path, name: str = ""
    ) -> list[Taken] | None:
        """What folders and patterns stand for, as far as the user wants it; None where it is left.

        Args:
            patterns: as `Media.list_files` takes them.
            here: the folder to which relative ones belong.
            name: what they are called together, unless as they are written.

        Raises:
            UsageError: there is nothing that could be attached.
        """
        shown = clean_line(name or " ".join(patterns), code=True)
        self._now(shown)
        found = await self._media.list_files(patterns, here)
        if not found.files:
            why = found.passed_over[0] if found.passed_over else None
            reason = "" if why is None else clean_line(f"{why[0]}: {why[1]}", code=True)
            raise UsageError(text("documents.nothing", name=shown), hint=reason)
        return await self._chosen(text("documents.title", name=shown), found)

    async def _chosen(self, title: str, found: FileList) -> list[Taken] | None:
        self._now("")
        screen = DocumentsScreen(title, found, self._weigh, self.room())
        chosen = await self._screen.app.push_screen_wait(screen)
        return None if chosen is None else await self._selected(chosen)

    async def _selected(self, chosen: Selection) -> list[Taken]:
        """Read what was marked; what cannot be read any more is told apart."""
        taken = []
        for file in chosen.files:
            try:
                if file.kind == "picture":
                    taken.append(await self.picture(file.path, file.name))
                else:
                    taken.append(await self.document(file.path, chosen.wish, file.name))
            except ChatError as error:
                self._failures.append(error)
        return taken

    async def _weigh(self, file: ListedFile) -> FileFacts:
        """What a file of a list weighs."""
        try:
            if file.kind == "picture":
                info = await self._media.look(file.path)
                part = ImagePart(width=info.width, height=info.height)
                planner = self._screen.session.manager.context
                tokens = planner.picture_cost(part, self._chat.target).tokens
                about = text(
                    "documents.picture", width=f"{info.width:,}", height=f"{info.height:,}"
                )
                return FileFacts(0, tokens, about)
            document = await self._read(file.path, file.name)
        except ChatError as error:
            return FileFacts(0, 0, failed=clean_line(error.told, code=True))
        key = "attaching.line" if document.lines == 1 else "attaching.lines"
        lines = text(key, count=f"{document.lines:,}")
        tokens = await self._tokens(document.part())
        return FileFacts(document.characters, tokens, lines, _warnings(document))

    def room(self) -> Room:
        """What the model has room for, besides what the conversation and its draft take."""
        target, facts = self._chat.target, self._screen.session.manager.context.facts
        prices = facts.prices(target)
        price = None if prices is None else prices.input
        outlook = self._screen.context.outlook
        if outlook is None or self._chat is not self._screen.session.chat:
            most = budget_for(facts.window(target), target.parameters).tokens
            return Room(most, most, price)
        most = outlook.budget.tokens
        taken = outlook.used + self._screen.context.draft
        return Room(None if most is None else max(most - taken, 0), most, price)


def _warnings(document: Document, later: Collection[str] = ()) -> tuple[str, ...]:
    """What is to be said about a document, with its name, but for what is said later."""
    name = clean_line(document.name, code=True)
    now = (each for each in document.warnings if each not in later)
    return tuple(f"{name}: {clean_line(each, code=True)}" for each in now)
