"""A provider with moods: it answers, thinks, breaks off, stalls, refuses, all by chance."""

import asyncio
import re
from collections.abc import AsyncGenerator
from random import Random

from chat_tui.core.errors import AuthError, InterruptedReplyError, RateLimitError
from chat_tui.core.events import (
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chat_tui.core.messages import Usage
from chat_tui.core.requests import ChatRequest
from chat_tui.core.titles import TITLE_REQUEST

_MOODS = {
    "plain": 10,
    "long": 3,
    "code": 2,
    "think": 2,
    "tool": 1,
    "cut": 3,
    "twice": 2,
    "stall": 4,
    "silent": 1,
    "broken": 2,
    "refuse": 2,
    "limit": 1,
}
"""What may happen to a request, and how often in proportion."""

SECRET = re.compile(r"unwritten\d+x")
"""Stands in all that is said in a temporary conversation; its number says which."""

_CODE = "\n\n```python\nprint(1)\n```\n\nSee [one](https://one.example/a) and needle."
_LONG = "\n\n".join(f"Line {number}: a needle in a long answer." for number in range(40))


class Moody:
    """A `ChatClient` whose moods come from a seed and the number of the request.

    Every answer begins with `[REQUEST.CHOICE]`, so that it can be found wherever it is kept, and
    names the secret of what was said before.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._go = asyncio.Event()
        self.requests = 0
        self.stalled = 0
        """Answers that wait to be stopped, or to go on with `let_go`."""
        self.said: dict[str, str] = {}
        """`REQUEST.CHOICE` → what was said."""

    def let_go(self) -> None:
        """Bring all answers that are stalled to their end."""
        self._go.set()
        self._go = asyncio.Event()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        self.requests += 1
        number = self.requests
        chance = Random(f"{self._seed}/{number}")
        mood = chance.choices([*_MOODS], [*_MOODS.values()])[0]
        if request.messages[-1].text == TITLE_REQUEST:
            yield TextDelta(f"Title {number}")
            yield ReplyFinished("stop")
            return
        secrets = (SECRET.search(message.text) for message in request.messages)
        secret = next((f" {found[0]}" for found in secrets if found), "")
        if mood == "silent":
            await self._stall()
        if mood == "refuse":
            raise AuthError("The key was refused.", hint="Set another.", status=401)
        if mood == "limit":
            raise RateLimitError("Too many requests.", status=429, retry_after=5)
        if mood == "think":
            yield ReasoningDelta("First this.\n\nThen that, with a needle.")
        for choice in range(2 if mood == "twice" else 1):
            words = f"[{number}.{choice}]{secret} To {request.messages[-1].text[:20]!r}:"
            async for event in self._say(number, choice, words, mood):
                yield event
        if mood == "tool":
            yield ToolCallDelta(0, "call_1", "look", '{"at": "needle"}')
        yield UsageReported(Usage(10, 5, 15))
        for choice in range(2 if mood == "twice" else 1):
            yield ReplyFinished("length" if mood == "cut" else "stop", choice)

    async def _say(
        self, number: int, choice: int, words: str, mood: str
    ) -> AsyncGenerator[ReplyEvent, None]:
        key = f"{number}.{choice}"
        more = {"long": _LONG, "code": _CODE}.get(mood, "that is all.")
        for part in (words, " ", more):
            self.said[key] = self.said.get(key, "") + part
            yield TextDelta(part, choice)
            if mood == "stall" and part == " ":
                await self._stall()
            if mood == "broken" and part == " ":
                raise InterruptedReplyError("The server closed the connection.", hint="Try again.")

    async def _stall(self) -> None:
        self.stalled += 1
        try:
            await self._go.wait()
        finally:
            self.stalled -= 1
