"""The answers of a conversation: which ones are to the same prompt, which one is gone on with."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from chat_tui.core.conversation import Conversation, ConversationTree, Node

Index = dict[str, list[str]]

_indexes: WeakKeyDictionary[ConversationTree, tuple[tuple[int, int], Index]] = WeakKeyDictionary()
"""Tree → what it was made of, and its visible answers by turn."""


def answers_by_turn(tree: ConversationTree) -> Index:
    """The first message of each visible answer by its turn, oldest first."""
    made_of = len(tree), tree.moves
    if (known := _indexes.get(tree)) is not None and known[0] == made_of:
        return known[1]
    index: Index = {}
    for node in tree:
        if node.role == "assistant" and not goes_on(tree, node):
            index.setdefault(turn_of(tree, node), []).append(node.id)
    _indexes[tree] = made_of, index
    return index


def goes_on(tree: ConversationTree, node: Node) -> bool:
    """Whether a message goes on with an answer, as after the results of tools."""
    parent = tree.parent(node.id)
    if parent is None:
        return False
    before = tree[parent]
    return before.role == "tool" or (
        before.role == "assistant" and bool(node.turn) and before.turn == node.turn
    )


def turn_of(tree: ConversationTree, node: Node) -> str:
    """What the answers to one prompt have in common; imported ones may know of no turns."""
    if node.turn:
        return node.turn
    return f"below {tree.parent(node.id) if node.role == 'assistant' else node.id}"


def answers(tree: ConversationTree, id_: str) -> list[str]:
    """All visible answers to the prompt of a message (or to that prompt), oldest first."""
    return list(answers_by_turn(tree).get(turn_of(tree, tree[id_]), ()))


def last_answer(tree: ConversationTree) -> Node | None:
    """The newest answer on the active path."""
    return next((node for node in upwards(tree) if node.role == "assistant"), None)


def upwards(tree: ConversationTree, id_: str | None = None) -> Iterator[Node]:
    """A message and all before it, the newest first; by default from the head on."""
    at = tree.head if id_ is None else id_
    while at is not None:
        yield tree[at]
        at = tree.parent(at)


def whole_answer(tree: ConversationTree, answer: str) -> list[str]:
    """An answer with the calls and results that belong to it."""
    whole = [answer]
    while following := [
        each
        for each in tree.children(whole[-1])
        if tree[each].role == "tool"
        or (tree[each].role == "assistant" and goes_on(tree, tree[each]))
    ]:
        whole.append(tree.latest(following))
    return whole


def chosen_slot(conversation: Conversation, tree: ConversationTree) -> int:
    """The slot of the board whose answer was gone on with last; the first one where there is none.

    The board must not be empty. Answers of others (merged ones, of models that are not asked any
    more) are passed over.
    """
    slots = conversation.board.slots
    own = (node for node in upwards(tree) if node.role == "assistant" and node.slot in slots)
    last = next(own, None)
    return slots[0] if last is None else last.slot


def takes_over(conversation: Conversation, tree: ConversationTree, reply: Node) -> bool:
    """Whether a new answer is the one that is gone on with.

    Side by side it is not where another model's answer to the same prompt is that already.
    """
    if not conversation.board or reply.slot not in conversation.board.slots:
        return True
    for node in upwards(tree):
        if node.turn == reply.turn and node.role == "assistant":
            return node.slot == reply.slot
    return True
