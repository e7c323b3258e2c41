"""What `ask` attaches: pictures and documents of the command line, and of standard input."""

import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote_to_bytes

from chat_tui.cli.late_media import LateMedia
from chat_tui.cli.options import AttachOptions
from chat_tui.cli.output import say
from chat_tui.cli.stdin import PDF, ZIP
from chat_tui.core.attachments.limits import MOST_FILES, limits_for_all
from chat_tui.core.attachments.media import (
    Document,
    DocumentWish,
    FileList,
    Media,
    PictureWish,
    PreparedPicture,
    Source,
)
from chat_tui.core.attachments.objections import objections
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.secrets import name_warnings, secrets_in
from chat_tui.core.attachments.signatures import format_of
from chat_tui.core.attachments.values import Attachment
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.core.links import checked_link
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.models import ModelCard
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target

STDIN = "-"
"""What stands for standard input among the files."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file://(?:localhost)?(/.*)", re.IGNORECASE | re.DOTALL)
_PATTERN = re.compile(r"[*?\[{]")
_TOLD = 5
"""Files that were passed over and are named."""

_LARGEST = 3
"""Documents that are named where all of it is too large."""


class Scales(Protocol):
    """Weighs what is attached; the planner does."""

    async def draft_tokens(self, prompt: Prompt, target: Target) -> int:
        """The tokens of a prompt."""
        ...


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes with a prompt."""

    parts: tuple[ImagePart | FilePart, ...] = ()
    bytes: tuple[Attachment, ...] = ()

    def objections(self, cards: Sequence[ModelCard]) -> Iterator[str]:
        """What speaks against sending it to models; keys in documents were refused before."""
        sizes = {each.sha256: len(each.content) for each in self.bytes}
        for each in objections(Prompt("", self.parts), cards, sizes):
            if each.kind != "secret":
                yield each.words

    def largest(self) -> str:
        """What takes most room of it, in a sentence."""
        documents = [part for part in self.parts if isinstance(part, FilePart)]
        documents.sort(key=lambda part: len(part.text), reverse=True)
        told = [f"{_shown(each.name)} ({len(each.text):,} characters)" for each in documents]
        more = len(self.parts) - len(told := told[:_LARGEST])
        return f"Attached: {', '.join([*told, f'{more:,} more'] if more else told)}."


async def gather(
    wanted: AttachOptions,
    settings: Settings,
    targets: Sequence[Target],
    piped: bytes,
    scales: Scales,
) -> Attached:
    """Read what is attached, in the order of the command line; standard input comes last.

    Args:
        wanted: of the command line.
        settings: how pictures are made ready.
        targets: whose limits hold for pictures.
        piped: a picture or a document from standard input; empty where there is none.
        scales: for what is told of folders.

    Raises:
        UsageError: a file cannot be attached, or holds what looks like a key; the file is named.
    """
    async with _media() as media:
        return await _Gathering(wanted, settings, targets, media, scales).all(piped)


@contextlib.asynccontextmanager
async def _media() -> AsyncIterator[Media]:
    media = LateMedia()
    try:
        yield media
    finally:
        await media.aclose()


