"""What the app needs from outside: handed in, and opened after the first frame."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chat_tui.core.errors import StorageError
from chat_tui.core.targets import Target

if TYPE_CHECKING:  # 10 ms that come after the first frame
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.model_choices import ModelChoices
    from chat_tui.core.picking.rows import ModelRow
    from chat_tui.core.ports import ConversationStore
    from chat_tui.core.prompt_library import PromptLibrary
    from chat_tui.ui.desk import ProviderDesk, SettingsDesk


class Opened(NamedTuple):
    """What there is after opening."""

    manager: "ConversationManager"
    store: "ConversationStore"
    desk: "ProviderDesk"
    library: "PromptLibrary"
    settings: "SettingsDesk"
    choices: "ModelChoices"


class FoundServer(NamedTuple):
    """A server on this machine that answered."""

    target: Target
    label: str


class Backend(Protocol):
    """Storage and providers, as the app sees them."""

    target: Target
    """Where new conversations go."""
    asked_for: Target | None
    """What the command line names (its model may be empty): a resumed conversation goes there."""

    def label(self, provider: str) -> str:
        """How a provider is shown."""
        ...

    async def open(
        self,
        on_trouble: Callable[[StorageError | None], None],
        on_notice: Callable[[str], None],
    ) -> Opened:
        """Open storage and providers.

        Args:
            on_trouble: called on the event loop when storing begins to fail, and with None when
                all is stored again.
            on_notice: the same with sentences about what was mended or moved.

        Raises:
            ChatError: there is nothing to work with.
        """
        ...

    async def newest(self) -> str:
        """The id of the conversation that was used last; empty where there is none."""
        ...

    async def targets(self, provider: str) -> Sequence[Target]:
        """What a conversation may be switched to: all that a provider lists, and others' defaults.

        Args:
            provider: the one whose models are listed.
        """
        ...

    async def model_rows(self, provider: str, *, refresh: bool = False) -> "Sequence[ModelRow]":
        """All models that prompts can be sent to, favourites and those used last first.

        Args:
            provider: the one whose list is asked for where nothing of it is kept.
            refresh: ask it again.
        """
        ...

    async def discover(self) -> FoundServer | None:
        """Look for a server on this machine, where nothing is configured."""
        ...

    async def write_crash_report(self, report: str) -> str:
        """Keep a report of a failure; gives its path, or an empty text."""
        ...

    async def close(self) -> None:
        """Close everything."""
        ...
