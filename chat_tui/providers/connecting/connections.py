"""Opening HTTP clients, and what goes wrong below HTTP, in words."""

import logging
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import anyio
import httpx

from chat_tui import __version__
from chat_tui.core.errors import ChatError, ConnectError, ProtocolError, ReplyTimeoutError
from chat_tui.core.targets import TimeLimits
from chat_tui.providers.connecting.proxies import Proxy, proxy_for
from chat_tui.providers.connecting.tls import tls_context, tls_error
from chat_tui.providers.endpoints import Endpoint
from chat_tui.providers.failures.errors import Peer

MAX_INFLATED = 32 * 1024 * 1024
"""Bytes that a compressed reply may become."""

_WRITE_TIMEOUT = 60.0
_INFLATED_STEP = 1024 * 1024
_NOT_HTTP = re.compile(r"illegal (status|request) line")
"""What h11 says of a first line that is none (`request` where it begins with a control)."""

# At DEBUG they write the headers of every response, which may echo a key, and the passwords of
# SOCKS proxies.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def open_http(
    endpoint: Endpoint,
    tls: ssl.SSLContext | None = None,
    *,
    proxy: str = "",
    connect: float = TimeLimits().connect,
) -> httpx.AsyncClient:
    """An HTTP client for one endpoint: no redirects, and no proxy on the way to this machine.

    Args:
        endpoint: where it goes.
        tls: whom to trust; see `tls.tls_context`.
        proxy: the provider's own proxy, before the environment's.
        connect: seconds that a connection may take.

    Raises:
        ConnectError: the proxy, or the proxy variables of the environment, cannot be used.
        TlsError: the certificates cannot be read.
    """
    found = proxy_for(endpoint, proxy)
    if endpoint.scheme == "http" and (found is None or not found.url.startswith("https:")):
        # Never used for a handshake; an empty context saves the reading of certificates.
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        verify = tls or tls_context()
    try:
        return httpx.AsyncClient(
            verify=verify,
            # The environment's proxies are found above, and .netrc must not add passwords.
            trust_env=False,
            proxy=_httpx_proxy(found, verify),
            follow_redirects=False,
            timeout=httpx.Timeout(_WRITE_TIMEOUT, connect=connect, read=None),
            limits=httpx.Limits(keepalive_expiry=30.0),
            headers={"User-Agent": f"chat-tui/{__version__}", "Accept-Encoding": "identity"},
            # What a server sets is not sent back: nobody asked for being recognised.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        source = found.source if found else "the environment"
        raise ConnectError(
            f"The proxy that {source} names cannot be used.",
            hint="Write it as http://host:port or socks5://host:port, or take it out.",
        ) from None


def _httpx_proxy(proxy: Proxy | None, tls: ssl.SSLContext) -> httpx.Proxy | None:
    if proxy is None:
        return None
    secure = proxy.url.startswith("https:")
    return httpx.Proxy(proxy.url, ssl_context=tls if secure else None)


def open_with(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """An HTTP client over something that stands in for the network."""
    forever = httpx.Timeout(None)
    return httpx.AsyncClient(transport=transport, follow_redirects=False, timeout=forever)


def raw_chunks(response: httpx.Response, peer: Peer) -> AsyncIterator[bytes]:
    """The bytes of a body as they come, unpacked where they are compressed, within a bound.

    Raises:
        ProtocolError: the encoding is none that can be unpacked, or the body becomes too large.
    """
    if response.is_stream_consumed:
        # Transports that make responses in memory (MockTransport) have read them already.
        return _one(response.content)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        return _inflated(response, Inflater(encoding, peer))
    if isinstance(response.stream, httpx.AsyncByteStream):
        # One generator less for each chunk than aiter_raw(), which adds nothing that is needed.
        return aiter(response.stream)
    return response.aiter_raw()


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _inflated(response: httpx.Response, inflate: "Inflater") -> AsyncIterator[bytes]:
    async for data in response.aiter_raw():
        for piece in inflate(data):
            yield piece


def transport_error(error: Exception, peer: Peer, via: str = "") -> ChatError:
    """The core's error for one of the HTTP library, with the cause named.

    Args:
        error: what the library raised.
        peer: whom the request was for.
        via: host and port of the proxy, where the connection was to one.
    """
    causes = list(_causes(error))
    words = peer.words(str(error)).rstrip(".")
    host = f"the proxy {via}" if via else peer.host
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return tls_error(cause, peer.host)
        if isinstance(cause, socket.gaierror):
            return _unresolved(host, via)
    match error:
        case httpx.ConnectTimeout():
            return ConnectError(
                f"{_first_up(host)} did not accept a connection"
                f" within {_connect_seconds(error):g} s.",
                hint="Check the network connection, a firewall, or a proxy.",
            )
        case httpx.ProxyError():
            return ConnectError(
                f"The proxy on the way to {peer.host} refused: {words or 'without a reason'}.",
                hint="Check HTTPS_PROXY and ALL_PROXY, or the proxy of the provider.",
            )
        case httpx.TimeoutException():
            return ReplyTimeoutError(
                f"{peer.host} did not take the request in time.", hint="Send it again."
            )
        case httpx.ConnectError():
            return _unconnected(causes, words, host, peer.host)
        case httpx.RemoteProtocolError() if _NOT_HTTP.search(words):
            return ProtocolError(
                f"{peer.host} is not an API: it does not answer in HTTP.",
                hint="Check the host and the port in the base URL; if the server speaks https,"
                " begin it with https://.",
            )
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return _broken(error, causes, words, peer.host)
        case _:
            return ProtocolError(
                f"The request to {peer.host} cannot be sent: {words or type(error).__name__}.",
                hint="Check the base URL.",
            )


def _unresolved(host: str, via: str) -> ConnectError:
    return ConnectError(
        f"The name {host} cannot be resolved.",
        hint="Check HTTPS_PROXY, ALL_PROXY and the proxy of the provider."
        if via
        else "Check the base URL and the network connection.",
    )


def _unconnected(
    causes: Sequence[BaseException], words: str, host: str, peer_host: str
) -> ChatError:
    """No connection: refused, no route, or ended while keys were exchanged."""
    # Only the handshake reads while a connection is made.
    if any(isinstance(cause, anyio.EndOfStream | anyio.BrokenResourceError) for cause in causes):
        return tls_error(ssl.SSLEOFError(), peer_host)
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
    return ConnectError(
        f"{_first_up(host)} refused the connection."
        if refused or "attempts failed" in words
        else f"No connection to {host}: {words or 'the network failed'}.",
        hint="Check that the server runs and that the port in the base URL is right.",
    )


def _broken(
    error: httpx.TransportError, causes: Sequence[BaseException], words: str, host: str
) -> ChatError:
    """A connection that was there and ended too early."""
    hint = "Send it again in a moment."
    request = _request_of(error)
    silent = words.startswith("Server disconnected without sending")
    reset = any(isinstance(cause, ConnectionResetError) for cause in causes)
    if (silent or reset) and request is not None and request.url.scheme == "http":
        # What servers of https do when they are spoken to in plain text.
        hint = "Send it again; if the server speaks https, begin the base URL with https://."
    if silent:
        words = "it was closed without an answer"
    elif reset:
        words = "it was reset"
    elif words.startswith("peer closed connection without"):
        words = "it was closed in the middle of the reply"
    return ConnectError(f"{host} broke the connection: {words or 'the network failed'}.", hint=hint)


def _connect_seconds(error: httpx.ConnectTimeout) -> float:
    request = _request_of(error)
    limits = request.extensions.get("timeout", {}) if request is not None else {}
    seconds = limits.get("connect")
    return seconds if isinstance(seconds, int | float) else TimeLimits().connect


def _request_of(error: httpx.TransportError) -> httpx.Request | None:
    try:
        return error.request
    except RuntimeError:  # it was made without one
        return None


def _first_up(text: str) -> str:
    return text[0].upper() + text[1:] if text.startswith("the ") else text


def _causes(error: BaseException | None) -> list[BaseException]:
    """An exception and those behind it, those of groups included."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting and len(found) < 50:
        current = waiting.pop()
        if current is None or current in found:
            continue
        found.append(current)
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [current.__cause__, current.__context__]
    return found


class Inflater:
    """Unpacks a body that was compressed although that was not asked for, within a bound.

    Args:
        encoding: the response's `Content-Encoding`.
        peer: for the words of errors.

    Raises:
        ProtocolError: the encoding is none that can be unpacked.
    """

    def __init__(self, encoding: str, peer: Peer) -> None:
        if encoding not in {"gzip", "x-gzip", "deflate"}:
            raise ProtocolError(
                f"{peer.label} answered in the encoding {peer.words(encoding)}, which it was"
                " not asked for.",
                hint="Check the base URL, or a proxy on the way.",
            )
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._peer = peer
        self._size = 0

    def __call__(self, data: bytes) -> list[bytes]:
        """Unpack some more, in pieces.

        Raises:
            ProtocolError: it is damaged, or becomes too large.
        """
        pieces: list[bytes] = []
        try:
            while data and not self._inflate.eof:
                piece = self._inflate.decompress(data, _INFLATED_STEP)
                data = self._inflate.unconsumed_tail
                self._size += len(piece)
                if self._size > MAX_INFLATED:
                    raise ProtocolError(f"{self._peer.label} sent a reply of more than 32 MB.")
                pieces.append(piece)
        except zlib.error as error:
            raise ProtocolError(
                f"{self._peer.label} sent a damaged reply: {error}.", hint="Send it again."
            ) from error
        return pieces
