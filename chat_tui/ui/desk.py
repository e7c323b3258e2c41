"""Providers as the app sees them: looked at, tested, edited, and what went over the wire."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chat_tui.core.checks import CheckStep
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.memory import Learnt
from chat_tui.core.ports import Purged
from chat_tui.core.settings import Settings
from chat_tui.core.targets import ProviderProfile, Target


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider and how it stands."""

    profile: ProviderProfile
    own: bool
    """Whether it stands in the settings file: only such a one is deleted."""
    ready: bool
    """Whether prompts can be sent: it takes no key, or there is one."""
    key: str
    """Where its key comes from, or what is missing, in words; never the key."""
    built_in: bool = False
    """Whether one of this name is built in, which shows again where the user's is deleted."""


class ProviderDesk(Protocol):
    """All that the Providers screen, the parameters screen and the raw view ask for."""

    def providers(self) -> Sequence[ProviderRow]:
        """All of them: the user's own, those with a key, then the other built-in ones."""
        ...

    def check(self, profile: ProviderProfile, model: str = "") -> AsyncGenerator[CheckStep, None]:
        """Test a connection, saved or not; one step after the other, `core.checks.CHECKS`.

        Consume it under `contextlib.aclosing`. It raises nothing that a step could tell.
        """
        ...

    async def save_provider(self, profile: ProviderProfile, *, was: str = "") -> None:
        """Write a provider to the settings file; comments and all else in it stay.

        Args:
            profile: the new state.
            was: its name so far, where it had another one or is edited.

        Raises:
            UsageError: it cannot be one (name, base URL, …); names the field.
            StorageError: the file cannot be written.
        """
        ...

    async def delete_provider(self, name: str) -> None:
        """Take a provider out of the settings file; a built-in one of this name shows again.

        Raises:
            StorageError: the file cannot be written.
        """
        ...

    async def save_key(self, profile: ProviderProfile, value: str) -> ProviderProfile:
        """Keep a key in a file of mode 0600; gives the profile that names the file, not saved.

        Raises:
            UsageError: it cannot be a key; the message never holds it.
            StorageError: the file cannot be written.
        """
        ...

    async def save_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Make parameters the defaults of new conversations.

        Raises:
            UsageError: one of them cannot be sent.
            StorageError: the settings file cannot be written.
        """
        ...

    async def save_window(self, target: Target, window: int | None) -> None:
        """Say how large a model's context window is, in tokens; None leaves it to other sources.

        Raises:
            UsageError: it cannot be one.
            StorageError: the settings file cannot be written.
        """
        ...

    def learnt(self, target: Target) -> Learnt:
        """What a model is known to refuse."""
        ...

    def leave_out(self, target: Target, parameter: str, *, left_out: bool = True) -> None:
        """Never send a parameter to a model again; or, with False, send it again."""
        ...

    def exchanges(self, reply: str) -> Sequence[ExchangeRecord]:
        """What went over the wire for a reply, oldest attempt first; none after a restart."""
        ...


class SettingsDesk(Protocol):
    """The settings file, as the Settings screen sees it."""

    @property
    def path(self) -> str:
        """Where the file is, or would be."""
        ...

    def settings(self) -> Settings:
        """As they are now."""
        ...

    async def save(self, changes: Mapping[str, Any]) -> Settings:
        """Write some scalar settings; comments and all else in the file stay.

        Args:
            changes: their new values by name, valid for `core.settings.SETTINGS`.

        Raises:
            UsageError: a value cannot be one of its setting.
            StorageError: the file cannot be written.
        """
        ...

    async def read(self) -> Sequence[str]:
        """Read the file again, which was edited elsewhere; gives sentences about what is wrong."""
        ...

    async def keymaps(self) -> Sequence[str]:
        """The names of the keymaps that there are: the shipped ones, then the user's files."""
        ...

    async def deleted(self) -> Purged:
        """How much is deleted and waits to be removed for good.

        Raises:
            StorageError: it cannot be read.
        """
        ...

    async def purge(self) -> Purged:
        """Remove for good all that is deleted, however short ago.

        Raises:
            StorageError: it cannot be written.
        """
        ...
