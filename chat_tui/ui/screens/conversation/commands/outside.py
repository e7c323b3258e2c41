"""The pager and the editor of the user."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class OutsideCommands(CommandGroup):
    """The pager and the editor of the user."""

    async def page_conversation(self) -> None:
        """Read the conversation in the pager."""
        raise NotImplementedError

    async def page_message(self) -> None:
        """Read the marked message in the pager."""
        raise NotImplementedError

    async def edit_conversation(self) -> None:
        """Open a copy of the conversation in the editor."""
        raise NotImplementedError

    async def edit_message(self) -> None:
        """Open a copy of the marked message in the editor."""
        raise NotImplementedError

    async def edit_prompt(self) -> None:
        """Write the prompt in the editor."""
        raise NotImplementedError
