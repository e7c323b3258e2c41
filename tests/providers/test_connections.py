"""The environment's proxies and certificates, and what goes wrong below HTTP."""

import socket
import ssl

import httpx
import pytest

from chat_tui.core.errors import ChatError, ConnectError, ProtocolError, ReplyTimeoutError, TlsError
from chat_tui.providers.connections import open_http, tls_context, transport_error
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.errors import Peer
from tests.providers.helpers import connected, gather, text_of
from tests.servers import LoopbackServer, stream


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
        (caused(httpx.ConnectError("bad"), ssl.SSLError("bad")), TlsError, "secure"),
        (httpx.ConnectTimeout(""), ConnectError, "within 10 s"),
        (httpx.WriteTimeout(""), ReplyTimeoutError, "in time"),
        (httpx.ProxyError("403 Forbidden"), ConnectError, "403 Forbidden"),
        (httpx.ReadError(""), ConnectError, "ReadError"),
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


@pytest.mark.parametrize(
    ("name", "value"), [("ALL_PROXY", "nonsense://x"), ("HTTPS_PROXY", "http://[::1")]
)
def test_proxy_variables_that_cannot_be_used_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConnectError) as caught:
        open_http(parse_base_url("https://api.test/v1"))
    assert "proxy" in caught.value.message


def test_missing_certificates_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(TlsError, match="SSL_CERT_FILE"):
        tls_context()


async def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with LoopbackServer([stream("Hello")]) as server, connected(server.base_url) as client:
        assert text_of(await gather(client)) == "Hello"
