"""The connections of all providers: shared by place, closed when nobody uses them any more.

httpx is not loaded by importing this module.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.clock import Clock
from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.endpoints import parse_base_url

if TYPE_CHECKING:
    import ssl

    import httpx


class Place(NamedTuple):
    """What connections depend on: two providers that agree in it share them."""

    origin: str
    proxy: str = ""
    ca_file: str = ""
    connect: float = 0.0


def place_of(profile: ProviderProfile) -> Place:
    """Where a provider's connections go, and how.

    Raises:
        UsageError: its base URL is none.
    """
    if profile.name == DEMO:
        return Place(DEMO)
    origin = parse_base_url(profile.base_url).origin
    return Place(origin, profile.proxy, profile.ca_file, profile.limits.connect)


class Pool:
    """Opens and keeps connections.

    Args:
        environ: for the demo's settings.
        clock: for the demo's pace.
    """

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock
        self._open: dict[Place, httpx.AsyncClient] = {}
        self._users: dict[httpx.AsyncClient, int] = {}
        self._retired: set[httpx.AsyncClient] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._tls: dict[str, ssl.SSLContext] = {}

    def connection(self, profile: ProviderProfile) -> "httpx.AsyncClient":
        """The connections to a provider; nothing is sent yet.

        Raises:
            UsageError: its base URL is none.
            TlsError: the certificates cannot be read.
            ConnectError: the proxy cannot be used.
        """
        # httpx costs 0.34 s of CPU to import: it comes with the first prompt, or `warm_up`.
        from chat_tui.providers.connecting.connections import open_http, open_with

        place = place_of(profile)
        if (http := self._open.get(place)) is None:
            if profile.name == DEMO:
                from chat_tui.providers.demo.transport import DemoTransport

                http = open_with(DemoTransport.from_environment(self._clock, self._environ))
            else:
                endpoint = parse_base_url(profile.base_url)
                tls = self.trust(profile.ca_file) if endpoint.scheme == "https" else None
                http = open_http(endpoint, tls, proxy=profile.proxy, connect=place.connect)
            self._open[place] = http
        return http

    def trust(self, ca_file: str = "") -> "ssl.SSLContext":
        """Whom to trust, read once; safe to call from a thread.

        Raises:
            TlsError: the certificates cannot be read.
        """
        # The ssl module costs 15 ms, and comes with httpx.
        from chat_tui.providers.connecting.tls import tls_context

        if ca_file not in self._tls:
            self._tls[ca_file] = tls_context(ca_file)
        return self._tls[ca_file]

    async def prepared(self, profile: ProviderProfile) -> "httpx.AsyncClient":
        """The same as `connection`; what takes long is done in a thread."""
        if place_of(profile) not in self._open:
            await asyncio.to_thread(self._prepare, profile)
        return self.connection(profile)

    def _prepare(self, profile: ProviderProfile) -> None:
        self.warm_up()
        if profile.base_url.startswith("https:"):
            self.trust(profile.ca_file)

    def warm_up(self) -> None:
        """Import what the first prompt needs; meant for a thread."""
        # See `connection`.
        import chat_tui.providers.client  # noqa: F401

    @contextlib.contextmanager
    def using(self, http: "httpx.AsyncClient") -> Iterator[None]:
        """Keep connections open as long as a reply comes over them."""
        self._users[http] = self._users.get(http, 0) + 1
        try:
            yield
        finally:
            self._users[http] -= 1
            if not self._users[http]:
                del self._users[http]
                if http in self._retired:
                    self._close(http)

    def keep(self, places: Collection[Place]) -> None:
        """Close the connections to all other places, each after its last reply."""
        for place in [place for place in self._open if place not in places]:
            http = self._open.pop(place)
            self._retired.add(http)
            if http not in self._users:
                self._close(http)

    def _close(self, http: "httpx.AsyncClient") -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # `aclose` does it
        self._retired.discard(http)
        task = loop.create_task(http.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close all connections."""
        left = [*self._open.values(), *self._retired]
        self._open.clear()
        self._retired.clear()
        await asyncio.gather(*self._closing, *(http.aclose() for http in left))
