"""Versions, branches, deleting, undo and redo."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class BranchCommands(CommandGroup):
    """Versions, branches, deleting, undo and redo."""

    async def edit(self) -> None:
        """Write another version of the marked message, else of the last prompt."""
        raise NotImplementedError

    async def delete_message(self) -> None:
        """Delete the marked message alone."""
        raise NotImplementedError

    async def delete_branch(self) -> None:
        """Delete the marked message and all that follows."""
        raise NotImplementedError

    async def fork(self) -> None:
        """Go on from the marked message in a new conversation."""
        raise NotImplementedError

    def show(self) -> None:
        """Show all branches as an outline."""
        raise NotImplementedError

    async def toggle_favourite(self) -> None:
        """Mark the path on the screen as the favourite one, or unmark it."""
        raise NotImplementedError

    async def go_to_favourite(self) -> None:
        """Show the favourite path."""
        raise NotImplementedError

    async def undo(self) -> None:
        """Take the last change back."""
        raise NotImplementedError

    async def redo(self) -> None:
        """Do again what was undone."""
        raise NotImplementedError
