"""What is attached to messages, in words: what each is called, and its facts. All clean."""

from rich.cells import cell_len, set_cell_size

from chat_tui.core.attachments.cuts import is_cut
from chat_tui.core.attachments.prompts import attached_to
from chat_tui.core.figures import data_size
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.attached_words import lines_of, shown_name

_LEAST_NAME = 8
"""Cells that a name keeps: the facts beside it make room, the last one first."""

Attached = ImagePart | FilePart


def mark_of(part: Attached) -> str:
    """What stands for it where a text is copied: `[Picture cat.png]`."""
    named = bool(part.name or (isinstance(part, ImagePart) and part.url))
    kind = text("attached.picture" if isinstance(part, ImagePart) else "attached.document")
    return f"[{kind} {shown_name(part)}]" if named else f"[{kind}]"


def facts_of(part: Attached, room: int) -> str:
    """Name and facts in a line; where there is little room the name is cut in its middle.

    Args:
        part: the picture or document.
        room: cells of the line.
    """
    facts = _picture_facts(part) if isinstance(part, ImagePart) else _document_facts(part)
    told = "".join(f" · {fact}" for fact in facts)
    name = shown_name(part)
    least = min(cell_len(name), _LEAST_NAME)
    while facts and room - cell_len(told) < least:
        facts.pop()
        told = "".join(f" · {fact}" for fact in facts)
    left = max(room - cell_len(told), 1)
    return cut(f"{shortened(name, left)}{told}", room)


def _picture_facts(part: ImagePart) -> list[str]:
    facts = []
    if part.width and part.height:
        facts.append(f"{part.width:,}×{part.height:,}")
    if part.detail != "auto":
        facts.append(text(f"attached.detail.{part.detail}"))
    return facts


def words_of(message: ChatMessage) -> str:
    """The words of a message, and below them what stands for what is attached to it."""
    marks = "\n".join(map(mark_of, attached_to(message)))
    return "\n\n".join(filter(None, (message.text, marks)))


def _document_facts(part: FilePart) -> list[str]:
    lines, size = lines_of(part), len(part.text.encode(errors="replace"))
    key = "attached.line" if lines == 1 else "attached.lines"
    told = [text(key, count=f"{lines:,}"), data_size(size)]
    # It goes last where there is little room.
    return [text("attached.cut"), *told] if is_cut(part.text) else told


def shortened(name: str, room: int) -> str:
    """A name in so many cells: what is cut is in its middle, since its end says what it is."""
    if cell_len(name) <= room:
        return name
    tail = name[-min(8, max(room // 3, 0)) :] if room >= 6 else ""
    head = set_cell_size(name, max(room - cell_len(tail) - 1, 0)).rstrip()
    return f"{head}…{tail}"


def cut(words: str, room: int) -> str:
    """Words in at most so many cells."""
    if cell_len(words) <= room:
        return words
    return set_cell_size(words, max(room - 1, 0)) + "…"
