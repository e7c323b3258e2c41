"""The `ClientSource`: one client and one set of connections for each provider, made when needed.

httpx is not loaded by importing this module, so that it can be wired up before the first frame.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.clock import Clock
from chat_tui.core.errors import AuthError, UsageError
from chat_tui.core.exchanges import ExchangeLog
from chat_tui.core.memory import ModelMemory
from chat_tui.core.models import ModelInfo
from chat_tui.core.ports import ChatClient
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.providers.connecting.pool import Place, Pool, place_of
from chat_tui.providers.endpoints import endpoint_of
from chat_tui.providers.keys import Key, KnownKeys, key_problem
from chat_tui.providers.lazy import LazyClient
from chat_tui.providers.profiles import no_provider

if TYPE_CHECKING:
    import httpx

    from chat_tui.providers.client import ChatCompletionsClient
    from chat_tui.providers.listing.loaded import Probe, Windows


class Clients:
    """Gives the clients of all providers.

    Args:
        profiles: by name; see `profiles.merge_profiles`.
        environ: where keys are looked up, when they are needed.
        clock: for waits and deadlines.
        load_image: gives the bytes of stored pictures for their hash; None where there are none.
        memory: keeps what models refuse.
        log: keeps what goes over the wire, for the raw view.
    """

    def __init__(
        self,
        profiles: Mapping[str, ProviderProfile],
        environ: Mapping[str, str],
        clock: Clock,
        *,
        load_image: Callable[[str], Awaitable[bytes | None]] | None = None,
        memory: ModelMemory | None = None,
        log: ExchangeLog | None = None,
    ) -> None:
        self._profiles = dict(profiles)
        self._environ = environ
        self._clock = clock
        self._load_image = load_image
        self._memory = memory
        self._log = log
        self._clients: dict[str, LazyClient] = {}
        self._slots: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._keys = KnownKeys(environ, self._profiles)
        self._pool = Pool(environ, clock)

    @property
    def profiles(self) -> Mapping[str, ProviderProfile]:
        """All providers by name."""
        return self._profiles

    def add(self, profile: ProviderProfile) -> None:
        """Add a provider that was found, named or edited; one of this name is replaced.

        Replies that are coming are not disturbed; the next prompt goes the new way.
        """
        known = self._profiles.get(profile.name)
        self._profiles[profile.name] = profile
        if known != profile:
            self._drop(profile.name)

    def remove(self, name: str) -> None:
        """Forget a provider; its connections are closed after the reply that may be coming."""
        self._profiles.pop(name, None)
        self._drop(name)

    def _drop(self, name: str) -> None:
        self._clients.pop(name, None)
        places: set[Place] = set()
        for profile in self._profiles.values():
            with suppress(UsageError):  # a base URL that is none has no connections
                places.add(place_of(profile))
        self._pool.keep(places)

    def profile(self, name: str) -> ProviderProfile:
        """The profile of a provider.

        Raises:
            UsageError: there is none of this name.
        """
        try:
            return self._profiles[name]
        except KeyError:
            raise no_provider(name, self._profiles, self._environ) from None

    def client_for(self, target: Target) -> ChatClient:
        """See `ClientSource.client_for`.

        Raises:
            UsageError: there is no such provider; its key is missing, as far as that can be told
                without asking a program; or the key would go out in the clear.
        """
        if (client := self._clients.get(target.provider)) is not None:
            return client
        profile = self.profile(target.provider)
        if problem := key_problem(profile, self._environ):
            raise problem
        endpoint_of(profile, f"for {profile.label or profile.name}" if profile.wants_key else "")
        slots = self._slots_of(profile)
        made = LazyClient(profile, self._keys, self._pool, self._make, slots)
        self._clients[profile.name] = made
        return made

    def _slots_of(self, profile: ProviderProfile) -> asyncio.Semaphore | None:
        """The provider's, whose replies may still be coming when its client is made anew."""
        count = profile.max_concurrency
        if not count:
            return None
        return self._slots.setdefault((profile.name, count), asyncio.Semaphore(count))

    def _make(
        self,
        http: "httpx.AsyncClient",
        profile: ProviderProfile,
        key: Key | None,
        slots: asyncio.Semaphore | None,
    ) -> "ChatCompletionsClient":
        # httpx costs 0.34 s of CPU to import: it comes with the first prompt, or `warm_up`.
        from chat_tui.providers.client import ChatCompletionsClient
        from chat_tui.providers.connecting.exchange import Deadlines

        return ChatCompletionsClient(
            http,
            profile,
            key,
            self._clock,
            deadlines=Deadlines.of(profile.limits),
            load_image=self._load_image,
            memory=self._memory,
            log=self._log,
            slots=slots,
        )

    async def key(self, profile: ProviderProfile) -> Key | None:
        """The key of a provider, looked for once; see `keys.find_key`.

        Raises:
            UsageError: it takes one, and it is missing or cannot be one.
        """
        return await self._keys.of(profile)

    def forget_key(self, profile: ProviderProfile) -> None:
        """Look for a provider's key anew when it is needed next: it was changed."""
        self._keys.forget(profile)
        self._clients.pop(profile.name, None)

    def connection(self, profile: ProviderProfile) -> "httpx.AsyncClient":
        """The connections to a provider, which need not be one of `profiles`; not to be closed.

        Raises:
            UsageError: its base URL is none.
            TlsError: the certificates cannot be read.
            ConnectError: the proxy cannot be used.
        """
        return self._pool.connection(profile)

    async def models(self, provider: str) -> list[ModelInfo]:
        """A provider's models, asked for now.

        Raises:
            ChatError: there is no such provider, or it does not answer with a list.
        """
        profile = self.profile(provider)
        key = await self._keys.of(profile)
        http = await self._pool.prepared(profile)
        # Loaded by now.
        from chat_tui.providers.listing.model_lists import read_models

        try:
            with self._pool.using(http):
                return await read_models(http, profile, key, self._clock, memory=self._memory)
        except AuthError:
            # Tokens that a program gives out expire: whoever asks next gets another.
            self._keys.forget(profile)
            raise

    async def loaded_windows(self, provider: str, probe: "Probe") -> "Windows | None":
        """How much room a server of one's own gives the models that it has loaded.

        None where it does not say; see `listing.loaded`.

        Raises:
            ChatError: there is no such provider, or no connection to it can be opened.
        """
        profile = self.profile(provider)
        http = await self._pool.prepared(profile)
        # Loaded by now.
        from chat_tui.providers.listing.loaded import ask

        with self._pool.using(http):
            return await ask(probe, http, profile, partial(self._keys.of, profile))

    def warm_up(self) -> None:
        """Import httpx and read the certificates, so that the first prompt need not wait.

        Meant for a thread, after the first frame.

        Raises:
            TlsError: the certificates of the environment cannot be read.
        """
        self._pool.warm_up()
        self._pool.trust()

    async def aclose(self) -> None:
        """Close all connections."""
        self._clients.clear()
        await self._pool.aclose()
