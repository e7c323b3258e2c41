"""A slow reading of event streams, written from the standard, and streams to try it on.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import random
from itertools import pairwise
from typing import NamedTuple

from chat_tui.providers.reading.sse import SseDecoder, SseEvent


class Interpretation(NamedTuple):
    """All that a stream means."""

    events: list[SseEvent]
    retry: int | None
    ignored: list[str]
    """Lines with fields that the standard does not know."""
    data: str | None
    """What an event at the end, which no blank line dispatched, would have held."""
    line: str
    """What stands after the last line end."""


def interpret(stream: bytes) -> Interpretation:
    """Read a stream as the standard says, character by character, over the whole of it."""
    # "Streams must be decoded using the UTF-8 decode algorithm": it strips one byte order mark.
    text = stream.decode("utf-8", "replace")
    if text[:1] == "\ufeff":
        text = text[1:]
    events: list[SseEvent] = []
    ignored: list[str] = []
    data, event_type, last_id = "", "", ""
    retry = None
    line = ""
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character not in "\r\n":
            line += character
            continue
        if character == "\r" and text[at : at + 1] == "\n":
            at += 1
        if line == "":
            # Dispatch: an empty data buffer dispatches nothing; one trailing line feed goes.
            if data != "":
                events.append(SseEvent(data[:-1], event_type or "message", last_id))
            data = event_type = ""
        elif line[0] != ":":
            colon = line.find(":")
            field, value = (line, "") if colon < 0 else (line[:colon], line[colon + 1 :])
            if value[:1] == " ":
                value = value[1:]
            if field == "event":
                event_type = value
            elif field == "data":
                data += value + "\n"
            elif field == "id":
                if "\0" not in value:
                    last_id = value
            elif field == "retry":
                if value and all(digit in "0123456789" for digit in value):
                    retry = int(value)
            else:
                ignored.append(line)
        line = ""
    return Interpretation(events, retry, ignored, data[:-1] if data else None, line)


def decode(stream: bytes, cuts: list[int]) -> Interpretation:
    """What the decoder makes of a stream that is cut at these places, in their order."""
    decoder = SseDecoder()
    events: list[SseEvent] = []
    for start, end in pairwise([0, *cuts, len(stream)]):
        events += decoder.feed(stream[start:end])
    data, line, _ = decoder.close()
    return Interpretation(
        events, decoder.retry, [line.text for line in decoder.ignored], data, line
    )


_PIECES = (
    *[b"\n"] * 6,
    *[b"\r"] * 2,
    *[b"\r\n"] * 3,
    *[b"\n\n"] * 3,
    *[b"data: "] * 4,
    *[
        b"data:",
        b"data",
        b"data : x",
        b" data: z",
        b"data: x\n\n",
        b"data:y\r\n\r\n",
        b"data: [DONE]",
    ],
    *[b"event: e", b"event:", b"event", b"id: 1", b"id", b"id: a\0b", b"id:\xe4\xbd"],
    *[b"retry: 5", b"retry: 5x", b"retry:", b"retry: -1", b"retry:  7", "retry: ٣".encode()],
    *[b"error: e", b": comment", b":", b" ", b"  ", b"x", b"{}", b"\0", b"\t", b"Data: no"],
    *[b"\xef\xbb\xbf", b"\xef\xbb", b"\xbf", b"\xef", b"\xff", b"\xe4", b"\xbd\xa0", b"\xf0\x9f"],
    *[
        "你好".encode(),
        "🎉".encode(),
        "\u2028".encode(),
        "\x85".encode(),
        b"\x0b",
        b"\x0c",
        b"\x1c",
    ],
)


def random_case(source: random.Random) -> tuple[bytes, list[int]]:
    """A stream of what streams are made of, whole and torn, and places to cut it."""
    pieces = source.choices(_PIECES, k=int(source.random() * 20) + 1)
    if source.random() < 0.2:
        pieces.insert(0, b"\xef\xbb\xbf")
    stream = b"".join(pieces)
    if source.random() < 0.1:
        return stream, list(range(len(stream)))
    size = len(stream) + 1
    return stream, sorted(int(source.random() * size) for _ in range(int(source.random() * 6)))
