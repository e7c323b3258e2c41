"""The columns on the screen: which one is marked, zoomed, scrolled."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class ColumnCommands(CommandGroup):
    """Moving among columns."""

    async def zoom(self) -> None:
        raise NotImplementedError

    async def toggle_synced(self) -> None:
        raise NotImplementedError

    def move(self, step: int) -> None:
        raise NotImplementedError

    def go_to(self, number: int) -> None:
        raise NotImplementedError
