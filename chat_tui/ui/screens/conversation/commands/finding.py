"""Finding words in the open conversation."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class FindCommands(CommandGroup):
    """Finding words in the open conversation."""

    def open(self) -> None:
        """Show the line to write in."""
        raise NotImplementedError

    def move(self, step: int) -> None:
        """Go to another place that was found."""
        raise NotImplementedError

    def leave(self) -> None:
        """Stop finding; tells nothing where nothing is looked for."""
        raise NotImplementedError
