"""Tells servers of one's own from those of others."""

from functools import lru_cache
from ipaddress import ip_address

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.catalogue import GATEWAYS
from chat_tui.providers.endpoints import parse_base_url

_NEAR = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""How names end that no other network knows."""


def is_near(profile: ProviderProfile) -> bool:
    """Whether a provider is a server of one's own: on this machine, or in its network."""
    return profile.name not in GATEWAYS and _is_near(profile.base_url)


@lru_cache(maxsize=64)
def _is_near(base_url: str) -> bool:
    host = host_of(base_url)
    if ("." not in host and ":" not in host) or host.endswith(_NEAR):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


@lru_cache(maxsize=64)
def host_of(base_url: str) -> str:
    """The host of an address; empty where it is none, which whoever uses it will tell."""
    try:
        return parse_base_url(base_url).host
    except UsageError:
        return ""
