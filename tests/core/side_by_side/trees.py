"""Conversations side by side of all kinds, for hypothesis: rounds, retries, gaps, merges, tools.

They are made as rounds make them, and then some messages are deleted.
"""

from dataclasses import dataclass, field, replace
from typing import get_args

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from chat_tui.core.conversation import Conversation, ConversationTree, Extent, Node, node_of
from chat_tui.core.messages import ChatMessage, Role, Status, ToolCall, text_parts
from chat_tui.core.side_by_side.answers import chosen_slot, takes_over
from chat_tui.core.side_by_side.board import MERGED, Board, Sharing
from chat_tui.core.side_by_side.threads import thread_end
from chat_tui.core.targets import Target

SHARINGS: tuple[Sharing, ...] = get_args(Sharing)


@dataclass(repr=False)
class Case:
    """A conversation, its tree, and its messages by their ids."""

    conversation: Conversation
    tree: ConversationTree = field(default_factory=ConversationTree)
    messages: dict[str, ChatMessage] = field(default_factory=dict)

    def __repr__(self) -> str:
        board, heads = self.conversation.board, self.conversation.heads
        rows = (
            f"{node.id} {node.parent} {node.turn} {node.role} {node.slot} {node.deleted}"
            for node in self.tree.stored()
        )
        return "\n".join([f"{board.sharing} {board.slots} {heads} at {self.tree.head}", *rows])

    def add(self, role: Role, parent: str | None, turn: str = "", **more: object) -> ChatMessage:
        """Add a message beside the active path."""
        id_ = f"m{len(self.messages)}"
        message = ChatMessage(id_, role, parent=parent, turn=turn or id_, **more)  # type: ignore[arg-type]
        self.messages[id_] = message
        self.tree.add_beside([node_of(message)], self.tree.head)
        return message


_ENDS: tuple[tuple[Status, str], ...] = (
    ("complete", "yes"),
    ("complete", "yes"),
    ("complete", "yes"),
    ("stopped", "y"),
    ("error", ""),
    ("stopped", ""),
)


@st.composite
def cases(draw: DrawFn, *, deleting: bool = True, calling: bool = True) -> Case:
    """A conversation of some rounds, of two to four models or of a single one."""
    count = draw(st.integers(1, 4))
    targets = tuple(Target("p", f"m{slot}") for slot in range(count))
    case = Case(Conversation("c", targets=targets))
    for _ in range(draw(st.integers(0, 2))):  # before it went side by side
        prompt = case.add("user", case.tree.head, parts=text_parts("ask"))
        _reply(draw, case, prompt, 0, calling=calling)
        case.tree.select(f"m{len(case.messages) - 1}")
    slots = tuple(draw(st.permutations(range(count))))
    sharing = draw(st.sampled_from(SHARINGS))
    _share(case, Board(slots, sharing))
    for _ in range(draw(st.integers(1, 4))):
        _round(draw, case, calling=calling)
        if draw(st.integers(0, 3)) == 0:
            _share(case, Board(slots, draw(st.sampled_from(SHARINGS))))
    if deleting:
        for _ in range(draw(st.integers(0, 2))):
            id_ = draw(st.sampled_from([*case.messages]))
            # Nobody has an answer any more of which the calls alone were deleted.
            calls = case.messages[id_].tool_calls or case.messages[id_].role == "tool"
            extent: Extent = "branch" if calls or draw(st.booleans()) else "message"
            case.tree.mark({id_: extent})
    return case


def _share(case: Case, board: Board) -> None:
    case.conversation = replace(case.conversation, board=board)


def _round(draw: DrawFn, case: Case, *, calling: bool) -> None:
    about, tree = case.conversation, case.tree
    own = about.board.sharing == "own"
    slots = [slot for slot in about.board.slots if draw(st.integers(0, 6))] or [
        about.board.slots[0]
    ]
    prompts: dict[str | None, ChatMessage] = {}
    replies: dict[int, str] = {}
    chosen = chosen_slot(about, tree)
    ends = {slot: thread_end(about, tree, slot) if own else tree.head for slot in slots}
    turn = ""
    for slot in slots:
        if ends[slot] not in prompts:
            prompt = case.add("user", ends[slot], turn, parts=text_parts("ask"))
            turn = turn or prompt.id
            prompts[ends[slot]] = prompt
        replies[slot] = _reply(draw, case, prompts[ends[slot]], slot, calling=calling)
    tree.select(replies.get(chosen, replies[slots[0]]))
    for slot in slots:
        for _ in range(draw(st.sampled_from([0, 0, 0, 1]))):
            prompt = prompts[ends[slot]]
            again = case.add("assistant", prompt.id, prompt.turn, slot=slot, parts=text_parts("2"))
            if takes_over(about, tree, tree[again.id]):
                tree.select(again.id)
            replies[slot] = again.id
    case.conversation = replace(about, heads={**about.heads, **replies})
    if draw(st.integers(0, 5)) == 0:
        prompt = next(iter(prompts.values()))
        merged = case.add("assistant", prompt.id, turn, slot=MERGED, parts=text_parts("both"))
        tree.select(merged.id)


def _reply(draw: DrawFn, case: Case, prompt: ChatMessage, slot: int, *, calling: bool) -> str:
    """An answer with the calls of tools that come before it; gives its end."""
    status, text = draw(st.sampled_from(_ENDS))
    parent = prompt.id
    if calling and draw(st.integers(0, 7)) == 0:
        calls = (ToolCall("1", "now", "{}"),)
        asks = case.add("assistant", parent, prompt.turn, slot=slot, tool_calls=calls)
        result = case.add(
            "tool", asks.id, prompt.turn, slot=slot, tool_call_id="1", parts=text_parts("12")
        )
        parent = result.id
    reply = case.add(
        "assistant",
        parent,
        prompt.turn,
        slot=slot,
        status=status,
        parts=text_parts(text),
        model=f"m{slot}",
    )
    return reply.id


def first_answer(tree: ConversationTree, node: Node) -> bool:
    """Whether a message begins an answer."""
    parent = tree.parent(node.id)
    return node.role == "assistant" and (parent is None or tree[parent].role != "tool")
