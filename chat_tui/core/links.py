"""Addresses from outside, checked before anything is told to open them."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from chat_tui.core.errors import UsageError
from chat_tui.core.texts import text

_LONGEST = 8_000

_OF_MAILS = frozenset({"subject", "body", "cc", "bcc", "to", "in-reply-to"})
"""What an address may put into a mail; some programs attach files that are named otherwise."""

_NAMED_HOST = re.compile(
    r"(?:https?://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+[^\W\d_]{2,63})\.?(?::\d+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_FULL_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)

_FILE_ENDING = re.compile(
    "c|cfg|conf|cpp|css|csv|go|h|html?|ini|java|jsx?|json|lock|log|pdf|php|png|svg|toml|tsx?|txt|xml"
    "|ya?ml"
)
"""Ends of file names that no domain has, or hardly any: `Node.js` names no host."""


class Link(NamedTuple):
    """An address that may be opened."""

    url: str
    host: str
    """Where it leads, in ASCII: a host in lower case, or the address of a mail."""

    @property
    def disguised(self) -> bool:
        """Whether letters of other scripts may look like another host's."""
        domain = self.host.rpartition("@")[2].lower()
        return any(part.startswith("xn--") for part in domain.split("."))


def checked_link(url: str) -> Link:
    """An address from outside, if it may be opened: http, https and mailto only.

    Raises:
        UsageError: it may not; nothing may be told to open it.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() not in ("http", "https", "mailto"):
        raise UsageError(text("link.scheme"))
    if not url.isprintable() or any(sign in url for sign in ' \\"<>`') or len(url) > _LONGEST:
        raise UsageError(text("link.characters"))
    host = _mail(rest) if scheme.lower() == "mailto" else _host(url)
    return Link(url, host)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        if "@" in parts.netloc:
            raise UsageError(text("link.user-info"))
        if not host or not url.partition(":")[2].startswith("//") or host.startswith("-"):
            raise UsageError(text("link.host"))
        return host if host.isascii() else host.encode("idna").decode()
    except ValueError as error:  # UnicodeError is one
        raise UsageError(text("link.host")) from error


def _mail(rest: str) -> str:
    address, _, query = rest.partition("?")
    name, at, host = address.partition("@")
    if not at or not name or not host or name.startswith(("-", "/")) or not address.isascii():
        raise UsageError(text("link.host"))
    if any(key.lower() not in _OF_MAILS for key, _ in parse_qsl(query, keep_blank_values=True)):
        raise UsageError(text("link.mail"))
    return address


def misleads(label: str, link: Link) -> bool:
    """Whether the words of a link name another host than the one that it leads to."""
    label = label.strip()
    named = _FULL_ADDRESS.findall(label) or [label]
    for words in named:
        match = _NAMED_HOST.fullmatch(words)
        if match and not _same(match[1].lower(), words, link.host):
            return True
    return False


def _same(named: str, words: str, host: str) -> bool:
    if "/" not in words and _FILE_ENDING.fullmatch(named.rpartition(".")[2]):
        return True
    try:
        named = named.encode("idna").decode().removeprefix("www.")
    except UnicodeError:
        return False
    host = host.rpartition("@")[2].lower().removeprefix("www.")
    return host == named or host.endswith("." + named)
