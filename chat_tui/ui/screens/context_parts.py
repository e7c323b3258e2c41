"""What pictures and documents weigh in a request, in words. All clean."""

from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.widgets.transcript.attached import facts_of

_ROOM = 60
"""Cells of name and facts."""


def picture_weight(part: ImagePart, weighed: PictureCost) -> str:
    """A picture's facts, its tokens, and the rule by which they are found out."""
    rule = weighed.rule or text("context.a-guess")
    tokens = text("context.picture-weight", tokens=f"{weighed.tokens:,}", rule=rule)
    return f"{facts_of(part, _ROOM)} · {tokens}"


def document_weight(part: FilePart, tokens: int) -> str:
    """A document's facts and its tokens."""
    told = text("context.document-weight", tokens=f"{tokens:,}")
    return f"{facts_of(part, _ROOM)} · {told}"
