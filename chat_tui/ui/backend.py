"""What the app needs from outside: handed in, and opened after the first frame."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chat_tui.core.errors import StorageError
from chat_tui.core.targets import Target

if TYPE_CHECKING:  # 10 ms that come after the first frame
    from chat_tui.core.attachments.media import Media
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.model_choices import ModelChoices
    from chat_tui.core.picking.rows import Listing
    from chat_tui.core.ports import ConversationStore
    from chat_tui.core.prompt_library import PromptLibrary
    from chat_tui.core.side_by_side.comparison import ComparisonFormat, Exported
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.desk import ProviderDesk, SettingsDesk


class Opened(NamedTuple):
    """What there is after opening."""

    manager: "ConversationManager"
    store: "ConversationStore"
    desk: "ProviderDesk"
    library: "PromptLibrary"
    settings: "SettingsDesk"
    choices: "ModelChoices"
    media: "Media"


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

    async def model_rows(self, provider: str, *, refresh: bool = False) -> "Listing":
        """All models that prompts can be sent to, favourites and those used last first.

        Never raises; within a few seconds. Nobody but the provider is asked.

        Args:
            provider: the one whose list is asked for where nothing of it is kept; empty: nobody
                is asked.
            refresh: ask it again.
        """
        ...

    async def export_comparison(
        self, chat: "OpenConversation", format_: "ComparisonFormat"
    ) -> "Exported":
        """Give what can be compared in a conversation as a file, which is not written yet.

        Raises:
            UsageError: no prompt has two answers.
            StorageError: it cannot be read.
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
