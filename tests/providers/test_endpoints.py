"""Base URLs as people type them."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.providers.endpoints import is_loopback, parse_base_url


@pytest.mark.parametrize(
    ("given", "roots"),
    [
        ("https://a.test/v1", ("https://a.test/v1", "https://a.test")),
        (" https://A.test/v1/ ", ("https://a.test/v1", "https://a.test")),
        ("https://a.test", ("https://a.test", "https://a.test/v1")),
        ("https://a.test/v1/chat/completions", ("https://a.test/v1", "https://a.test")),
        ("https://a.test/api", ("https://a.test/api", "https://a.test/api/v1")),
        ("https://a.test/v1beta/openai", ("https://a.test/v1beta/openai",)),
        ("http://[::1]:8080", ("http://[::1]:8080", "http://[::1]:8080/v1")),
    ],
)
def test_roots_begin_with_what_was_given(given: str, roots: tuple[str, ...]) -> None:
    assert parse_base_url(given).roots == roots


def test_a_query_stays_on_every_request() -> None:
    endpoint = parse_base_url("https://a.test/openai/?api-version=1")
    assert endpoint.chat_url(endpoint.roots[0]) == (
        "https://a.test/openai/chat/completions?api-version=1"
    )


@pytest.mark.parametrize(
    "given",
    [
        "",
        "api.test/v1",
        "ftp://a.test",
        "https://",
        "https://u:p@a.test",
        "https://a b.test",
        "https://a.test:port",
        "https://a.test:99999",
        "http://[::1",
        "https://a\x00.test",
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_base_url(given)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("demo.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("127.0.0.1.evil.test", False),
        ("localhost.evil.test", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
