"""Which proxy is on the way to a server: the provider's, or the environment's; never to here."""

import importlib.util
import os
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from chat_tui.core.errors import ConnectError
from chat_tui.core.safety import clean_line
from chat_tui.providers.endpoints import Endpoint

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_OWN = "the provider's proxy"


class Proxy(NamedTuple):
    """A proxy that can be used."""

    url: str
    """With user and password, where it has them: not to be shown."""
    host: str
    port: int
    source: str
    """The variable or setting that names it."""

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port} from {self.source})"


def proxy_for(endpoint: Endpoint, own: str = "") -> Proxy | None:
    """The proxy on the way to a server; None where there is none, as there is to this machine.

    The environment's variables are read as urllib does, and `NO_PROXY` may name networks
    (`10.0.0.0/8`) and addresses in brackets too.

    Args:
        endpoint: where the way leads.
        own: the provider's own proxy, before the environment's.

    Raises:
        ConnectError: what is named cannot be used; its user and password are not shown.
    """
    if endpoint.is_loopback:
        return None
    if own:
        return _checked(own, _OWN)
    proxies = getproxies()
    for scheme in (endpoint.scheme, "all"):
        if proxies.get(scheme):
            if _bypassed(endpoint, proxies.get("no", "")):
                return None
            return _checked(proxies[scheme], _variable(scheme))
    return None


def _bypassed(endpoint: Endpoint, exceptions: str) -> bool:
    if proxy_bypass(endpoint.origin.split("://")[1]) or proxy_bypass(endpoint.host):
        return True
    try:
        address = ip_address(endpoint.host)
    except ValueError:
        return False
    return any(_covers(entry.strip().strip("[]"), str(address)) for entry in exceptions.split(","))


def _covers(network: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


def _variable(scheme: str) -> str:
    """How the variable is spelt in the environment; the setting of the system where it is none."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), "the system's proxy")


def _checked(url: str, source: str) -> Proxy:
    whole = url.strip() if "://" in url else f"http://{url.strip()}"
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme and parts.scheme not in _PORTS:
        kind = clean_line(parts.scheme)
        raise _unusable(source, f"{kind}:// is no kind of proxy that can be used")
    if not host or not whole.isprintable() or " " in whole:
        raise _unusable(source, "it is no address")
    if parts.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        raise ConnectError(
            f"The proxy variables or settings name a SOCKS proxy ({source}), and what it takes is"
            " not installed.",
            hint="Install chat-tui[socks], or take the proxy out.",
        )
    return Proxy(whole, host, port or _PORTS[parts.scheme], source)


def _unusable(source: str, why: str) -> ConnectError:
    what = f"{source} names a proxy" if source != _OWN else "The provider names a proxy"
    return ConnectError(
        f"{what} that cannot be used: {why}.",
        hint="Write it as http://host:port or socks5://host:port, or take it out.",
    )