class _Gathering:
    """Reads one file after the other."""

    def __init__(
        self,
        wanted: AttachOptions,
        settings: Settings,
        targets: Sequence[Target],
        media: Media,
        scales: Scales,
    ) -> None:
        self._wanted = wanted
        self._media = media
        self._scales, self._target = scales, targets[0]
        self._detail = wanted.detail or settings.picture_detail
        self._picture_wish = _wish(wanted, settings, targets)
        self._document_wish = DocumentWish(wanted.cut, wanted.most_characters)
        self._parts: list[ImagePart | FilePart] = []
        self._bytes: list[Attachment] = []

    async def all(self, piped: bytes) -> Attached:
        """Read all of it."""
        for kind, name in self._wanted.files:
            if name == STDIN:
                await self._take_piped(piped, picture=kind == "picture")
                piped = b""
            elif kind == "file":
                await self._take_files(name)
            elif _ADDRESS.match(name):
                self._parts.append(ImagePart(url=checked_link(name).url, detail=self._detail))
            else:
                self._take_picture(await self._prepared(_picture_path(name), ""))
        if piped:
            await self._take_piped(piped, picture=False)
        return Attached(tuple(self._parts), tuple(self._bytes))

    async def _take_piped(self, piped: bytes, *, picture: bool) -> None:
        if not piped:
            raise UsageError(
                "Nothing came on standard input that can be attached.",
                hint="Pipe a file in, or name one.",
            )
        if picture or format_of(piped[:64]) is not None:
            self._take_picture(await self._prepared(piped, "stdin"))
            return
        # What is zipped tells itself which kind of document it is.
        name = "stdin.pdf" if piped.startswith(PDF) else "stdin"
        name += "" if piped.startswith((PDF, ZIP)) else ".txt"
        document = await self._media.document_of(piped, self._document_wish, name)
        self._take_document(document, secrets_in(name, document.text))

    async def _take_files(self, name: str) -> None:
        path = _path(name)
        if _is_one(path, name):
            self._take(await self._read(path, path.name), path)
            return
        found = await self._media.list_files([name], Path.cwd())
        if (count := len(found.files)) > MOST_FILES:
            raise UsageError(
                f"{_shown(name)} stands for {count:,} files; at most {MOST_FILES:,} can be attached"
                " at once.",
                hint="Name a folder or a pattern that stands for fewer.",
            )
        before, failed = len(self._parts), list[tuple[str, str]]()
        for each in found.files:
            try:
                read = await self._read(each.path, each.name)
            except UsageError as error:
                if self._wanted.most_characters and self._wanted.cut == "whole":
                    raise
                failed.append((each.name, error.message))
            else:
                self._take(read, each.path)
        passed_over = found._replace(passed_over=(*failed, *found.passed_over))
        if before < len(self._parts):
            await self._tell_total(tuple(self._parts[before:]), name)
            self._tell_passed_over(passed_over, name)
            return
        self._tell_passed_over(passed_over, name)
        raise UsageError(
            f"{_shown(name)} stands for no file that can be attached.",
            hint="Check the path; files that are ignored can be named one by one.",
        )

    async def _read(self, path: Path, name: str) -> PreparedPicture | Document:
        """Read a file by what is in it.

        Raises:
            UsageError: it cannot be attached.
        """
        if await self._media.kind_of(path) == "picture":
            return await self._prepared(path, name)
        return await self._media.document(path, self._document_wish, name)

    def _take(self, read: PreparedPicture | Document, path: Path) -> None:
        """Attach what was read.

        Raises:
            UsageError: nothing is to be sent.
        """
        if isinstance(read, Document):
            self._take_document(read, _secrets(path, read.text))
        else:
            self._take_picture(read)

    async def _prepared(self, source: Source, name: str) -> PreparedPicture:
        return await self._media.prepare(source, self._picture_wish, name)

    # What becomes of it

    def _take_picture(self, picture: PreparedPicture) -> None:
        self._parts.append(picture.part(self._detail))
        self._bytes.append(picture.attachment)
        if told := changes_told(picture):
            say(told)

    def _take_document(self, document: Document, secrets: Sequence[str]) -> None:
        name = _shown(document.name)
        if secrets and not self._wanted.send_secrets:
            raise UsageError(
                f"{name} was not sent: {secrets[0]}",
                hint="Leave it out, or add --send-secrets if it may be sent.",
            )
        for warning in dict.fromkeys((*secrets, *document.warnings)):
            say(f"{name}: {clean_line(warning, code=True)}")
        self._parts.append(document.part())
        self._bytes.append(document.attachment)
        if document.cut:
            rest = document.characters - len(document.text)
            say(f"{name}: about {rest:,} of {document.characters:,} characters are left out.")

    async def _tell_total(self, parts: tuple[ImagePart | FilePart, ...], name: str) -> None:
        documents = [part for part in parts if isinstance(part, FilePart)]
        pictures = len(parts) - len(documents)
        facts = [f"{len(parts):,} {'file' if len(parts) == 1 else 'files'}"]
        if documents:
            facts.append(f"{sum(len(part.text) for part in documents):,} characters")
        if pictures:
            facts.append(f"{pictures:,} {'picture' if pictures == 1 else 'pictures'}")
        tokens = await self._scales.draft_tokens(Prompt("", parts), self._target)
        say(f"{_shown(name)}: {', '.join(facts)}, ≈{tokens:,} tokens.")

    def _tell_passed_over(self, found: FileList, name: str) -> None:
        for each, reason in found.passed_over[:_TOLD]:
            say(f"{_shown(each)} was passed over: {clean_line(reason, code=True)}")
        if (more := len(found.passed_over) - _TOLD + found.more) > 0:
            verb = "was" if more == 1 else "were"
            say(f"{more:,} more of {_shown(name)} {verb} passed over.")


def _wish(wanted: AttachOptions, settings: Settings, targets: Sequence[Target]) -> PictureWish:
    """What is to become of pictures so that each of the models can take them."""
    wish = limits_for_all(targets).wish(keep_metadata=wanted.keep_metadata)
    side = settings.picture_side or wish.most_side
    return replace(wish, most_side=min(side, wish.most_side))


def changes_told(picture: PreparedPicture) -> str:
    """What was done to a picture, in a sentence; empty where nobody need know."""
    source, now = picture.source, picture.attachment
    if not {"shrunk", "compressed", "converted", "first-frame"} & {*picture.changes}:
        return ""
    name = _shown(source.name) or "The picture"
    before = f"{source.width:,}×{source.height:,} {source.format}, {data_size(source.size)}"
    kind = now.media_type.rpartition("/")[2].upper()
    after = f"{picture.width:,}×{picture.height:,} {kind}, {data_size(len(now.content))}"
    moves = "; only its first frame" if "first-frame" in picture.changes else ""
    return f"{name}: {before} → {after}{moves}."


def _shown(name: str) -> str:
    """A name as it may be shown."""
    return clean_line(name, code=True)


def _path(name: str) -> Path:
    if found := _FILE_ADDRESS.fullmatch(name):
        return Path(os.fsdecode(unquote_to_bytes(found[1])))
    return Path(os.path.expanduser(name))  # noqa: PTH111 - it does not fail without a home


def _picture_path(name: str) -> Path:
    path = _path(name)
    if os.path.isdir(path):  # noqa: PTH112 - see `_is_one`
        raise UsageError(f"{_shown(name)} is a folder.", hint="Name a picture; -f takes folders.")
    return path


def _secrets(path: Path, text: str) -> tuple[str, ...]:
    """What in a document may not be meant to be sent."""
    # What a link leads to tells more than its own name.
    of_target = name_warnings(os.path.realpath(path))
    return tuple(dict.fromkeys((*secrets_in(str(path), text), *of_target)))


def _is_one(path: Path, name: str) -> bool:
    """Whether a name is that of a file, and no folder and no pattern."""
    # Not those of Path: they fail where nothing may be looked at.
    if os.path.isdir(path):  # noqa: PTH112
        return False
    return os.path.exists(path) or not _PATTERN.search(name)  # noqa: PTH110
