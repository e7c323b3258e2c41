"""What `ask` attaches: pictures and documents of the command line, and of standard input."""

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from chat_tui.cli.late_media import LateMedia
from chat_tui.cli.options import AskOptions, AttachOptions
from chat_tui.cli.output import say
from chat_tui.core.attachments.limits import limits_for
from chat_tui.core.attachments.media import (
    Document,
    DocumentWish,
    FileList,
    ListedFile,
    Media,
    PreparedPicture,
    Source,
)
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.signatures import picture_facts
from chat_tui.core.attachments.values import Attachment
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.ports import ConversationStore
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target

STDIN = "-"
"""What stands for standard input among the files."""

_MAGIC = re.compile(rb"%PDF-|PK\x03\x04")
"""How documents begin that are no text: PDF, docx and xlsx."""

_ENDINGS = {b"%PDF-": ".pdf", b"PK\x03\x04": ".docx"}
_PATTERN = re.compile(r"[*?\[{]")
_TOLD = 5
"""Files that were passed over and are named."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes with a prompt."""

    parts: tuple[ImagePart | FilePart, ...] = ()
    bytes: tuple[Attachment, ...] = ()


def is_binary(content: bytes) -> bool:
    """Whether standard input is a picture or a document, and no text."""
    return picture_facts(content[:4096]) is not None or _MAGIC.match(content) is not None


async def gather(options: AskOptions, settings: Settings, target: Target, piped: bytes) -> Attached:
    """Read what is attached, in the order of the command line; standard input comes last.

    Args:
        options: of the command line.
        settings: how pictures are made ready.
        target: whose limits hold for pictures.
        piped: a picture or a document from standard input; empty where there is none.

    Raises:
        UsageError: a file cannot be attached, or holds what looks like a key; the file is named.
    """
    wanted = options.attach
    if not (wanted.files or piped):
        return Attached()
    async with _media() as media:
        return await _Gathering(wanted, settings, target, media).all(piped)


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
        self, wanted: AttachOptions, settings: Settings, target: Target, media: Media
    ) -> None:
        self._wanted = wanted
        self._media = media
        self._detail = wanted.detail or settings.picture_detail
        wish = limits_for(target).wish(keep_metadata=wanted.keep_metadata)
        if side := settings.picture_side:
            wish = replace(wish, most_side=min(side, wish.most_side or side))
        self._wish = wish
        self._parts: list[ImagePart | FilePart] = []
        self._bytes: list[Attachment] = []

    async def all(self, piped: bytes) -> Attached:
        """Read all of it."""
        for kind, name in self._wanted.files:
            if name == STDIN:
                await self._take_piped(piped, picture=kind == "picture")
                piped = b""
            elif kind == "picture":
                await self._take_picture(name)
            else:
                await self._take_files(name)
        if piped:
            await self._take_piped(piped, picture=picture_facts(piped[:4096]) is not None)
        return Attached(tuple(self._parts), tuple(self._bytes))

    async def _take_piped(self, piped: bytes, *, picture: bool) -> None:
        if not piped:
            raise UsageError(
                "Nothing came on standard input that can be attached.",
                hint="Pipe a file in, or name one.",
            )
        if picture:
            self._add(await self._prepared(piped, "stdin"))
            return
        found = _MAGIC.match(piped)
        name = "stdin" + (_ENDINGS[found[0]] if found else ".txt")
        self._add_document(await self._media.document_of(piped, self._document_wish, name))

    async def _take_picture(self, name: str) -> None:
        if re.match(r"https?://", name, re.IGNORECASE):
            self._parts.append(ImagePart(url=_address(name), detail=self._detail))
            return
        path = _path(name)
        if path.is_dir():
            raise UsageError(
                f"{clean_line(name, code=True)} is a folder.",
                hint="Name a picture; -f takes folders.",
            )
        self._add(await self._prepared(path, ""))

    async def _take_files(self, name: str) -> None:
        path = _path(name)
        if _is_one(path, name):
            await self._take_file(path, path.name, name)
            return
        found = await self._media.list_files([name], Path.cwd())
        if not found.files:
            self._tell_passed_over(name, found)
            raise UsageError(
                f"{clean_line(name, code=True)} stands for no file that can be attached.",
                hint="Check the path; files that are ignored can be named one by one.",
            )
        before = len(self._parts)
        for each in found.files:
            await self._take_listed(each)
        self._tell_total(self._parts[before:], name)
        self._tell_passed_over(name, found)

    async def _take_listed(self, listed: ListedFile) -> None:
        await self._take_file(listed.path, listed.name, listed.name)

    async def _take_file(self, path: Path, name: str, written: str) -> None:
        if await self._media.kind_of(path) == "picture":
            self._add(await self._prepared(path, name))
        else:
            self._refuse_secrets(
                document := await self._media.document(path, self._document_wish, name), written
            )
            self._add_document(document)

    @property
    def _document_wish(self) -> DocumentWish:
        wanted = self._wanted
        return DocumentWish(wanted.cut, wanted.most_characters)

    async def _prepared(self, source: Source, name: str) -> PreparedPicture:
        return await self._media.prepare(source, self._wish, name)

    def _refuse_secrets(self, document: Document, written: str) -> None:
        if document.warnings and not self._wanted.send_secrets:
            name = clean_line(written, code=True)
            raise UsageError(
                f"{name} was not sent: {document.warnings[0]}",
                hint="Leave it out, or add --send-secrets if it may be sent.",
            )

    # What becomes of it

    def _add(self, picture: PreparedPicture) -> None:
        self._parts.append(picture.part(self._detail))
        self._bytes.append(picture.attachment)
        if told := changes_told(picture):
            say(told)

    def _add_document(self, document: Document) -> None:
        self._parts.append(document.part())
        self._bytes.append(document.attachment)
        if document.cut:
            name = clean_line(document.name, code=True)
            rest = document.characters - len(document.text)
            say(f"{name}: about {rest:,} of {document.characters:,} characters are left out.")

    def _tell_total(self, parts: Sequence[ImagePart | FilePart], name: str) -> None:
        documents = [part for part in parts if isinstance(part, FilePart)]
        pictures = len(parts) - len(documents)
        facts = [f"{len(parts)} {'file' if len(parts) == 1 else 'files'}"]
        if documents:
            facts.append(f"{sum(len(part.text) for part in documents):,} characters")
        if pictures:
            facts.append(f"{pictures} {'picture' if pictures == 1 else 'pictures'}")
        say(f"{clean_line(name, code=True)}: {', '.join(facts)}.")

    def _tell_passed_over(self, name: str, found: FileList) -> None:
        for each, reason in found.passed_over[:_TOLD]:
            say(f"{clean_line(each, code=True)} was passed over: {reason}")
        if (more := len(found.passed_over) - _TOLD + found.more) > 0:
            say(f"{more} more of {clean_line(name, code=True)} were passed over.")


