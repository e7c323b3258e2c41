"""Picture files for tests: of every format, with all that cameras and programs put into them."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chat_tui.media.pictures.looking import look
from chat_tui.media.pictures.source import bytes_of
from chat_tui.media.worker.preparing import prepare
from tests.ui.pictures import placed_exif

ALL = ("PNG", "JPEG", "GIF", "WebP")
ORIENTATION = 0x0112
SECRET = b"SECRET-PLACE"
"""Stands in everything that is no picture."""


def drawn(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A picture with no symmetry and many colours."""
    width, height = size
    ramp = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), ramp))
    picture.paste((255, 0, 0), (0, 0, max(width // 4, 1), max(height // 3, 1)))
    if mode in {"RGBA", "LA"}:
        picture.putalpha(ramp)
    return picture.convert(mode)


def file_of(picture: Image.Image, form: str, **options: Any) -> bytes:
    """Its file; `form` as Pillow calls it."""
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def talking(form: str) -> bytes:
    """A file of a format that tells more than its picture, with something behind its end."""
    exif = placed_exif()
    exif[0x010E] = SECRET.decode()
    options: dict[str, Any] = {"exif": exif}
    if form == "PNG":
        words = PngInfo()
        words.add_text("Comment", SECRET.decode())
        words.add_text("Packed", SECRET.decode() * 9, zip=True)
        words.add_itxt("XML:com.adobe.xmp", "<x GPSLatitude='1'>" + SECRET.decode())
        words.add(b"prVt", SECRET)
        options["pnginfo"] = words
    elif form == "JPEG":
        options |= {"comment": SECRET, "xmp": b"<x/>" + SECRET, "quality": 95}
    elif form == "GIF":
        options = {"comment": SECRET}
    elif form == "WebP":
        options |= {"xmp": b"<x/>" + SECRET, "lossless": True}
    return file_of(drawn("P" if form == "GIF" else "RGB"), form, **options) + b"PK\3\4" + SECRET


def moving(form: str, count: int = 3) -> bytes:
    """A file of a format with several pictures."""
    frames = [drawn("RGB").rotate(90 * number) for number in range(count)]
    options: dict[str, Any] = {"lossless": True} if form == "WebP" else {}
    return file_of(
        frames[0], form, save_all=True, append_images=frames[1:], duration=50, loop=0, **options
    )


def turned_file(form: str, orientation: int, **options: Any) -> bytes:
    """A file whose picture is to be turned when it is seen."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return file_of(drawn(), form, exif=exif.tobytes(), **options)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    total = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", total)


def opened(content: bytes) -> Image.Image:
    """A file as Pillow decodes it."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def colours(content: bytes) -> tuple[tuple[int, int], bytes]:
    """Size and pixels of the first picture of a file."""
    picture = opened(content)
    return picture.size, picture.convert("RGBA").tobytes()


def made(
    content: bytes,
    *,
    side: int = 0,
    most_bytes: int = 0,
    formats: Sequence[str] = ALL,
    keep: bool = False,
    name: str = "cat.png",
) -> tuple[str, list[str], bytes]:
    """What the worker makes of a file, in this process: format, changes, the new file."""
    arguments = {
        "name": name,
        "most_side": side,
        "most_bytes": most_bytes,
        "formats": list(formats),
        "keep_metadata": keep,
    }
    answer, result = prepare(arguments, BytesIO(content))
    return answer["format"], answer["changes"], result


def looked(content: bytes) -> Any:
    """What a file says of itself."""
    return look(bytes_of(content), len(content), "cat.png").info("cat.png")
