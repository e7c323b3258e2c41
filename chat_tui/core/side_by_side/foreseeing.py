"""What the next round would be: how full each model's context is, and what the prompt costs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from chat_tui.core.context.outlook import Outlook
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.messages import ImagePart
from chat_tui.core.side_by_side.threads import told_to
from chat_tui.core.turns import OpenConversation


class RoundOutlook(NamedTuple):
    """What the next prompt would be to all models."""

    outlooks: Mapping[int, Outlook]
    """Slot → its next request, in the order of the columns."""
    cost: float | None
    """US dollars for all prompts whose price is known; None where none is."""
    refused: tuple[int, ...]
    """The slots whose prompt would not fit."""


class Foreseeing:
    """Looks ahead for several models; cheap after the first time.

    Args:
        planner: knows how full conversations are.
    """

    def __init__(self, planner: ContextPlanner) -> None:
        self._planner = planner
        self._paths: WeakKeyDictionary[
            OpenConversation, tuple[object, Mapping[int, Sequence[str]]]
        ] = WeakKeyDictionary()
        """Conversation → what its paths were made of, and what each slot is told."""

    async def look(
        self, chat: OpenConversation, draft: int = 0, pictures: Sequence[ImagePart] = ()
    ) -> RoundOutlook:
        """What the next round would be.

        Args:
            chat: the conversation.
            draft: tokens of what is written and not sent, as the conversation's own target has
                them (`ContextPlanner.draft_tokens`), the pictures with it.
            pictures: those that are attached to it: each model weighs them by a rule of its own.

        Raises:
            StorageError: the conversation cannot be read.
        """
        outlooks: dict[int, Outlook] = {}
        words = max(draft - self._planner.pictures_tokens(pictures, chat.target), 0)
        for slot, path in self._told(chat).items():
            await asyncio.sleep(0)  # Six long ones at once would keep keys waiting.
            if slot not in chat.conversation.board.slots:
                continue  # It was taken away meanwhile.
            target = chat.conversation.targets[slot]
            size = self._planner.rescaled(words, chat.target, target)
            size += self._planner.pictures_tokens(pictures, target)
            outlooks[slot] = await self._planner.outlook(chat, size, target, path, slot)
        costs = [each.cost for each in outlooks.values() if each.cost is not None]
        refused = tuple(slot for slot, each in outlooks.items() if each.plan.refused)
        return RoundOutlook(outlooks, sum(costs) if costs else None, refused)

    def _told(self, chat: OpenConversation) -> Mapping[int, Sequence[str]]:
        """What each slot is told: the same objects as long as it is the same."""
        about, tree = chat.conversation, chat.tree
        made_of = len(tree), tree.moves, about.heads, about.board
        known = self._paths.get(chat)
        if known is not None and known[0] == made_of:
            return known[1]
        paths: dict[int, Sequence[str]] = {}
        for slot in about.board.slots:
            if paths and about.board.sharing != "own":
                paths[slot] = next(iter(paths.values()))
            else:
                paths[slot] = told_to(about, tree, slot)
        self._paths[chat] = made_of, paths
        return paths