def changes_told(picture: PreparedPicture) -> str:
    """What was done to a picture, in a sentence; empty where nobody need know."""
    source, now = picture.source, picture.attachment
    if not {"shrunk", "compressed", "converted", "first-frame"} & {*picture.changes}:
        return ""
    name = clean_line(source.name, code=True) or "The picture"
    before = f"{source.width:,}×{source.height:,} {source.format}, {data_size(source.size)}"
    kind = now.media_type.rpartition("/")[2].upper()
    after = f"{picture.width:,}×{picture.height:,} {kind}, {data_size(len(now.content))}"
    moves = "; only its first frame" if "first-frame" in picture.changes else ""
    return f"{name}: {before} → {after}{moves}."


async def with_attached(prompt: str, attached: Attached, store: ConversationStore) -> Prompt:
    """The prompt with what goes with it, whose bytes are stored before.

    Raises:
        StorageError: they cannot be stored.
    """
    if attached.bytes:
        await store.save_attachments(attached.bytes)
    return Prompt(prompt, attached.parts)


def save_pictures(folder: Path, pictures: Sequence[tuple[ImagePart, Attachment]]) -> None:
    """Write the pictures of a reply into a folder; nothing is overwritten.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, attachment in pictures:
            say(f"Saved {_written(folder, _file_name(part), attachment.content)}")
    except OSError as error:
        raise UsageError(
            f"The pictures cannot be saved in {clean_line(str(folder), code=True)}: "
            f"{error.strerror or error}.",
            hint="Name another folder with --save-images.",
        ) from error


def _file_name(part: ImagePart) -> str:
    """A name for a file, whatever the reply called it."""
    name = re.sub(r"[^\w.-]+", "-", Path(part.name or "picture").name).strip(".-")
    return name or "picture"


def _written(folder: Path, name: str, content: bytes) -> Path:
    path, number = folder / name, 1
    while True:
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
            path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        else:
            return path


def _path(name: str) -> Path:
    if name.lower().startswith("file://"):
        name = unquote(urlsplit(name).path)
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _is_one(path: Path, name: str) -> bool:
    """Whether a name is that of a file, and no folder and no pattern."""
    try:
        return not path.is_dir() and (path.exists() or not _PATTERN.search(name))
    except (OSError, ValueError):
        return True


def _address(url: str) -> str:
    from chat_tui.core.links import checked_link  # only where a picture has an address

    return checked_link(url).url
