"""Finds servers on this machine."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import ChatError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.connecting.connections import open_http
from chat_tui.providers.endpoints import endpoint_of
from chat_tui.providers.listing.chat_models import first_chat_model
from chat_tui.providers.listing.model_lists import read_models
from chat_tui.providers.profiles import LOCAL
from chat_tui.providers.retry import RetryPolicy

PROBE_SECONDS = 0.3
"""How long a local server may take to answer."""

_ONCE = RetryPolicy(attempts=1)


async def discover(
    environ: Mapping[str, str],
    profiles: Iterable[ProviderProfile] = LOCAL,
    *,
    seconds: float = PROBE_SECONDS,
) -> list[ProviderProfile]:
    """Ask each local server once, all at the same time and without a key, for its models.

    Gives the profiles of those that answered in time, each with its first model to talk to, in
    the order of `profiles`. `CHAT_TUI_DISCOVERY=0` switches it off.
    """
    if environ.get("CHAT_TUI_DISCOVERY", "").strip() == "0":
        return []
    found = await asyncio.gather(*(_probe(profile, seconds) for profile in profiles))
    return [profile for profile in found if profile is not None]


async def _probe(profile: ProviderProfile, seconds: float) -> ProviderProfile | None:
    try:
        async with open_http(endpoint_of(profile)) as http:
            async with asyncio.timeout(seconds):
                models = await read_models(
                    http, profile, None, SystemClock(), retry=_ONCE, here_only=True
                )
    except (ChatError, TimeoutError):
        return None
    first = profile.default_model or first_chat_model(models)
    return replace(profile, default_model=first) if models else None
