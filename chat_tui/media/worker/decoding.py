"""Opens and decodes pictures with Pillow, in no more memory than there is."""

import contextlib
import hashlib
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageCms, ImageFile

from chat_tui.core.attachments.signatures import Read, jpeg_frame
from chat_tui.core.attachments.values import PictureFormat
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.pictures.looking import MOST_PIXELS, Looked, check_size
from chat_tui.media.worker.limits import ROOM

Image.MAX_IMAGE_PIXELS = None  # sizes are checked here, before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False

Transpose = Image.Transpose

_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for damaged files; it promises nothing."""

_PIXEL = 4
"""Bytes that Pillow takes for a pixel, except of grey ones and those with a palette."""

_MOST_WEBP = 16_000_000
"""Pixels of a WebP: its decoder keeps it twice and gives a third one, which Pillow copies."""

_BAND = 1_000_000
"""Pixels that are worked on at once, where all of them have no room a second time."""

_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_TURNED_BY_DECODER = frozenset({"TIFF", "HEIC"})


@contextlib.contextmanager
def told_as_damage(name: str) -> Iterator[None]:
    """Turn what Pillow raises into a sentence.

    Raises:
        UsageError: instead.
    """
    try:
        yield
    except _DAMAGED as error:
        shown = clean_line(name, code=True) or "The picture"
        why = str(error).lower()
        if "memory" in why or "-9" in why:  # -9: what its decoders say for it
            raise MemoryError from error
        ends = "truncated" in why or isinstance(error, EOFError)
        reason = "it ends before its picture does" if ends else "it cannot be decoded"
        raise UsageError(
            f"{shown} is damaged: {reason}.", hint="Save it anew with another program."
        ) from error


def open_picture(form: PictureFormat, file: BinaryIO, name: str) -> Image.Image:
    """Open a picture as one format and no other; nothing of its pixels is decoded yet.

    Raises:
        UsageError: it is damaged; or HEIC, and what reads it is not installed.
    """
    file.seek(0)
    with told_as_damage(name):
        return _opened(form, file)


def _opened(form: PictureFormat, file: BinaryIO) -> Image.Image:
    match form:
        case "PNG":
            from PIL.PngImagePlugin import PngImageFile  # each 2-20 ms

            return PngImageFile(file)
        case "JPEG":
            from PIL.JpegImagePlugin import JpegImageFile

            return JpegImageFile(file)
        case "GIF":
            from PIL.GifImagePlugin import GifImageFile

            return GifImageFile(file)
        case "WebP":
            from PIL.WebPImagePlugin import WebPImageFile

            return WebPImageFile(file)
        case "BMP":
            from PIL.BmpImagePlugin import BmpImageFile

            return BmpImageFile(file)
        case "TIFF":
            from PIL.TiffImagePlugin import TiffImageFile

            return TiffImageFile(file)
        case "HEIC":
            return _opened_heic(file)


def _opened_heic(file: BinaryIO) -> Image.Image:
    try:
        import pillow_heif  # 30 ms, and an extra
    except ImportError as error:
        raise UsageError(
            "HEIC pictures cannot be read: pillow-heif is not installed.",
            hint="Install it with: pip install 'chat-tui[heic]'",
        ) from error
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    picture: Image.Image = pillow_heif.HeifImageFile(file)  # type: ignore[no-untyped-call]
    return picture


def decoded(
    looked: Looked, file: BinaryIO, read: Read, name: str, box: tuple[int, int] | None = None
) -> Image.Image:
    """Decode the first picture of a file, not turned yet (see `stored_box` and `turned`).

    Args:
        looked: what the file says.
        file: it.
        read: gives its bytes.
        name: for errors.
        box: width and height, see `stored_box`, to which it is shrunk later: a JPEG may come out
            smaller than it is, but at least twice as large as that.

    Raises:
        UsageError: it is damaged, or too large.
        MemoryError: it is too large in another way.
    """
    if looked.format == "WebP":
        check_size(name, *looked.seen, _MOST_WEBP)
    picture = open_picture(looked.format, file, name)
    if looked.format == "JPEG":
        _draft(picture, read, box)
    # A GIF may be larger than its head says.
    check_size(name, *picture.size)
    with told_as_damage(name):
        picture.load()
    return picture


def stored_box(looked: Looked, seen: tuple[int, int]) -> tuple[int, int]:
    """Width and height as they are before `turned`: decoders of TIFF and HEIC turn themselves."""
    swapped = looked.orientation >= 5 and looked.format not in _TURNED_BY_DECODER
    return (seen[1], seen[0]) if swapped else seen


def turned(picture: Image.Image, looked: Looked) -> Image.Image:
    """The picture as it is seen."""
    turn = _TURNS.get(looked.orientation)
    if turn is None or looked.format in _TURNED_BY_DECODER:
        return picture
    result = picture.transpose(turn)
    result.info = picture.info
    return result


def fits_turned(picture_size: tuple[int, int]) -> bool:
    """Whether there is memory for a picture and its turned copy."""
    return 2 * picture_size[0] * picture_size[1] * _PIXEL <= ROOM


def digest(picture: Image.Image) -> bytes:
    """A hash of all pixels as they are seen."""
    result = hashlib.sha256(repr(picture.size).encode())
    for top, bottom in bands(picture):
        band = picture.crop((0, top, picture.width, bottom))
        if band.mode in {"P", "PA", "1"} or "transparency" in band.info:
            band = band.convert("RGBA")
        result.update(band.mode.encode() + band.tobytes())
    return result.digest()


def bands(picture: Image.Image) -> Iterator[tuple[int, int]]:
    """Tops and bottoms of bands that cover a picture."""
    rows = max(_BAND // picture.width, 1)
    for top in range(0, picture.height, rows):
        yield top, min(top + rows, picture.height)


def plain(picture: Image.Image) -> Image.Image:
    """The same picture as L, LA, RGB or RGBA."""
    mode = picture.mode
    if (mode in {"L", "RGB"} and "transparency" not in picture.info) or mode in {"LA", "RGBA"}:
        return picture
    if mode in {"L", "1", "RGB", "P"}:
        target = (
            "RGBA" if "transparency" in picture.info else {"P": "RGB", "1": "L"}.get(mode, mode)
        )
        return picture.convert(target)
    if mode in {"La", "RGBa", "PA"}:
        return picture.convert("LA" if mode == "La" else "RGBA")
    if mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 257 + 0.5).convert("L")
    if mode in {"I", "F"}:
        return _stretched(picture)
    return _from_inks(picture) if mode == "CMYK" else picture.convert("RGB")


def _stretched(picture: Image.Image) -> Image.Image:
    """Numbers of any size as grey, from the least to the greatest."""
    low, high = (float(each) for each in picture.getextrema()[:2])  # type: ignore[arg-type]
    if low >= 0 and high <= 0xFF:
        low, high = 0.0, 255.0
    elif low >= 0 and high <= 0xFFFF and picture.mode == "I":
        low, high = 0.0, 65535.0
    scale = 255 / ((high - low) or 1.0)
    return picture.convert("F").point(lambda value: value * scale - low * scale).convert("L")


def _from_inks(picture: Image.Image) -> Image.Image:
    """CMYK as RGB, by its own profile where it has one that works."""
    profile = picture.info.pop("icc_profile", None)
    if isinstance(profile, bytes):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            from io import BytesIO

            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            result = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if result is not None:
                return result
    return picture.convert("RGB")


def _draft(picture: Image.Image, read: Read, box: tuple[int, int] | None) -> None:
    """Let the decoder of a JPEG make it smaller, where it is too large or to be shrunk anyway."""
    width, height = picture.size
    factor = 1
    if box is not None:
        while factor < 8 and min(width // (4 * factor * box[0]), height // (4 * factor * box[1])):
            factor *= 2
    frame = jpeg_frame(read)
    kept = 2 * width * height * frame.samples if frame is not None and frame.progressive else 0
    if kept > ROOM:
        raise MemoryError
    while factor < 8 and (
        width * height > MOST_PIXELS * factor**2
        or kept + _PIXEL * width * height / factor**2 > ROOM
    ):
        factor *= 2
    if factor > 1:
        picture.draft(None, (max(width // factor, 1), max(height // factor, 1)))
