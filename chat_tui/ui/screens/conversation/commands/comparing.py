"""Comparing answers: differences, figures, blind votes, merging, exporting."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class CompareCommands(CommandGroup):
    """Comparing answers."""

    async def diff(self) -> None:
        raise NotImplementedError

    async def figures(self) -> None:
        raise NotImplementedError

    async def toggle_blind(self) -> None:
        raise NotImplementedError

    async def vote(self) -> None:
        raise NotImplementedError

    async def standings(self) -> None:
        raise NotImplementedError

    async def merge(self) -> None:
        raise NotImplementedError

    async def export(self) -> None:
        raise NotImplementedError
