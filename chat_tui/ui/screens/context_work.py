"""What the context inspector shows, and what it can do about it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.context.planner import Outlook
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.targets import Prices, Target
from chat_tui.core.turns import OpenConversation


class ContextView(NamedTuple):
    """What the inspector shows."""

    outlook: Outlook
    draft: Prompt
    """What is written and not sent."""
    label: str
    """How the provider is shown; clean."""
    prices: Prices | None = None
    basis: object = None
    """What was known when it was made; where something else is known by now, it is out of date."""
    target: Target | None = None
    """Whom the request goes to; None: the conversation's."""
    path: Sequence[str] | None = None
    """What it is made of, from the root on; None: the active path."""


class ContextWork(Protocol):
    """What the inspector reads and changes; each change is told in a toast."""

    async def view(self, chat: OpenConversation) -> ContextView:
        """What the next request would be."""
        ...

    def changed_since(self, chat: OpenConversation, view: ContextView) -> bool:
        """Whether a view is known to be out of date, as after an answer. Cheap."""
        ...

    async def weigh(
        self, view: ContextView, parts: Sequence[ImagePart | FilePart]
    ) -> Sequence[str]:
        """What pictures and documents weigh for whom the request goes to, each in clean words."""
        ...

    async def toggle_pinned(self, chat: OpenConversation, id_: str) -> None:
        """Always send a message, or no longer."""
        ...

    async def toggle_excluded(self, chat: OpenConversation, id_: str) -> None:
        """Never send a message, or send it again."""
        ...

    async def compact(self) -> None:
        """Have a model sum up the oldest turns; returns when that has begun."""
        ...

    async def next_policy(self, chat: OpenConversation) -> None:
        """Take the next way to deal with what does not fit."""
        ...

    async def ask_history(self, chat: OpenConversation) -> None:
        """Ask how many messages are sent at most."""
        ...

    async def ask_window(self, chat: OpenConversation) -> None:
        """Ask how large the model's window is."""
        ...

    async def show_request(self, chat: OpenConversation) -> None:
        """Show the next request as it would be sent; returns when that was read."""
        ...

    def show_raw(self) -> None:
        """Show the last request as it was sent."""
        ...
