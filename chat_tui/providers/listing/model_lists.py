"""Reads providers' lists of models: every page, under both roots, retried like everything else."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import httpx

from chat_tui.core.clock import Clock
from chat_tui.core.errors import (
    ChatError,
    NotFoundError,
    ProtocolError,
    ReplyTimeoutError,
    StatusError,
)
from chat_tui.core.memory import ModelMemory
from chat_tui.core.models import ModelInfo
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.catalogue import GATEWAYS
from chat_tui.providers.client import request_headers
from chat_tui.providers.connecting.connections import raw_chunks, transport_error
from chat_tui.providers.endpoints import endpoint_of
from chat_tui.providers.failures.errors import (
    Peer,
    body_error,
    has_error,
    page_error,
    redirect_error,
    status_error,
)
from chat_tui.providers.fields import as_dict, as_text, parse_json
from chat_tui.providers.keys import Key
from chat_tui.providers.listing.model_facts import entries_of, model_infos
from chat_tui.providers.retry import RetryPolicy, with_retries
from chat_tui.providers.roots import learn_root, roots_in_order

PAGE_SECONDS = 30.0
"""How long one page of a list may take."""

MAX_PAGES = 100
MAX_BYTES = 32 * 1024 * 1024
"""Of all pages together."""

DETAILS = "/model/info"
"""Where LiteLLM tells windows, prices and abilities, below both of its roots."""

NO_LIST_STATUSES = frozenset({404, 405, 410, 501})
"""What servers answer that have no list of models."""

_LARGE = 64 * 1024


async def read_models(
    http: httpx.AsyncClient,
    profile: ProviderProfile,
    key: Key | None,
    clock: Clock,
    *,
    retry: RetryPolicy | None = None,
    rand: Callable[[], float] = random.random,
    here_only: bool = False,
    memory: ModelMemory | None = None,
) -> list[ModelInfo]:
    """The models of a provider, in its order, each once.

    Args:
        http: the provider's connections.
        profile: whom to ask.
        key: sent as for chat.
        clock: for waits before retries, and for models that end some day.
        retry: when to try again.
        rand: gives numbers from 0 to 1, for the jitter of waits.
        here_only: ask at the base URL as it was given, not with or without `/v1` besides.
        memory: tells which of the two answered before, and learns it.

    Raises:
        UsageError: the base URL is none, or the key may not be sent there.
        ChatError: the server cannot be reached, refuses, or has no such list.
    """
    endpoint = endpoint_of(profile, f"from {key.source}" if key else "")
    peer = Peer(profile.label or profile.name, endpoint.host, "", key)
    policy = retry or RetryPolicy()
    failure: ChatError | None = None
    roots = roots_in_order(endpoint, memory, profile.name)
    for root in roots[:1] if here_only else roots:
        reading = _Reading(http, profile, key, peer, clock, policy, rand)
        try:
            found = await reading.all_pages(endpoint.url(root, "/models"))
        except ChatError as error:
            failure = failure or error
            if not has_no_list(error):
                raise
        else:
            learn_root(root, endpoint, memory, profile.name, sure=False)
            if profile.name in GATEWAYS:
                return await reading.with_details(found, endpoint.url(root, DETAILS))
            return found
    raise failure or ProtocolError(f"{peer.label} has no list of models.")


def has_no_list(error: ChatError) -> bool:
    """Whether a server that failed so may answer prompts all the same: it has no list there."""
    if isinstance(error, StatusError):
        return isinstance(error, NotFoundError) or error.status in NO_LIST_STATUSES
    return isinstance(error, ProtocolError)


@dataclass(slots=True)
class _Reading:
    """One list that is being read."""

    http: httpx.AsyncClient
    profile: ProviderProfile
    key: Key | None
    peer: Peer
    clock: Clock
    retry: RetryPolicy
    rand: Callable[[], float]
    room: int = MAX_BYTES

    async def all_pages(self, url: str) -> list[ModelInfo]:
        """Follow the pages, as long as they bring something new."""
        found: dict[str, ModelInfo] = {}
        asked: set[str] = set()
        while url and url not in asked and len(asked) < MAX_PAGES:
            asked.add(url)
            ask = partial(self._get, url)
            content = await with_retries(self.retry, self.clock, self.rand, ask)
            models, after = await self._parsed(content, url)
            known = len(found)
            for model in models:
                found.setdefault(model.id, model)
            url = after if len(found) > known else ""
        return list(found.values())

    async def with_details(self, models: list[ModelInfo], url: str) -> list[ModelInfo]:
        """A gateway's models with what it tells of them elsewhere; as they are where it does not.

        Its list gives their names alone. How it reaches them is not kept: addresses are in it.
        """
        try:
            value, _ = await self._parsed(await self._get(url), url)
        except ChatError:
            return models
        told = {each.id: each for each in value}
        return [_detailed(each, told.get(each.id)) for each in models]

    async def _get(self, url: str) -> bytes:
        content = bytearray()
        headers = request_headers(self.profile, self.key)
        try:
            async with (
                asyncio.timeout(PAGE_SECONDS),
                self.http.stream("GET", url, headers=headers) as response,
            ):
                async for data in raw_chunks(response, self.peer):
                    content += data
                    if len(content) > self.room:
                        raise ProtocolError(
                            f"{self.peer.label} sent a list of models of more than 32 MB."
                        )
        except TimeoutError as error:
            raise ReplyTimeoutError(
                f"{self.peer.label} sent no list of models within {PAGE_SECONDS:g} s.",
                hint="Try again, or type the model's name.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise transport_error(error, self.peer) from error
        self.room -= len(content)
        status = response.status_code
        if response.has_redirect_location:
            raise redirect_error(status, response.headers, self.peer)
        if status >= 300:
            raise status_error(status, response.headers, bytes(content), self.peer)
        return bytes(content)

    async def _parsed(self, content: bytes, url: str) -> tuple[list[ModelInfo], str]:
        """See `_parse`."""
        if len(content) > _LARGE:
            # So that keys stay responsive; for short lists a thread costs more than it saves.
            return await asyncio.to_thread(self._parse, content, url)
        return self._parse(content, url)

    def _parse(self, content: bytes, url: str) -> tuple[list[ModelInfo], str]:
        """The models of a page, and the address of the next one; empty where there is none."""
        text = content.decode(errors="replace").removeprefix("\ufeff")
        if text.lstrip().startswith("<"):
            raise page_error(text, self.peer)
        try:
            value = parse_json(text)
        except ValueError as error:
            raise self._no_list() from error
        entries = entries_of(value)
        if not entries and has_error(as_dict(value)):
            raise body_error(value, self.peer)
        if entries is None:
            raise self._no_list()
        models = model_infos(entries, self.clock.now())
        last = models[-1].id if models else ""
        return models, next_page(value, url, last)

    def _no_list(self) -> ProtocolError:
        return ProtocolError(
            f"{self.peer.label} answered with something that is no list of models.",
            hint="Check the base URL: most end in /v1.",
        )


def _detailed(model: ModelInfo, told: ModelInfo | None) -> ModelInfo:
    if told is None:
        return model
    mode = as_dict(told.raw.get("model_info")).get("mode")
    return replace(told, name=model.name, raw={**model.raw, "type": mode} if mode else model.raw)


def next_page(value: object, url: str, last: str = "") -> str:
    """The address of the page after this one; empty where there is none, or at another origin.

    Args:
        value: the parsed page.
        url: its address.
        last: the id of its last model, for pages that say only that there are more.
    """
    page = as_dict(value)
    for link in _links(page):
        if link:
            return _at_same_origin(link, url)
    for name, parameter in (("next_page_token", "page_token"), ("nextPageToken", "pageToken")):
        if token := as_text(page.get(name)):
            return _with_query(url, {parameter: token})
    if page.get("has_more") is True and (cursor := as_text(page.get("last_id")) or last):
        # OpenAI's spelling and Anthropic's: each leaves the other's alone.
        return _with_query(url, {"after": cursor, "after_id": cursor})
    return ""


def _links(page: dict[str, object]) -> Iterator[str]:
    for holder in (page.get("links"), page.get("_links"), page):
        link = as_dict(holder).get("next")
        yield as_text(link) or as_text(as_dict(link).get("href"))


def _with_query(url: str, more: dict[str, str]) -> str:
    return str(httpx.URL(url).copy_merge_params(more))


def _at_same_origin(link: str, url: str) -> str:
    """Where a link leads, read as it will be when it is asked for; empty for another origin."""
    here = httpx.URL(url)
    try:
        there = here.join(link)
    except (httpx.InvalidURL, ValueError):
        return ""
    same = (there.scheme, there.netloc, there.userinfo) == (here.scheme, here.netloc, here.userinfo)
    return str(there) if same else ""
