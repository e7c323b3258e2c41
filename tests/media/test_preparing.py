"""Pictures as they are sent: the same pixels without what else is in their files, or smaller."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps
from PIL.ImageCms import ImageCmsProfile, createProfile

from chat_tui.core.attachments.signatures import picture_facts
from chat_tui.core.errors import UsageError
from chat_tui.media.worker.previews import pixels
from tests.media.picture_files import (
    ALL,
    SECRET,
    chunk,
    colours,
    drawn,
    file_of,
    looked,
    made,
    moving,
    opened,
    talking,
    turned_file,
)

PROFILE = ImageCmsProfile(createProfile("sRGB")).tobytes()


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    """Of any colour of any pixel."""
    return max(ImageChops.difference(one.convert("RGB"), other.convert("RGB")).tobytes())


@pytest.mark.parametrize("form", ALL)
def test_what_is_no_picture_is_cut_out_and_no_pixel_changed(form: str) -> None:
    content = talking(form)
    info = looked(content)
    assert info.metadata
    assert info.place == (form != "GIF")

    made_form, changes, result = made(content)

    assert (made_form, changes) == (form, ["stripped"])
    assert SECRET not in result
    assert b"PK\3\4" not in result
    assert b"Camera" not in result
    assert colours(result) == colours(content)
    assert looked(result)._replace(size=0) == info._replace(size=0, metadata=False, place=False)
    assert made(result) == (form, [], result)
    assert made(content, keep=True) == (form, [], content)


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("PNG", "1", {}),
        ("PNG", "L", {"transparency": 7}),
        ("PNG", "LA", {}),
        ("PNG", "P", {"transparency": 3}),
        ("PNG", "RGB", {"icc_profile": PROFILE, "transparency": (255, 0, 0)}),
        ("PNG", "RGBA", {"icc_profile": PROFILE}),
        ("PNG", "I;16", {}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {"icc_profile": PROFILE}),
        ("JPEG", "RGB", {"progressive": True, "icc_profile": PROFILE, "exif": b"Exif\0\0MM"}),
        ("JPEG", "RGB", {"restart_marker_rows": 1}),
        ("GIF", "P", {"transparency": 5, "interlace": 1}),
        ("GIF", "L", {}),
        ("WEBP", "RGBA", {"quality": 60, "icc_profile": PROFILE}),
        ("WEBP", "RGB", {"quality": 60}),
    ],
)
def test_every_kind_of_pixels_stays_as_it_is(form: str, mode: str, options: dict[str, Any]) -> None:
    content = file_of(drawn(mode), form, **options)

    made_form, _, result = made(content)

    assert (made_form.upper(), colours(result)) == (form, colours(content))
    before, after = opened(content), opened(result)
    assert before.mode == after.mode
    assert before.info.get("icc_profile") == after.info.get("icc_profile")
    assert before.tobytes() == after.tobytes()


def test_words_in_segments_for_colours_are_cut_out() -> None:
    plain = file_of(drawn("CMYK"), "JPEG")
    at = plain.index(b"\xff\xee")
    long = plain[at : at + 2] + (14 + len(SECRET)).to_bytes(2, "big") + plain[at + 4 : at + 16]
    other = b"\xff\xee" + (2 + len(SECRET)).to_bytes(2, "big") + SECRET
    content = plain[:at] + other + long + SECRET + plain[at + 16 :]
    assert made(content) == ("JPEG", ["stripped"], plain)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_pictures_are_turned_as_they_are_seen(form: str, orientation: int) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    content = turned_file(form, orientation, **options)
    seen = ImageOps.exif_transpose(Image.open(BytesIO(content)))
    assert seen is not None
    info = looked(content)
    assert info.turned
    assert (info.width, info.height) == seen.size

    _, changes, result = made(content)

    assert "turned" in changes
    assert not looked(result).turned
    assert opened(result).size == seen.size
    assert largest_difference(opened(result), seen) <= (24 if "compressed" in changes else 0)

    answer, rgb = pixels(
        {"name": "", "width": 20, "height": 20, "background": "#000000"}, BytesIO(content)
    )
    assert (answer["width"], answer["height"]) == ((15, 20) if orientation >= 5 else (20, 15))
    small = Image.frombytes("RGB", (answer["width"], answer["height"]), rgb)
    wanted = seen.convert("RGB").resize(small.size, Image.Resampling.LANCZOS)
    assert largest_difference(small, wanted) < 40


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP", "TIFF"])
def test_only_the_first_of_several_pictures_is_sent(form: str) -> None:
    content = moving(form)
    assert looked(content).frames == 3

    made_form, changes, result = made(content)

    assert made_form == {"PNG": "PNG", "GIF": "GIF"}.get(form, "PNG")
    assert "first-frame" in changes
    assert looked(result).frames == 1
    assert colours(result) == colours(content)
    if form == "GIF":
        assert changes == ["first-frame"]
        assert result.endswith(b";")
        assert colours(made(content, keep=True)[2]) == colours(content)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("BMP", "RGB"), ("BMP", "P"), ("TIFF", "RGBA"), ("TIFF", "CMYK"), ("TIFF", "I;16")],
)
def test_formats_that_nobody_reads_become_png(form: str, mode: str) -> None:
    content = file_of(drawn(mode), form)

    made_form, changes, result = made(content)

    assert (made_form, changes) == ("PNG", ["converted"])
    assert colours(result)[0] == (40, 30)
    if mode != "CMYK":
        assert colours(result) == colours(content)
    assert made(content, formats=("PNG", "BMP", "TIFF"), keep=True) == (form, [], content)


def test_numbers_of_any_size_become_grey() -> None:
    numbers = Image.new("F", (4, 1))
    numbers.putdata([-1.0, 0.0, 1.0, 3.0])
    result = opened(made(file_of(numbers, "TIFF"))[2])
    assert list(result.convert("L").tobytes()) == [0, 63, 127, 255]


def test_a_photograph_without_loss_becomes_jpeg_only_where_it_is_much_smaller() -> None:
    noise = Image.effect_noise((300, 200), 90)
    photograph = Image.merge("RGB", (noise, noise, noise)).resize((900, 600))
    bmp = file_of(photograph, "BMP")
    as_png = len(file_of(photograph, "PNG"))
    as_jpeg = len(file_of(photograph, "JPEG", quality=90, subsampling=0))
    assert made(bmp)[0] == ("JPEG" if as_png > 4 * as_jpeg else "PNG")

    form, changes, result = made(bmp, most_bytes=as_png // 2)

    assert (form, changes) == ("JPEG", ["converted", "compressed"])
    assert len(result) <= as_png // 2
    assert opened(result).size == (900, 600)


def test_pictures_are_shrunk_to_a_side_and_to_bytes() -> None:
    content = file_of(drawn("RGB", (400, 300)), "JPEG", quality=95)
    form, changes, result = made(content, side=100)
    assert (form, changes) == ("JPEG", ["shrunk", "compressed"])
    assert opened(result).size == (100, 75)

    noise = file_of(Image.effect_noise((400, 300), 99), "PNG")
    form, changes, result = made(noise, most_bytes=9_000)
    assert (form, changes) == ("JPEG", ["shrunk", "converted", "compressed"])
    assert len(result) <= 9_000
    assert opened(result).size[0] * 3 == pytest.approx(opened(result).size[1] * 4, abs=4)

    form, changes, result = made(noise, most_bytes=9_000, formats=("PNG",))
    assert (form, changes) == ("PNG", ["shrunk"])
    assert len(result) <= 9_000

    with pytest.raises(UsageError, match=r"cat\.png cannot be made as small as 60 bytes"):
        made(noise, most_bytes=60)


def test_shrinking_in_strips_gives_what_shrinking_at_once_gives() -> None:
    tall = drawn("RGB", (1_500, 2_900))
    content = file_of(tall, "PNG", compress_level=1)
    _, changes, result = made(content, side=1_000)
    assert changes == ["shrunk"]
    wanted = tall.resize((517, 1_000), Image.Resampling.LANCZOS)
    assert opened(result).tobytes() == wanted.tobytes()


def test_a_large_picture_is_shown_small_as_it_is() -> None:
    wide = drawn("RGB", (2_400, 1_803))
    answer, rgb = pixels(
        {"name": "", "width": 40, "height": 30, "background": "#000000"},
        BytesIO(file_of(wide, "PNG", compress_level=1)),
    )
    assert answer == {"width": 40, "height": 30}
    wanted = wide.resize((40, 30), Image.Resampling.LANCZOS)
    assert largest_difference(Image.frombytes("RGB", (40, 30), rgb), wanted) <= 3


def test_transparent_pictures_stay_so_or_lie_on_white() -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    clear.paste(Image.effect_noise((64, 32), 90).convert("RGBA"), (0, 0))
    content = file_of(clear, "PNG")
    form, changes, result = made(content, side=32)
    assert (form, changes) == ("PNG", ["shrunk"])
    assert opened(result).mode == "RGBA"

    form, changes, result = made(content, most_bytes=3_000)
    assert (form, changes) == ("JPEG", ["converted", "compressed"])
    assert min(opened(result).crop((20, 40, 60, 60)).tobytes()) > 230

    answer, rgb = pixels(
        {"name": "", "width": 9, "height": 9, "background": "#102030"}, BytesIO(content)
    )
    assert (answer, rgb[-3:]) == ({"width": 9, "height": 9}, b"\x10\x20\x30")


def test_metadata_that_is_kept_goes_along_and_is_not_turned_twice() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Camera"
    content = file_of(drawn(), "JPEG", exif=exif, comment=SECRET)
    _, changes, result = made(content, keep=True)
    assert "turned" in changes
    kept = opened(result).getexif()
    assert (kept[0x0110], kept[0x0112]) == ("Camera", 1)
    assert SECRET not in result


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_files_that_end_too_early_are_refused(form: str) -> None:
    content = file_of(Image.effect_noise((60, 60), 90).convert("RGB"), form)
    for part in range(1, 20):
        with pytest.raises(UsageError, match=r"^cat\.png is (damaged: it|no picture)"):
            made(content[: len(content) * part // 20])


def test_noise_in_the_pixels_is_no_crash() -> None:
    for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF"):
        content = bytearray(file_of(drawn("RGB", (64, 64)), form))
        for at in range(len(content) // 2, len(content) - 12, 7):
            content[at] ^= 0x55
        try:
            result = made(bytes(content))[2]
        except UsageError as error:
            result, told = b"", error.message
            assert told.startswith("cat.png is damaged")
        assert not result or picture_facts(result) is not None


def test_bombs_in_words_and_profiles_are_cut_out() -> None:
    plain = file_of(drawn(), "PNG")
    bomb = zlib.compress(bytes(30_000_000))
    words = chunk(b"zTXt", b"Comment\0\0" + bomb) + chunk(b"iTXt", b"x\0\1\0\0\0" + bomb)
    profile = chunk(b"iCCP", b"bomb\0\0" + bomb)
    content = plain[:33] + words + profile + plain[33:]
    form, changes, result = made(content)
    assert (form, changes) == ("PNG", ["stripped"])
    assert result == plain


def test_sizes_that_nobody_can_open_are_refused_with_numbers() -> None:
    def huge(width: int, height: int) -> bytes:
        plain = file_of(drawn(), "PNG")
        head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + plain[24:29]
        return plain[:8] + chunk(b"IHDR", head) + plain[33:]

    with pytest.raises(
        UsageError, match=r"12,000×9,000 pixels \(108 megapixels\); at most 50"
    ) as e:
        made(huge(12_000, 9_000))
    assert e.value.hint == "Make it smaller first."
    for width, height in ((1, 100_000_000), (100_000_000, 1), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(UsageError, match="megapixels"):
            made(huge(width, height))
    with pytest.raises(UsageError, match="no side may be longer than"):
        made(huge(1, 40_000_000))
    for width, height in ((0, 5), (5, 0)):
        with pytest.raises(UsageError, match="does not say how large"):
            made(huge(width, height))

    bmp = bytearray(file_of(drawn(), "BMP"))
    bmp[18:26] = (70_000).to_bytes(4, "little") * 2
    with pytest.raises(UsageError, match="70,000×70,000"):
        made(bytes(bmp))
    webp = bytearray(file_of(drawn(), "WEBP", quality=50, exif=b"Exif\0\0MM"))
    webp[24:30] = (5_999).to_bytes(3, "little") + (3_999).to_bytes(3, "little")
    with pytest.raises(UsageError, match=r"6,000×4,000 pixels \(24 megapixels\); at most 16 mega"):
        made(bytes(webp))
    # Its own head says 40×30, the head of its picture more.
    gif = bytearray(file_of(drawn("P"), "GIF"))
    at = gif.index(b",", 13 + 3 * (2 << (gif[10] & 7)))
    gif[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(UsageError, match=r"65,535×65,535 pixels"):
        made(bytes(gif))
    gif[at + 1 : at + 9] = b"\x64\0\x0a\0\x28\0\x1e\0"  # it lies beside what the head says
    assert (looked(bytes(gif)).width, looked(bytes(gif)).height) == (140, 40)
    assert opened(made(bytes(gif))[2]).size == (140, 40)
    assert opened(made(bytes(gif), side=70)[2]).size == (70, 20)


def test_tiffs_with_thousands_of_directories_end() -> None:
    ifd = b"\0\0" + (8).to_bytes(4, "little")
    ring = b"II*\0\x08\0\0\0" + ifd
    with pytest.raises(UsageError, match="does not say how large"):
        looked(ring)
    count = 5_000
    chain = bytearray(file_of(drawn(), "TIFF"))
    chain += b"\0" * (len(chain) % 2)
    first = int.from_bytes(chain[4:8], "little")
    entries = int.from_bytes(chain[first : first + 2], "little")
    chain[first + 2 + 12 * entries :][:4] = len(chain).to_bytes(4, "little")
    at = first + 2 + 12 * entries
    chain[at : at + 4] = len(chain).to_bytes(4, "little")
    for _ in range(count):
        chain += b"\0\0" + (len(chain) + 6).to_bytes(4, "little")
    assert looked(bytes(chain)).frames == 1_001
    assert made(bytes(chain))[1] == ["first-frame", "converted"]


def test_gifs_with_a_million_blocks_end() -> None:
    picture = b",\0\0\0\0\1\0\1\0\0\2" + b"\1D" * 60_000 + b"\0"
    content = b"GIF89a\1\0\1\0\0\0\0" + picture * 20 + b";"
    assert looked(content).frames == 7  # so far it is read


def test_heic_is_decoded_where_its_library_is() -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    content = file_of(drawn("RGB", (64, 48)), "HEIF", quality=-1, exif=exif, chroma=444)
    info = looked(content)
    assert (info.format, info.width, info.height) == ("HEIC", 64, 48)
    assert (info.metadata, info.place, info.turned) == (True, True, False)
    form, changes, result = made(content)
    assert (form, changes) == ("PNG", ["stripped", "converted"])
    assert colours(result) == colours(content)
    with pytest.raises(UsageError, match=r"cat\.png is (damaged|no picture)"):
        made(content[: len(content) // 2])
    for orientation in range(2, 9):
        content = turned_file("HEIF", orientation, quality=-1, chroma=444)
        seen = opened(content)  # its library turns it
        info = looked(content)
        assert ((info.width, info.height), info.turned) == (seen.size, True)
        assert made(content)[1][0] == "turned"
        assert colours(made(content)[2])[1] == seen.convert("RGBA").tobytes()
