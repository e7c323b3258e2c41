"""Base URLs: checked, normalised, and where the two paths of the API are below them."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile

_CHAT = "/chat/completions"
_VERSION = re.compile(r"/v\d\w*(/|\Z)")
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\\]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an API lives."""

    scheme: str
    host: str
    origin: str
    """Scheme, host and port: what a key belongs to."""
    roots: tuple[str, ...]
    """URLs to put the API's paths below, the one that was given first. The second one differs in
    `/v1` and is for servers that answer 404 at the first."""
    query: str = ""
    """Kept on every request (Azure's `api-version`)."""

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine: no proxy, and plain http may carry a key."""
        return is_loopback(self.host)

    def url(self, root: str, path: str) -> str:
        """The address of a path (`/models`) below one of the roots."""
        return root + path + (f"?{self.query}" if self.query else "")

    def chat_url(self, root: str) -> str:
        """The address that prompts go to."""
        return self.url(root, _CHAT)


def parse_base_url(base_url: str) -> Endpoint:
    """Read a base URL: with or without `/v1`, a trailing slash, or all of `/chat/completions`.

    Raises:
        UsageError: it is no http(s) address, or has a user or password in it.
    """
    text = base_url.strip()
    parts, port = _split(text)
    path = parts.path.rstrip("/")
    if path.endswith(_CHAT):
        path = path.removesuffix(_CHAT).rstrip("/")
    paths = [path]
    if path.endswith("/v1"):
        paths.append(path.removesuffix("/v1"))
    elif not _VERSION.search(path):
        paths.append(path + "/v1")
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")
    roots = tuple(urlunsplit((parts.scheme, origin.split("://")[1], p, "", "")) for p in paths)
    return Endpoint(parts.scheme, host, origin, roots, parts.query)


def endpoint_of(profile: ProviderProfile, key: str = "") -> Endpoint:
    """The endpoint of a profile, if a key may be sent to it.

    Args:
        profile: the provider.
        key: the key in words ("from OPENAI_API_KEY"); empty where none is sent.

    Raises:
        UsageError: the base URL is none, or would carry the key in the clear.
    """
    endpoint = parse_base_url(profile.base_url)
    safe = endpoint.scheme == "https" or endpoint.is_loopback or profile.allow_http
    if key and not safe:
        raise UsageError(
            f"The key {key} is not sent over plain http to {endpoint.host}.",
            hint="Use an https:// address, or set allow_http for this provider.",
        )
    return endpoint


def _split(text: str) -> tuple[SplitResult, int | None]:
    hint = "Give an address such as https://api.example.com/v1 or http://localhost:8080/v1."
    if not text or _FORBIDDEN.search(text):
        raise UsageError("The base URL is empty or has spaces or controls in it.", hint=hint)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"The base URL cannot be read: {error}.", hint=hint) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            "The base URL does not begin with http:// or https:// and a host.", hint=hint
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "The base URL has a user name or password in it.",
            hint="Take it out, and name the variable that holds the key with --api-key-env.",
        )
    return parts, port


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
