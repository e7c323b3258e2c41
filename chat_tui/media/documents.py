"""Documents as text: read in a thread; what a library must parse, in another process."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from chat_tui.core.attachments.media import Document, DocumentWish
from chat_tui.core.attachments.secrets import secrets_in
from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.core.safety import clean_line
from chat_tui.media import safe_open, taking
from chat_tui.media.cutting import MOST_CHARACTERS, Gathered, cut, gathered, most_of
from chat_tui.media.extracts import protected
from chat_tui.media.kinds import (
    START,
    UNKNOWN,
    DocumentKind,
    is_protected,
    kind_of_start,
    may_be_page,
    media_type_of,
    no_document,
)
from chat_tui.media.languages import language_of
from chat_tui.media.patterns import is_folder
from chat_tui.media.text_files import decoded, encoding_of
from chat_tui.media.web_pages import charset_of, is_page, is_template

JOB = "document_text"
"""What the process is asked for; `taking.take` is its side."""

_MOST_ROUNDS = 30
"""How often the next pages of one PDF are asked for."""

_BY_LANGUAGE = {"markdown": "text.docx", "csv": "sheets.xlsx"}
"""What a zipped document is like whose name does not tell."""


class DocumentWorker(Protocol):
    """The process that parses documents."""

    async def run(
        self, job: str, arguments: Mapping[str, Any], content: bytes
    ) -> tuple[dict[str, Any], bytes]:
        """Do a job there.

        Raises:
            UsageError: it refused the file, took too long or too much memory, or ended.
        """
        ...


class _File(NamedTuple):
    """A file that was read."""

    name: str
    place: str
    """Its name with the folder it is in, where that is known."""
    kind: DocumentKind
    attachment: Attachment

    @property
    def shown(self) -> str:
        return _shown(self.name)


class _Text(NamedTuple):
    """What is in it."""

    text: Gathered
    language: str
    encoding: str = ""
    pages: int = 0
    warnings: tuple[str, ...] = ()


class Documents:
    """Reads documents.

    Args:
        worker: parses what is no plain text.
    """

    def __init__(self, worker: DocumentWorker) -> None:
        self._worker = worker

    async def document(self, path: Path, wish: DocumentWish, name: str = "") -> Document:
        """See `Media.document`."""
        content = await asyncio.to_thread(safe_open.read_file, path)
        return await self._read(content, wish, name or path.name, str(path))

    async def document_of(self, content: bytes, wish: DocumentWish, name: str) -> Document:
        """See `Media.document_of`."""
        if len(content) > safe_open.MOST_BYTES:
            most = data_size(safe_open.MOST_BYTES)
            raise UsageError(f"{_shown(name)} has more than {most}: it is not read.")
        return await self._read(content, wish, name, name)

    async def kind_of(self, path: Path) -> Literal["picture", "document", "folder"]:
        """See `Media.kind_of`."""
        return await asyncio.to_thread(kind_at, path)

    async def _read(self, content: bytes, wish: DocumentWish, name: str, place: str) -> Document:
        # Names of files may be no text; they are stored, and sent.
        name = os.fsencode(name).decode("utf-8", "replace")
        file = await asyncio.to_thread(_file, content, name, place)
        found = await asyncio.to_thread(_plain, file) if file.kind in ("text", "page") else None
        if found is None:
            found = await self._taken(file, content)
        elif file.kind == "page" or (may_be_page(name) and is_page(found.text.head)):
            found = await self._page(file, found)
        return await asyncio.to_thread(_document, file, found, wish)

    async def _page(self, file: _File, source: _Text) -> _Text:
        """A web page as it is read; one that a program fills in stays as it is."""
        if source.text.characters > MOST_CHARACTERS:
            return source
        page = await asyncio.to_thread(source.text.head.encode, "utf-8", "replace")
        if await asyncio.to_thread(is_template, source.text.head):
            return source
        found = await self._taken(file._replace(kind="page"), page)
        return found._replace(encoding=source.encoding, warnings=source.warnings)

    async def _taken(self, file: _File, content: bytes) -> _Text:
        """What the process takes from a document, for a PDF in several pieces."""
        text = Gathered()
        warnings: list[str] = []
        start, blank, broken = 0, 0, 0
        for _ in range(_MOST_ROUNDS):
            arguments = {"kind": file.kind, "name": file.shown, "start": start}
            answer, body = await self._worker.run(JOB, arguments, content)
            piece = await asyncio.to_thread(taking.taken, answer, body)
            text.add(("\n" if text.characters and piece.text else "") + piece.text)
            warnings += piece.warnings
            blank, broken = blank + piece.blank, broken + piece.broken
            start = piece.following
            if not start or text.characters > MOST_CHARACTERS:
                break
        if file.kind == "pdf":
            warnings += _lost_pages(file, text, (start or piece.pages, piece.pages), blank, broken)
        return _Text(text, piece.language, "", piece.pages, tuple(warnings))


def kind_at(path: Path) -> Literal["picture", "document", "folder"]:
    """See `Media.kind_of`; it blocks."""
    if is_folder(path):
        return "folder"
    start, _ = safe_open.read_start(path, START)
    kind = kind_of_start(path.name, start)
    if not kind:
        raise no_document(_shown(path.name), start)
    return "picture" if kind == "picture" else "document"


def _shown(name: str) -> str:
    """A name as it may be shown."""
    return clean_line(name, code=True) or "The document"


def _file(content: bytes, name: str, place: str) -> _File:
    """What a file is.

    Raises:
        UsageError: it is empty, a picture, or nothing that is read.
    """
    shown = _shown(name)
    start = content[:START]
    if not content:
        raise UsageError(f"{shown} is empty: there is nothing in it to attach.")
    kind = kind_of_start(name, start)
    if kind == "picture":
        raise UsageError(f"{shown} is a picture.", hint="Attach it as a picture.")
    if not kind:
        raise no_document(shown, start)
    if kind == "archive" and is_protected(start):
        raise protected(shown)
    return _File(name, place, kind, attachment_of(content, media_type_of(name, kind)))


def _plain(file: _File) -> _Text:
    """The text of a file that is text."""
    content = file.attachment.content
    encoding = encoding_of(content, charset_of(content) if file.kind == "page" else "")
    text = gathered(decoded(content, encoding))
    warnings: tuple[str, ...] = ()
    if encoding.lost:
        places = "A place" if encoding.lost == 1 else f"{encoding.lost:,} places"
        are = "is" if encoding.lost == 1 else "are"
        warnings = (f"{places} in it {are} no {encoding.shown}, and shown as “\ufffd”.",)
    language = language_of(file.name, text.head[:300])
    return _Text(text, language, encoding.shown, 0, warnings)


def _document(file: _File, found: _Text, wish: DocumentWish) -> Document:
    """The document as it is sent.

    Raises:
        UsageError: it is longer than wished, and may not be cut.
    """
    text, most = found.text, most_of(wish.most_characters)
    if wish.rule == "whole" and text.characters > most:
        raise UsageError(
            f"{file.shown} has {text.characters:,} characters; at most {most:,} can be attached.",
            hint="Have it cut, or attach the part of it that matters.",
        )
    kept = cut(text, wish.rule, wish.most_characters)
    attachment = file.attachment
    if attachment.media_type == UNKNOWN and (like := _BY_LANGUAGE.get(found.language)):
        attachment = replace(attachment, media_type=media_type_of(like, "archive"))
    return Document(
        attachment,
        file.name,
        kept,
        found.language,
        found.encoding,
        found.pages,
        text.characters,
        text.lines,
        (*secrets_in(file.place, kept), *found.warnings),
    )


def _lost_pages(
    file: _File, text: Gathered, read: tuple[int, int], blank: int, broken: int
) -> list[str]:
    """Sentences about the pages of a PDF of which there is no text.

    Args:
        file: the PDF.
        text: what was taken from it.
        read: how many pages were read, and of how many.
        blank: how many have no text.
        broken: how many cannot be read.

    Raises:
        UsageError: there is no text at all.
    """
    pages, whole = read
    if not text.characters and broken and broken >= blank:
        raise UsageError(
            f"{file.shown} cannot be read: its pages seem to be damaged.",
            hint="Open it in its own program, save its text, and attach that.",
        )
    if not text.characters:
        raise UsageError(
            f"{file.shown} holds pictures of pages only: there is no text in it.",
            hint="Attach its pages as pictures, or let a program for text recognition read it.",
        )
    told = []
    if blank:
        have = "has" if blank == 1 else "have"
        told.append(
            f"{blank:,} of {pages:,} pages {have} no text: pictures of pages cannot be read."
        )
    if broken:
        are = "is" if broken == 1 else "are"
        told.append(f"{broken:,} of {pages:,} pages {are} damaged and left out.")
    if pages < whole:
        told.append(f"Only the first {pages:,} of {whole:,} pages were read.")
    return told
