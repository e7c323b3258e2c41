"""Several answers to one prompt in one message: which ones go together, and how that reads.

Where the models are told several answers, these follow each other on the path of a request. They
go as one message of the assistant, so that prompts and answers alternate as vendors want it::

    **gpt-4.1**

    The first answer.

    **mistral-small**

    The second answer.

Each stands under the name of its model, without its calls of tools and its reasoning. Where a
single one is left of them (others are empty, or left out), it goes as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from chat_tui.core.context.items import ContextItem
from chat_tui.core.conversation import Conversation, ConversationTree, Node
from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.messages import ChatMessage, TextPart

_UNNAMED = "answer"
"""What stands in the place of a model that is not known."""


class Joined(NamedTuple):
    """One of several answers that go as one message."""

    first: str
    """The first of them."""
    tokens: int
    """About what its name takes, not calibrated."""


def joined_of(
    conversation: Conversation, tree: ConversationTree, path: Sequence[str]
) -> Mapping[str, Joined]:
    """The answers of a path that go together with others.

    These are the ones that follow each other there, but not in the tree.
    """
    board = conversation.board
    if not board or board.sharing != "several":
        return {}
    joined: dict[str, Joined] = {}
    before = None
    for id_ in path:
        node = tree[id_]
        if before is not None and _beside(tree, before, node):
            first = joined[before.id].first if before.id in joined else before.id
            for each in (before, node):
                joined[each.id] = Joined(first, _name_tokens(conversation, each.slot))
        before = node
    return joined


def _beside(tree: ConversationTree, one: Node, other: Node) -> bool:
    """Whether two messages that follow each other on a path are answers to one prompt."""
    return one.role == other.role == "assistant" and tree.parent(other.id) != one.id


def join_items(items: Sequence[ContextItem], joined: Mapping[str, Joined]) -> Sequence[ContextItem]:
    """The items of a path, with what belongs together marked so."""
    if not joined:
        return items
    return [
        item._replace(tokens=item.tokens + about.tokens, calls=(), beside=about.first)
        if (about := joined.get(item.id)) is not None
        else item
        for item in items
    ]


def join_messages(
    messages: Sequence[ChatMessage],
    joined: Mapping[str, Joined],
    known: dict[tuple[str, ...], ChatMessage],
) -> list[ChatMessage]:
    """The messages of a request, with those in one that go together.

    Args:
        messages: as each is sent.
        joined: those that go together.
        known: messages that were joined → the one they became; gets what is not in it.
    """
    if not joined:
        return list(messages)
    sent: list[ChatMessage] = []
    group: list[ChatMessage] = []
    for message in messages:
        about = joined.get(message.id)
        if group and (about is None or about.first != joined[group[0].id].first):
            sent.append(_known_as_one(group, known))
            group = []
        if about is None:
            sent.append(message)
        else:
            group.append(message)
    return [*sent, _known_as_one(group, known)] if group else sent


def _known_as_one(
    group: Sequence[ChatMessage], known: dict[tuple[str, ...], ChatMessage]
) -> ChatMessage:
    ids = tuple(message.id for message in group)
    if (one := known.get(ids)) is None:
        one = known[ids] = _as_one(group)
    return one


def _as_one(group: Sequence[ChatMessage]) -> ChatMessage:
    first = replace(group[0], tool_calls=(), reasoning="")
    if len(group) == 1:
        return first
    said: list[str] = []
    names: list[str] = []
    for message in group:
        name = " ".join(message.model.replace("*", "").split()) or _UNNAMED
        names.append(name)
        again = names.count(name)
        told = f"{name} ({again})" if again > 1 else name
        said.append(f"**{told}**\n\n{message.text.strip()}")
    return replace(first, parts=(TextPart("\n\n".join(said)),), refusal="")


def _name_tokens(conversation: Conversation, slot: int) -> int:
    targets = conversation.targets
    name = targets[slot].model if 0 <= slot < len(targets) else _UNNAMED
    return estimate_tokens(f"**{name} (2)**\n\n") + 1
