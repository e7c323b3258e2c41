"""Moving about, folding, code blocks, links."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class ReadingCommands(CommandGroup):
    """Moving about, folding, code blocks, links."""

    def move_to_prompt(self, step: int) -> None:
        """Put the mark on another prompt."""
        raise NotImplementedError

    def move_to_code(self, step: int) -> None:
        """Go to another code block."""
        raise NotImplementedError

    def jump_to_unread(self) -> None:
        """Go to the first message that was not seen."""
        raise NotImplementedError

    async def copy_code(self) -> None:
        """Copy a code block."""
        raise NotImplementedError

    async def save_code(self) -> None:
        """Save a code block to a file."""
        raise NotImplementedError

    def show_links(self) -> None:
        """Open or copy a link of the marked message."""
        raise NotImplementedError

    def fold_message(self) -> None:
        """Fold the marked message, or unfold it."""
        raise NotImplementedError

    def fold_all(self) -> None:
        """Fold all messages, or unfold them."""
        raise NotImplementedError

    def toggle_timestamps(self) -> None:
        """Show times, or hide them."""
        raise NotImplementedError
