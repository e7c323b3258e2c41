"""Lists of models: kept, refreshed in the background, and asked where nobody names a model."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chat_tui.core.clock import Clock
from chat_tui.core.errors import NotFoundError, ProtocolError, StatusError, UsageError
from chat_tui.core.events import ReplyEvent
from chat_tui.core.models import ModelInfo
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.listing.chat_models import first_chat_model

if TYPE_CHECKING:
    from chat_tui.storage.model_lists import ModelListCache

MAX_AGE = 24 * 3600.0
"""Seconds after which a list is asked for again."""

MAX_LOCAL_AGE = 60.0
"""The same for servers on this machine: models come and go there, and asking costs nothing."""

_Place = tuple[str, str]
"""A provider and its base URL."""


class ModelLists:
    """The lists of all providers: what is kept at once, the server's where nothing is kept.

    Args:
        clients: the connections and keys of all providers.
        cache: where lists are kept.
        clock: for their age.
        renew: ask for old ones anew, in the background.
    """

    def __init__(
        self, clients: Clients, cache: "ModelListCache", clock: Clock, *, renew: bool = True
    ) -> None:
        self._clients = clients
        self._cache = cache
        self._clock = clock
        self._renew = renew
        self._running: dict[_Place, asyncio.Task[Sequence[ModelInfo]]] = {}

    async def kept(self, provider: str) -> Sequence[ModelInfo]:
        """What is kept of a provider's list, without asking anybody."""
        found = await self._read(self._clients.profile(provider))
        return found[0] if found else ()

    async def models(self, provider: str, *, refresh: bool = False) -> Sequence[ModelInfo]:
        """A provider's models; from the cache where it has them, and then old ones are refreshed.

        Asking goes on in the background where whoever waits gives up.

        Args:
            provider: its name.
            refresh: ask the server; where that fails, what is kept stays.

        Raises:
            UsageError: there is no such provider.
            ChatError: nothing is kept, and the server gives no list.
        """
        profile = self._clients.profile(provider)
        kept = None if refresh else await self._read(profile)
        if kept is None:
            return await asyncio.shield(self._asking(profile))
        models, when = kept
        if self._renew and not 0 <= self._clock.now() - when <= _max_age(profile):
            self._asking(profile)
        return models

    async def forget(self, provider: str) -> None:
        """Forget what is kept: the provider is gone."""
        await asyncio.to_thread(self._cache.forget, provider)

    async def aclose(self) -> None:
        """Stop asking."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _asking(self, profile: ProviderProfile) -> asyncio.Task[Sequence[ModelInfo]]:
        """The request for a list, one at a time for each provider where it is now."""
        place = (profile.name, profile.base_url)
        task = self._running.get(place)
        if task is None:
            task = asyncio.create_task(self._ask(profile))
            self._running[place] = task
            task.add_done_callback(lambda done: self._forget(place, done))
        return task

    def _forget(self, place: _Place, task: asyncio.Task[Sequence[ModelInfo]]) -> None:
        self._running.pop(place, None)
        if not task.cancelled():
            # Looked at, so that asyncio does not complain: nobody need wait for it.
            task.exception()

    async def _ask(self, profile: ProviderProfile) -> Sequence[ModelInfo]:
        models = await self._clients.models(profile.name)
        if profile.name != DEMO:
            place = (profile.name, parse_base_url(profile.base_url).origin)
            await asyncio.to_thread(self._cache.write, *place, models, self._clock.now())
        return models

    async def _read(self, profile: ProviderProfile) -> tuple[Sequence[ModelInfo], float] | None:
        if profile.name == DEMO:
            return None
        origin = parse_base_url(profile.base_url).origin
        return await asyncio.to_thread(self._cache.read, profile.name, origin)


def _max_age(profile: ProviderProfile) -> float:
    return MAX_LOCAL_AGE if parse_base_url(profile.base_url).is_loopback else MAX_AGE


class ListedModels:
    """A `ClientSource` that also takes targets without a model.

    A server of one's own (`--base-url`) is often started with the one model that it has, so
    nobody should have to type its name. The list is asked for when it is first needed, once.

    Args:
        clients: the clients of all providers.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._first: dict[str, str] = {}

    def client_for(self, target: Target) -> ChatClient:
        """See `ClientSource.client_for`."""
        client = self._clients.client_for(target)
        return client if target.model else _NamesModel(client, self)

    async def named(self, target: Target) -> Target:
        """A target with its model, looked up where it has none.

        Raises:
            UsageError: the server has no list of models.
            ChatError: it does not answer.
        """
        if target.model:
            return target
        if target.provider not in self._first:
            self._first[target.provider] = await self._ask(target.provider)
        return replace(target, model=self._first[target.provider])

    async def _ask(self, provider: str) -> str:
        try:
            models = await self._clients.models(provider)
        except (NotFoundError, ProtocolError) as error:
            raise _no_list(provider) from error
        except StatusError as error:
            if error.status in (405, 501):
                raise _no_list(provider) from error
            raise
        if not models:
            raise _no_list(provider)
        return first_chat_model(models)


def _no_list(provider: str) -> UsageError:
    return UsageError(f"{provider} lists no models.", hint="Name one with --model.")


@dataclass(frozen=True, slots=True)
class _NamesModel:
    """A client that gives requests the first model before it sends them."""

    client: ChatClient
    models: ListedModels

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        target = await self.models.named(request.target)
        async with aclosing(self.client.stream(replace(request, target=target))) as events:
            async for event in events:
                yield event
