"""What is to be merged, and how: as it is asked for, and as it is kept with the merged answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.side_by_side.merging import RECIPES, Recipe
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation

RECORD = "chat_tui_merge"
"""The field of `ChatMessage.raw` that keeps what an answer was merged from, and how."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be merged, and how."""

    replies: tuple[str, ...]
    recipe: Recipe
    words: str = ""
    """The user's own, for the recipe `own`."""
    target: Target | None = None
    """Who merges; None: who is asked next."""


def record_of(order: Order) -> dict[str, Any]:
    """What is kept of an order with the answer."""
    record: dict[str, Any] = {"replies": [*order.replies], "recipe": order.recipe}
    if order.words:
        record["words"] = order.words
    if order.target is not None:
        record |= {"provider": order.target.provider, "model": order.target.model}
    return record


def order_of(chat: OpenConversation, reply: ChatMessage) -> Order:
    """What an answer was merged from, and how.

    Raises:
        UsageError: nothing is kept of it, or it is deleted.
    """
    order = _kept_order(reply, chat.conversation.targets)
    if order is None or not all(map(chat.tree.visible, order.replies)):
        raise UsageError(text("merge.gone"), hint=text("merge.gone-hint"))
    return order


def _kept_order(reply: ChatMessage, targets: Sequence[Target]) -> Order | None:
    record = reply.raw.get(RECORD)
    if not isinstance(record, Mapping):
        return None
    recipe = next((each for each in RECIPES if each == record.get("recipe")), None)
    replies, words = record.get("replies"), record.get("words", "")
    if recipe is None or not isinstance(replies, list) or not isinstance(words, str):
        return None
    ids = tuple(id_ for id_ in replies if isinstance(id_, str))
    named = record.get("provider"), record.get("model")
    match named:
        case (str(provider), str(model)):
            asked = Target(provider, model)
        case _:
            return Order(ids, recipe, words)
    known = (each for each in targets if str(each) == str(asked))
    return Order(ids, recipe, words, next(known, asked))
