"""A server in a process of its own that streams a reply as fast as it is read."""

import json
import socketserver
import sys

from tests.benchmarks.corpus import deltas


class Handler(socketserver.StreamRequestHandler):
    """Answers any POST with a stream, and any GET with a list of models."""

    def handle(self) -> None:
        request = self.rfile.readline()
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.rfile.read(length)
        if request.startswith(b"GET"):
            body = json.dumps({"object": "list", "data": [{"id": "burst"}]}).encode()
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            return
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        self.wfile.write(b"".join(self.server.frames) + b"0\r\n\r\n")  # type: ignore[attr-defined]


class Server(socketserver.ThreadingTCPServer):
    """Holds the frames, made once."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, count: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.frames = [_chunk(event) for event in _events(count)]


def _events(count: int) -> list[bytes]:
    def event(delta: dict[str, str], finish: str | None = None) -> bytes:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "burst",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    events = [event({"role": "assistant", "content": ""})]
    events += [event({"content": delta}) for delta in deltas(count)]
    events += [event({"content": "\n\nTHE-END"}), event({}, "stop"), b"data: [DONE]\n\n"]
    return events


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


if __name__ == "__main__":
    server = Server(int(sys.argv[1]))
    print(server.server_address[1], flush=True)
    server.serve_forever()
