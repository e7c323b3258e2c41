"""What may be opened, and which links say something else than where they lead."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.links import checked_link, misleads


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b=c#d", "example.org"),
        ("HTTP://Example.ORG:8080", "example.org"),
        ("http://[::1]:11434/v1", "::1"),
        ("https://müller.example/größe", "xn--mller-kva.example"),
        ("mailto:someone@example.org?subject=Hello", "someone@example.org"),
        ("https://example.org/%2e%2e/--help", "example.org"),
    ],
)
def test_plain_address_may_be_opened(url: str, host: str) -> None:
    assert checked_link(url) == (url, host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "--help",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ssh://example.org",
        "https:example.org",
        "https:///etc/passwd",
        "https://",
        "https://-oops.example",
        "https://user@example.org",
        "https://example.org@evil.example",
        "https://example.org\\@evil.example",
        "https://example.org:port/",
        "https://exa mple.org",
        "https://example.org/\x1b[31m",
        "https://example.org/\u202egnp.exe",
        "https://example.org/a\nb",
        "https://example.org/'\"$(id)",
        f"https://example.org/{'x' * 9_000}",
        "https://[::1",
        "mailto:",
        "mailto:nobody",
        "mailto:-oq@example.org",
        "mailto:someone@example.org?attach=/etc/passwd",
        "mailto:someone@example.org?Attachment=/etc/passwd",
    ],
)
def test_anything_else_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_link(url)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("label", "url", "expected"),
    [
        ("the documentation", "https://evil.example", False),
        ("example.org", "https://example.org/deep/page", False),
        ("example.org", "https://www.example.org", False),
        ("www.example.org/a", "https://example.org", False),
        ("example.org", "https://docs.example.org", False),
        ("https://example.org/login", "https://example.org/other", False),
        ("Node.js", "https://nodejs.org", False),
        ("config.yaml", "https://github.com/x/config.yaml", False),
        ("someone@example.org", "mailto:someone@example.org", False),
        ("bank.example", "https://evil.example", True),
        ("https://bank.example/login", "https://evil.example", True),
        ("see https://bank.example/login for more", "https://evil.example", True),
        ("example.org", "https://example.org.evil.example", True),
        ("docs.example.org", "https://example.org", True),
        ("bank.js/login", "https://evil.example", True),
    ],
)
def test_words_that_name_another_host_mislead(label: str, url: str, expected: bool) -> None:
    assert misleads(label, checked_link(url)) is expected


def test_letters_of_other_scripts_are_noticed() -> None:
    assert checked_link("https://аpple.example").disguised
    assert not checked_link("https://apple.example").disguised
    assert checked_link("mailto:me@xn--pple-43d.example").disguised
    assert not checked_link("mailto:xn--me@apple.example").disguised
