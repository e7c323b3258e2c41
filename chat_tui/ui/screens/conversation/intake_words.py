"""What was attached, in a line each: what it is, what was done to it, what it weighs."""

from chat_tui.core.attachments.media import Document, PreparedPicture
from chat_tui.core.figures import data_size, short_count
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text


def picture_words(prepared: PreparedPicture, tokens: int) -> str:
    """`cat.png: 4,032×3,024 → 2,048×1,536, 5.1 MB → 0.6 MB, its place taken out, ≈765 tokens`."""
    source, changes = prepared.source, prepared.changes
    told = [_arrow(_pixels(source.width, source.height), _pixels(prepared.width, prepared.height))]
    if "shrunk" in changes or "compressed" in changes:
        told.append(_arrow(data_size(source.size), data_size(len(prepared.attachment.content))))
    if "stripped" in changes:
        told.append(text("attaching.place-out" if source.place else "attaching.metadata-out"))
    if "turned" in changes:
        told.append(text("attaching.turned"))
    if "converted" in changes:
        kind = prepared.attachment.media_type.rpartition("/")[2].upper()
        told.append(text("attaching.converted", before=source.format, kind=kind))
    if "first-frame" in changes:
        told.append(text("attaching.first-frame", count=f"{source.frames:,}"))
    told.append(text("attaching.tokens", count=f"{tokens:,}"))
    name = clean_line(source.name, code=True) or text("attaching.picture")
    return f"{name}: {', '.join(told)}"


def document_words(document: Document, tokens: int) -> str:
    """`notes.md: 120 lines, ≈890 tokens`, or how much of it was left out."""
    told = []
    if document.pages:
        told.append(text("attaching.pages", count=f"{document.pages:,}"))
    if document.cut:
        kept, of = short_count(len(document.text)), short_count(document.characters)
        told.append(text("attaching.cut", kept=kept, of=of))
    else:
        key = "attaching.line" if document.lines == 1 else "attaching.lines"
        told.append(text(key, count=f"{document.lines:,}"))
    told.append(text("attaching.tokens", count=f"{tokens:,}"))
    return f"{clean_line(document.name, code=True)}: {', '.join(told)}"


def _pixels(width: int, height: int) -> str:
    return f"{width:,}×{height:,}"


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"
