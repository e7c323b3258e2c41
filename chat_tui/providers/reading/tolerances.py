"""What can be had of event streams that break the rules, above the decoder that keeps them."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from chat_tui.providers.fields import parse_json
from chat_tui.providers.reading.sse import IgnoredLine, SseEvent, SseRest

_TORN = re.compile(r"data: ?(?=\{)")
_MAX_TRIED = 3
"""Places where a torn frame may go on; each try costs as much as the frame is long."""


def with_ignored(events: Sequence[SseEvent], ignored: Sequence[IgnoredLine]) -> list[SseEvent]:
    """Events with those that the standard ignores: a space before `data`, `error:` fields.

    Args:
        events: of one `feed`.
        ignored: the lines that it ignored.
    """
    merged: list[SseEvent] = []
    at = 0
    for position, line in ignored:
        merged += events[at:position]
        at = position
        name, _, value = line.partition(":")
        if name.strip() == "data":
            merged.append(SseEvent(value.strip()))
        elif name.strip() == "error":
            merged.append(SseEvent(value.strip(), "error"))
    merged += events[at:]
    return merged


def last_event(rest: SseRest) -> SseEvent:
    """The event at the end that no blank line dispatched, as far as it came."""
    name, _, value = rest.line.partition(":")
    name = name.strip()
    pieces = [] if rest.data is None else [rest.data]
    if name in ("data", "error"):
        pieces.append(value.removeprefix(" "))
    return SseEvent("\n".join(pieces).strip(), "error" if name == "error" else rest.event)


def torn_json(text: str) -> Any:
    """The JSON of a frame that was written into another (`{"obdata: {…}`); None if there is none.

    Args:
        text: an event's data that is not JSON.
    """
    for match in islice(_TORN.finditer(text), _MAX_TRIED):
        try:
            return parse_json(text[match.end() :])
        except ValueError:
            continue
    return None
