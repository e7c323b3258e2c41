"""The way to a server below HTTP, step by step: its name, its port, its certificate."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore
import httpx

from chat_tui.core.errors import ChatError, ConnectError, TlsError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.connecting.connections import transport_error
from chat_tui.providers.connecting.proxies import proxy_for
from chat_tui.providers.endpoints import Endpoint
from chat_tui.providers.failures.errors import Peer

DNS_SECONDS = 5.0
"""How long the resolution of a name may take."""

_PORTS = {"http": 80, "https": 443}


class Hop(NamedTuple):
    """Where a connection goes first."""

    host: str
    port: int
    is_proxy: bool = False


def first_hop(profile: ProviderProfile, endpoint: Endpoint) -> Hop:
    """The proxy on the way to a provider, or the provider itself.

    Raises:
        ConnectError: a proxy is named that cannot be used.
    """
    if (proxy := proxy_for(endpoint, profile.proxy)) is not None:
        return Hop(proxy.host, proxy.port, is_proxy=True)
    port = urlsplit(endpoint.origin).port or _PORTS[endpoint.scheme]
    return Hop(endpoint.host, port)


def is_address(host: str) -> bool:
    """Whether a host is an address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def resolve(host: str, peer: Peer) -> list[str]:
    """The addresses of a name, each once.

    Raises:
        ConnectError: there are none, or nobody says within `DNS_SECONDS`.
    """
    try:
        async with asyncio.timeout(DNS_SECONDS):
            return await _look_up(host)
    except TimeoutError as error:
        # Before OSError, which it is one of.
        raise ConnectError(
            f"The name {host} was not resolved within {DNS_SECONDS:g} s.",
            hint="Check the network connection and its name server.",
        ) from error
    except OSError as error:
        raise transport_error(error, peer) from error


async def _look_up(host: str) -> list[str]:
    try:
        # The commands run on a loop that does not wait for this at its end: `cli.loop`.
        infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from error
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


async def connect(hop: Hop, seconds: float, peer: Peer) -> httpcore.AsyncNetworkStream:
    """Open a connection, as httpx itself does.

    Raises:
        ConnectError: nobody accepts it within so many seconds.
    """
    try:
        return await httpcore.AnyIOBackend().connect_tcp(hop.host, hop.port, timeout=seconds)
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        raise _same_words(error, peer) from error


async def secure(
    stream: httpcore.AsyncNetworkStream,
    host: str,
    context: ssl.SSLContext,
    seconds: float,
    peer: Peer,
) -> str:
    """Make the handshake and close the connection; gives what the certificate says, in words.

    Raises:
        TlsError: it fails, or takes longer.
    """
    try:
        secured = await stream.start_tls(context, host, timeout=seconds)
    except httpcore.TimeoutException as error:
        raise TlsError(
            f"No secure connection to {host}: it exchanged no keys within {seconds:g} s.",
            hint="Check the port in the base URL: it may not speak TLS.",
        ) from error
    except httpcore.NetworkError as error:
        raise _same_words(error, peer) from error
    finally:
        # The TLS layer above it is closed with it.
        await stream.aclose()
    return certificate_words(secured.get_extra_info("ssl_object"))


def _same_words(error: Exception, peer: Peer) -> ChatError:
    """The words that a prompt would get."""
    kind = (
        httpx.ConnectTimeout if isinstance(error, httpcore.TimeoutException) else httpx.ConnectError
    )
    same = kind(str(error))
    same.__cause__ = error
    return transport_error(same, peer)


def certificate_words(connection: ssl.SSLObject | None) -> str:
    """Version, issuer and end of validity, in a sentence."""
    if connection is None:
        return "The connection is encrypted."
    certificate: dict[str, Any] = dict(connection.getpeercert() or {})
    version = connection.version() or "TLS"
    names = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    issuer = names.get("organizationName") or names.get("commonName") or "an unnamed authority"
    end = certificate.get("notAfter")
    if not isinstance(end, str):
        return f"{version}, certificate by {issuer}."
    date = datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
    return f"{version}, certificate by {issuer}, valid until {date:%Y-%m-%d}."
