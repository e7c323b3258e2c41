"""Models side by side: who is asked, what they are told, stopping and asking again."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class SideCommands(CommandGroup):
    """Who answers side by side, and what each is told."""

    @property
    def on(self) -> bool:
        """Whether the conversation on the screen is side by side."""
        chat = self._screen.session.chat
        return chat is not None and bool(chat.conversation.board)

    async def choose_models(self) -> None:
        raise NotImplementedError

    async def leave(self) -> None:
        raise NotImplementedError

    async def add(self) -> None:
        raise NotImplementedError

    async def remove(self) -> None:
        raise NotImplementedError

    async def show_sets(self) -> None:
        raise NotImplementedError

    async def edit_parameters(self) -> None:
        raise NotImplementedError

    async def edit_system_prompt(self) -> None:
        raise NotImplementedError

    async def next_sharing(self) -> None:
        raise NotImplementedError

    async def choose_at_once(self) -> None:
        raise NotImplementedError

    async def stop_one(self) -> None:
        raise NotImplementedError

    async def stop_all(self) -> None:
        raise NotImplementedError

    async def retry_failed(self) -> None:
        raise NotImplementedError

    async def use(self) -> None:
        raise NotImplementedError
