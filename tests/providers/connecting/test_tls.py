"""Secure connections: real handshakes over loopback, with certificates of the tests' own."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.errors import ChatError, ConnectError, ProtocolError, TlsError
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.tls import tls_context, tls_error, trust_some
from tests.providers.helpers import ImpatientClock, gather, text_of
from tests.servers import CERTIFICATES, LoopbackServer, server_tls, stream

CA = str(CERTIFICATES / "ca.pem")
PLAIN_WORDS = ("SSL", "_", "certificate verify", "0x", "ssl.c")
"""What OpenSSL writes, and nobody understands."""


async def ask(profile: ProviderProfile, clock: ImpatientClock | None = None) -> str:
    """The text of a reply from a provider."""
    clients = Clients(
        {profile.name: profile}, {"K": "sk-canary-0123456789"}, clock or ImpatientClock()
    )
    try:
        return text_of(await gather(clients.client_for(Target(profile.name, "m"))))
    finally:
        await clients.aclose()


def profile_of(base_url: str, ca_file: str = CA) -> ProviderProfile:
    return ProviderProfile("mine", base_url, "K", label="Mine", ca_file=ca_file)


async def test_a_server_is_trusted_by_the_certificates_of_its_profile() -> None:
    async with LoopbackServer([stream("Hello")], tls=server_tls()) as server:
        assert await ask(profile_of(server.base_url)) == "Hello"
        assert server.requests[0].headers["authorization"] == "Bearer sk-canary-0123456789"


async def test_a_server_is_trusted_by_ssl_cert_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", CA)
    async with LoopbackServer([stream("Hello")], tls=server_tls()) as server:
        assert await ask(profile_of(server.base_url, ca_file="")) == "Hello"


@pytest.mark.parametrize(
    ("certificate", "host", "ca_file", "words", "hint"),
    [
        ("localhost", "127.0.0.1", "", "an authority that is not trusted", "ca_file"),
        ("expired", "127.0.0.1", CA, "its certificate has expired", "clock"),
        ("early", "127.0.0.1", CA, "its certificate is not valid yet", "clock"),
        ("elsewhere", "127.0.0.1", CA, "its certificate is not for 127.0.0.1", "base URL"),
        ("elsewhere", "localhost", CA, "its certificate is not for localhost", "base URL"),
    ],
)
async def test_a_certificate_that_is_not_right_is_named_and_nothing_is_sent(
    certificate: str, host: str, ca_file: str, words: str, hint: str
) -> None:
    clock = ImpatientClock()
    async with LoopbackServer([stream("Hello")], tls=server_tls(certificate)) as server:
        base_url = server.base_url.replace("127.0.0.1", host)
        with pytest.raises(TlsError) as caught:
            await ask(profile_of(base_url, ca_file), clock)
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert not any(jargon in caught.value.message for jargon in PLAIN_WORDS)
    assert server.requests == []
    assert clock.slept == []


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says the same to everybody and hangs up; gives its port and what it got."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read(65_536))
        with contextlib.suppress(ConnectionError):
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], got


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", b""])
async def test_tls_to_a_plain_port_names_the_port_and_is_not_repeated(answer: bytes) -> None:
    clock = ImpatientClock()
    async with raw_server(answer) as (port, got):
        with pytest.raises(TlsError) as caught:
            await ask(profile_of(f"https://127.0.0.1:{port}/v1"), clock)
    assert "port does not speak TLS" in caught.value.message or not answer
    assert "http://" in caught.value.hint
    assert not any(jargon in caught.value.message for jargon in PLAIN_WORDS)
    assert len(got) == 1
    assert clock.slept == []


@contextmanager
def openssl_server() -> Iterator[int]:
    """A real TLS server of OpenSSL that answers nobody; gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    context = server_tls()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


async def test_plain_http_to_a_tls_port_points_to_https() -> None:
    with openssl_server() as port, pytest.raises(ConnectError) as caught:
        await ask(profile_of(f"http://127.0.0.1:{port}/v1"))
    assert "https://" in caught.value.hint


async def test_an_alert_of_tls_points_to_https_and_is_not_repeated() -> None:
    clock = ImpatientClock()
    # `unexpected_message` of TLS 1.2.
    async with raw_server(b"\x15\x03\x03\x00\x02\x02\x0a") as (port, got):
        with pytest.raises(ProtocolError) as caught:
            await ask(profile_of(f"http://127.0.0.1:{port}/v1"), clock)
    assert "https://" in caught.value.hint
    assert len(got) == 1
    assert clock.slept == []


async def test_what_is_not_http_at_all_is_no_api() -> None:
    async with raw_server(b"+OK POP3 ready\r\n\r\n") as (port, got):
        with pytest.raises(ProtocolError, match="does not answer in HTTP"):
            await ask(profile_of(f"http://127.0.0.1:{port}/v1"))
    assert len(got) == 1


def _ca_file(kind: str, folder: Path) -> str:
    path = folder / "certificates.pem"
    match kind:
        case "missing":
            return str(path)
        case "folder":
            return str(folder)
        case "empty":
            path.write_text("nothing\n")
        case "garbage":
            path.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    return str(path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "there is no such file"),
        ("folder", "it is a folder"),
        ("empty", "there are no certificates (PEM) in it"),
        ("garbage", "there are no certificates (PEM) in it"),
    ],
)
async def test_certificates_that_cannot_be_read_are_one_sentence(
    kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _ca_file(kind, tmp_path)
    async with LoopbackServer([stream("Hello")], tls=server_tls()) as server:
        with pytest.raises(TlsError) as caught:
            await ask(profile_of(server.base_url, path))
        monkeypatch.setenv("SSL_CERT_FILE", path)
        with pytest.raises(TlsError) as by_variable:
            await ask(profile_of(server.base_url, ""))
        assert server.connections == 0
    assert f"ca_file ({path})" in caught.value.message
    assert words in caught.value.message
    assert f"SSL_CERT_FILE ({path})" in by_variable.value.message


def test_a_folder_of_certificates_that_is_missing_is_one_sentence() -> None:
    with pytest.raises(TlsError, match="SSL_CERT_DIR"):
        tls_context(environ={"SSL_CERT_DIR": "/nowhere"})
    assert tls_context(environ={"SSL_CERT_DIR": str(CERTIFICATES)}).verify_mode is ssl.CERT_REQUIRED


def test_a_system_without_certificates_trusts_the_list_of_mozilla(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust_some(context, str(tmp_path))
    assert context.cert_store_stats()["x509_ca"] > 50
    own = ssl.create_default_context(cafile=CA)
    trust_some(own, None)
    assert own.cert_store_stats()["x509_ca"] == 1


def test_what_openssl_says_otherwise_stays_readable() -> None:
    unknown = ssl.SSLError(1, "[SSL: NEW_AND_STRANGE] new and strange (_ssl.c:1007)")
    unknown.reason = "NEW_AND_STRANGE"
    assert tls_error(unknown, "api.test").message == (
        "No secure connection to api.test: the encryption failed (new and strange)."
    )
    assert "hung up" in tls_error(ssl.SSLEOFError(), "api.test").message


async def test_one_provider_does_not_trust_for_another() -> None:
    async with LoopbackServer([stream("Hello")], tls=server_tls()) as server:
        trusting = profile_of(server.base_url)
        careful = replace(trusting, name="careful", ca_file="")
        clients = Clients({"mine": trusting, "careful": careful}, {"K": "x" * 20}, ImpatientClock())
        await gather(clients.client_for(Target("mine", "m")))
        with pytest.raises(ChatError, match="not trusted"):
            await gather(clients.client_for(Target("careful", "m")))
        await clients.aclose()
