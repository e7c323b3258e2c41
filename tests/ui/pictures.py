"""Small picture files, and a `Media` that reads them in the process of the test."""

import asyncio
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from chat_tui.core.attachments.media import (
    Change,
    Document,
    DocumentWish,
    FileList,
    ListedFile,
    PictureWish,
    PreparedPicture,
    Source,
)
from chat_tui.core.attachments.values import (
    Attachment,
    PictureFormat,
    PictureInfo,
    Pixels,
    attachment_of,
)
from chat_tui.core.errors import UsageError

_FORMATS: dict[str, PictureFormat] = {
    "PNG": "PNG",
    "JPEG": "JPEG",
    "GIF": "GIF",
    "WEBP": "WebP",
    "BMP": "BMP",
    "TIFF": "TIFF",
}
"""What Pillow calls a format, and what it is called here."""

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")

_GPS = 0x8825


def picture_bytes(
    width: int = 4,
    height: int = 3,
    *,
    format_: str = "PNG",
    colour: str = "#3366cc",
    **options: Any,
) -> bytes:
    """The file of a picture: one colour, its first pixel red, so that turning it is seen.

    Args:
        width: in pixels.
        height: in pixels.
        format_: as Pillow calls it: `PNG`, `JPEG`, `GIF`, `WEBP`, `BMP`, `TIFF`.
        colour: of all other pixels.
        options: for `Image.save`, as `exif`.
    """
    picture = Image.new("RGB", (width, height), colour)
    picture.putpixel((0, 0), (255, 0, 0))
    out = BytesIO()
    picture.save(out, format_, **options)
    return out.getvalue()


def write_picture(path: Path, width: int = 4, height: int = 3, **options: Any) -> Path:
    """Write the file of a picture; see `picture_bytes`."""
    path.write_bytes(picture_bytes(width, height, **options))
    return path


def placed_exif(place: bool = True) -> Image.Exif:
    """What a camera writes: its name, and where it was."""
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    if place:
        exif.get_ifd(_GPS)[1] = "N"
        exif.get_ifd(_GPS)[2] = (52.0, 30.0, 0.0)
    return exif


def picture_attachment(width: int = 4, height: int = 3, **options: Any) -> Attachment:
    """The bytes of a PNG, as they are stored."""
    return attachment_of(picture_bytes(width, height, **options), "image/png")


