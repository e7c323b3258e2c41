"""Models side by side: who is asked, what they are told, stopping and asking again."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.board import MOST, SHARINGS
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:  # what only who goes side by side needs
    from chat_tui.core.model_choices import ModelSet
    from chat_tui.core.side_by_side.sides import SideBySide
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.actions import Scope
    from chat_tui.ui.screens.conversation.heads import Heads
    from chat_tui.ui.screens.conversation.side_answers import SideAnswers
    from chat_tui.ui.widgets.action_hints import Hint
    from chat_tui.ui.widgets.status import Piece


class SideCommands(CommandGroup):
    """Who answers side by side, and what each is told.

    Args:
        screen: whose commands they are.
    """

    @property
    def on(self) -> bool:
        """Whether the conversation on the screen is side by side."""
        chat = self._screen.session.chat
        return chat is not None and bool(chat.conversation.board)

    @property
    def _sides(self) -> "SideBySide":
        return self._screen.session.manager.sides

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
        from chat_tui.ui.screens.conversation.side_answers import SideAnswers

        return SideAnswers(self._screen)

    def show_heads(self) -> None:
        """Fill the headings of the columns anew; cheap."""
        if self.on:
            self.heads.show()

    def pieces(self, chat: "OpenConversation") -> "list[Piece]":
        """Who is asked and what they are told, for the status line."""
        # 1 ms that only who goes side by side need pay.
        from chat_tui.ui.screens.conversation.side_words import who_pieces

        hides = self._screen.comparing.hides
        return who_pieces(chat.conversation, self._screen.context.refused, hides=hides)

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
    def column_in_use(self) -> int | None:
        """The slot of the column that has the focus; None elsewhere."""
        screen = self._screen
        if not self.on or screen.focused not in screen.panes.transcripts:
            return None
        return screen.panes.marked_slot

    # Who is asked

    def choose_models(self) -> None:
        """Choose the models that answer side by side."""
        self._in_background(self.choose(), "side by side")

    async def choose(self) -> None:
        """The same; returns when some were chosen, or none."""
        chat = await self._ready()
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

    async def start(self, targets: "Sequence[Target]") -> None:
        """Go side by side with models; those that have not answered the newest prompt do so now.

        Raises:
            UsageError: an answer is on its way, or there are too many of them.
        """
        chat = await self._ready()
        await self._sides.begin(chat, targets)
        await self._follow(chat)
        self.answers.ask_missing(chat)
        key = active_keys(self._screen).shown_anywhere("zoom-column")
        self._tell("sides.begun", timeout=6, count=len(targets), key=key)

    def add(self) -> None:
        """Add a model beside the others; it answers the newest prompt."""
        self._in_background(self._add(), "add model")

    async def _add(self) -> None:
        chat = await self._ready()
        picked = await self._screen.answering.pick(chat, several=False, title=text("sides.add"))
        if not picked:
            return
        if not chat.conversation.board:
            await self._sides.begin(chat, (chat.target,))
        # It may be one that is there already: then two columns differ in what they are asked with.
        slot = await self._sides.add(chat, picked[0])
        await self._follow(chat)
        if (new := self._screen.panes.of(slot)) is not None:
            self._screen.panes.mark(self._screen.panes.panes.index(new))
        self.answers.ask_missing(chat)

    async def remove(self) -> None:
        """Take the model of the marked column away; of two, the other one goes on alone."""
        chat, slot = await self._ready(), self._column()
        if slot is None:
            return
        model = self.name_of(chat, slot)
        others = [each for each in chat.conversation.board.slots if each != slot]
        running = self._sides.running(chat) - {slot}
        if len(others) == 1 and not running:
            await self._screen.turns.stop(chat)
            await self._leave(chat, others[0])
            return
        await self._sides.remove(chat, slot)
        await self._follow(chat)
        key = active_keys(self._screen).shown_anywhere("add-model")
        self._tell("sides.removed", timeout=8, model=model, key=key)

    async def leave(self) -> None:
        """Go on with the model of the marked column alone."""
        chat = await self._ready()
        if (slot := self._column()) is not None:
            await self._leave(chat, slot)

    async def _leave(self, chat: "OpenConversation", slot: int) -> None:
        model = clean_line(chat.conversation.targets[slot].model, code=True)
        await self._sides.end(chat, slot)
        await self._follow(chat)
        key = active_keys(self._screen).shown_anywhere("side-by-side")
        self._tell("sides.alone", timeout=6, model=model, key=key)

    def show_sets(self) -> None:
        """Use, save or delete sets of models."""
        self._in_background(self._show_sets(), "model sets")

    async def _show_sets(self) -> None:
        # 4 ms that only who uses sets need pay.
        from chat_tui.ui.screens.model_sets import choose_set

        chat, screen = await self._ready(), self._screen
        chosen = await choose_set(screen.app, screen.session.choices, self.current_set())
        if chosen is None:
            return
        await self.start(chosen.targets)
        board = chat.conversation.board
        board = replace(board, sharing=chosen.sharing, at_once=chosen.at_once)
        await self._sides.set_board(chat, board)
        await self._follow(chat)

    def current_set(self) -> "ModelSet | None":
        """The models that are side by side now, as a set without a name; None where none are."""
        # 1 ms that only who uses sets need pay.
        from chat_tui.core.model_choices import ModelSet

        chat = self._screen.session.chat
        if chat is None or not chat.conversation.board:
            return None
        board, targets = chat.conversation.board, chat.conversation.targets
        of_board = tuple(targets[slot] for slot in board.slots)
        return ModelSet("", of_board, board.sharing, board.at_once)

    async def change_model(self, chat: "OpenConversation", slot: int, target: "Target") -> None:
        """Ask another model in a column, and have it answer the newest prompt."""
        self._screen.turns.interrupt(chat, slot)
        keeps = chat.conversation.targets[slot].parameters
        slot = await self._sides.change(chat, slot, replace(target, parameters=keeps))
        await self._follow(chat)
        self.answers.ask(chat, [slot])

    # What each is asked with

    def edit_parameters(self) -> None:
        """Change the request parameters of the marked column's model."""
        self._in_background(self._edit_parameters(), "parameters")

    async def _edit_parameters(self) -> None:
        # 19 ms that only who changes them need pay.
        from chat_tui.ui.screens.parameters import ParametersScreen

        chat, slot = await self._ready(), self._column()
        if slot is None:
            return
        target = chat.conversation.targets[slot]
        dialog = ParametersScreen(target, self._screen.session.desk)
        chosen = await self._screen.app.push_screen_wait(dialog)
        if chosen is None:
            return
        await self._sides.change(chat, slot, replace(target, parameters=chosen))
        await self._follow(chat)
        self._tell("sides.parameters", model=self.name_of(chat, slot), count=len(chosen))

    def edit_system_prompt(self) -> None:
        """Write what the marked column's model is told first."""
        self._in_background(self._edit_system_prompt(), "system prompt")

    async def _edit_system_prompt(self) -> None:
        # 4 ms that only who writes one need pay.
        from chat_tui.ui.screens.system_prompt import SystemPromptScreen

        chat, slot = await self._ready(), self._column()
        if slot is None:
            return
        target, usual = chat.conversation.targets[slot], chat.conversation.system_prompt
        dialog = SystemPromptScreen(target.system_prompt or "", usual)
        written = await self._screen.app.push_screen_wait(dialog)
        if written is None or written == (target.system_prompt or ""):
            return
        await self._sides.change(chat, slot, replace(target, system_prompt=written or None))
        await self._follow(chat)
        key = "sides.system-prompt" if written else "sides.system-prompt-none"
        self._tell(key, model=self.name_of(chat, slot))

    # What all are told, and when

    async def next_sharing(self) -> None:
        """Change which answers the models are told from now on."""
        if (chat := await self._beside()) is None:
            return
        board = chat.conversation.board
        sharing = SHARINGS[(SHARINGS.index(board.sharing) + 1) % len(SHARINGS)]
        await self._sides.set_board(chat, replace(board, sharing=sharing))
        await self._follow(chat)
        self._tell(f"sides.told.{sharing}", timeout=6)

    def choose_at_once(self) -> None:
        """Choose how many models answer at the same time."""
        self._in_background(self._choose_at_once(), "at once")

    async def _choose_at_once(self) -> None:
        # 2 ms that only who chooses need pay.
        from chat_tui.ui.screens.question import Answer, QuestionDialog

        if (chat := await self._beside()) is None:
            return
        board = chat.conversation.board
        answers = [
            Answer[int | None](key, text(f"sides.at-once.answer.{key}"), count)
            for key, count in (("a", 0), ("1", 1), ("2", 2), ("3", 3))
        ]
        answers.append(Answer("l", text("sides.at-once.leave"), None))
        now = text("sides.at-once.now", now=_at_a_time(board.at_once))
        dialog = QuestionDialog(text("sides.at-once.title"), now, answers)
        count = await self._screen.app.push_screen_wait(dialog)
        if count is not None:
            await self._sides.set_board(chat, replace(chat.conversation.board, at_once=count))
            await self._follow(chat)
            self._tell("sides.at-once.set", how=_at_a_time(count))

    # Their answers

    def stop_one(self) -> None:
        """Stop the answer in the marked column."""
        self.answers.stop(self.marked_slot)

    def stop_all(self) -> None:
        """Stop all answers; their texts stay."""
        self.answers.stop(None)

    async def retry_failed(self) -> None:
        """Ask all models again whose newest answers failed, broke off or were stopped."""
        await self.answers.retry_failed(await self._ready())

    async def use(self) -> None:
        """Go on with the answer of the marked column."""
        if (chat := await self._beside()) is not None:
            await self.answers.use(chat)

    # Inside

    def name_of(self, chat: "OpenConversation", slot: int) -> str:
        """What a slot is called now: its model, or a letter while nobody is to know it; clean."""
        model = chat.conversation.targets[slot].model
        return self._screen.comparing.name_of(slot) or clean_line(model, code=True)

    async def _beside(self) -> "OpenConversation | None":
        """The conversation, if it is side by side; says so where it is not."""
        chat = await self._ready()
        if chat.conversation.board:
            return chat
        self._tell("sides.off", key=active_keys(self._screen).shown_anywhere("side-by-side"))
        return None

    def _column(self) -> int | None:
        """The slot of the marked column; says so where that is of no model."""
        slot, chat = self.marked_slot, self._screen.session.chat
        if chat is not None and slot in chat.conversation.board.slots:
            return slot
        self._tell("sides.no-model")
        return None

    async def _follow(self, chat: "OpenConversation") -> None:
        """Show board and tree as they are now."""
        await self._screen.branches.follow(chat)
        self._screen.update_status()


def _at_a_time(count: int) -> str:
    """How many answer at the same time, in words."""
    if count > 1:
        return text("sides.at-once.some", count=count)
    return text("sides.at-once.one" if count else "sides.at-once.all")
