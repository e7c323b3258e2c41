"""Encodes pictures anew: without loss where that is asked and not much larger, else as JPEG."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile  # noqa: F401 - registers what writes JPEG
from PIL.PngImagePlugin import PngImageFile  # noqa: F401 - the same of PNG

from chat_tui.core.attachments.values import PictureFormat
from chat_tui.media.worker.decoding import plain

_QUALITIES = (85, 75, 65, 50)
"""Of JPEG, one after another, until it is small enough."""

_SMALLER = 0.8
"""By so much the sides are shrunk, again and again, where no quality is enough."""

_LEAST_SIDE = 16
_QUICK = 8_000_000
"""Pixels from which PNG is packed quickly: the best takes ten seconds for 50 megapixels."""

_STRIP = 1_000_000
"""Pixels that are shrunk at once."""

_GAP = 3.0
"""Shrinking begins with means of whole pixels, down to so many times the size that is wanted."""

_MOST_MEANS = 4_000_000
"""Pixels of such means that have room beside the picture."""

_SAMPLE = 1_024
"""Pixels of a side of the piece by which it is judged what a picture will weigh."""

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


@dataclass(frozen=True, slots=True)
class Want:
    """What the encoded picture must be."""

    formats: frozenset[str]
    most_bytes: int = 0
    """0: any number."""
    lossless: int = 0
    """Up to so many bytes it is without loss."""
    times: float = 4.0
    """It is without loss where that has at most so many times the bytes of a JPEG; 0: never."""
    quality: int = 90
    """Of JPEG, at first."""
    exif: bytes = b""
    """What is written of it."""

    def fits(self, content: bytes) -> bool:
        """Whether it is small enough."""
        return not self.most_bytes or len(content) <= self.most_bytes


class Encoded(NamedTuple):
    """A picture's new file."""

    content: bytes
    format: PictureFormat
    lossy: bool
    shrunk: bool = False


def encode(picture: Image.Image, want: Want) -> Encoded | None:
    """Encode a picture so that it is small enough; None where that is impossible.

    Args:
        picture: as it is seen. Its profile of colours comes along.
        want: what it must be.
    """
    png, jpeg = "PNG" in want.formats, "JPEG" in want.formats
    if not (png or jpeg):  # whoever reads pictures reads these
        png = jpeg = True
    if png:
        clear = _is_clear(picture)
        if clear or not jpeg or _may_be_png(picture, want):
            content = _png(picture, want)
            if want.fits(content):
                if not jpeg or clear or len(content) <= want.lossless:
                    return Encoded(content, "PNG", False)
                if len(content) <= want.times * len(_jpeg(picture, want, want.quality)):
                    return Encoded(content, "PNG", False)
    return _smaller(picture, want, jpeg)


