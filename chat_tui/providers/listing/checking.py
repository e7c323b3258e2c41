"""Tests a connection step by step: name, port, encryption, key, models, one token of chat."""

import asyncio
import difflib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import httpcore

from chat_tui.core.checks import CHECKS, CheckName, CheckStatus, CheckStep
from chat_tui.core.clock import Clock
from chat_tui.core.errors import (
    BadRequestError,
    ChatError,
    ConnectError,
    ProtocolError,
    RedirectError,
    ReplyTimeoutError,
    StatusError,
    TlsError,
)
from chat_tui.core.events import ReplyFinished, RetryScheduled
from chat_tui.core.memory import ModelMemory
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.models import ModelInfo
from chat_tui.core.requests import ChatRequest
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.reaching import (
    Hop,
    connect,
    first_hop,
    is_address,
    resolve,
    secure,
)
from chat_tui.providers.connecting.tls import tls_context
from chat_tui.providers.endpoints import Endpoint, parse_base_url
from chat_tui.providers.failures.errors import Peer
from chat_tui.providers.keys import Key
from chat_tui.providers.listing.chat_models import first_chat_model
from chat_tui.providers.listing.model_lists import has_no_list, read_models
from chat_tui.providers.retry import RetryPolicy

CONNECT_SECONDS = 10.0
"""How long a connection and its handshake may take, each; less where the profile says so."""

CHAT_SECONDS = 60.0
"""How long the answer may take; a local server may have to load its model before it."""

PROMPT = "Say: ok"

_ONCE = RetryPolicy(attempts=1)
_LIMITS = ("max_tokens", "max_completion_tokens", "output limit")
_NOT_TRIED = "Not tried, because a step before it failed."

_Outcome = tuple[CheckStatus, str, str]
"""Status, message, hint."""


async def check_connection(
    profile: ProviderProfile,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    model: str = "",
    others: Mapping[str, ProviderProfile] | None = None,
    memory: ModelMemory | None = None,
) -> AsyncGenerator[CheckStep, None]:
    """Test a provider, saved or not, over connections of the test's own.

    Consume it under `contextlib.aclosing`. What fails is told by a step; nothing is tried twice.

    Args:
        profile: whom to test.
        environ: where its key may be.
        clock: for durations.
        model: whom to talk to; empty for the provider's default, or the first that it lists.
        others: all providers by name; a program that prints the key does not get theirs.
        memory: what is known of the provider, and learns what the test finds out.
    """
    profiles = {**(others or {}), profile.name: profile}
    clients = Clients(profiles, environ, clock, memory=memory)
    check = _Check(profile, environ, clients, clock, memory, model or profile.default_model)
    failed = False
    try:
        for name in CHECKS:
            started = clock.monotonic()
            skipped: _Outcome = ("skipped", _NOT_TRIED, "")
            status, message, hint = skipped if failed else await check.run(name)
            failed = failed or status == "failed"
            seconds = clock.monotonic() - started
            yield CheckStep(name, status, clean_line(message), clean_line(hint), seconds)
    finally:
        await check.aclose()
        await clients.aclose()


