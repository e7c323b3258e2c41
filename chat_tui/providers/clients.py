"""The `ClientSource`: one client and one set of connections for each provider, made when needed.

httpx is not loaded by importing this module, so that it can be wired up before the first frame.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from chat_tui.core.clock import Clock
from chat_tui.core.errors import UsageError
from chat_tui.core.ports import ChatClient
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import Key, key_from_environment

if TYPE_CHECKING:
    import ssl

    import httpx


class Clients:
    """Gives the clients of all providers.

    Args:
        profiles: by name; see `profiles.merge_profiles`.
        environ: where keys are looked up, when they are needed.
        clock: for waits and deadlines.
        load_image: gives the bytes of stored pictures for their hash.
    """

    def __init__(
        self,
        profiles: Mapping[str, ProviderProfile],
        environ: Mapping[str, str],
        clock: Clock,
        *,
        load_image: Callable[[str], Awaitable[bytes]] | None = None,
    ) -> None:
        self._profiles = dict(profiles)
        self._environ = environ
        self._clock = clock
        self._load_image = load_image
        self._clients: dict[str, ChatClient] = {}
        self._connections: dict[str, httpx.AsyncClient] = {}
        self._tls: ssl.SSLContext | None = None

    @property
    def profiles(self) -> Mapping[str, ProviderProfile]:
        """All providers by name."""
        return self._profiles

    def add(self, profile: ProviderProfile) -> None:
        """Add a provider that was found or named later; one of this name is replaced."""
        self._profiles[profile.name] = profile
        self._clients.pop(profile.name, None)

    def profile(self, name: str) -> ProviderProfile:
        """The profile of a provider.

        Raises:
            UsageError: there is none of this name.
        """
        try:
            return self._profiles[name]
        except KeyError:
            raise UsageError(
                f"There is no provider named {name}.",
                hint=f"Known are: {', '.join(self._profiles)}.",
            ) from None

    def key_for(self, profile: ProviderProfile) -> Key | None:
        """The key of a provider; None where it takes none.

        Raises:
            UsageError: it takes one, and it is missing or cannot be one.
        """
        key = key_from_environment(profile.key_env, self._environ)
        if profile.key_env and key is None:
            raise UsageError(
                f"The key for {profile.label or profile.name} is missing: "
                f"{profile.key_env} is not set.",
                hint=f"Set {profile.key_env} in the environment, or choose another provider.",
            )
        return key

    def client_for(self, target: Target) -> ChatClient:
        """See `ClientSource.client_for`."""
        # httpx costs 0.34 s of CPU to import: it comes with the first prompt, or `warm_up`.
        from chat_tui.providers.client import ChatCompletionsClient

        if (client := self._clients.get(target.provider)) is not None:
            return client
        profile = self.profile(target.provider)
        key = self.key_for(profile)
        made = ChatCompletionsClient(
            self._http(profile), profile, key, self._clock, load_image=self._load_image
        )
        self._clients[profile.name] = made
        return made

    async def models(self, provider: str) -> list[str]:
        """The ids of a provider's models.

        Raises:
            ChatError: there is no such provider, or it does not answer with a list.
        """
        # The same 0.34 s as above.
        from chat_tui.providers.discovery import list_models

        profile = self.profile(provider)
        return await list_models(self._http(profile), profile, self.key_for(profile))

    def warm_up(self) -> None:
        """Import httpx and read the certificates, so that the first prompt need not wait.

        Meant for a thread, after the first frame.

        Raises:
            TlsError: the certificates of the environment cannot be read.
        """
        # The same 0.34 s as above.
        from chat_tui.providers.connections import tls_context

        self._tls = self._tls or tls_context()

    async def aclose(self) -> None:
        """Close all connections."""
        connections, self._connections = list(self._connections.values()), {}
        self._clients.clear()
        await asyncio.gather(*(http.aclose() for http in connections))

    def _http(self, profile: ProviderProfile) -> "httpx.AsyncClient":
        # The same 0.34 s as above.
        from chat_tui.providers.connections import open_http, open_with

        if profile.name == DEMO:
            from chat_tui.providers.demo.transport import DemoTransport

            where = DEMO
            if where not in self._connections:
                transport = DemoTransport.from_environment(self._clock, self._environ)
                self._connections[where] = open_with(transport)
            return self._connections[where]
        endpoint = parse_base_url(profile.base_url)
        if endpoint.origin not in self._connections:
            if endpoint.scheme == "https":
                self.warm_up()
            self._connections[endpoint.origin] = open_http(endpoint, self._tls)
        return self._connections[endpoint.origin]
