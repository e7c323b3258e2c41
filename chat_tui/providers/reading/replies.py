"""Reads the body of a reply from its bytes: an event stream, one JSON object, or a web page.

Pure: bytes in, events out, and a judgement at the end. What was asked for does not matter; the
first character tells what came. The tolerances for broken streams live here, above the decoder.
"""

from typing import Any

from chat_tui.core.errors import ChatError, FilteredError, InterruptedReplyError, ProtocolError
from chat_tui.core.events import Notice, ReplyEvent
from chat_tui.providers.failures.errorbodies import error_body
from chat_tui.providers.failures.errors import Peer, body_error, has_error, page_error
from chat_tui.providers.fields import HostileJsonError, as_list, parse_json
from chat_tui.providers.reading.chunks import MAX_TEXT, ChunkReader
from chat_tui.providers.reading.sse import MAX_EVENT_BYTES, OversizeEventError, SseDecoder, SseEvent
from chat_tui.providers.reading.tolerances import last_event, torn_json, with_ignored

MAX_INVALID_EVENTS = 3
"""Events that are not JSON and are skipped; one more ends the reply."""

_BOM = b"\xef\xbb\xbf"
_MAX_PAGE_BYTES = 65_536


class ReplyReader:
    """Turns the bytes of one reply's body into events.

    Feed it until `ended`; take events whenever it suits; then `close` it, take what is left, and
    raise `failure` if there is one.

    Args:
        peer: whom the reply comes from, for the words of errors.
        choices: how many answers were asked for.
        max_text: the length at which the reply is stopped; what came is kept.
    """

    def __init__(self, peer: Peer, *, choices: int = 1, max_text: int = MAX_TEXT) -> None:
        self.failure: ChatError | None = None
        """Why the reply is not whole."""
        self.ended = False
        """Whether nothing that may still come matters."""
        self._peer = peer
        self._asked = choices
        self._max_text = max_text
        self._chunks = ChunkReader(max_text=max_text)
        self._sse = SseDecoder()
        self._form = ""
        self._head = b""
        self._body = bytearray()
        self._replaced = False
        """Whether some of a whole body was not UTF-8."""
        self._seen = False
        self._done = False
        self._invalid = 0

    @property
    def started(self) -> bool:
        """Whether any content, reasoning or tool call came."""
        return self._chunks.started

    @property
    def complete(self) -> bool:
        """Whether the server said that the reply is whole."""
        return self._done or self._chunks.finished > 0

    @property
    def has_all(self) -> bool:
        """Whether every answer that was asked for is whole: no other is still to begin."""
        return self._done or self._chunks.finished >= self._asked

    @property
    def size(self) -> int:
        """Characters so far; it grows with content only, never with keep-alive comments."""
        return self._chunks.size

    def take(self) -> list[ReplyEvent]:
        """Give the events since the last call; adjacent pieces of text come as one."""
        return self._chunks.take()

    def feed(self, data: bytes) -> None:
        """Read more bytes."""
        if self.ended:
            return
        if not self._form:
            data = self._sniff(data)
        if self._form == "sse":
            self._feed_events(data)
        elif self._form:
            self._feed_body(data)

    def close(self, error: ChatError | None = None) -> None:
        """Judge the reply after its last byte.

        Args:
            error: how the connection broke, if it did.
        """
        if self._form == "sse" and not self.ended:
            self._read_tail()
        elif self._form == "json" and self.failure is None:
            self._read_whole(error)
        elif self._form == "html":
            self._fail(page_error(self._body.decode(errors="replace"), self._peer))
        self._chunks.settle()
        if self._chunks.room.dropped:
            self.note("not_kept", "The reply holds more than is kept of it: 32 MB beside its text.")
        if self._sse.invalid or self._replaced:
            self.note("encoding", "Some bytes were not UTF-8 text and are shown as \ufffd.")
        if self.failure is None and self._chunks.broken:
            self._fail(self._cut(None))
        if self.failure is None and not self.complete:
            self._fail(error if error and not self._form else self._cut(error))
        if self.failure is None:
            self._chunks.finish()
        self.ended = True

    def stop(self, error: ChatError) -> None:
        """End the reply from outside (a time-out): nothing after this counts."""
        if self.started or isinstance(error, InterruptedReplyError):
            error = self._interrupted(error.message, error.status)
        self._fail(error)

    def note(self, kind: str, message: str) -> None:
        """Put a notice between the events."""
        self._chunks.add(Notice(kind, message))

    def _sniff(self, data: bytes) -> bytes:
        """Find out what comes; white space before it is a keep-alive, or an indented first line."""
        data = self._head + data
        self._head = b""
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        data = data.removeprefix(_BOM).lstrip()
        if data:
            self._form = {b"{": "json", b"[": "json", b"<": "html"}.get(data[:1], "sse")
        return data

    def _feed_body(self, data: bytes) -> None:
        if len(self._body) + len(data) > MAX_EVENT_BYTES:
            self._fail(self._broken("sent a reply of more than 32 MB"))
            return
        self._body += data
        if self._form == "html" and len(self._body) > _MAX_PAGE_BYTES:
            self.ended = True

    def _feed_events(self, data: bytes) -> None:
        try:
            events = self._sse.feed(data)
        except OversizeEventError:
            self._fail(self._broken("sent an event of more than 32 MB"))
            return
        if self._sse.ignored:
            events = with_ignored(events, self._sse.ignored)
            self._sse.ignored.clear()
        for event in events:
            self._read_event(event)
            if self.ended:
                return

    def _read_event(self, event: SseEvent) -> None:
        try:
            chunk = parse_json(event.data)
        except HostileJsonError as error:
            self._fail(self._broken(f"sent an event that is not read: {error}"))
            return
        except ValueError:
            chunk = self._read_torn(event)
        if type(chunk) is dict:
            self._read_chunk(chunk, event.event)
        else:
            self._read_value(chunk, event.event)

    def _read_value(self, value: Any, event: str) -> None:
        """Read a parsed event: a chunk; a list of them; words, if it is an error."""
        if isinstance(value, dict):
            self._read_chunk(value, event)
        elif event == "error" and value:
            self._fail_with_words(value)
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict) and not self.ended:
                    self._read_chunk(entry, event)

    def _read_torn(self, event: SseEvent) -> Any:
        """What can be had of an event that is not JSON."""
        text = event.data.strip()
        if text == "[DONE]":
            self._seen = self._done = self.ended = True
            return None
        if not text or text.startswith(":"):
            return None
        if event.event == "error":
            return text
        if (found := torn_json(text)) is not None:
            return found
        self._invalid += 1
        if self._invalid > MAX_INVALID_EVENTS:
            self._fail(self._broken("sent too many events that are not JSON"))
        else:
            self.note("invalid_event", "An event of the reply was not JSON and was skipped.")
        return None

    def _read_chunk(self, chunk: dict[str, Any], event: str = "message") -> None:
        self._seen = True
        stopping = self._chunks.read(chunk)
        plain = "choices" in chunk and "error" not in chunk and "x_groq" not in chunk
        if stopping or not plain or event == "error":
            self._judge(chunk, event)

    def _judge(self, chunk: dict[str, Any], event: str) -> None:
        """End the reply if a chunk is, or holds, a reason to."""
        if has_error(chunk) or (event == "error" and "choices" not in chunk):
            self._fail_with_words(chunk)
        elif self._chunks.error:
            self._fail_with_words({"error": self._chunks.error})
        elif self._chunks.full:
            limit = f"{self._max_text / 1e6:g} million characters"
            self._fail(
                InterruptedReplyError(
                    f"The reply was stopped at {limit}; what came is kept.",
                    hint="Ask for a shorter answer, or set max_tokens.",
                )
            )
        elif self._chunks.room.overfull:
            self._fail(self._broken("sent a reply of more than 32 MB"))

    def _fail_with_words(self, body: Any) -> None:
        """Fail with an error that came inside a reply: as a status, or after content as a cut."""
        error = body_error(body, self._peer)
        if self.started and not isinstance(error, FilteredError):
            error = self._interrupted(error.message, error.status)
        self._fail(error)

    def _read_tail(self) -> None:
        """Read an event that no blank line ended, where it is whole all the same."""
        text, event, _ = last_event(self._sse.close())
        if text == "[DONE]":
            self._seen = self._done = True
            return
        self._seen = self._seen or text.startswith("{")
        try:
            self._read_value(parse_json(text), event)
        except ValueError:
            self._read_value(text, event)

    def _read_whole(self, error: ChatError | None) -> None:
        """Read a reply that came as one JSON value."""
        text = self._take_body()
        try:
            reply = parse_json(text)
        except HostileJsonError as reason:
            self._fail(self._broken(f"sent a reply that is not read: {reason}"))
            return
        except ValueError:
            self._fail(self._cut(error) if error else self._broken("sent a reply that is not JSON"))
            return
        if isinstance(reply, list):
            reply = reply[0] if reply else {}
        if isinstance(reply, dict):
            self._read_chunk(reply)
            # A whole reply needs no finish reason: the body's end is its end.
            self._done = self.failure is None and bool(as_list(reply.get("choices")))
        if self.failure is None and not self._done:
            words = self._peer.words(error_body(reply).message).rstrip(".")
            self._fail(
                self._broken(
                    "answered with JSON that is no reply" + (f": {words}" if words else "")
                )
            )

    def _take_body(self) -> str:
        """The text of the body; it may be 32 MB, so its bytes are let go."""
        body, self._body = self._body, bytearray()
        try:
            return body.decode()
        except UnicodeDecodeError:
            self._replaced = True
            return body.decode(errors="replace")

    def _cut(self, error: ChatError | None) -> ChatError:
        """The error of a reply that ended before its end."""
        if not self._form:
            return self._broken("answered with nothing at all", _MAYBE_TOO_LONG)
        if not error and not self._seen and self._invalid == 0:
            return self._broken("answered with something that is no reply")
        cause = error.message if error else "the stream ended without a finish."
        if not error and self._chunks.broken:
            cause = "the server says that it failed."
        return self._interrupted(f"The reply of {self._peer.label} broke off: {cause}")

    def _interrupted(self, message: str, status: int | None = None) -> ChatError:
        """The error of a reply that had begun; its hint is about what there is of it."""
        hint = _CONTINUE if self._chunks.spoken else _AGAIN
        return InterruptedReplyError(message, hint=hint, status=status)

    def _broken(self, what: str, hint: str = "Check the base URL and the model.") -> ChatError:
        """A breach of the protocol: it interrupts a reply that has begun."""
        message = f"{self._peer.label} {what}."
        if self.started or self._invalid:
            return self._interrupted(message)
        return ProtocolError(message, hint=hint, status=200)

    def _fail(self, error: ChatError) -> None:
        if self.failure is None:
            self.failure = error
        self.ended = True


_CONTINUE = "What came is kept: continue it, or regenerate the answer."
_AGAIN = "Send it again, or switch the model."
_MAYBE_TOO_LONG = (
    "The conversation may be larger than the model's window: start a new one, or look into the"
    " server's log."
)
"""What some servers say nothing about (llama-cpp-python)."""
