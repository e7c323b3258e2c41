"""The context: what the next request weighs, the inspector, pins, summaries."""

from typing import TYPE_CHECKING

from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from chat_tui.core.context.planner import Outlook
    from chat_tui.core.errors import PlanRefusedError
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class ContextCommands(CommandGroup):
    """Keeps the outlook of the conversation on the screen, and changes what it depends on.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.outlook: Outlook | None = None
        """Of the conversation on the screen; None until it was found out."""

    def refresh(self) -> None:
        """Find out anew what the next request would be; several in a row are one.

        For when the conversation, its model or its policy changed. Returns at once.
        """

    def draft_changed(self) -> None:
        """Weigh the draft anew, at most every 50 ms. Returns at once."""

    async def pin_message(self) -> None:
        """Always send the marked message (else the last one), or no longer."""

    async def exclude_message(self) -> None:
        """Never send the marked message (else the last one), or send it again."""

    async def compact(self) -> None:
        """Have a model sum up the oldest turns."""

    def change_policy(self, words: str = "") -> None:
        """Choose what is done where the conversation does not fit; `words` as after `/policy`."""

    def inspect(self) -> None:
        """Show the context inspector."""

    def refused(self, chat: "OpenConversation", prompt: str, error: "PlanRefusedError") -> None:
        """Show what is too large, with the ways out; the prompt is back in the input."""
