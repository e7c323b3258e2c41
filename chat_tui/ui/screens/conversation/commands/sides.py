"""Models side by side: who is asked, what they are told, and their answers."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:  # what only who goes side by side needs
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.actions import Scope
    from chat_tui.ui.screens.conversation.commands.sides_answers import SideAnswers
    from chat_tui.ui.screens.conversation.commands.sides_models import SideModels
    from chat_tui.ui.screens.conversation.commands.sides_settings import SideSettings
    from chat_tui.ui.screens.conversation.heads import Heads
    from chat_tui.ui.widgets.action_hints import Hint
    from chat_tui.ui.widgets.status import Piece


class SideCommands(CommandGroup):
    """Several models in the conversation on the screen.

    What is done with them is in groups of their own: `models`, `settings`, `answers`.

    Args:
        screen: whose commands they are.
    """

    @property
    def on(self) -> bool:
        """Whether the conversation on the screen is side by side."""
        chat = self._screen.session.chat
        return chat is not None and bool(chat.conversation.board)

    @cached_property
    def heads(self) -> "Heads":
        """Fills the headings of the columns."""
        # 2 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.heads import Heads

        return Heads(self._screen)

    @cached_property
    def answers(self) -> "SideAnswers":
        """Stops, asks again, chooses answers."""
        # 2 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.commands.sides_answers import SideAnswers

        return SideAnswers(self._screen)

    @cached_property
    def models(self) -> "SideModels":
        """Chooses who answers."""
        # 2 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.commands.sides_models import SideModels

        return SideModels(self._screen)

    @cached_property
    def settings(self) -> "SideSettings":
        """Changes what they are asked with and told."""
        # 2 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.commands.sides_settings import SideSettings

        return SideSettings(self._screen)

    def show_heads(self) -> None:
        """Fill the headings of the columns anew; cheap."""
        if self.on:
            self.heads.show()

    def pieces(self, chat: "OpenConversation") -> "list[Piece]":
        """Who is asked and what they are told, for the status line."""
        # 1 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.side_words import told_answer, who_pieces

        hides, about = self._screen.comparing.hides, chat.conversation
        told = told_answer(about, chat.tree)
        return who_pieces(about, self._screen.context.refused, hides=hides, told=told)

    def hints(self, scope: "Scope") -> "list[Hint]":
        """The keys of columns, as they are pressed in a part of the screen."""
        # 1 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.side_words import column_hints

        return column_hints(active_keys(self._screen), scope)

    @property
    def marked_slot(self) -> int | None:
        """The slot of the marked column; None while it is not side by side, or marks no model."""
        return self._screen.panes.marked_slot if self.on else None

    @property
    def target(self) -> "Target | None":
        """Whom the marked column asks; None where it is not side by side, or marks no model."""
        chat, slot = self._screen.session.chat, self.marked_slot
        if chat is None or slot is None or slot not in chat.conversation.board.slots:
            return None
        return chat.conversation.targets[slot]

    @property
    def column_in_use(self) -> int | None:
        """The slot of the column that has the focus; None elsewhere."""
        screen = self._screen
        if not self.on or screen.focused not in screen.panes.transcripts:
            return None
        return screen.panes.marked_slot

    def mark(self, slot: int) -> None:
        """Mean the column of a model from now on."""
        panes = self._screen.panes
        if (pane := panes.of(slot)) is not None:
            panes.mark(panes.panes.index(pane))

    # Who is asked

    def choose_models(self) -> None:
        """Choose the models that answer side by side."""
        self._in_background(self.choose(), "side by side")

    async def choose(self) -> None:
        """The same; returns when some were chosen, or none."""
        await self.models.choose()

    async def start(self, targets: "Sequence[Target]") -> None:
        """Go side by side with models. See `SideModels.start`."""
        await self.models.start(targets)

    # What the groups ask for

    async def beside(self) -> "OpenConversation | None":
        """The conversation, if it is side by side; says so where it is not."""
        chat = await self._ready()
        if chat.conversation.board:
            return chat
        self._tell("sides.off", key=active_keys(self._screen).shown_anywhere("side-by-side"))
        return None

    async def column(self) -> "tuple[OpenConversation, int] | None":
        """The conversation and the slot of the marked column; says so where there is no model."""
        if (chat := await self.beside()) is None:
            return None
        if (slot := self.marked_slot) in chat.conversation.board.slots and slot is not None:
            return chat, slot
        self._tell("sides.no-model")
        return None

    def name_of(self, chat: "OpenConversation", slot: int) -> str:
        """What a slot is called now: its model, or a letter while nobody is to know it; clean."""
        model = chat.conversation.targets[slot].model
        return self._screen.comparing.name_of(slot) or clean_line(model, code=True)

    async def show(self, chat: "OpenConversation") -> None:
        """Show board and tree as they are now."""
        await self._screen.branches.follow(chat)
        self._screen.update_status()
