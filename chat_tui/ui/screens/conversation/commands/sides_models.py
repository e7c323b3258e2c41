"""Which models are side by side: chosen, added, taken away, used as a set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_tui.core.model_choices import ModelSet
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.board import MOST
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.commands.sides_answers import newest_prompt
from chat_tui.ui.screens.conversation.side_words import at_a_time

if TYPE_CHECKING:
    from chat_tui.core.side_by_side.sides import SideBySide
    from chat_tui.core.turns import OpenConversation


class SideModels(CommandGroup):
    """Chooses who answers side by side."""

    @property
    def _sides(self) -> "SideBySide":
        return self._screen.session.manager.sides

    async def choose(self) -> None:
        """Choose them; returns when some were chosen, or none.

        Where one model has given several answers, those are shown first.
        """
        chat = await self._ready()
        if await self.show_answers(chat):
            return
        about, title = chat.conversation, text("sides.choose", most=MOST)
        marked = [about.targets[slot] for slot in about.board.slots]
        picked = await self._screen.answering.pick(chat, title=title, marked=marked)
        if len(picked) == 1 and not about.board and str(picked[0]) != str(chat.target):
            # One other model is meant to stand beside the one that there is.
            picked = (chat.target, *picked)
        if len(picked) == 1:
            self._tell("sides.one-picked", key=active_keys(self._screen).shown("models-mark"))
        elif picked:
            await self.start(picked)

    async def show_answers(self, chat: "OpenConversation") -> bool:
        """Show the n answers of the one model that is asked beside each other.

        Tells whether the newest prompt has several.

        Raises:
            StorageError: they cannot be read, or it cannot be stored.
        """
        shown = await self._sides.show_answers(chat)
        if shown and chat is self._screen.session.chat:
            await self._screen.sides.show(chat)
            keys = active_keys(self._screen)
            leave = keys.shown_anywhere("leave-side-by-side")
            use = keys.shown_anywhere("use-answer")
            self._tell("sides.answers-begun", timeout=8, leave=leave, use=use)
        return shown

    async def start(self, targets: Sequence[Target], kept: ModelSet | None = None) -> None:
        """Go side by side with models; those that have not answered the newest prompt do so now.

        Args:
            targets: the models.
            kept: says what they are told, and how many answer at once; by default as it was.

        Raises:
            UsageError: an answer is on its way, or there are too many of them.
        """
        chat = await self._ready()
        await self._sides.begin(chat, targets)
        if kept is not None:
            board = chat.conversation.board
            board = replace(board, sharing=kept.sharing, at_once=kept.at_once)
            await self._sides.set_board(chat, board)
        await self._screen.sides.show(chat)
        self._screen.sides.answers.ask_missing(chat)
        key = active_keys(self._screen).shown_anywhere("zoom-column")
        count, at_once = len(targets), chat.conversation.board.at_once
        if 0 < at_once < count:
            how = at_a_time(at_once)
            self._tell("sides.begun-slowly", timeout=6, count=count, how=how, key=key)
        else:
            self._tell("sides.begun", timeout=6, count=count, key=key)

    def add(self) -> None:
        """Add a model beside the others; it answers the newest prompt."""
        self._in_background(self._add(), "add model")

    async def _add(self) -> None:
        chat = await self._ready()
        title = text("sides.add" if newest_prompt(chat) is None else "sides.add-asks")
        picked = await self._screen.answering.pick(chat, several=False, title=title)
        if not picked:
            return
        if not chat.conversation.board:
            await self._sides.begin(chat, (chat.target,))
        # It may be one that is there already: then two columns differ in what they are asked with.
        slot = await self._sides.add(chat, picked[0])
        await self._screen.sides.show(chat)
        self._screen.sides.mark(slot)
        self._screen.sides.answers.ask_missing(chat)

    async def remove(self) -> None:
        """Take the model of the marked column away; of two, the other one goes on alone."""
        if (column := await self._screen.sides.column()) is None:
            return
        chat, slot = column
        model = self._screen.sides.name_of(chat, slot)
        others = [each for each in chat.conversation.board.slots if each != slot]
        running = chat.rounds.keys() - {slot}
        if len(others) == 1 and not running:
            await self._screen.turns.stop(chat)
            await self._leave(chat, others[0])
            return
        self._screen.turns.waits.cancel(chat.id, slot)
        await self._sides.remove(chat, slot)
        await self._screen.sides.show(chat)
        key = active_keys(self._screen).shown_anywhere("add-model")
        self._tell("sides.removed", timeout=8, model=model, key=key)

    async def leave(self) -> None:
        """Go on with the model of the marked column alone."""
        if (column := await self._screen.sides.column()) is not None:
            await self._leave(*column)

    async def _leave(self, chat: "OpenConversation", slot: int) -> None:
        model = clean_line(chat.conversation.targets[slot].model, code=True)
        others = [each for each in chat.conversation.board.slots if each != slot]
        marked = self._screen.panes.marked
        choice = None if marked is None or others else marked.column.choice
        await self._sides.end(chat, slot, choice=choice)
        for each in others:
            self._screen.turns.waits.cancel(chat.id, each)
        await self._screen.sides.show(chat)
        key = active_keys(self._screen).shown_anywhere("side-by-side")
        told = "sides.alone" if others else "sides.answer-alone"
        self._tell(told, timeout=6, model=model, key=key)

    def show_sets(self) -> None:
        """Use, save or delete sets of models."""
        self._in_background(self._show_sets(), "model sets")

    async def _show_sets(self) -> None:
        # 4 ms that only who uses sets need pay.
        from chat_tui.ui.screens.model_sets import choose_set

        screen = self._screen
        chosen = await choose_set(screen.app, screen.session.choices, self.current_set())
        if chosen is not None:
            await self.start(chosen.targets, chosen)

    def current_set(self) -> ModelSet | None:
        """The models that are side by side now, as a set without a name; None where none are."""
        chat = self._screen.session.chat
        if chat is None or not chat.conversation.board:
            return None
        board, targets = chat.conversation.board, chat.conversation.targets
        of_board = tuple(targets[slot] for slot in board.slots)
        return ModelSet("", of_board, board.sharing, board.at_once)

    async def change_model(self, target: Target) -> None:
        """Ask another model in the marked column from now on, with the same parameters and prompt.

        Raises:
            UsageError: an answer is on its way there.
        """
        if (column := await self._screen.sides.column()) is None:
            return
        chat, slot = column
        self._screen.turns.waits.cancel(chat.id, slot)
        now = chat.conversation.targets[slot]
        other = replace(now, provider=target.provider, model=target.model)
        await self._sides.change(chat, slot, other)
        await self._screen.sides.show(chat)
        self._tell("sides.changed", model=clean_line(target.model, code=True))
