"""The `ChatClient` for every server that speaks Chat Completions."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field, replace

import httpx

from chat_tui.core.clock import Clock
from chat_tui.core.errors import (
    BadRequestError,
    ChatError,
    ContextError,
    NotFoundError,
    ProtocolError,
    UsageError,
)
from chat_tui.core.events import Notice, ReplyEvent, RetryScheduled
from chat_tui.core.exchanges import ExchangeLog, ExchangeRecord
from chat_tui.core.memory import ForgetfulMemory, Learnt, ModelMemory
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.adapting import Adaptation, adapt
from chat_tui.providers.bodies import BodyMaker, Made
from chat_tui.providers.bodies import ImageLoader as ImageLoader
from chat_tui.providers.connecting.exchange import Deadlines, Exchange
from chat_tui.providers.connecting.records import new_record
from chat_tui.providers.endpoints import endpoint_of
from chat_tui.providers.failures.errors import MODEL_NOT_FOUND, Peer
from chat_tui.providers.failures.explaining import explain
from chat_tui.providers.fields import as_count
from chat_tui.providers.keys import Key
from chat_tui.providers.quirks import quirks_for
from chat_tui.providers.retry import RetryPolicy
from chat_tui.providers.roots import learn_root, roots_in_order

_MAX_STALE = 8
"""Dead pooled connections that are passed over in one request, unseen."""


@dataclass(slots=True)
class _Try:
    """A request, and what its attempts have learned so far."""

    request: ChatRequest
    made: Made
    """What goes out, made once for all attempts that are alike."""
    roots: list[str]
    """Where to send it: here first, then wherever no API was."""
    attempt: int = 1
    stale: int = 0
    first_miss: ChatError | None = None
    adaptations: list[Adaptation] = field(default_factory=list)
    """How it is asked in another way, each once; remembered when the server takes it."""
    record: ExchangeRecord | None = None
    """Of the latest attempt."""


class ChatCompletionsClient:
    """Sends prompts to one provider and reads the replies.

    Args:
        http: the connections; see `connections.open_http`.
        profile: the provider.
        key: sent as its quirks have it, over https or to this machine only.
        clock: for waits and deadlines.
        retry: when to try again before the first content.
        deadlines: how long silence is borne; the profile's limits when left out.
        load_image: gives the bytes of stored pictures.
        rand: gives numbers from 0 to 1, for the jitter of waits.
        memory: what models refused; asked before each request.
        log: keeps what goes over the wire, for the raw view.
        slots: how many replies may come at the same time.

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
        memory: ModelMemory | None = None,
        log: ExchangeLog | None = None,
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self.profile = profile
        self._http = http
        self._endpoint = endpoint_of(profile, f"from {key.source}" if key else "")
        self._quirks = quirks_for(profile)
        self._key = key
        self._clock = clock
        self._retry = retry or RetryPolicy()
        self._deadlines = deadlines or Deadlines.of(profile.limits)
        self._rand = rand
        self._memory = ForgetfulMemory() if memory is None else memory
        self._log = log
        self._slots = slots
        hide = key.redact if key is not None else str
        self._bodies = BodyMaker(load_image, self._quirks, hide if log is not None else None)
        self._root = ""
        """Where the latest prompt was answered."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        state = await self._prepare(request)
        peer = self._peer(request.target.model)
        for sentence in state.made.encoded.left_out:
            yield Notice("left_out", sentence)
        if self._slots is not None and self._slots.locked():
            yield Notice("queued", self._queued())
        async with self._slots or nullcontext():
            while True:
                exchange = self._exchange(state, peer)
                try:
                    async with aclosing(exchange.batches()) as batches:
                        async for batch in batches:
                            if exchange.reader.started:
                                self._keep(state)
                            for event in batch:
                                yield event
                except ChatError as error:
                    if exchange.reader.started:
                        raise
                    failure = error
                else:
                    self._keep(state)
                    return
                again = await self._again(state, failure, was_stale=exchange.was_stale)
                if again is not None:
                    yield again
                if isinstance(again, RetryScheduled):
                    await request.gate.wait(self._clock, again.delay)

    async def _prepare(self, request: ChatRequest) -> _Try:
        learnt = self._memory.learnt(self.profile.name, request.target.model)
        made = await self._bodies.make(request, learnt)
        return _Try(request, made, roots_in_order(self._endpoint, self._memory, self.profile.name))

    async def _again(
        self, state: _Try, failure: ChatError, *, was_stale: bool
    ) -> ReplyEvent | None:
        """Make ready for another attempt; gives what is to be said about it.

        Raises:
            ChatError: there is to be none.
        """
        wrong_path = _is_wrong_path(failure)
        if was_stale and state.stale < _MAX_STALE:
            state.stale += 1
            return None
        if wrong_path and len(state.roots) > 1:
            state.first_miss = failure
            state.roots.pop(0)
            return None
        if notice := await self._adapt(state, failure):
            return notice
        delay = self._retry.delay(state.attempt, failure, self._rand)
        if delay is not None:
            state.attempt += 1
            return RetryScheduled(state.attempt, self._retry.attempts, delay, failure.info)
        if state.first_miss is not None and wrong_path:
            raise state.first_miss
        self._explain(state, failure)
        raise failure

    async def _adapt(self, state: _Try, failure: ChatError) -> Notice | None:
        """Ask in another way where a field that the app chose itself was refused; once each."""
        adaptation = adapt(state.made.encoded, failure)
        if adaptation is None or adaptation.name in {each.name for each in state.adaptations}:
            return None
        state.adaptations.append(adaptation)
        state.made = await self._bodies.make(state.request, self._learnt(state))
        return Notice("adapted", adaptation.message)

    def _learnt(self, state: _Try) -> Learnt:
        """What is known of the model, with what this request has learned."""
        learnt = self._memory.learnt(self.profile.name, state.request.target.model)
        for adaptation in state.adaptations:
            learnt = adaptation.applied(learnt)
        return learnt

    def _keep(self, state: _Try) -> None:
        """Remember where it was sent and what was adapted: the server has taken it."""
        if self._root != state.roots[0]:
            self._root = state.roots[0]
            learn_root(self._root, self._endpoint, self._memory, self.profile.name, sure=True)
        if state.adaptations:
            self._memory.learn(self.profile.name, state.request.target.model, self._learnt(state))
            state.adaptations.clear()

    def _explain(self, state: _Try, failure: ChatError) -> None:
        """Say what in the request was refused, or is too large; learn the window."""
        explain(failure, state.request, state.made.encoded, state.made.sizes)
        taken = {each.name for each in state.adaptations}
        if isinstance(failure, BadRequestError) and failure.param not in {None, *taken}:
            # What was adapted before was taken: this refusal is about something else.
            self._keep(state)
        if isinstance(failure, ContextError) and failure.window is not None:
            self._learn_window(state.request.target.model, failure.window)
        if state.record is not None:
            state.record.error = failure.message

    def _learn_window(self, model: str, window: int) -> None:
        learnt = self._memory.learnt(self.profile.name, model)
        if learnt.window != window:
            self._memory.learn(self.profile.name, model, replace(learnt, window=window))

    def _queued(self) -> str:
        label = self.profile.label or self.profile.name
        most = self.profile.max_concurrency
        limit = f" (at most {most} at the same time)" if most else ""
        return f"Waiting until {label} has ended another answer{limit}."

    def _peer(self, model: str) -> Peer:
        label = self.profile.label or self.profile.name
        return Peer(label, self._endpoint.host, model, self._key)

    def _exchange(self, state: _Try, peer: Peer) -> Exchange:
        content, headers = state.made.content, request_headers(self.profile, self._key)
        if content.whole is None:
            headers["Content-Length"] = str(content.size)
        try:
            request = self._http.build_request(
                "POST",
                self._endpoint.chat_url(state.roots[0]),
                content=content.whole if content.whole is not None else content,
                headers=headers,
            )
        except (UnicodeError, httpx.InvalidURL) as error:
            raise UsageError(
                f"The base URL or the headers of {peer.label} cannot be sent.",
                hint="Check the provider's settings.",
            ) from error
        if self._log is not None:
            reply = state.request.reply
            state.record = new_record(
                request, self._key, self._clock, state.made.shown, reply=reply
            )
            self._log.add(state.record)
        return Exchange(
            self._http,
            request,
            peer,
            self._clock,
            self._deadlines,
            record=state.record,
            choices=as_count(state.made.encoded.body.get("n")) or 1,
        )


def request_headers(profile: ProviderProfile, key: Key | None) -> dict[str, str]:
    """The headers of every request to a provider, with the key where its quirks have it."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream, application/json",
    }
    if key is not None:
        scheme = quirks_for(profile).auth
        name = "Authorization" if scheme == "bearer" else scheme
        headers[name] = f"Bearer {key.reveal()}" if scheme == "bearer" else key.reveal()
    # Names of headers know no case: one that is given twice would be sent twice.
    own = {name.lower() for name in profile.headers}
    kept = {name: value for name, value in headers.items() if name.lower() not in own}
    return kept | dict(profile.headers)


def _is_wrong_path(error: ChatError) -> bool:
    """Whether an API may be at the other path: nothing here, or a page for people."""
    if isinstance(error, NotFoundError):
        return error.code != MODEL_NOT_FOUND
    if isinstance(error, ProtocolError):
        return "page titled" in error.message
    # What servers of files say to a POST.
    return error.status == 405
