"""Copying, and saying how."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class CopyCommands(CommandGroup):
    """Copying, and saying how."""

    async def copy_conversation(self) -> None:
        """Copy the active path as markdown."""
        raise NotImplementedError
