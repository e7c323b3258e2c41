"""Conversations as a whole: temporary, pinned, system prompt, settings."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class ChatCommands(CommandGroup):
    """Conversations as a whole: temporary, pinned, system prompt, settings."""

    async def start_temporary(self) -> None:
        """Begin a conversation that is never written."""
        raise NotImplementedError

    async def pin(self) -> None:
        """Pin a conversation, or let it go."""
        raise NotImplementedError

    def edit_system_prompt(self, words: str = "") -> None:
        """Write the system prompt; `words` take its place at once."""
        raise NotImplementedError

    def show_settings(self) -> None:
        """Change the settings."""
        raise NotImplementedError

    async def step(self, step: int) -> None:
        """Open the next conversation of the list, or the one before."""
        raise NotImplementedError
