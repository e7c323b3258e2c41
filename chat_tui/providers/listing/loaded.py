"""How much servers of one's own have loaded models with: what they do not say in their lists.

A list says what a model was made for; what counts is the room that the server gave it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from chat_tui.core.errors import ChatError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.client import request_headers
from chat_tui.providers.connecting.connections import raw_chunks
from chat_tui.providers.endpoints import Endpoint, endpoint_of
from chat_tui.providers.failures.errors import Peer
from chat_tui.providers.fields import as_count, as_dict, as_list, as_text, parse_json
from chat_tui.providers.keys import Key

PROBE_SECONDS = 1.0
"""How long a server may take; it is on this machine, or near."""

MAX_BYTES = 1024 * 1024

Windows = Mapping[str, int]
"""Model → tokens; the name "" is for whatever model is asked for."""

_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Probe:
    """Where a kind of server tells it."""

    server: str
    """As the built-in provider is called."""
    path: str
    """Below the address without `/v1`."""
    owner: str
    """What its list of models has as `owned_by`."""
    read: Callable[[Mapping[str, Any]], Windows | None]
    """Reads the answer; None where it is none of this server's."""


def probes_for(server: str, owner: str, *, near: bool) -> Sequence[Probe]:
    """Whom to ask, the likely ones alone where the server is known.

    Args:
        server: the provider's name.
        owner: `owned_by` of the model in its list, where there is one.
        near: whether it is on this machine or in its network; others are asked only where their
            list shows what they are.
    """
    listed = [probe for probe in PROBES if owner and probe.owner == owner]
    if listed or not near:
        return listed
    named = [probe for probe in PROBES if probe.server == server]
    return named or PROBES


async def ask(
    probe: Probe,
    http: httpx.AsyncClient,
    profile: ProviderProfile,
    key_of: Callable[[], Awaitable[Key | None]],
) -> Windows | None:
    """Ask a server what it has loaded; None where it does not say.

    Args:
        probe: what to ask for.
        http: the provider's connections.
        profile: the provider.
        key_of: gives its key, which is sent only where nothing is told without.
    """
    try:
        asking = _Asking(probe, http, profile)
        async with asyncio.timeout(PROBE_SECONDS):
            status, content = await asking.get(None)
            if status in _REFUSED and profile.wants_key:
                status, content = await asking.get(await key_of())
        if status != 200:
            return None
        value = parse_json(content.decode(errors="replace"))
        return probe.read(value) if isinstance(value, dict) else None
    except (ChatError, TimeoutError, ValueError, httpx.HTTPError, httpx.InvalidURL, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Asking:
    probe: Probe
    http: httpx.AsyncClient
    profile: ProviderProfile

    async def get(self, key: Key | None) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises:
            UsageError: the key may not be sent there.
            ProtocolError: the body cannot be unpacked.
            httpx.HTTPError: there is none.
            ValueError: it is too long.
        """
        endpoint = endpoint_of(self.profile, f"from {key.source}" if key else "")
        url = endpoint.url(_root(endpoint), self.probe.path)
        peer = Peer(self.profile.label or self.profile.name, endpoint.host, "", key)
        content = bytearray()
        headers = request_headers(self.profile, key)
        async with self.http.stream("GET", url, headers=headers) as response:
            async for data in raw_chunks(response, peer):
                content += data
                if len(content) > MAX_BYTES:
                    raise ValueError("too long for what was asked for")
        return response.status_code, bytes(content)


def _root(endpoint: Endpoint) -> str:
    """The address without `/v1`."""
    return min(endpoint.roots, key=len)


def window_of(windows: Windows, model: str) -> int | None:
    """The window of a model; of `name` also where it is loaded as `name:latest`."""
    for name in (model, f"{model}:latest", model.removesuffix(":latest"), ""):
        if name in windows:
            return windows[name]
    return None


def _llamacpp(value: Mapping[str, Any]) -> Windows | None:
    if "default_generation_settings" not in value:
        return None
    count = as_count(as_dict(value["default_generation_settings"]).get("n_ctx"))
    return {"": count} if count else {}


def _ollama(value: Mapping[str, Any]) -> Windows | None:
    if not isinstance(value.get("models"), list):
        return None
    found: dict[str, int] = {}
    for each in map(as_dict, value["models"]):
        if count := as_count(each.get("context_length")):
            for name in (as_text(each.get("name")), as_text(each.get("model"))):
                if name:
                    found[name] = count
    return found


def _lmstudio(value: Mapping[str, Any]) -> Windows | None:
    entries = [as_dict(each) for each in as_list(value.get("models"))]
    if not any("loaded_instances" in each for each in entries):
        return None
    found: dict[str, int] = {}
    for each in entries:
        key = as_text(each.get("key"))
        for instance in map(as_dict, as_list(each.get("loaded_instances"))):
            count = as_count(as_dict(instance.get("config")).get("context_length"))
            if not count:
                continue
            found[as_text(instance.get("id")) or key] = count
            # Whichever of several answers under the model's own name: it has at least so much.
            found[key] = min(count, found.get(key, count))
    return found


def _older_lmstudio(value: Mapping[str, Any]) -> Windows | None:
    entries = [as_dict(each) for each in as_list(value.get("data"))]
    if not any("max_context_length" in each for each in entries):
        return None
    counts = {as_text(each.get("id")): each.get("loaded_context_length") for each in entries}
    return {name: count for name, value in counts.items() if (count := as_count(value)) and name}


PROBES = (
    Probe("llamacpp", "/props", "llamacpp", _llamacpp),
    Probe("ollama", "/api/ps", "library", _ollama),
    Probe("lmstudio", "/api/v1/models", "organization_owner", _lmstudio),
    Probe("lmstudio", "/api/v0/models", "organization_owner", _older_lmstudio),
)
"""In the order in which they are asked."""
