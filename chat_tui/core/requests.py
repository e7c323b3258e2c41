"""The request, before it is put into any wire format."""

import asyncio
from dataclasses import dataclass, field

from chat_tui.core.clock import Clock
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target


class RetryGate:
    """The wait before a retry, which the user may cut short."""

    def __init__(self) -> None:
        self._open = asyncio.Event()

    def open(self) -> None:
        """Let the request that waits, if one does, go at once."""
        self._open.set()

    async def wait(self, clock: Clock, seconds: float) -> None:
        """Wait so long, or until the gate is opened; what was done before does not count."""
        self._open.clear()
        waits = [
            asyncio.ensure_future(clock.sleep(seconds)),
            asyncio.ensure_future(self._open.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a `ChatClient` sends."""

    target: Target
    messages: tuple[ChatMessage, ...]
    """The system prompt first, where there is one; as the context plan has it."""
    stream: bool = True
    """Ask for the reply as it is made; False asks for it whole."""
    reply: str = ""
    """The id of the message that the reply goes into: what the raw view asks for."""
    gate: RetryGate = field(default_factory=RetryGate, compare=False)
    """Where waits before retries are cut short."""
