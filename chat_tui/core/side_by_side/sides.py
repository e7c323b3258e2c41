"""Several models in one conversation: who they are, what they share, and rounds of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from chat_tui.core.branching import Branching
from chat_tui.core.errors import UsageError
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.questions import Questions
from chat_tui.core.shelf import Shelf
from chat_tui.core.side_by_side.answers import answers, chosen_slot, last_answer
from chat_tui.core.side_by_side.beginning import Rounds
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.plans import Means
from chat_tui.core.side_by_side.seats import (
    begun_threads,
    check_count,
    check_there,
    has_spoken,
    is_same_model,
    other_end,
    put_in_place,
    slot_for,
    with_slots,
)
from chat_tui.core.side_by_side.threads import Column, own_leaf, path_of
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation, busy


class SideBySide(Rounds):
    """Several models in one conversation: who they are, and rounds of them.

    Args:
        means: what rounds are made with.
        questions: makes prompts.
        branches: changes which answer is gone on with.
        shelf: keeps what is changed of conversations.
    """

    def __init__(
        self, means: Means, questions: Questions, branches: Branching, shelf: Shelf
    ) -> None:
        super().__init__(means, questions)
        self._branches = branches
        self._shelf = shelf

    # Who is asked

    async def begin(self, chat: OpenConversation, targets: Sequence[Target]) -> None:
        """Go side by side with these, in this order; the active path stays.

        A target that the conversation has in a slot already, with the same parameters and the same
        system prompt, keeps it.

        Raises:
            UsageError: there are more than `MOST`, none, or an answer is on its way.
        """
        if not targets:
            raise UsageError("There is no model to go side by side with.", hint="Choose some.")
        check_count(len(targets))
        if chat.streaming:
            raise busy()
        # Of a conversation in which nothing was said no message names a slot.
        known = list(chat.conversation.targets) if len(chat.tree) else []
        slots: list[int] = []
        for target in targets:
            slots.append(slot_for(known, target, slots))
        board = replace(with_slots(chat.conversation.board, slots), folded=False)
        await self._change(chat, board, targets=tuple(known))

    async def show_answers(self, chat: OpenConversation) -> bool:
        """Show the n answers of the model that is asked alone beside each other.

        Also while they are on their way. Tells whether the newest prompt has several.

        Raises:
            StorageError: they cannot be read, or it cannot be stored.
        """
        tree, last = chat.tree, last_answer(chat.tree)
        same = answers(tree, last.id) if last is not None else []
        choices = await chat.messages(same) if len(same) > 1 else []
        about, slot = chat.conversation, chat.conversation.board.alone
        if about.board or last is None or not any(each.choice for each in choices):
            return False
        if last.slot != slot or slot >= len(about.targets):
            return False
        board = replace(with_slots(about.board, (slot,)), folded=False)
        await self._change(chat, board, heads={**about.heads, slot: last.id})
        return True

    async def end(
        self, chat: OpenConversation, slot: int | None = None, *, choice: int | None = None
    ) -> None:
        """Go on with one alone: that slot, its answer chosen; by default whose answer is chosen.

        Args:
            chat: the conversation.
            slot: whose answer.
            choice: where a single model has given several, the place of the one that is chosen; by
                default the one that is.

        Raises:
            UsageError: an answer is on its way.
        """
        about = chat.conversation
        single = len(about.board.slots) == 1
        if chat.streaming and not single:
            raise busy()
        if not about.board:
            return
        stays = slot is None or (single and choice is None)
        slot = chosen_slot(about, chat.tree) if slot is None else slot
        check_there(about.board, slot)
        path = path_of(about, chat.tree, Column(slot, choice or 0))
        if path and not stays:
            await self._branches.select(chat, path[-1])
        board = replace(with_slots(about.board, ()), alone=slot, folded=single)
        await self._change(chat, board)

    async def add(self, chat: OpenConversation, target: Target) -> int:
        """Add a model while others may run; gives its slot. Ask it with `answer`.

        One that was taken away comes back with what it said.

        Raises:
            UsageError: there are `MOST` already.
        """
        about = chat.conversation
        slots = about.board.slots or (about.board.alone,)
        check_count(len(slots) + 1)
        known = list(about.targets)
        slot = slot_for(known, target, slots)
        blind = (*about.board.blind, slot) if about.board.blind else ()
        board = replace(with_slots(about.board, (*slots, slot)), blind=blind)
        await self._change(chat, board, targets=tuple(known))
        return slot

    async def remove(self, chat: OpenConversation, slot: int) -> None:
        """Take a model away; its answer stops, what it said stays in the tree.

        Where its answer was chosen, that of the first one that is left is.

        Raises:
            UsageError: it is the last one, or none of them.
        """
        about, tree = chat.conversation, chat.tree
        check_there(about.board, slot)
        left = tuple(each for each in about.board.slots if each != slot)
        if not left:
            raise UsageError(
                "This is the last model here.",
                hint="Add another one first, or go on with it alone.",
            )
        chat.stop(slot)
        last = last_answer(tree)
        chosen = last is not None and last.slot == slot
        blind = tuple(each for each in about.board.blind if each != slot)
        await self._change(chat, replace(with_slots(about.board, left), blind=blind))
        if chosen and (other := other_end(chat.conversation, tree)) is not None:
            await self._branches.select(chat, other)

    async def change(self, chat: OpenConversation, slot: int, target: Target) -> int:
        """Ask a slot with other parameters, another system prompt, or another model from now on.

        Gives the slot: a new one in the place of the old, where another model has answered in it.

        Raises:
            UsageError: it is none of the board's, or another model is to take the place of one
                whose answer is on its way.
        """
        about = chat.conversation
        check_there(about.board, slot)
        known = list(about.targets)
        if is_same_model(known[slot], target) or not has_spoken(chat.tree, slot):
            known[slot] = target
            await self._shelf.update(chat.id, {"targets": tuple(known)})
            return slot
        if slot in chat.rounds:
            raise busy()
        new = slot_for(known, target, about.board.slots)
        put = partial(put_in_place, slot, new)
        board = with_slots(about.board, put(about.board.slots))
        board = replace(board, blind=put(about.board.blind), alone=put((about.board.alone,))[0])
        heads = dict(about.heads)
        if slot in heads:  # It goes on with the thread of the one before.
            heads.setdefault(new, heads[slot])
        await self._change(chat, board, targets=tuple(known), heads=heads)
        return new

    async def set_board(self, chat: OpenConversation, board: Board) -> None:
        """Show or share otherwise (see `Board`); threads are kept in step where sharing changes.

        Raises:
            UsageError: it names slots that there are not.
        """
        about, board = chat.conversation, board.sane()
        if not board or max(board.slots) >= len(about.targets):
            raise UsageError("There are no such models here.", hint="Add them first.")
        if board != about.board:
            await self._change(chat, board)

    async def choose(self, chat: OpenConversation, reply: str) -> None:
        """Go on with an answer: the active path goes through it. It can be undone.

        Raises:
            UsageError: it is deleted, or no answer.
        """
        tree, about = chat.tree, chat.conversation
        if not tree.visible(reply) or tree[reply].role != "assistant":
            raise UsageError("This is no answer.", hint="Choose one that can be seen.")
        if about.board.sharing == "own":
            reply = own_leaf(tree, reply, tree[reply].slot) or reply
        await self._branches.select(chat, reply)

    async def show(self, chat: OpenConversation, column: Column, id_: str) -> None:
        """Show another version of a message in a column: of an answer of its slot, or of a prompt.

        Where it takes the place of one on the active path, the active path goes through it, which
        can be undone; else only the column changes.

        Raises:
            UsageError: it is deleted.
        """
        about, tree = chat.conversation, chat.tree
        if not tree.visible(id_):
            raise UsageError("This message is deleted.", hint="Bring it back first.")
        slot, own = column.slot, about.board.sharing == "own" and len(about.board.slots) > 1
        leaf = (own_leaf(tree, id_, slot) or id_) if own else id_
        path, active = path_of(about, tree, column), {*tree.path()}
        beside = {*tree.siblings(id_), *answers(tree, id_)} if id_ in tree else {id_}
        now = next((each for each in path if each in beside), None)
        if now is None or now in active or slot not in about.board.slots:
            await self._branches.select(chat, leaf)
        else:
            tree.look_at(id_)
            tree.select(tree.head)
        newest = last_answer(tree)
        if own or (newest is not None and newest.turn == tree[id_].turn):
            heads = {**chat.conversation.heads, slot: leaf}
            if slot in about.board.slots and heads != chat.conversation.heads:
                await self._shelf.update(chat.id, {"heads": heads})

    # Inside

    async def _change(
        self,
        chat: OpenConversation,
        board: Board,
        *,
        targets: tuple[Target, ...] | None = None,
        heads: Mapping[int, str] | None = None,
    ) -> None:
        """Take another board; if each model is to have its own thread, have them begin."""
        before = chat.conversation
        # With both it is known who stands for it in the list.
        targets = before.targets if targets is None else targets
        changes: ConversationChanges = {"board": board, "targets": targets}
        if heads is not None:
            changes["heads"] = heads
        if board.sharing == "own" and (
            before.board.sharing != "own" or (board and not before.board)
        ):
            after = replace(before, board=board, targets=targets)
            changes["heads"] = begun_threads(after, chat.tree)
        await self._shelf.update(chat.id, changes)
        self._allow(chat)
