"""The environment's proxies and certificates, and what goes wrong below HTTP."""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from chat_tui.core.errors import ChatError, ConnectError, ProtocolError, ReplyTimeoutError, TlsError
from chat_tui.core.exchanges import ExchangeLog
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.connections import open_http, transport_error
from chat_tui.providers.connecting.proxies import proxy_for
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.failures.errors import Peer
from tests.providers.helpers import ImpatientClock, connected, gather, prompt, text_of
from tests.servers import CERTIFICATES, LoopbackServer, server_tls, stream

CANARY = "sk-canary-0123456789"


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "x")), ConnectError, "resolved"),
        (caused(httpx.ConnectError("x"), ConnectionRefusedError()), ConnectError, "refused"),
        (httpx.ConnectError("All connection attempts failed"), ConnectError, "refused"),
        (httpx.ConnectError("no route"), ConnectError, "no route"),
        (caused(httpx.ConnectError("bad"), ssl.SSLError("bad")), TlsError, "No secure"),
        (httpx.ConnectTimeout(""), ConnectError, "within 10 s"),
        (httpx.WriteTimeout(""), ReplyTimeoutError, "in time"),
        (httpx.ProxyError("403 Forbidden"), ConnectError, "403 Forbidden"),
        (httpx.ReadError(""), ConnectError, "the network failed"),
        (caused(httpx.ReadError(""), ConnectionResetError()), ConnectError, "it was reset"),
        (httpx.LocalProtocolError("Illegal header"), ProtocolError, "Illegal header"),
    ],
)
def test_causes_are_named_with_the_host(
    error: Exception, kind: type[ChatError], words: str
) -> None:
    found = transport_error(error, Peer("Test", "api.test"))
    assert type(found) is kind
    assert "api.test" in found.message
    assert words in found.message
    assert found.hint


API = parse_base_url("https://api.test/v1")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy variables but those of the test."""
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALL_PROXY", "nonsense://x", "nonsense:// is no kind of proxy"),
        ("HTTPS_PROXY", "http://[::1", "it is no address"),
        ("https_proxy", "http://", "it is no address"),
        ("HTTPS_PROXY", "http://host:port", "it is no address"),
        ("ALL_PROXY", "socks5://user:secret@127.0.0.1:1080", "SOCKS"),
    ],
)
def test_proxy_variables_that_cannot_be_used_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConnectError) as caught:
        open_http(API)
    assert "proxy" in caught.value.message
    assert words in caught.value.message
    assert name in caught.value.message
    assert "secret" not in f"{caught.value.info}"
    assert "[socks]" in caught.value.hint or "http://host:port" in caught.value.hint
    # They do not stand in the way to this machine.
    assert proxy_for(parse_base_url("http://localhost:8080/v1")) is None


@pytest.mark.parametrize("own", ["ftp://x", "http://user:secret@[::1", "http://a b"])
def test_a_provider_with_a_proxy_that_cannot_be_used_is_one_sentence(own: str) -> None:
    with pytest.raises(ConnectError, match="The provider names a proxy") as caught:
        open_http(API, proxy=own)
    assert "secret" not in f"{caught.value.info}"


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("exceptions", "host", "used"),
    [
        ("[::1]", "api.test", True),
        ("[fd00::1]", "[fd00::1]", False),
        ("fd00::/8", "[fd00::1]", False),
        ("10.0.0.0/8, other.test", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        (".test", "api.test", False),
        ("api.test", "api.test", False),
        ("api.test:8443", "api.test:8443", False),
        ("api.test:8443", "api.test", True),
        ("*", "api.test", False),
        ("", "api.test", True),
        ("not an / address,[", "10.1.2.3", True),
    ],
)
async def test_exceptions_from_the_proxy_are_kept_however_they_are_written(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, host: str, used: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)
    endpoint = parse_base_url(f"https://{host}/v1")
    found = proxy_for(endpoint)
    assert (found is not None) is used
    # What httpx alone makes of `NO_PROXY=[::1]` is an exception.
    await open_http(endpoint, ssl.create_default_context()).aclose()


@pytest.mark.usefixtures("no_proxies")
def test_the_proxy_of_a_provider_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "other.test")
    assert proxy_for(API) == ("http://other.test", "other.test", 80, "ALL_PROXY")
    own = proxy_for(API, "http://user:secret@proxy.test:3128")
    assert own is not None
    assert (own.host, own.port) == ("proxy.test", 3128)
    assert "secret" not in repr(own)


def test_missing_certificates_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(TlsError, match="SSL_CERT_FILE"):
        open_http(API)


@asynccontextmanager
async def tunnel(to: int, head: bytes = b"HTTP/1.1 200 OK") -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy that connects everybody to one port of this machine; gives its port and requests."""
    heads: list[str] = []
    tasks: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(head + b"\r\n\r\n")
        if b" 200 " not in head:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", to)
        tasks.add(asyncio.create_task(pipe(reader, back)))
        tasks.add(asyncio.create_task(pipe(there, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heads
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def behind(proxy_port: int, base_url: str = "https://elsewhere.test/v1") -> ProviderProfile:
    return ProviderProfile(
        "mine",
        base_url,
        "K",
        label="Mine",
        proxy=f"http://user:secret@127.0.0.1:{proxy_port}",
        ca_file=str(CERTIFICATES / "ca.pem"),
        allow_http=True,
    )


async def ask(profile: ProviderProfile, log: ExchangeLog | None = None) -> str:
    clients = Clients({"mine": profile}, {"K": CANARY}, ImpatientClock(), log=log)
    try:
        request = replace(prompt(), reply="r1")
        return text_of(await gather(clients.client_for(Target("mine", "m")), request))
    finally:
        await clients.aclose()


async def test_a_proxy_carries_what_it_cannot_read() -> None:
    log = ExchangeLog()
    async with (
        LoopbackServer([stream("Hello")], tls=server_tls("elsewhere")) as server,
        tunnel(server.port) as (port, heads),
    ):
        assert await ask(behind(port), log) == "Hello"
        assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert heads[0].startswith("CONNECT elsewhere.test:443 ")
    assert "Proxy-Authorization: Basic" in heads[0]
    assert CANARY not in heads[0]
    (record,) = log.of("r1")
    assert list(record.phases.values()) == sorted(record.phases.values())
    assert set(record.phases) == {
        "connected", "secured", "sent", "answered", "first_byte", "ended"
    }  # fmt: skip
    assert "secret" not in f"{record}"


async def test_a_plain_request_goes_through_the_proxy_with_its_whole_address() -> None:
    async with LoopbackServer([stream("Hello")]) as proxy:
        assert await ask(behind(proxy.port, "http://api.test/v1")) == "Hello"
        assert proxy.requests[0].path == "http://api.test/v1/chat/completions"


async def test_a_proxy_that_refuses_is_named_without_its_password() -> None:
    async with tunnel(0, b"HTTP/1.1 407 Proxy Authentication Required") as (port, heads):
        with pytest.raises(ConnectError, match="407 Proxy Authentication Required") as caught:
            await ask(behind(port))
    assert "secret" not in f"{caught.value.info}"
    assert heads
    with pytest.raises(ConnectError, match=f"The proxy 127.0.0.1:{port} refused") as caught:
        await ask(behind(port))
    assert "secret" not in f"{caught.value.info}"


async def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with LoopbackServer([stream("Hello")]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"
