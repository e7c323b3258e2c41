"""Cuts texts that an encoder cannot stand: it slows down, or overflows its stack, on long runs.

100,000 emoji without a blank take tiktoken 0.12 more than a minute, a million blanks make every
version of it panic. So no run of letters, of signs or of white space may be longer than `LONGEST`
when it is encoded. Mostly there is a place inside the run where the pieces that are encoded one by
one end anyway; where there is none, the count is off by a token or two in `LONGEST` characters.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 2000
"""Characters of a run that are encoded at once."""

_BLANK, _SOLID = r"[^\S\x1c-\x1f]", r"[\S\x1c-\x1f]"
"""White space as Unicode and tiktoken have it; for Python four control characters belong to it."""

_LONG_RUN = re.compile(
    rf"(?<!{_SOLID}){_SOLID}{{{LONGEST + 1},}}|(?<!{_BLANK}){_BLANK}{{{LONGEST + 1},}}"
)
"""What is looked back at makes it linear: a run is walked from its first character only."""


def pieces(text: str) -> Iterator[str]:
    """A text in pieces to be encoded one by one; mostly it is one."""
    start = 0
    if len(text) > LONGEST:
        for run in _LONG_RUN.finditer(text):
            at = run.start()
            while run.end() - at > LONGEST:
                at = _place(text, at)
                yield text[start:at]
                start = at
    yield text[start:]


def _place(text: str, start: int) -> int:
    """Where to cut a run: the last good place within reach."""
    end = start + LONGEST
    return next(
        (at for at in range(end, end - LONGEST // 2, -1) if parts(*text[at - 1 : at + 1])), end
    )


def parts(before: str, after: str) -> bool:
    """Whether no piece of any encoding goes over the border between two characters.

    A number ends before a letter and a letter before a number; both end before a sign, but for the
    apostrophe of "it's".
    """
    if before.isalpha():
        return after.isdecimal() or _is_sign(after)
    return before.isdecimal() and (after.isalpha() or _is_sign(after))


def _is_sign(character: str) -> bool:
    return character != "'" and unicodedata.category(character)[0] in "PS"
