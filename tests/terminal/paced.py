"""A server that talks at a steady pace, and notes when it said what."""

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Self

from tests.servers import delta, event

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Sent:
    """What was sent of one reply."""

    prompt: str
    words: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When each was sent, in seconds of `time.monotonic`."""
    finished: bool = False
    """Whether its end was sent."""
    hung_up: float | None = None
    """When the client was found to have gone."""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.words)

    def lost(self, stored: str, killed: float) -> float:
        """For how many seconds, when the client was killed, there was text that is not stored."""
        assert self.text.startswith(stored), (self.text[:200], stored[:200])
        at = 0
        for word, sent in zip(self.words, self.times, strict=False):
            at += len(word)
            if at > len(stored):
                return max(killed - sent, 0.0)
        return 0.0


class PacedServer:
    """Answers with numbered words: at once and whole, or one by one at a pace.

    Args:
        interval: seconds between two words.
        count: words of a paced reply; those to prompts that begin with "quick" are short.
    """

    def __init__(self, interval: float = 0.005, count: int = 100_000) -> None:
        self.replies: list[Sent] = []
        self._interval = interval
        self._count = count
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open = True

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._open = False
        # A closed listener would leave accept() waiting: one last visit wakes it.
        socket.create_connection(self._listener.getsockname()).close()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while self._open:
            connection, _ = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # Who was killed may leave in the middle of a request, too.
        with suppress(ConnectionError), connection, connection.makefile("rb") as reader:
            while prompt := _read_prompt(reader):
                sent = Sent(prompt)
                self.replies.append(sent)
                try:
                    self._answer(connection, sent)
                except OSError:
                    sent.hung_up = time.monotonic()
                    return

    def _answer(self, connection: socket.socket, sent: Sent) -> None:
        quick = sent.prompt.startswith("quick")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(_HEAD)
        due = time.monotonic()
        for number in range(3 if quick else self._count):
            if not self._open:
                return
            word = f"w{number} "
            sent.times.append(time.monotonic())
            sent.words.append(word)
            _send(connection, event(delta(word)))
            if not quick:
                due += self._interval
                _wait_for_hangup(connection, due - time.monotonic())
        sent.finished = True
        _send(connection, event(delta(finish="stop")))
        _send(connection, event("[DONE]"))
        connection.sendall(b"0\r\n\r\n")


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))


def _wait_for_hangup(connection: socket.socket, seconds: float) -> None:
    """Wait for the next word's time; raises where the client leaves before."""
    connection.settimeout(max(seconds, 0.0001))
    try:
        if not connection.recv(1):
            raise ConnectionResetError
    except TimeoutError:
        return
    finally:
        connection.settimeout(None)


def _read_prompt(reader: BinaryIO) -> str:
    """The last message of the next prompt; empty at the end, or where it is no prompt."""
    length = 0
    line = reader.readline()
    if line.startswith(b"GET"):
        return ""
    while line := reader.readline():
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "content-length":
            length = int(value)
        if line == b"\r\n":
            body = json.loads(reader.read(length))
            return str(body["messages"][-1]["content"])
    return ""
