"""tiktoken's encodings from the files that come with the app; nothing is ever downloaded.

Only the helper process and tests build one: it takes 0.2 s of CPU, 80 MB, and the lock of the
interpreter for most of that time.
"""

import binascii
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.tokens.models import CL100K, O200K

if TYPE_CHECKING:
    from tiktoken import Encoding

_VOCABULARIES = Path(__file__).with_name("vocabularies")
_GZIP = zlib.MAX_WBITS | 16


class _Specification(NamedTuple):
    """What an encoding is besides its ranks. As in tiktoken (MIT, see vocabularies/NOTICE.md)."""

    pattern: str
    """Cuts a text into the pieces that are encoded one by one."""
    special: dict[str, int]


_ENDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"

_SPECIFICATIONS = {
    O200K: _Specification(
        "|".join(
            (
                rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{_ENDS}",
                rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{_ENDS}",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            )
        ),
        {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    ),
    CL100K: _Specification(
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
        r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        {
            "<|endoftext|>": 100257,
            "<|fim_prefix|>": 100258,
            "<|fim_middle|>": 100259,
            "<|fim_suffix|>": 100260,
            "<|endofprompt|>": 100276,
        },
    ),
}


@cache
def get_encoding(name: str) -> "Encoding":
    """An encoding, from the shipped file; the same one each time.

    Args:
        name: `o200k_base` or `cl100k_base`.

    Raises:
        ValueError: there is no such vocabulary here.
        OSError: its file cannot be read.
    """
    specification = _SPECIFICATIONS.get(name)
    if specification is None:
        raise ValueError(f"There is no vocabulary {name}: only {', '.join(_SPECIFICATIONS)}.")
    from tiktoken import Encoding  # 20 ms, which only who counts should pay

    return Encoding(
        name,
        pat_str=specification.pattern,
        mergeable_ranks=read_ranks(name),
        special_tokens=specification.special,
    )


def read_vocabulary(name: str) -> bytes:
    """A shipped vocabulary as tiktoken would download it: a token in base64 and its rank a line."""
    return zlib.decompress((_VOCABULARIES / f"{name}.tiktoken.gz").read_bytes(), _GZIP)


def read_ranks(name: str) -> dict[bytes, int]:
    """The tokens of a shipped vocabulary with their ranks."""
    words = read_vocabulary(name).split()
    return dict(zip(map(binascii.a2b_base64, words[::2]), map(int, words[1::2]), strict=True))