@dataclass(slots=True)
class _Check:
    """A test that is running, and what its steps hand on."""

    profile: ProviderProfile
    environ: Mapping[str, str]
    clients: Clients
    clock: Clock
    memory: ModelMemory | None
    model: str
    stream: httpcore.AsyncNetworkStream | None = None
    """The open connection, from `tcp` to `tls`."""
    key: Key | None = None
    models: Sequence[ModelInfo] | None = None
    """None where there is no list."""
    asked: bool = False
    """Whether the list was asked for."""
    failure: ChatError | None = None
    """Why it was not given."""

    async def run(self, name: CheckName) -> _Outcome:
        """Make one step."""
        if self.profile.name == DEMO and name in ("dns", "tcp", "tls"):
            return "skipped", "The demo answers without a network.", ""
        try:
            match name:
                case "dns":
                    return await self._dns()
                case "tcp":
                    return await self._tcp()
                case "tls":
                    return await self._tls()
                case "auth":
                    return await self._auth()
                case "models":
                    return await self._list()
                case "chat":
                    return await self._chat()
        except ChatError as error:
            return "failed", error.message, error.hint

    async def aclose(self) -> None:
        """Close what the steps left open."""
        if self.stream is not None:
            await self.stream.aclose()

    @property
    def _label(self) -> str:
        return self.profile.label or self.profile.name

    def _way(self) -> tuple[Endpoint, Hop]:
        endpoint = parse_base_url(self.profile.base_url)
        return endpoint, first_hop(self.profile, endpoint)

    def _seconds(self) -> float:
        return min(self.profile.limits.connect, CONNECT_SECONDS)

    async def _dns(self) -> _Outcome:
        _, hop = self._way()
        if hop.is_proxy:
            return "skipped", f"The proxy {hop.host} looks the name up.", ""
        if is_address(hop.host):
            return "skipped", f"{hop.host} is an address, not a name.", ""
        found = await resolve(hop.host, Peer(self._label, hop.host))
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return "ok", f"{hop.host} is {found[0]}{more}.", ""

    async def _tcp(self) -> _Outcome:
        _, hop = self._way()
        self.stream = await connect(hop, self._seconds(), Peer(self._label, hop.host))
        whom = f"the proxy {hop.host}" if hop.is_proxy else hop.host
        return "ok", f"Connected to {whom}, port {hop.port}.", ""

    async def _tls(self) -> _Outcome:
        endpoint, hop = self._way()
        stream, self.stream = self.stream, None
        if stream is None or endpoint.scheme == "http" or hop.is_proxy:
            if stream is not None:
                await stream.aclose()
            return await self._tls_in_request(endpoint)
        peer = Peer(self._label, endpoint.host)
        trusted = tls_context(self.profile.ca_file, self.environ)
        words = await secure(stream, endpoint.host, trusted, self._seconds(), peer)
        return "ok", words, ""

    async def _tls_in_request(self, endpoint: Endpoint) -> _Outcome:
        if endpoint.scheme == "http":
            return "skipped", "The address begins with http: nothing is encrypted.", ""
        # Behind a proxy it is the first request that makes the secure connection.
        await self._ask()
        match self.failure:
            case TlsError() | ConnectError():
                raise self.failure
            case None | StatusError() | ProtocolError() | RedirectError():
                return "ok", "The secure connection through the proxy stands.", ""
            case _:
                return "skipped", "Not known: nothing was answered through the proxy.", ""

    async def _ask(self) -> None:
        """Ask for the list of models, once; the key goes along."""
        if self.asked:
            return
        self.asked = True
        try:
            self.key = await self.clients.key(self.profile)
            http = self.clients.connection(self.profile)
            self.models = await read_models(
                http, self.profile, self.key, self.clock, retry=_ONCE, memory=self.memory
            )
        except ChatError as error:
            self.failure = error

    async def _auth(self) -> _Outcome:
        await self._ask()
        if self.failure is not None:
            if not (isinstance(self.failure, StatusError) and has_no_list(self.failure)):
                raise self.failure
            return "skipped", f"{self._label} has no list of models to ask for.", ""
        if self.key is None:
            return "ok", f"{self._label} answered; it was sent no key.", ""
        return "ok", f"{self._label} answered; it was sent {self.key.words}.", ""

    async def _list(self) -> _Outcome:
        if self.models is None:
            return "skipped", "There is no list to look into.", ""
        count = len(self.models)
        if not count:
            return "skipped", f"{self._label} lists no models.", ""
        there = f"{self._label} lists {count:,} model{'s' if count > 1 else ''}"
        if not self.model:
            return "ok", f"{there}.", ""
        ids = [model.id for model in self.models]
        if _is_listed(self.model, ids):
            return "ok", f"{there}, {self.model} among them.", ""
        # In a thread: among 10,000 it takes 0.3 s.
        close = await asyncio.to_thread(difflib.get_close_matches, self.model, ids, 1)
        guess = f"did you mean {close[0]}?" if close else "the chat will tell whether it is there."
        # No failure: there are servers that take names which they do not list.
        return "ok", f"{there}; {self.model} is not among them: {guess}", ""

    async def _chat(self) -> _Outcome:
        model = self.model or first_chat_model(self.models or ())
        if not model:
            return "skipped", "No model is named, and none is listed.", "Name a model."
        try:
            async with asyncio.timeout(CHAT_SECONDS):
                try:
                    answered = await self._say(model, {"max_tokens": 1})
                except BadRequestError as error:
                    if not _is_about_limit(error):
                        raise
                    # Models that reason do not get to an answer within one token.
                    answered = await self._say(model, {})
        except TimeoutError:
            raise ReplyTimeoutError(
                f"{model} did not answer within {CHAT_SECONDS:g} s.",
                hint="It may still be loading: test again, or choose another model.",
            ) from None
        return "ok", f"{answered or model} answered.", ""

    async def _say(self, model: str, parameters: Mapping[str, int]) -> str:
        """Have a model answer; gives the name under which it did."""
        message = ChatMessage("check", "user", text_parts(PROMPT))
        target = Target(self.profile.name, model, parameters)
        client = self.clients.client_for(target)
        answered = ""
        async with aclosing(client.stream(ChatRequest(target, (message,)))) as events:
            async for event in events:
                match event:
                    case RetryScheduled(error=error):
                        raise ChatError(error.message, hint=error.hint, status=error.status)
                    case ReplyFinished(model=name):
                        answered = name or answered
                    case _:
                        pass
        return answered


def _is_about_limit(error: BadRequestError) -> bool:
    return error.param in _LIMITS or any(name in error.message for name in _LIMITS)


def _is_listed(model: str, ids: Sequence[str]) -> bool:
    """Whether a model is listed, be it as `models/NAME` (Gemini) or without a `:variant`."""
    known = {id_.removeprefix("models/") for id_ in ids}
    name = model.removeprefix("models/")
    return name in known or name.split(":")[0] in known or f"{name}:latest" in known
