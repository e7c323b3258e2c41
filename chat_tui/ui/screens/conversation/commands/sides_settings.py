"""What models side by side are asked with and told, and how many answer at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_tui.core.parameters import check_parameters
from chat_tui.core.side_by_side.board import SHARINGS
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.side_words import at_a_time

if TYPE_CHECKING:
    from chat_tui.core.side_by_side.sides import SideBySide


class SideSettings(CommandGroup):
    """Changes what holds for the marked column's model, or for all.

    The dialogs are imported by the command that opens them.
    """

    @property
    def _sides(self) -> "SideBySide":
        return self._screen.session.manager.sides

    def edit_parameters(self) -> None:
        """Change the request parameters of the marked column's model."""
        self._in_background(self._edit_parameters(), "parameters")

    async def _edit_parameters(self) -> None:
        from chat_tui.ui.screens.parameters import ParametersScreen

        if (column := await self._screen.sides.column()) is None:
            return
        chat, slot = column
        dialog = ParametersScreen(chat.conversation.targets[slot], self._screen.session.desk)
        chosen = await self._screen.app.push_screen_wait(dialog)
        if chosen is not None:
            await self.set_parameters(chosen)

    async def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Ask the marked column's model with other request parameters from now on.

        Args:
            parameters: all of them, by their names; those of None are left out.

        Raises:
            UsageError: one of them may not be sent, or not beside the others.
        """
        if (column := await self._screen.sides.column()) is None:
            return
        chat, slot = column
        checked = check_parameters(parameters)
        target = replace(chat.conversation.targets[slot], parameters=checked)
        await self._sides.change(chat, slot, target)
        await self._screen.sides.show(chat)
        model = self._screen.sides.name_of(chat, slot)
        if len(chat.conversation.board.slots) > 1 and checked.get("n", 1) != 1:
            key = active_keys(self._screen).shown_anywhere("leave-side-by-side")
            self._tell("sides.parameters-n", timeout=10, model=model, count=len(checked), key=key)
        else:
            self._tell("sides.parameters", model=model, count=len(checked))

    def edit_system_prompt(self) -> None:
        """Write what the marked column's model is told first."""
        self._in_background(self._edit_system_prompt(), "system prompt")

    async def _edit_system_prompt(self) -> None:
        from chat_tui.ui.screens.system_prompt import SystemPromptScreen

        if (column := await self._screen.sides.column()) is None:
            return
        chat, slot = column
        target, usual = chat.conversation.targets[slot], chat.conversation.system_prompt
        dialog = SystemPromptScreen(target.system_prompt or "", usual)
        written = await self._screen.app.push_screen_wait(dialog)
        if written is None or written == (target.system_prompt or ""):
            return
        await self._sides.change(chat, slot, replace(target, system_prompt=written or None))
        await self._screen.sides.show(chat)
        key = "sides.system-prompt" if written else "sides.system-prompt-none"
        self._tell(key, model=self._screen.sides.name_of(chat, slot))

    # What all are told, and when

    async def next_sharing(self) -> None:
        """Change which answers the models are told from now on."""
        if (chat := await self._screen.sides.beside()) is None:
            return
        board = chat.conversation.board
        sharing = SHARINGS[(SHARINGS.index(board.sharing) + 1) % len(SHARINGS)]
        await self._sides.set_board(chat, replace(board, sharing=sharing))
        await self._screen.sides.show(chat)
        self._tell(f"sides.told.{sharing}", timeout=6)

    def choose_at_once(self) -> None:
        """Choose how many models answer at the same time."""
        self._in_background(self._choose_at_once(), "at once")

    async def _choose_at_once(self) -> None:
        from chat_tui.ui.screens.question import Answer, QuestionDialog

        if (chat := await self._screen.sides.beside()) is None:
            return
        board = chat.conversation.board
        answers = [
            Answer[int | None](key, text(f"sides.at-once.answer.{key}"), count)
            for key, count in (("a", 0), ("1", 1), ("2", 2), ("3", 3))
        ]
        answers.append(Answer("l", text("sides.at-once.leave"), None))
        now = text("sides.at-once.now", now=at_a_time(board.at_once))
        dialog = QuestionDialog(text("sides.at-once.title"), now, answers)
        count = await self._screen.app.push_screen_wait(dialog)
        if count is not None:
            await self._sides.set_board(chat, replace(chat.conversation.board, at_once=count))
            await self._screen.sides.show(chat)
            self._tell("sides.at-once.set", how=at_a_time(count))
