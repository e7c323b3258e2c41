"""What went over the wire for a reply, kept in memory for the raw view. Never on disk.

A record holds no key: header values that carry one, and every occurrence of the key, are taken
out before they get here.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import getsizeof

KEPT = 40
"""Records of the latest exchanges that are kept."""

MAX_KEPT_REQUESTS = 64_000_000
"""Bytes of memory that the requests kept together may take: pictures make them big, and one emoji
takes them four times. The latest stays."""

HIDDEN = "[hidden]"
"""What stands in a record where a header has a secret that is not the key."""

MAX_KEPT_BYTES = 512 * 1024
"""Bytes of a body that a record keeps: the beginning, and the rest is counted only."""


@dataclass(slots=True, eq=False)
class ExchangeRecord:
    """One attempt: a request, and what came of it as far as it came. Grows while it runs."""

    reply: str
    """The id of the reply that it was sent for; empty for requests of the app's own."""
    method: str
    url: str
    headers: Mapping[str, str]
    """Of the request; a key is shown as `[key]`, other secrets as `HIDDEN`."""
    body: str = ""
    """Of the request, JSON."""
    key_source: str = ""
    """Where the key came from; the name of a variable where it was one. Empty: none was sent."""
    status: int | None = None
    """None while no response came."""
    reason: str = ""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    received: bytearray = field(default_factory=bytearray)
    """The response's body as it came, up to `MAX_KEPT_BYTES`."""
    size: int = 0
    """All bytes of the response's body."""
    started: float = 0.0
    """Seconds since 1970."""
    phases: dict[str, float] = field(default_factory=dict)
    """What was reached after how many seconds: `connected`, `secured`, `sent`, `answered` (the
    response's head), `first_byte`, `ended`. Without `connected` an open connection was used."""
    error: str = ""
    """Why it failed, in the words that the user was told."""

    def receive(self, data: bytes) -> None:
        """Keep more of the response's body."""
        room = MAX_KEPT_BYTES - self.size
        self.size += len(data)
        if room > 0:
            self.received += data[:room]


class ExchangeLog:
    """The latest exchanges, oldest first."""

    def __init__(self) -> None:
        self._records: deque[ExchangeRecord] = deque(maxlen=KEPT)

    def add(self, record: ExchangeRecord) -> None:
        """Keep a record; it may still grow."""
        self._records.append(record)
        size = sum(getsizeof(kept.body) for kept in self._records)
        while size > MAX_KEPT_REQUESTS and len(self._records) > 1:
            size -= getsizeof(self._records.popleft().body)

    def of(self, reply: str) -> tuple[ExchangeRecord, ...]:
        """The attempts for a reply, oldest first; none where they are too long ago."""
        return tuple(record for record in self._records if record.reply == reply)
