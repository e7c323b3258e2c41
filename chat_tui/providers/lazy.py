"""A client that is made with its first prompt: then its key and its connections are looked for."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.core.errors import AuthError, UsageError
from chat_tui.core.events import Notice, ReplyEvent, RetryScheduled
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.connecting.pool import Pool
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import Key, KnownKeys

if TYPE_CHECKING:
    import httpx

    from chat_tui.providers.client import ChatCompletionsClient

Make = Callable[
    ["httpx.AsyncClient", ProviderProfile, Key | None, asyncio.Semaphore | None],
    "ChatCompletionsClient",
]


@dataclass(slots=True)
class _Ready:
    """What the first request made."""

    client: "ChatCompletionsClient"
    http: "httpx.AsyncClient"
    key: Key | None


class LazyClient:
    """A provider's client, whose key and connections are looked for with the first prompt.

    A key that is refused is looked for again: with the next prompt, or at once where another one
    is found (tokens that a program gives out expire).

    Args:
        profile: the provider.
        keys: where its key is found.
        pool: where its connections are.
        make: makes the client of both.
        slots: how many replies may come at the same time.
    """

    def __init__(
        self,
        profile: ProviderProfile,
        keys: KnownKeys,
        pool: Pool,
        make: Make,
        slots: asyncio.Semaphore | None,
    ) -> None:
        self._profile = profile
        self._keys = keys
        self._pool = pool
        self._make = make
        self._ready: _Ready | None = None
        self._lock = asyncio.Lock()
        self._warned = False
        self._slots = slots

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        ready = await self._prepare()
        if notice := self._short_key(ready.key):
            yield notice
        for retried in (False, True):
            begun = False
            try:
                with self._pool.using(ready.http):
                    async with aclosing(ready.client.stream(request)) as events:
                        async for event in events:
                            begun = begun or not isinstance(event, Notice | RetryScheduled)
                            yield event
                return
            except AuthError:
                again = None if begun or retried else await self._another(ready)
                if again is None:
                    raise
            ready = again
            yield Notice("key_changed", "The key had changed; the prompt is sent with the new one.")

    async def _another(self, refused: _Ready) -> _Ready | None:
        """What to send with after a key was refused; None where there is no other key."""
        self._forget(refused)
        try:
            again = await self._prepare()
        except UsageError:
            return None
        old = refused.key.reveal() if refused.key is not None else ""
        if again.key is not None and again.key.reveal() != old:
            return again
        # The user may change it until the next prompt.
        self._forget(again)
        return None

    def _forget(self, ready: _Ready) -> None:
        # Another prompt may have found another key meanwhile: that one stays.
        if self._ready is ready:
            self._keys.forget(self._profile)
            self._ready = None

    async def _prepare(self) -> _Ready:
        async with self._lock:
            if self._ready is None:
                key = await self._keys.of(self._profile)
                http = await self._pool.prepared(self._profile)
                client = self._make(http, self._profile, key, self._slots)
                self._ready = _Ready(client, http, key)
            return self._ready

    def _short_key(self, key: Key | None) -> Notice | None:
        """Warn once of a key that is none; local servers take any word."""
        if key is None or not key.is_short or self._warned:
            return None
        self._warned = True
        if parse_base_url(self._profile.base_url).is_loopback:
            return None
        length = len(key.reveal())
        return Notice(
            "short_key",
            f"The key from {key.source} has only {length} characters: too short to be taken out"
            " of what is shown.",
        )
