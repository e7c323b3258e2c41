"""Plain text from bytes: how it is written, and whether it is text at all."""

import codecs
import importlib
import re
from collections.abc import Iterator
from typing import NamedTuple

_PIECE = 1 << 18
"""Bytes decoded at once: between two of them other threads may run."""

_SAMPLE = 16_384
"""Bytes from which is guessed how a text is written."""

_START = 8_192
"""Bytes in which a zero says that a file is no text."""

_ODD_SHARE = 0.05
"""Share of control characters from which on a file is no text."""

_ODD = bytes(each for each in range(32) if each not in b"\t\n\r\f\b\x1b") + b"\x7f"
_HIGH = bytes(range(0x80, 0x100))
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, the longer first: one of UTF-32 begins with one of UTF-16."""

_GUESSED = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
_OFTEN_WRONG = "cp1250"
"""What Western European texts are taken for; Windows-1252 is far more common."""

_SHOWN = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "koi8_r": "KOI8-R",
    "cp932": "Shift JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
}


class Encoding(NamedTuple):
    """How a text is written."""

    codec: str
    skipped: int = 0
    """Bytes of the mark before it."""
    lost: int = 0
    """Places that cannot be read, each of which becomes U+FFFD."""

    @property
    def shown(self) -> str:
        """As people call it."""
        name = self.codec
        return _SHOWN.get(name) or (
            f"Windows-{name[2:]}" if name.startswith("cp") else name.upper()
        )


def is_text(start: bytes) -> bool:
    """Whether a file that begins so is text; an empty one is."""
    start = start[:_START]
    if any(start.startswith(mark) for mark, _ in _MARKS) or _wide(start):
        return True
    odd = len(start) - len(start.translate(None, _ODD))
    return b"\0" not in start and odd <= len(start) * _ODD_SHARE


def encoding_of(content: bytes, named: str = "") -> Encoding:
    """How a text is written: its mark, UTF-8, zeros of UTF-16, what it says itself, else a guess.

    Args:
        content: all of it.
        named: what it says of itself, as a page does.
    """
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return Encoding(codec, len(mark), _unreadable(content, codec, len(mark)))
    if wide := _wide(content[:_START]):
        return Encoding(wide, 0, _unreadable(content, wide))
    if not (bad := _unreadable(content, "utf-8")):
        return Encoding("utf-8")
    if (said := _known(named)) and not _unreadable(content, said):
        return Encoding(said)
    # Bytes of other encodings hardly ever make characters of UTF-8: where most do, some are broken.
    if bad * 10 < _sequences(content):
        return Encoding("utf-8", 0, bad)
    guess = _guess(_sample(content))
    return Encoding(guess, 0, _unreadable(content, guess))


def decoded(content: bytes, encoding: Encoding, piece: int = _PIECE) -> Iterator[str]:
    """The text without its mark. What cannot be read, and zeros, become U+FFFD.

    Args:
        content: all of it.
        encoding: how it is written.
        piece: bytes that are decoded at once.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    view = memoryview(content)
    for at in range(encoding.skipped, len(content), piece):
        yield decoder.decode(bytes(view[at : at + piece])).replace("\0", "\ufffd")
    yield decoder.decode(b"", final=True)


def _wide(start: bytes) -> str:
    """The codec of UTF-16 without a mark, by where its zeros are; empty where it is none."""
    pairs = len(start) // 2
    if pairs < 4:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > pairs * 0.4 and even < pairs * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > pairs * 0.4 and odd < pairs * 0.05 else ""


def _unreadable(content: bytes, codec: str, skipped: int = 0) -> int:
    """How many places a codec cannot read."""
    strict = codecs.getincrementaldecoder(codec)("strict")
    view = memoryview(content)
    try:
        for at in range(skipped, len(content), _PIECE):
            strict.decode(bytes(view[at : at + _PIECE]))
        strict.decode(b"", final=True)
    except UnicodeDecodeError:
        lost = sum(piece.count("\ufffd") for piece in decoded(content, Encoding(codec, skipped)))
        return max(lost - content.count("\ufffd".encode()) * (codec == "utf-8"), 1)
    return 0


def _sequences(content: bytes) -> int:
    """How many characters of UTF-8 there are that have several bytes."""
    return sum(
        len(_SEQUENCE.findall(content[at : at + _PIECE])) for at in range(0, len(content), _PIECE)
    )


def _known(named: str) -> str:
    """The codec of a name from outside; empty for what is none, or reads more than characters."""
    try:
        codec = codecs.lookup(named).name if named.isascii() and "\0" not in named else ""
    except (LookupError, ValueError):
        return ""
    try:
        text = b"a".decode(codec) if codec else ""
    except (LookupError, ValueError):
        return ""
    return codec if text == "a" and not codec.startswith(("utf-7", "utf-16", "utf-32")) else ""


def _sample(content: bytes) -> bytes:
    """The lines of a text that are not ASCII, as many as a guess needs."""
    found: list[bytes] = []
    size = 0
    for at in range(0, len(content), _PIECE):
        piece = content[at : at + _PIECE]
        if len(piece) == len(piece.translate(None, _HIGH)):
            continue
        for line in piece.split(b"\n"):
            if not line.isascii():
                found.append(line[:_SAMPLE])
                size += len(found[-1]) + 1
                if size >= _SAMPLE:
                    return b"\n".join(found)[:_SAMPLE]
    return b"\n".join(found)


def _guess(sample: bytes) -> str:
    """How bytes are most likely written."""
    # Imported here: 60 ms, for texts that are not UTF-8.
    guesses = importlib.import_module("charset_normalizer").from_bytes(
        sample, cp_isolation=list(_GUESSED), threshold=0.4
    )
    best = guesses.best()
    codec = str(best.encoding) if best is not None else "cp1252"
    if codec == _OFTEN_WRONG and any(
        each.encoding == "cp1252" or "cp1252" in each.could_be_from_charset for each in guesses
    ):
        return "cp1252"
    return codec if codec in _GUESSED else "cp1252"
