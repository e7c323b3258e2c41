"""What is done with the answers of models side by side: stopped, asked again, gone on with."""

from typing import TYPE_CHECKING

from chat_tui.core.messages import Status
from chat_tui.core.side_by_side.answers import answers
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.ui.screens.conversation.asking import to_answer
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat_tui.core.turns import OpenConversation

_FAILED: tuple[Status, ...] = ("error", "interrupted", "stopped", "filtered")
"""How an answer ends that is asked for again."""


class SideAnswers(CommandGroup):
    """Stops, asks again, chooses."""

    def stop_one(self) -> None:
        """Stop the answer in the marked column."""
        self._stop(self._screen.sides.marked_slot)

    def stop_all(self) -> None:
        """Stop all answers; their texts stay."""
        self._stop(None)

    def _stop(self, slot: int | None) -> None:
        chat = self._screen.session.chat
        if chat is None or not self._screen.turns.interrupt(chat, slot):
            self._tell("sides.nothing-runs", timeout=3)
        self._screen.update_status()

    def ask_missing(self, chat: "OpenConversation") -> None:
        """Ask those that have not answered the newest prompt, if there is one."""
        prompt = newest_prompt(chat)
        if prompt is None:
            return
        answered = {chat.tree[id_].slot for id_ in answers(chat.tree, prompt)}
        missing = [slot for slot in self._idle(chat) if slot not in answered]
        if missing:
            self.ask(chat, missing)

    def answered_by(self, chat: "OpenConversation") -> "Collection[str] | None":
        """Who has answered the newest prompt, each as `str(target)`; None where there is none."""
        prompt, targets = newest_prompt(chat), chat.conversation.targets
        if prompt is None:
            return None
        slots = {chat.tree[id_].slot for id_ in answers(chat.tree, prompt)}
        return {str(target) for slot, target in enumerate(targets) if slot in slots}

    async def retry_failed(self) -> None:
        """Ask all slots again whose newest answers failed, broke off or were stopped."""
        if (chat := await self._screen.sides.beside()) is None:
            return
        heads, board = chat.conversation.heads, chat.conversation.board
        newest = [heads[slot] for slot in board.slots if heads.get(slot) in chat.tree]
        failed = [
            message.slot
            for message in await chat.messages(newest)
            if message.role == "assistant" and message.status in _FAILED
        ]
        failed = [slot for slot in self._idle(chat) if slot in failed]
        if failed:
            self.ask(chat, failed)
        else:
            self._tell("sides.none-failed")

    def _idle(self, chat: "OpenConversation") -> "list[int]":
        """Those that may be asked now; of others that are asked there may be no reply yet."""
        busy = self._screen.turns.busy
        return [slot for slot in chat.conversation.board.slots if not busy(chat, slot)]

    def ask(self, chat: "OpenConversation", slots: "Collection[int]") -> None:
        """Have the newest prompt answered, or answered anew, by some slots."""
        answer = to_answer(self._screen.session.manager, chat, slots)
        self._screen.turns.start(chat, answer)

    async def use(self) -> None:
        """Go on with the marked answer, else with the newest one of the marked column."""
        if (chat := await self._screen.sides.beside()) is None:
            return
        id_ = self._meant(chat)
        if id_ is None:
            self._tell("sides.nothing-to-use", timeout=3)
            return
        sides, screen = self._screen.sides, self._screen
        await screen.session.manager.sides.choose(chat, id_)
        await screen.branches.follow(chat)
        slot = chat.tree[id_].slot
        if slot == MERGED:
            self._tell("sides.used-merged")
        else:
            self._tell("sides.used", model=sides.name_of(chat, slot))

    def _meant(self, chat: "OpenConversation") -> str | None:
        """The answer that is marked, or follows the marked prompt, or is the last in its column."""
        column, marked = self._screen.transcript.column, self._screen.reading.marked
        shown = [column.id_at(at) for at in range(marked or 0, len(column))]
        answers = [id_ for id_ in shown if chat.tree[id_].role == "assistant"]
        if not answers:
            return None
        return answers[-1] if marked is None else answers[0]


def newest_prompt(chat: "OpenConversation") -> str | None:
    """The last prompt on the active path."""
    tree = chat.tree
    return next((id_ for id_ in reversed(tree.path()) if tree[id_].role == "user"), None)
