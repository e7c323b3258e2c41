"""Columns that scroll together: where one stands, so that others can stand there too."""

from typing import NamedTuple

from chat_tui.core.conversation import Node
from chat_tui.ui.widgets.transcript.view import Transcript


class Standing(NamedTuple):
    """Where a transcript stands, in words that another column of the conversation understands."""

    place: int
    """Of the message at its top, counted from the first one."""
    node: Node
    share: float
    """How much of that message is above the view."""
    at_end: bool
    """Whether its end is in view."""


def standing_of(transcript: Transcript) -> Standing | None:
    """Where a transcript stands; None while nothing of it is seen."""
    column, height = transcript.column, transcript.size.height
    if not len(column) or height <= 0 or transcript.asleep:
        return None
    index, within = transcript.line_at(0)
    share = within / max(column.span(index)[1], 1)
    at_end = transcript.scroll_offset.y >= column.total - height
    return Standing(index, column.node(index), share, at_end)


def stand_like(transcript: Transcript, other: Standing) -> None:
    """Scroll to the message of another column, and as far into it; answers differ in length."""
    if transcript.asleep or transcript.size.height <= 0:
        return
    if other.at_end:
        if not transcript.following:
            transcript.jump_to_end()
        return
    column = transcript.column
    index = column.index_like(other.node, other.place)
    if index is None:
        return
    for _ in range(2):
        # Once more: what came into view may be higher or lower than estimated.
        start, height = column.span(index)
        transcript.scroll_still(start + round(other.share * height))
