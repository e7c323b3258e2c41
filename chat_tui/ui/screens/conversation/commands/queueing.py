"""The prompts that wait for the end of the answer."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class QueueCommands(CommandGroup):
    """The prompts that wait for the end of the answer."""

    @property
    def waiting(self) -> bool:
        """Whether a prompt waits."""
        return False

    def focus(self) -> None:
        """Go to the waiting prompts."""
        raise NotImplementedError

    def step(self, step: int) -> None:
        """Mark another waiting prompt."""
        raise NotImplementedError

    async def edit(self) -> None:
        """Take the marked prompt back into the input."""
        raise NotImplementedError

    async def delete(self) -> None:
        """Do not send the marked prompt."""
        raise NotImplementedError

    async def send(self) -> None:
        """Stop the answer and send the marked prompt."""
        raise NotImplementedError

    async def move(self, step: int) -> None:
        """Send the marked prompt sooner or later."""
        raise NotImplementedError
