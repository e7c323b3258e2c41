"""Trees out of files in which anything may point anywhere."""

from dataclasses import replace
from typing import Any

from chat_tui.core.messages import ChatMessage


def ordered(read: dict[str, ChatMessage], relinked: dict[str, Any]) -> tuple[ChatMessage, ...]:
    """Put parents before their children, in the order of the file otherwise.

    A message whose parent was skipped follows that one's parent. A circle is cut where it is
    entered. A parent that is not in the file is left as it is: the store may have it.

    Args:
        read: the messages by id, in the order of the file.
        relinked: the parents that skipped messages had in the file, by the id of the message.
    """
    placed: dict[str, ChatMessage] = {}
    for id_ in read:
        chain: list[ChatMessage] = []
        on_chain: set[str] = set()
        at: str | None = id_
        while at is not None and at in read and at not in placed:
            message = replace(read[at], parent=_kept_parent(read[at].parent, read, relinked))
            on_chain.add(at)
            if message.parent in on_chain:
                message = replace(message, parent=None)
            chain.append(message)
            at = message.parent
        placed |= {message.id: message for message in reversed(chain)}
    return tuple(placed.values())


def _kept_parent(
    parent: str | None, read: dict[str, ChatMessage], relinked: dict[str, Any]
) -> str | None:
    passed: set[str] = set()
    while parent is not None and parent not in read and parent in relinked:
        if parent in passed:
            return None
        passed.add(parent)
        above = relinked[parent]
        parent = above if isinstance(above, str) else None
    return parent