class FakeMedia:
    """A `Media` that reads small files with Pillow, at once, in this process.

    It follows the port in what is seen from outside; it is no guard against hostile files.
    """

    def __init__(self) -> None:
        self.failures: dict[str, UsageError] = {}
        """What is raised for a file, by its name."""
        self.clipboard: bytes | None = None
        """The picture on the clipboard."""
        self.gate: asyncio.Event | None = None
        """Waited for by everything that reads, while it is set here."""
        self.calls: list[tuple[str, str]] = []
        """What was asked for: the method and the name of the file."""
        self.warnings: dict[str, tuple[str, ...]] = {}
        """What is found in a file, by its name."""
        self.wishes: list[PictureWish | DocumentWish] = []
        """With which wishes, in the order of the calls that have one."""
        self.closed = False

    async def look(self, source: Source) -> PictureInfo:
        """See `Media.look`."""
        name, content = await self._read("look", source)
        return _info(content, name)

    async def prepare(self, source: Source, wish: PictureWish, name: str = "") -> PreparedPicture:
        """See `Media.prepare`."""
        self.wishes.append(wish)
        name, content = await self._read("prepare", source, name)
        info, changes = _info(content, name), list[Change]()
        picture = Image.open(BytesIO(content))
        size = picture.size
        kept = content
        if wish.most_side and max(size) > wish.most_side:
            picture.thumbnail((wish.most_side, wish.most_side))
            changes.append("shrunk")
        if info.metadata and not wish.keep_metadata:
            changes.append("stripped")
        format_ = info.format
        if info.format not in wish.formats:
            format_ = "PNG"
            changes.append("converted")
        if changes:
            out = BytesIO()
            picture.convert("RGB").save(out, format_)
            kept = out.getvalue()
        attachment = attachment_of(kept, f"image/{format_.lower()}")
        return PreparedPicture(attachment, *picture.size, info, tuple(changes))

    async def pixels(
        self, source: Source, width: int, height: int, background: str = "#000000"
    ) -> Pixels:
        """See `Media.pixels`."""
        _, content = await self._read("pixels", source)
        picture = Image.open(BytesIO(content)).convert("RGB")
        picture.thumbnail((width, height))
        return Pixels(*picture.size, picture.tobytes())

    async def document(self, path: Path, wish: DocumentWish, name: str = "") -> Document:
        """See `Media.document`."""
        _, content = await self._read("document", path, name or path.name)
        return self._document(content, wish, name or path.name)

    async def document_of(self, content: bytes, wish: DocumentWish, name: str) -> Document:
        """See `Media.document_of`."""
        await self._read("document_of", content, name)
        return self._document(content, wish, name)

    async def kind_of(self, path: Path) -> Literal["picture", "document", "folder"]:
        """See `Media.kind_of`."""
        if _is_folder(path):
            return "folder"
        _, content = await self._read("kind_of", path)
        return _kind(content)

    async def list_files(self, patterns: Sequence[str], here: Path) -> FileList:
        """See `Media.list_files`; nothing is ignored."""
        return _listed(patterns, here, self.warnings)

    async def clipboard_picture(self) -> bytes:
        """See `Media.clipboard_picture`."""
        self.calls.append(("clipboard_picture", ""))
        if self.clipboard is None:
            raise UsageError("There is no picture on the clipboard.", hint="Copy one first.")
        return self.clipboard

    async def aclose(self) -> None:
        """See `Media.aclose`."""
        self.closed = True

    def _document(self, content: bytes, wish: DocumentWish, name: str) -> Document:
        self.wishes.append(wish)
        whole = content.decode("utf-8", errors="replace")
        most, cut = wish.most_characters, whole
        if most and wish.rule != "whole" and len(whole) > most:
            left = f"\n[… {len(whole) - most:,} of {len(whole):,} characters left out here …]\n"
            head = most if wish.rule == "head" else most // 2
            cut = whole[:head] + left + (whole[-(most - head) :] if most > head else "")
        language = {"py": "python", "toml": "toml"}.get(name.rpartition(".")[2], "")
        return Document(
            attachment_of(content, "text/plain"),
            name,
            cut,
            language=language,
            encoding="utf-8",
            characters=len(whole),
            lines=len(whole.splitlines()),
            warnings=self.warnings.get(name, ()),
        )

    async def _read(self, call: str, source: Source, name: str = "") -> tuple[str, bytes]:
        shown = name or (source.name if isinstance(source, Path) else "")
        self.calls.append((call, shown))
        if self.gate is not None:
            await self.gate.wait()
        if shown in self.failures:
            raise self.failures[shown]
        if isinstance(source, bytes):
            return shown, source
        try:
            return shown, source.read_bytes()
        except OSError as error:
            raise UsageError(f"{shown} cannot be read: {error.strerror}.") from error


def _info(content: bytes, name: str) -> PictureInfo:
    try:
        picture = Image.open(BytesIO(content))
    except OSError as error:
        raise UsageError(f"{name} is no picture that can be read.") from error
    exif = picture.getexif()
    return PictureInfo(
        _FORMATS[picture.format or ""],
        *picture.size,
        len(content),
        frames=getattr(picture, "n_frames", 1),
        metadata=bool(exif),
        place=bool(exif.get_ifd(_GPS)),
        name=name,
    )


def _is_folder(path: Path) -> bool:
    return path.is_dir()


def _kind(content: bytes) -> Literal["picture", "document"]:
    return "picture" if content.startswith(_SIGNATURES) else "document"


def _listed(
    patterns: Sequence[str], here: Path, warnings: Mapping[str, tuple[str, ...]]
) -> FileList:
    found: dict[Path, ListedFile] = {}
    passed: list[tuple[str, str]] = []
    for pattern in patterns:
        top = here / Path(pattern).expanduser()
        if not any(sign in pattern for sign in "*?[") and not top.exists():
            raise UsageError(f"{pattern} is not there.", hint="Check its name.")
        folder = top if top.is_dir() else here
        for path in (
            top.rglob("*") if top.is_dir() else [top] if top.exists() else here.glob(pattern)
        ):
            if path.is_dir():
                continue
            content, name = path.read_bytes(), path.name
            if b"\0" in content and _kind(content) == "document":
                passed.append((name, "It is no text."))
                continue
            shown = str(path.relative_to(folder)) if path.is_relative_to(folder) else name
            said = warnings.get(name, ())
            found[path] = ListedFile(path, shown, len(content), _kind(content), said)
    return FileList(tuple(sorted(found.values(), key=lambda file: file.name)), tuple(passed))
