"""Opening HTTP clients, and what goes wrong below HTTP, in words."""

import socket
import ssl
import zlib
from collections.abc import AsyncIterator

import httpx

from chat_tui import __version__
from chat_tui.core.errors import ChatError, ConnectError, ProtocolError, ReplyTimeoutError, TlsError
from chat_tui.providers.endpoints import Endpoint
from chat_tui.providers.errors import Peer

MAX_INFLATED = 32 * 1024 * 1024
"""Bytes that a compressed reply may become."""

_CONNECT_TIMEOUT = 10.0
_WRITE_TIMEOUT = 60.0
_INFLATED_STEP = 1024 * 1024


def tls_context() -> ssl.SSLContext:
    """The context that all connections share: making one costs 40 to 50 ms.

    Raises:
        TlsError: the certificates of the environment cannot be read.
    """
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise TlsError(
            f"The certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {error}.",
            hint="Correct the variable, or unset it.",
        ) from error


def open_http(endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """An HTTP client for one endpoint: no redirects, and no proxy on the way to this machine.

    Raises:
        ConnectError: the proxy variables of the environment cannot be used.
        TlsError: the certificates cannot be read.
    """
    if endpoint.scheme == "http":
        # Never used for a handshake; an empty context saves the reading of certificates.
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        verify = tls or tls_context()
    try:
        return httpx.AsyncClient(
            verify=verify,
            trust_env=not endpoint.is_loopback,
            follow_redirects=False,
            timeout=httpx.Timeout(_WRITE_TIMEOUT, connect=_CONNECT_TIMEOUT, read=None),
            limits=httpx.Limits(keepalive_expiry=30.0),
            headers={"User-Agent": f"chat-tui/{__version__}", "Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise ConnectError(
            f"The proxy variables of the environment cannot be used: {error}.",
            hint="Correct or unset HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY;"
            " for SOCKS install chat-tui[socks].",
        ) from error


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


def transport_error(error: Exception, peer: Peer) -> ChatError:
    """The core's error for one of the HTTP library, with the cause named."""
    causes = list(_causes(error))
    words = peer.words(str(error)).rstrip(".") or type(error).__name__
    host = peer.host
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return TlsError(
            f"No secure connection to {host}: {words}.",
            hint="Check the base URL, the clock, and the certificates of a company proxy"
            " (SSL_CERT_FILE).",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return ConnectError(
            f"The name {host} cannot be resolved.",
            hint="Check the base URL and the network connection.",
        )
    match error:
        case httpx.ConnectTimeout():
            return ConnectError(
                f"{host} did not accept a connection within {_CONNECT_TIMEOUT:g} s.",
                hint="Check the network connection, a firewall, or a proxy.",
            )
        case httpx.ProxyError():
            return ConnectError(
                f"The proxy on the way to {host} refused: {words}.",
                hint="Check HTTPS_PROXY and ALL_PROXY.",
            )
        case httpx.TimeoutException():
            return ReplyTimeoutError(
                f"{host} did not take the request in time.", hint="Send it again."
            )
        case httpx.ConnectError():
            refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
            return ConnectError(
                f"{host} refused the connection."
                if refused or "attempts failed" in words
                else f"No connection to {host}: {words}.",
                hint="Check that the server runs and that the port in the base URL is right.",
            )
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return ConnectError(
                f"{host} broke the connection: {words}.", hint="Send it again in a moment."
            )
        case _:
            return ProtocolError(
                f"The request to {host} cannot be sent: {words}.", hint="Check the base URL."
            )


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
