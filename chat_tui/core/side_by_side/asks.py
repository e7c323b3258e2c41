"""What each model of a round is asked: which prompt, and what it is told before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.questions import Questions, cut_answer
from chat_tui.core.side_by_side.answers import upwards
from chat_tui.core.side_by_side.threads import thread_end, told_along
from chat_tui.core.turns import OpenConversation


class Ask(NamedTuple):
    """What one slot is asked."""

    slot: int
    path: Sequence[str]
    """Stored messages that it is told, from the root on; the prompt among them if it is stored."""
    prompt: ChatMessage | None
    """The prompt where it is a new one. Slots with the same messages before it share it."""
    parent: str | None
    """The id of the prompt, or of what a cut answer stands below."""
    turn: str
    cut: ChatMessage | None = None
    """The answer that is gone on with, where one is."""
    more: Sequence[ChatMessage] = ()
    """What follows the path, and is not stored or stands in another form."""


def to_send(
    questions: Questions, chat: OpenConversation, slots: Sequence[int], prompt: Prompt | str
) -> list[Ask]:
    """A new prompt at the end of what each slot is told."""
    about, tree = chat.conversation, chat.tree
    ends = {slot: _end(about, tree, slot) for slot in slots}
    return _with_prompts(chat, ends, lambda parent: questions.new_prompt(prompt, parent))


async def to_edit(
    questions: Questions,
    chat: OpenConversation,
    slots: Sequence[int],
    prompt_id: str,
    prompt: Prompt | str,
) -> list[Ask]:
    """Another version of a prompt, beside it; in each thread beside that of the same turn.

    Raises:
        UsageError: it is no prompt, or deleted.
        StorageError: it cannot be read.
    """
    first = await questions.version(chat, prompt_id, prompt)
    tree = chat.tree
    same = {slot: _same_prompt(chat.conversation, tree, slot, prompt_id) for slot in slots}
    ends = {slot: tree.parent(id_) for slot, id_ in same.items()}

    def version(parent: str | None) -> ChatMessage:
        return replace(questions.new_prompt(prompt, parent), parts=first.parts)

    return _with_prompts(chat, ends, version)


def to_answer(chat: OpenConversation, slots: Sequence[int], prompt: str | None) -> list[Ask]:
    """A prompt that is stored; by default the newest one that each slot was or would be asked.

    Raises:
        UsageError: there is none, or it is deleted.
    """
    about, tree = chat.conversation, chat.tree
    if prompt is not None and not (tree.visible(prompt) and tree[prompt].role == "user"):
        raise UsageError("This prompt is not there any more.", hint="Write another one.")
    asks, told = list[Ask](), _telling(about, tree)
    for slot in slots:
        id_ = (
            _newest_prompt(tree, _end(about, tree, slot))
            if prompt is None
            else _same_prompt(about, tree, slot, prompt)
        )
        if id_ is None:
            raise UsageError("There is no prompt to answer yet.", hint="Write one first.")
        asks.append(Ask(slot, told(id_, slot), None, id_, tree[id_].turn))
    return asks


async def to_go_on(chat: OpenConversation, reply: str, new_id: Callable[[], str]) -> list[Ask]:
    """What is missing of an answer that was cut.

    Raises:
        UsageError: it was not, or is not there.
        StorageError: it cannot be read.
    """
    cut, more = await cut_answer(chat, reply, new_id)
    about, tree = chat.conversation, chat.tree
    path = told_along(about, tree, tree.path(reply)[:-1], cut.slot)
    return [Ask(cut.slot, path, None, tree.parent(reply), cut.turn, cut, more)]


def _with_prompts(
    chat: OpenConversation,
    ends: Mapping[int, str | None],
    make: Callable[[str | None], ChatMessage],
) -> list[Ask]:
    """A new prompt behind each end; all of them have one turn."""
    about, tree = chat.conversation, chat.tree
    prompts: dict[str | None, ChatMessage] = {}
    asks, told = list[Ask](), _telling(about, tree)
    for slot, end in ends.items():
        if end not in prompts:
            prompt = make(end)
            first = next(iter(prompts.values()), prompt)
            prompts[end] = replace(prompt, turn=first.id, slot=slot if prompts else 0)
        prompt = prompts[end]
        asks.append(Ask(slot, told(end, slot), prompt, prompt.id, prompt.turn, more=(prompt,)))
    return asks


def _telling(
    about: Conversation, tree: ConversationTree
) -> Callable[[str | None, int], Sequence[str]]:
    """Gives what a slot is told up to a message: one list for all that are told the same."""

    @cache
    def told(end: str | None, slot: int | None) -> Sequence[str]:
        return told_along(about, tree, tree.path(end) if end is not None else [], slot)

    own = about.board.sharing == "own"
    return lambda end, slot: told(end, slot if own else None)


def _end(about: Conversation, tree: ConversationTree, slot: int) -> str | None:
    """What the next prompt of a slot follows."""
    return thread_end(about, tree, slot) if about.board.sharing == "own" else tree.head


def _newest_prompt(tree: ConversationTree, end: str | None) -> str | None:
    if end is None:
        return None
    return next((node.id for node in upwards(tree, end) if node.role == "user"), None)


def _same_prompt(about: Conversation, tree: ConversationTree, slot: int, prompt: str) -> str:
    """The prompt of the same turn in a slot's own thread; the prompt itself where there is none."""
    if about.board.sharing != "own":
        return prompt
    end, turn = thread_end(about, tree, slot), tree[prompt].turn
    if end is None:
        return prompt
    own = (node.id for node in upwards(tree, end) if node.role == "user" and node.turn == turn)
    return next(own, prompt)
