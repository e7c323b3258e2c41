"""Targets without a model: the first one that the server lists stands in."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from chat_tui.core.errors import NotFoundError, ProtocolError, StatusError, UsageError
from chat_tui.core.events import ReplyEvent
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.providers.clients import Clients


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
        return models[0]


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