def _may_be_png(picture: Image.Image, want: Want) -> bool:
    """Whether it is worth while to try it without loss, by a piece where the picture is large."""
    if not want.times:
        return False
    pixels, side = picture.width * picture.height, _SAMPLE
    if pixels <= 4 * side * side:
        return True
    left, top = max((picture.width - side) // 2, 0), max((picture.height - side) // 2, 0)
    piece = picture.crop(
        (left, top, min(left + side, picture.width), min(top + side, picture.height))
    )
    share = pixels / (piece.width * piece.height)
    png = len(_png(piece, want)) * share / 2  # the rest may be simpler
    if want.most_bytes and png > want.most_bytes:
        return False
    jpeg = len(_jpeg(piece, want, want.quality)) * share
    return png <= max(want.lossless, want.times * jpeg)


def _smaller(picture: Image.Image, want: Want, jpeg: bool) -> Encoded | None:
    """The first that is small enough, of worse and worse qualities, then of smaller sizes."""
    shrunk = False
    while True:
        for quality in (want.quality, *_QUALITIES) if jpeg else (0,):
            content = _jpeg(picture, want, quality) if jpeg else _png(picture, want)
            if want.fits(content):
                return Encoded(content, "JPEG" if jpeg else "PNG", jpeg, shrunk)
        longer = int(max(picture.size) * _SMALLER)
        if longer < _LEAST_SIDE:
            return None
        picture, shrunk = resized(picture, longer), True


def resized(picture: Image.Image, most_side: int) -> Image.Image:
    """A picture whose longer side is so long; never enlarged."""
    return into_box(picture, fitted(picture.size, (most_side, most_side)))


def into_box(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    """A picture shrunk to a size; where that is larger than it is, to the largest within it."""
    if box[0] > picture.width or box[1] > picture.height:
        box = fitted(picture.size, box)
    if box == picture.size:
        return picture
    if picture.mode in {"I", "F"}:  # what is white there is known of all of it only
        picture = plain(picture)
    wide, high = (max(int(part / _GAP), 1) for part in _scales(picture, box))
    if wide * high > 1 and picture.width * picture.height <= _MOST_MEANS * wide * high:
        means = _joined(_means(picture, (wide, high)))
        part = (0.0, 0.0, picture.width / wide, picture.height / high)
        result = means.resize(box, Image.Resampling.LANCZOS, box=part)
    else:
        result = _joined(_strips(picture, box))
    result.info = {key: picture.info[key] for key in ("icc_profile",) if key in picture.info}
    if result.mode != "RGB" or picture.mode != "CMYK":
        return result
    result.info.pop("icc_profile", None)  # it was one of inks
    return result


def _scales(picture: Image.Image, box: tuple[int, int]) -> tuple[float, float]:
    return picture.width / box[0], picture.height / box[1]


def _joined(strips: Iterator[tuple[int, Image.Image]]) -> Image.Image:
    """What strips with their tops make."""
    kept = list(strips)
    top, last = kept[-1]
    result = Image.new(last.mode, (last.width, top + last.height))
    for top, strip in kept:
        result.paste(strip, (0, top))
    return result


def _means(picture: Image.Image, by: tuple[int, int]) -> Iterator[tuple[int, Image.Image]]:
    """The means of so many pixels each, in strips: a picture has no room a second time."""
    rows = max(_STRIP // (picture.width * by[1]), 1)
    for top in range(0, math.ceil(picture.height / by[1]), rows):
        bottom = min((top + rows) * by[1], picture.height)
        yield top, plain(picture.crop((0, top * by[1], picture.width, bottom))).reduce(by)


def _strips(picture: Image.Image, size: tuple[int, int]) -> Iterator[tuple[int, Image.Image]]:
    """A picture shrunk to a size, in strips with their tops: it has no room a second time."""
    scale = picture.height / size[1]
    rows = max(int(_STRIP / (picture.width * scale)), 1)
    for top in range(0, size[1], rows):
        bottom = min(top + rows, size[1])
        # What lies around a strip has its share in it.
        first = max(math.floor((top - 4) * scale) - 1, 0)
        last = min(math.ceil((bottom + 4) * scale) + 1, picture.height)
        strip = plain(picture.crop((0, first, picture.width, last)))
        part = (0.0, top * scale - first, float(picture.width), bottom * scale - first)
        part = (*part[:3], min(part[3], float(strip.height)))
        yield (
            top,
            strip.resize(
                (size[0], bottom - top), Image.Resampling.LANCZOS, box=part, reducing_gap=_GAP
            ),
        )


def fitted(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape within a box, at least 1×1; never larger than it is."""
    scale = min(box[0] / size[0], box[1] / size[1], 1.0)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def on_colour(picture: Image.Image, colour: str = "#ffffff") -> Image.Image:
    """A picture as RGB, or L where it is grey; what is transparent shows a colour."""
    picture = plain(picture)
    if picture.mode in {"L", "RGB"}:
        return picture
    picture = picture.convert("RGBA")
    below = Image.new("RGB", picture.size, colour)
    below.paste(picture, mask=picture.getchannel("A"))
    below.info = {key: picture.info[key] for key in ("icc_profile",) if key in picture.info}
    return below


def _is_clear(picture: Image.Image) -> bool:
    """Whether something of a picture is transparent."""
    if picture.mode in {"L", "RGB", "I;16", "1"} and "transparency" not in picture.info:
        return False
    seen = plain(picture)
    if seen.mode not in {"LA", "RGBA"}:
        return False
    least = seen.getchannel("A").getextrema()[0]
    return isinstance(least, int | float) and least < 255


def _png(picture: Image.Image, want: Want) -> bytes:
    if picture.mode not in _PNG_MODES:
        picture = plain(picture)
    level = 1 if picture.width * picture.height > _QUICK else 6
    return _saved(picture, "PNG", exif=want.exif, compress_level=level)


def _jpeg(picture: Image.Image, want: Want, quality: int) -> bytes:
    fine = 0 if quality >= 90 else 2
    flat = on_colour(picture)
    return _saved(flat, "JPEG", exif=want.exif, quality=quality, subsampling=fine)


def _saved(picture: Image.Image, form: str, exif: bytes, **options: int) -> bytes:
    """The file of a picture: its pixels, its profile, and the EXIF that is given."""
    out = BytesIO()
    info = picture.info
    # Pillow writes comments and more of what it has read.
    picture.info = {key: info[key] for key in ("icc_profile", "transparency") if key in info}
    profile = info.get("icc_profile") or b""
    extra = {"exif": exif} if exif else {}
    picture.save(out, form, icc_profile=profile, **extra, **options)
    picture.info = info
    return out.getvalue()
