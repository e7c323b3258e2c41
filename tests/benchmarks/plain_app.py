"""The practical limit: a stream drawn as plain text by a minimal Textual app over raw httpx."""

import json
import sys
from typing import ClassVar

import httpx
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Log


class PlainApp(App[None]):
    """An input and a log; text is written to it 20 times a second."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", "Quit")]

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._pending: list[str] = []

    def compose(self) -> ComposeResult:
        yield Log()
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.query_one(Input).cursor_blink = False
        self.set_interval(1 / 20, self._draw)

    def on_input_submitted(self) -> None:
        self.run_worker(self._stream())

    def _draw(self) -> None:
        if self._pending:
            text, self._pending = "".join(self._pending), []
            self.query_one(Log).write(text)

    async def _stream(self) -> None:
        async with (
            httpx.AsyncClient(timeout=None) as client,
            client.stream("POST", self._url + "/chat/completions", json={}) as response,
        ):
            rest = b""
            async for piece in response.aiter_bytes():
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: ") and line != b"data: [DONE]":
                        for choice in json.loads(line[6:])["choices"]:
                            self._pending.append(choice["delta"].get("content") or "")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PlainApp(sys.argv[1]).run()
