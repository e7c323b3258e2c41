"""Copies of a conversation's path for a new conversation of their own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from chat_tui.core.context.cut import Cut
from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage
from chat_tui.core.titles import numbered_title

SOURCE = "chat-tui"
"""Where copies come from, in their `origin`, beside the id of what was copied."""


def copied(path: Sequence[ChatMessage], new_id: Callable[[], str]) -> list[ChatMessage]:
    """Copy messages that follow each other, with ids of their own.

    What is still coming in is copied as stopped.

    Args:
        path: from the first one on; it need not be stored as one line.
        new_id: makes ids that sort by time.
    """
    ids = {message.id: new_id() for message in path}
    turns: dict[str, str] = {}
    copies: list[ChatMessage] = []
    for message in path:
        # A turn is called after its prompt; of one whose prompt is not among them, anew.
        known = ids.get(message.turn) or turns.get(message.turn) or new_id()
        turns[message.turn] = known
        covers = message.covers
        copies.append(
            replace(
                message,
                id=ids[message.id],
                parent=copies[-1].id if copies else None,
                turn=known,
                status="stopped" if message.status == "streaming" else message.status,
                origin=(SOURCE, message.id),
                covers=(ids.get(covers[0], ""), ids.get(covers[1], "")) if covers else None,
            )
        )
    return copies


def forked(
    old: Conversation,
    id_: str,
    copies: Sequence[ChatMessage],
    now: float,
    titles: Collection[str],
) -> Conversation:
    """The conversation for a copied path: it goes to the same models in the same way.

    Args:
        old: where the path comes from.
        id_: the new one's id.
        copies: the path, as `copied` gives it.
        now: seconds since 1970.
        titles: those that other conversations have.
    """
    ids = {copy.origin[1]: copy.id for copy in copies if copy.origin}
    # Cut at the same place the provider knows the beginning of its requests already.
    cuts = {
        target: Cut(ids.get(cut.first, ""), ids.get(cut.whole, ""))
        for target, cut in old.cuts.items()
    }
    return Conversation(
        id_,
        title=numbered_title(old.title, titles),
        title_by_hand=old.title_by_hand,
        created=now,
        updated=now,
        system_prompt=old.system_prompt,
        targets=old.targets,
        policy=old.policy,
        cuts=cuts,
        tags=old.tags,
        folder=old.folder,
        head=copies[-1].id,
        # All models go on from here, and whoever forks may know whose answer it is.
        heads=dict.fromkeys(old.board.slots, copies[-1].id),
        board=replace(old.board, zoomed=None, blind=()),
    )
