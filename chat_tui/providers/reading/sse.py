"""A pure incremental decoder of event streams, exactly as the WHATWG standard has them.

It works on bytes: CR and LF never occur inside a UTF-8 sequence, so splitting the lines first and
decoding each event afterwards gives the same text as a decoder in front of it would, and costs
one call an event. Tolerances for streams that break the rules live above it, in `replies`.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from typing import NamedTuple

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""One event may be this large: replies may carry images."""

_BOM = b"\xef\xbb\xbf"
_SLICE = 1 << 20
"""Bytes that are split into lines at a time: splitting copies."""
_LINE_OVERHEAD = 48
"""Bytes that a line costs in memory beside its text: a flood of empty ones counts too."""


class SseEvent(NamedTuple):
    """One dispatched event."""

    data: str
    event: str = "message"
    id: str = ""
    """The last event id seen so far."""


class IgnoredLine(NamedTuple):
    """A line with a field that the standard does not know."""

    position: int
    """How many events of the same `feed` came before it."""
    text: str


class SseRest(NamedTuple):
    """What was left when a stream ended: an event that no blank line dispatched."""

    data: str | None
    """Its data so far, from finished lines; None where there was none."""
    line: str
    """The last line, which no line end finished."""
    event: str = "message"
    """The name that it would have had."""


class OversizeEventError(ValueError):
    """One event grew beyond the limit."""


class SseDecoder:
    """Turns the bytes of a stream into events, whatever way they are split.

    Args:
        max_event_bytes: the size of one event (or one line) at which decoding is refused.
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.retry: int | None = None
        """The reconnection time that the server asked for, in milliseconds."""
        self.ignored: list[IgnoredLine] = []
        """Grows; who reads it empties it after each `feed`."""
        self.invalid = 0
        """How many pieces of text were not UTF-8 and hold U+FFFD now."""
        self._limit = max_event_bytes
        self._head: bytes | None = b""
        self._line = bytearray()
        self._data: list[bytes] = []
        self._data_size = 0
        self._event = b""
        self._id = ""
        self._skip_line_feed = False
        self._idle = False

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take the next bytes and give the events that they finish.

        Raises:
            OversizeEventError: an event is larger than the limit.
        """
        events: list[SseEvent] = []
        if len(data) <= _SLICE:
            self._feed(data, events)
        else:
            for at in range(0, len(data), _SLICE):
                self._feed(data[at : at + _SLICE], events)
        return events

    def _feed(self, data: bytes, events: list[SseEvent]) -> None:
        if self._idle and data.endswith(b"\n\n") and b"\r" not in data:
            # The common shape: whole events of one line each, nothing left over from before.
            for block in self._text(data)[:-2].split("\n\n"):
                if block.startswith("data: ") and "\n" not in block:
                    events.append(SseEvent(block[6:], "message", self._id))
                else:
                    self._feed_lines(block.encode() + b"\n\n", events)
            return
        if self._head is not None:
            data = self._without_bom(self._head + data)
        if data:
            self._feed_lines(data, events)
            self._idle = not (
                self._line
                or self._data
                or self._event
                or self._skip_line_feed
                or self._head is not None
            )

    def close(self) -> SseRest:
        """Give what was left at the end. By the standard it is no event."""
        if self._head:
            self._line += self._head
            self._head = None
        data = self._text(b"\n".join(self._data)) if self._data else None
        return SseRest(data, self._text(bytes(self._line)), self._name())

    def _without_bom(self, data: bytes) -> bytes:
        """Drop one byte order mark; nothing is given while it may still be coming."""
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        self._head = None
        return data.removeprefix(_BOM)

    def _feed_lines(self, data: bytes, events: list[SseEvent]) -> None:
        if self._skip_line_feed:
            self._skip_line_feed = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._skip_line_feed = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = data.split(b"\n")
        if lines and self._line:
            self._line += lines[0]
            lines[0] = bytes(self._line)
            self._line.clear()
        # Taken off one by one, so that a line of many megabytes is not held longer than needed.
        lines.reverse()
        while lines:
            self._read_line(lines.pop(), events)
        self._line += rest
        self._check_size()

    def _check_size(self) -> None:
        if len(self._line) + self._data_size > self._limit:
            raise OversizeEventError(f"an event of more than {self._limit} bytes")

    def _read_line(self, line: bytes, events: list[SseEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        # Not partition() and removeprefix(): each would copy the value once more.
        colon = line.find(b":")
        field = line if colon < 0 else line[:colon]
        start = len(line) if colon < 0 else colon + 1
        value = line[start + line.startswith(b" ", start) :]
        if field == b"data":
            self._data.append(value)
            self._data_size += len(value) + _LINE_OVERHEAD
            self._check_size()
        elif field == b"event":
            self._event = value
        elif field == b"id":
            if b"\0" not in value:
                self._id = self._text(value)
        elif field == b"retry":
            # More digits than a reasonable time has would make int() refuse.
            if value.isdigit() and len(value) <= 18:
                self.retry = int(value)
        elif field:
            self.ignored.append(IgnoredLine(len(events), self._text(line)))

    def _dispatch(self, events: list[SseEvent]) -> None:
        if self._data:
            text = self._text(b"\n".join(self._data))
            events.append(SseEvent(text, self._name(), self._id))
            self._data = []
            self._data_size = 0
        self._event = b""

    def _name(self) -> str:
        return self._text(self._event) if self._event else "message"

    def _text(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.invalid += 1
            return data.decode(errors="replace")
