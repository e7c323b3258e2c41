"""Pictures by their first bytes, whatever the rest of the file is."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chat_tui.core.attachments.signatures import (
    MEDIA_TYPES,
    facts_of,
    format_of,
    jpeg_frame,
    picture_facts,
)
from chat_tui.core.attachments.values import PictureFormat


def saved(form: str, width: int = 37, height: int = 23, **options: Any) -> bytes:
    out = BytesIO()
    Image.new(options.pop("mode", "RGB"), (width, height), options.pop("colour", 0)).save(
        out, form, **options
    )
    return out.getvalue()


FILES: tuple[tuple[PictureFormat, bytes], ...] = (
    ("PNG", saved("PNG")),
    ("JPEG", saved("JPEG")),
    ("JPEG", saved("JPEG", progressive=True, exif=b"Exif\0\0" + bytes(60_000))),
    ("GIF", saved("GIF", mode="P")),
    ("WebP", saved("WEBP")),
    ("WebP", saved("WEBP", lossless=True)),
    ("WebP", saved("WEBP", mode="RGBA", exif=b"II*\0\x08\0\0\0\0\0")),
    ("BMP", saved("BMP")),
    ("TIFF", saved("TIFF")),
    ("TIFF", saved("TIFF", compression="tiff_lzw", big_tiff=False)),
)


def heic(*sizes: tuple[int, int]) -> bytes:
    """The boxes of a HEIC file that say how large its pictures are."""

    def box(kind: bytes, *content: bytes) -> bytes:
        words = b"".join(content)
        return (8 + len(words)).to_bytes(4, "big") + kind + words

    each = [
        box(b"ispe", bytes(4), width.to_bytes(4, "big"), height.to_bytes(4, "big"))
        for width, height in sizes
    ]
    brands = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return brands + box(b"meta", bytes(4), box(b"iprp", box(b"ipco", *each)))


@pytest.mark.parametrize(("form", "content"), FILES)
def test_size_is_found_in_a_whole_file_and_format_in_its_head(
    form: PictureFormat, content: bytes
) -> None:
    facts = picture_facts(content)
    assert facts is not None
    assert facts == (form, 37, 23)
    assert facts.media_type == MEDIA_TYPES[form]
    assert format_of(content[:32]) == form
    assert facts_of(lambda at, count: content[at : at + count]) == facts


def test_heic_is_as_large_as_its_largest_picture_and_avif_is_none() -> None:
    content = heic((512, 512), (4032, 3024), (320, 240))
    assert picture_facts(content) == ("HEIC", 4032, 3024)
    assert picture_facts(heic()) == ("HEIC", 0, 0)
    assert format_of(content.replace(b"heic", b"avif").replace(b"mif1", b"avis")) is None


def test_what_only_looks_like_a_picture_is_none() -> None:
    others = (b"", b"BM", b"BMW is a car, and no bitmap at all", b"RIFF\0\0\0\0WAVEfmt ", b"GIF8")
    assert [picture_facts(content) for content in others] == [None] * len(others)
    assert picture_facts(b"<html>" * 10) is None


def test_damaged_heads_have_no_size() -> None:
    for form, content in FILES:
        facts = picture_facts(content[:13] + bytes(3))
        assert facts is None or facts.width == 0 or form == "GIF"
    assert picture_facts(saved("PNG")[:16] + bytes(8)) == ("PNG", 0, 0)
    assert picture_facts(b"\xff\xd8\xff" * 40_000) == ("JPEG", 0, 0)


def test_jpeg_frame_says_what_its_decoder_keeps() -> None:
    def frame(content: bytes) -> tuple[bool, float]:
        found = jpeg_frame(lambda at, count: content[at : at + count])
        assert found is not None
        return found.progressive, found.samples

    assert frame(saved("JPEG", subsampling=0)) == (False, 3.0)
    assert frame(saved("JPEG", subsampling=2, progressive=True)) == (True, 1.5)
    assert frame(saved("JPEG", mode="L")) == (False, 1.0)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from([content[:3_000] for _, content in FILES] + [heic((5, 6))]),
    st.lists(st.tuples(st.integers(0, 2_999), st.integers(0, 255)), max_size=12),
    st.integers(0, 3_000),
)
def test_no_bytes_are_an_exception(
    content: bytes, changes: list[tuple[int, int]], length: int
) -> None:
    changed = bytearray(content)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    facts = picture_facts(bytes(changed[:length]))
    assert facts is None or (0 <= facts.width <= 1 << 32 and 0 <= facts.height <= 1 << 32)
