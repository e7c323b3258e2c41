"""Text from outside, made safe to show in a terminal.

Textual passes ESC, OSC, DCS and C1 controls through to the terminal in every widget, so a reply
could write the clipboard or the window title. Every string that comes from outside passes
`clean` (or, over a stream, a `Cleaner`) before it is shown. Characters are mapped one by one;
sequences are never parsed, so there is nothing to be confused about.
"""

import re
from functools import cache

from chat_tui.core._marks import MARKS

MAX_MARKS = 8
"""Combining marks that one base character may carry; more would climb over other lines. What
takes no room itself (joiners, variation selectors) is counted among them."""

_MAX_FLAG_TAGS = 16
"""Tag characters in one flag at the most (England's has 5 and the terminator)."""

_JOINERS = "\u200b-\u200f\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f\x80-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_TAGS = "\U000e0000-\U000e007f"
_SUSPECT = re.compile(f"[{_CONTROLS}{_BIDI}{_TAGS}\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_TAG_RUN = re.compile(
    f"(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{1,{_MAX_FLAG_TAGS}}}\U000e007f)"
    f"|[{_TAGS}]"
)
_OPEN_FLAG = re.compile(
    f"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{0,{_MAX_FLAG_TAGS}}}\\Z"
)
_BIDI_CHARACTER = re.compile(f"[{_BIDI}]")

_PICTURES: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_PICTURES |= {0x7F: "\u2421"} | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
del _PICTURES[0x09], _PICTURES[0x0A]


@cache
def _mark_runs() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Runs that may be too long, the surplus of those that are, and a run at the end.

    Compiled (3 ms) only when text is not ASCII. The first pattern takes all characters above
    U+FFFF for marks: going through their ranges for each character takes 0.2 s a megabyte.
    """
    basic = MARKS[: MARKS.index("\U000101fd")] + _JOINERS[: _JOINERS.index("\U000e0100")]
    mark = f"[{MARKS}{_JOINERS}]"
    return (
        re.compile(f"[{basic}\U00010000-\U0010ffff]{{{MAX_MARKS + 1}}}"),
        re.compile(f"({mark}{{{MAX_MARKS}}}){mark}+"),
        re.compile(f"{mark}*\\Z"),
    )


class Cleaner:
    """Clean text that arrives in pieces.

    Feeding any split of a text and closing gives what `clean` gives for the whole: a carriage
    return, half of a surrogate pair and an unfinished flag are held back until it is known what
    follows them.
    """

    def __init__(self, *, code: bool = False) -> None:
        self._code = code
        self._held = ""
        self._marks = ""
        self.removed = 0
        """Hidden characters dropped so far (tags, bidi overrides in prose, surplus marks)."""

    def feed(self, text: str) -> str:
        """Take the next piece and give what can be shown of it now."""
        if not self._held and not self._marks and text.isascii() and not _SUSPECT.search(text):
            return text
        text = _join_pairs(self._held + text)
        cut = self._safe_length(text)
        self._held = text[cut:]
        return self._clean(text[:cut])

    def close(self) -> str:
        """Give what was held back; afterwards the cleaner is as new, but for its count."""
        rest, self._held = self._held, ""
        out = self._clean(rest)
        self._marks = ""
        return out

    @staticmethod
    def _safe_length(text: str) -> int:
        """How much of a text can be judged without knowing what follows it."""
        end = len(text)
        if text.endswith("\r"):
            return end - 1
        if text and "\ud800" <= text[-1] <= "\udbff":
            end -= 1
        open_flag = _OPEN_FLAG.search(text, 0, end)
        return open_flag.start() if open_flag else end

    def _clean(self, text: str) -> str:
        if not text:
            return text
        if _SUSPECT.search(text):
            text = self._map(text)
        if not text:
            # All of it was dropped: the marks that follow still belong to those before.
            return text
        if text.isascii():
            self._marks = ""
            return text
        return self._limit_marks(text)

    def _map(self, text: str) -> str:
        text = join_surrogates(text)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _TAG_RUN.sub(self._keep_flag, text)
        text = _BIDI_CHARACTER.sub(self._name_bidi, text)
        return text.translate(_PICTURES)

    def _keep_flag(self, match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        self.removed += 1
        return ""

    def _name_bidi(self, match: re.Match[str]) -> str:
        if self._code:
            return f"<U+{ord(match[0]):04X}>"
        self.removed += 1
        return ""

    def _limit_marks(self, text: str) -> str:
        suspect, surplus, trailing = _mark_runs()
        carried = self._marks
        limited = text = carried + text
        if suspect.search(text):
            limited = surplus.sub(r"\1", text)
            self.removed += len(text) - len(limited)
        # No run is longer by now; a search from the start takes 0.2 s a megabyte.
        end = trailing.search(limited, max(len(limited) - MAX_MARKS, 0))
        self._marks = end[0] if end else ""
        return limited[len(carried) :]


def clean(text: str, *, code: bool = False) -> str:
    """Make a text from outside safe to show, whole.

    Controls become control pictures (U+2400…), C1 controls and lone surrogates U+FFFD, every line
    end a line feed; tag characters outside flags and surplus combining marks are dropped. Bidi
    overrides are dropped in prose and named (`<U+202E>`) with `code`, for code, file names and
    approvals, where a hidden order of characters could mislead.
    """
    cleaner = Cleaner(code=code)
    return cleaner.feed(text) + cleaner.close()


def clean_line(text: str, *, code: bool = False) -> str:
    """The same for a text shown on one line: line feeds and tabs become single spaces."""
    return " ".join(clean(text, code=code).split())


def join_surrogates(text: str) -> str:
    """Join surrogate pairs (which JSON may split over two deltas) and replace lone halves.

    What comes out can be encoded as UTF-8, and so stored: SQLite refuses lone surrogates.
    """
    if not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub("\ufffd", _join_pairs(text))


def _join_pairs(text: str) -> str:
    if not _SURROGATE.search(text):
        return text
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
