"""The line that stands in a document's text for what was left out of it."""

import re

_LINE = re.compile(r"^\[… [\d,]+ of [\d,]+ characters left out here …\]$", re.MULTILINE)


def left_out(missing: int, characters: int) -> str:
    """The line that says what is missing."""
    return f"[… {missing:,} of {characters:,} characters left out here …]"


def is_cut(text: str) -> bool:
    """Whether there is such a line in a text."""
    # Most have none: plain looking is faster than the pattern.
    return " characters left out here …]" in text and _LINE.search(text) is not None
