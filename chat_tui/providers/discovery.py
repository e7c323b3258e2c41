"""Finds servers on this machine, and reads lists of models."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

import httpx

from chat_tui.core.errors import ChatError, ProtocolError, ReplyTimeoutError, StatusError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.client import request_headers, safe_endpoint
from chat_tui.providers.connections import open_http, raw_chunks, transport_error
from chat_tui.providers.errors import Peer, page_error, status_error
from chat_tui.providers.fields import as_dict, as_text, parse_json
from chat_tui.providers.keys import Key
from chat_tui.providers.profiles import LOCAL

PROBE_SECONDS = 0.3
"""How long a local server may take to answer."""

_LIST_SECONDS = 30.0
_MAX_LIST_BYTES = 32 * 1024 * 1024


async def discover(
    environ: Mapping[str, str], profiles: Iterable[ProviderProfile] = LOCAL
) -> list[ProviderProfile]:
    """Ask each local server, all at once and without a key, for its models.

    Gives the profiles of those that answered in time, each with its first model, in the order of
    `profiles`. `CHAT_TUI_DISCOVERY=0` switches it off.
    """
    if environ.get("CHAT_TUI_DISCOVERY", "").strip() == "0":
        return []
    found = await asyncio.gather(*(_probe(profile) for profile in profiles))
    return [profile for profile in found if profile is not None]


async def _probe(profile: ProviderProfile) -> ProviderProfile | None:
    try:
        async with open_http(safe_endpoint(profile, None)) as http:
            async with asyncio.timeout(PROBE_SECONDS):
                models = await list_models(http, profile, None)
    except (ChatError, TimeoutError):
        return None
    return replace(profile, default_model=profile.default_model or models[0]) if models else None


async def list_models(
    http: httpx.AsyncClient, profile: ProviderProfile, key: Key | None
) -> list[str]:
    """The ids of a provider's models, in its order, each once.

    Raises:
        ChatError: the server cannot be reached, refuses, or has no such list.
    """
    endpoint = safe_endpoint(profile, key)
    peer = Peer(profile.label or profile.name, endpoint.host, "", key)
    failure: ChatError | None = None
    for root in endpoint.roots:
        try:
            return model_ids(await _get(http, endpoint.url(root, "/models"), profile, key, peer))
        except ChatError as error:
            failure = failure or error
            missing = isinstance(error, ProtocolError) or (
                isinstance(error, StatusError) and error.status == 404
            )
            if not missing:
                raise
    raise failure or ProtocolError(f"{peer.label} has no list of models.")


async def _get(
    http: httpx.AsyncClient, url: str, profile: ProviderProfile, key: Key | None, peer: Peer
) -> object:
    headers = request_headers(profile, key)
    content = bytearray()
    try:
        async with (
            asyncio.timeout(_LIST_SECONDS),
            http.stream("GET", url, headers=headers) as response,
        ):
            async for data in raw_chunks(response, peer):
                content += data
                if len(content) > _MAX_LIST_BYTES:
                    break
    except TimeoutError as error:
        raise ReplyTimeoutError(
            f"{peer.label} sent no list of models within {_LIST_SECONDS:g} s.",
            hint="Try again, or type the model's name.",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise transport_error(error, peer) from error
    if response.status_code >= 300:
        raise status_error(response.status_code, response.headers, bytes(content), peer)
    text = content.decode(errors="replace")
    if text.lstrip().startswith("<"):
        raise page_error(text, peer)
    try:
        return parse_json(text)
    except ValueError as error:
        raise ProtocolError(
            f"{peer.label} answered with something that is no list of models.",
            hint="Check the base URL: most end in /v1.",
        ) from error


def model_ids(value: object) -> list[str]:
    """The ids of a parsed list: `{data: […]}`, `{models: […]}`, or a bare list."""
    entries: object = value
    if isinstance(value, dict):
        entries = value.get("data") or value.get("models")
    ids: dict[str, None] = {}
    for entry in entries if isinstance(entries, list) else ():
        data = as_dict(entry)
        names = (as_text(data.get(name)) for name in ("id", "model", "name", "key"))
        if name := as_text(entry) or next(filter(None, names), ""):
            ids[name] = None
    return list(ids)
