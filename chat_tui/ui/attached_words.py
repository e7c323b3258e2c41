"""How pictures and documents are called where they are named in a few words."""

from collections.abc import Iterable

from chat_tui.core.attachments.cuts import is_cut
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

_LONGEST = 120
"""Characters of a name."""

_BRACKETS = str.maketrans("[]", "()")


def shown_name(part: ImagePart | FilePart, longest: int = _LONGEST) -> str:
    """What something attached is called: clean, one line, no square brackets, never empty.

    Args:
        part: a picture or a document.
        longest: characters; what is longer is shortened in its middle, so that its ending stays.
    """
    given = part.name or (part.url if isinstance(part, ImagePart) else "")
    # What is as long as a whole page is not cleaned whole for its two ends.
    name = clean_line(shortened(given, 4 * _LONGEST), code=True).translate(_BRACKETS)
    unnamed = text("prompt.picture" if isinstance(part, ImagePart) else "prompt.document")
    return shortened(name, longest) or unnamed


def shortened(name: str, longest: int) -> str:
    """A name of so many characters at most, its beginning and its end."""
    if len(name) <= longest:
        return name
    end = longest // 2
    return f"{name[: longest - end - 1]}…{name[-end:]}"


def counted(parts: Iterable[ImagePart | FilePart]) -> str:
    """How many pictures and documents there are, in words; empty for none."""
    kinds = [isinstance(part, ImagePart) for part in parts]
    pictures, documents = sum(kinds), len(kinds) - sum(kinds)
    told = []
    if pictures:
        key = "prompt.one-picture" if pictures == 1 else "prompt.pictures"
        told.append(text(key, count=pictures))
    if documents:
        key = "prompt.one-document" if documents == 1 else "prompt.documents"
        told.append(text(key, count=documents))
    return " · ".join(told)


def lines_of(part: FilePart) -> int:
    """How many lines the text of a document has, but for the one that says what is left out."""
    lines = part.text.count("\n") + bool(part.text and not part.text.endswith("\n"))
    return lines - is_cut(part.text)
