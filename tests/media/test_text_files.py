"""How a text is written, and whether it is one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.media.cutting import gathered
from chat_tui.media.text_files import decoded, encoding_of, is_text

SPOKEN = {
    "cp1252": "Die Straße führt über die Brücke; naïve café déjà vu. ¿Cómo está usted?\n",
    "cp1250": "Zażółć gęślą jaźń. Příliš žluťoučký kůň úpěl ďábelské ódy.\n",
    "cp1251": "Привет, как дела у тебя сегодня вечером?\n",
    "koi8_r": "Привет, как дела у тебя сегодня вечером?\n",
    "cp1253": "Καλημέρα, τι κάνεις σήμερα το βράδυ;\n",
    "cp1256": "مرحبا كيف حالك اليوم؟\n",
    "gb18030": "今天天气很好，我们去公园散步。\n",
    "big5": "今天天氣很好，我們去公園散步。\n",
    "cp932": "今日はとても良い天気ですね。散歩に行きましょう。\n",
    "cp949": "오늘은 날씨가 매우 좋습니다. 공원에 갑시다.\n",
    "utf-16-le": "Hello Wörld\n",
    "utf-16-be": "Hello Wörld\n",
}


def read(content: bytes) -> str:
    return "".join(decoded(content, encoding_of(content)))


@pytest.mark.parametrize("codec", SPOKEN)
def test_texts_of_many_encodings_are_read(codec: str) -> None:
    """After much plain ASCII, too: only what is not ASCII tells anything."""
    text = "plain words\n" * 2_000 + SPOKEN[codec] * 3
    assert read(text.encode(codec)) == text


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_unicode_texts_come_back_whole(text: str, codec: str) -> None:
    if codec == "utf-8" and not is_text(text.encode()):
        return  # most of it is control characters
    content = text.encode(codec)
    if codec == "utf-8" and text.startswith("\ufeff"):
        text = text[1:]
    assert read(content) == text


def test_pieces_cut_characters_and_line_ends_anywhere() -> None:
    text = "a\r\nb\r\r\né你😀\r\n\nend"
    for codec in ("utf-8", "utf-16", "utf-32"):
        content = text.encode(codec)
        whole = gathered(decoded(content, encoding_of(content), 3))
        assert whole.head == "a\nb\n\né你😀\n\nend"
        assert (whole.characters, whole.lines) == (13, 6)


def test_broken_places_are_counted_where_most_is_utf8() -> None:
    content = "Grüße 你好\n".encode() * 50 + b"\xff\xfe bad \xc3("
    encoding = encoding_of(content)
    assert (encoding.shown, encoding.lost) == ("UTF-8", 3)
    assert encoding_of("\ufffd é".encode()).lost == 0
    assert encoding_of(b"\xff\xfea\0b").lost == 1
    assert encoding_of(b"caf\xe9").shown == "Windows-1252"


def test_what_a_page_says_of_itself_counts_where_it_can_be_so() -> None:
    greek = "Καλημέρα".encode("iso8859-7")
    assert encoding_of(greek, "iso-8859-7").codec == "iso8859-7"
    for lie in ("utf-7", "utf-16", "rot13", "zlib", "no such", "\0", "utf-8", "ascii"):
        assert encoding_of(greek, lie).codec not in ("utf-7", "utf-16", "rot13", "zlib", "ascii")


def test_binary_is_no_text() -> None:
    assert not any(map(is_text, (b"\0\1\2", b"\x7fELF\0", bytes(range(256)), b"\1\2\3\4abc" * 9)))
    assert all(map(is_text, (b"", b"a", b"\x1b[31mred\x1b[0m", "é".encode("cp1252"))))
