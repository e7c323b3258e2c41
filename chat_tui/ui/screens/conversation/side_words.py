"""Who is asked side by side and what they are told, as the status line says it."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.answers import last_answer
from chat_tui.core.side_by_side.blind import blind_name
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys, Scope, action_called
from chat_tui.ui.widgets.action_hints import Hint
from chat_tui.ui.widgets.status import Piece

if TYPE_CHECKING:
    from chat_tui.core.conversation import Conversation, ConversationTree


_HINTED = ("use-answer", "zoom-column", "next-column", "sharing")
"""Actions that have a key for who reads, too."""


def column_hints(keys: ActiveKeys, scope: Scope) -> list[Hint]:
    """What can be done with columns from a part of the screen, by the keys that work there."""
    hints = []
    for id_ in _HINTED:
        here = f"{id_}-reading" if scope == "transcript" else id_
        reading, action = action_called(f"{id_}-reading"), action_called(here)
        hints.append(Hint(keys.shown(here), reading.label, action.run))
    return hints


def told_answer(about: "Conversation", tree: "ConversationTree") -> str:
    """Whose answer all models are told, clean; empty where there is none, or each is told its own.

    With its column's number where another one has the same model.
    """
    last, slots = last_answer(tree), about.board.slots
    if last is None or about.board.sharing != "one" or len(slots) < 2:
        return ""
    if last.slot == MERGED:
        return text("columns.merged")
    if last.slot >= len(about.targets):
        return ""
    model = about.targets[last.slot].model
    same = [slot for slot in slots if about.targets[slot].model == model]
    name = clean_line(model, code=True)
    if len(same) > 1 and last.slot in slots:
        return f"{about.board.shown.index(last.slot) + 1} {name}"
    return name


def at_a_time(count: int) -> str:
    """How many answer at the same time, in words."""
    if count > 1:
        return text("sides.at-once.some", count=count)
    return text("sides.at-once.one" if count else "sides.at-once.all")


def who_pieces(
    about: "Conversation", refused: Collection[int], *, hides: bool, told: str = ""
) -> list[Piece]:
    """How many models, what they are told, and whose window is too small.

    Args:
        about: the conversation.
        refused: the slots whose next request would not fit.
        hides: whether nobody is to know who is who.
        told: whose answer all are told; clean.
    """
    board = about.board
    count = len(board.slots)
    words = text("sides.models", count=count) if count > 1 else text("sides.model")
    pieces = [
        Piece(words, "bold $accent", rank=4, name=True),
        Piece(text(f"sides.sharing.{board.sharing}"), "$primary", rank=2, group="told"),
    ]
    if told and not hides:
        pieces.append(Piece(told, "$primary", 9, name=True, group="told", lead=": "))
    if 0 < board.at_once < count:
        slowly = text("sides.one-by-one") if board.at_once == 1 else at_a_time(board.at_once)
        pieces.append(Piece(slowly, "$primary", rank=8))
    if len(refused) == 1:
        slot = next(iter(refused))
        name = blind_name(board, slot) if hides else ""
        name = name or clean_line(about.targets[slot].model, code=True)
        pieces.append(Piece(text("sides.does-not-fit", model=name), "$error", rank=1))
    elif refused:
        words = text("sides.do-not-fit", count=len(refused))
        pieces.append(Piece(words, "$error", rank=1))
    return pieces
