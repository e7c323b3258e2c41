"""The `ChatClient` for every server that speaks Chat Completions."""

import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx

from chat_tui.core.clock import Clock
from chat_tui.core.errors import ChatError, NotFoundError, ProtocolError, UsageError
from chat_tui.core.events import Notice, ReplyEvent, RetryScheduled
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.endpoints import Endpoint, parse_base_url
from chat_tui.providers.errors import MODEL_NOT_FOUND, Peer
from chat_tui.providers.exchange import Deadlines, Exchange
from chat_tui.providers.keys import Key
from chat_tui.providers.retry import RetryPolicy
from chat_tui.providers.wire import Body, adapt, encode_body, encode_request, pictures

ImageLoader = Callable[[str], Awaitable[bytes]]
"""Gives the bytes of a stored picture for its hash."""

_MAX_STALE = 8
"""Dead pooled connections that are passed over in one request, unseen."""


@dataclass(slots=True)
class _Try:
    """What the attempts of one request have learned so far."""

    body: Body
    attempt: int = 1
    stale: int = 0
    roots_left: list[str] = field(default_factory=list)
    first_miss: ChatError | None = None


class ChatCompletionsClient:
    """Sends prompts to one provider and reads the replies.

    Args:
        http: the connections; see `connections.open_http`.
        profile: the provider.
        key: sent as a Bearer token, over https or to this machine only.
        clock: for waits and deadlines.
        retry: when to try again before the first content.
        deadlines: how long silence is borne.
        load_image: gives the bytes of stored pictures.
        rand: gives numbers from 0 to 1, for the jitter of waits.

    Raises:
        UsageError: the base URL is none, or the key would go over plain http to another machine.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        profile: ProviderProfile,
        key: Key | None,
        clock: Clock,
        *,
        retry: RetryPolicy | None = None,
        deadlines: Deadlines | None = None,
        load_image: ImageLoader | None = None,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self.profile = profile
        self._http = http
        self._endpoint = safe_endpoint(profile, key)
        self._key = key
        self._clock = clock
        self._retry = retry or RetryPolicy()
        self._deadlines = deadlines or Deadlines()
        self._load_image = load_image
        self._rand = rand
        self._root: str | None = None
        self._refusals: dict[str, list[ChatError]] = {}

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        peer = self._peer(request.target.model)
        roots = [self._root] if self._root else list(self._endpoint.roots)
        state = _Try(await self._encode(request), roots_left=roots[1:])
        root = roots[0]
        while True:
            exchange = self._exchange(root, state.body, peer)
            try:
                async with aclosing(exchange.batches()) as batches:
                    async for batch in batches:
                        for event in batch:
                            yield event
            except ChatError as error:
                if exchange.reader.started:
                    raise
                failure = error
            else:
                self._root = root
                return
            if exchange.was_stale and state.stale < _MAX_STALE:
                state.stale += 1
            elif state.roots_left and _is_wrong_path(failure):
                state.first_miss = failure
                root = state.roots_left.pop(0)
            elif notice := self._adapt(state, failure, peer.model):
                yield notice
            elif scheduled := self._schedule(state, failure):
                yield scheduled
                await self._clock.sleep(scheduled.delay)
            elif state.first_miss is not None and _is_wrong_path(failure):
                raise state.first_miss
            else:
                raise failure

    def _adapt(self, state: _Try, error: ChatError, model: str) -> Notice | None:
        """Leave out what the app chose itself and the server refused; remembered for the model."""
        adapted = adapt(state.body, error)
        if adapted is None:
            return None
        state.body, message = adapted
        self._refusals.setdefault(model, []).append(error)
        return Notice("adapted", message)

    def _schedule(self, state: _Try, error: ChatError) -> RetryScheduled | None:
        delay = self._retry.delay(state.attempt, error, self._rand)
        if delay is None:
            return None
        state.attempt += 1
        return RetryScheduled(state.attempt, self._retry.attempts, delay, error.info)

    def _peer(self, model: str) -> Peer:
        label = self.profile.label or self.profile.name
        return Peer(label, self._endpoint.host, model, self._key)

    async def _encode(self, request: ChatRequest) -> Body:
        images = {}
        if self._load_image is not None:
            images = {hash_: await self._load_image(hash_) for hash_ in pictures(request)}
        body = encode_request(request, images)
        for error in self._refusals.get(request.target.model, ()):
            if (adapted := adapt(body, error)) is not None:
                body = adapted[0]
        return body

    def _exchange(self, root: str, body: Body, peer: Peer) -> Exchange:
        try:
            request = self._http.build_request(
                "POST",
                self._endpoint.chat_url(root),
                content=encode_body(body),
                headers=request_headers(self.profile, self._key),
            )
        except (UnicodeError, httpx.InvalidURL) as error:
            raise UsageError(
                f"The base URL or the headers of {peer.label} cannot be sent.",
                hint="Check the provider's settings.",
            ) from error
        return Exchange(self._http, request, peer, self._clock, self._deadlines)


def request_headers(profile: ProviderProfile, key: Key | None) -> dict[str, str]:
    """The headers of every request to a provider."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream, application/json",
        **profile.headers,
    }
    if key is not None:
        headers["Authorization"] = f"Bearer {key.reveal()}"
    return headers


def safe_endpoint(profile: ProviderProfile, key: Key | None) -> Endpoint:
    """The endpoint of a profile, if the key may be sent to it.

    Raises:
        UsageError: the base URL is none, or would carry the key in the clear.
    """
    endpoint = parse_base_url(profile.base_url)
    if key is not None and endpoint.scheme == "http" and not endpoint.is_loopback:
        raise UsageError(
            f"The key from {key.source} is not sent over plain http to {endpoint.host}.",
            hint="Use an https:// address, or a provider without a key.",
        )
    return endpoint


def _is_wrong_path(error: ChatError) -> bool:
    """Whether an API may be at the other path: nothing here, or a page for people."""
    if isinstance(error, NotFoundError):
        return error.code != MODEL_NOT_FOUND
    if isinstance(error, ProtocolError):
        return "page titled" in error.message
    # What servers of files say to a POST.
    return error.status == 405
