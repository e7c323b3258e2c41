"""Earlier prompts, long pastes, the library of prompts, drafts."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class WritingCommands(CommandGroup):
    """Earlier prompts, long pastes, the library of prompts, drafts."""

    async def recall(self, step: int) -> None:
        """Bring an earlier or later prompt into the input."""
        raise NotImplementedError

    def open_paste(self) -> None:
        """Show a folded paste."""
        raise NotImplementedError

    def show_library(self, words: str = "") -> None:
        """Take a saved prompt."""
        raise NotImplementedError
