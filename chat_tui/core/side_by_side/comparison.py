"""A conversation as a comparison: prompt by prompt, with what each model answered."""

import asyncio
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.answers import answers_by_turn, turn_of, whole_answer
from chat_tui.core.side_by_side.board import MERGED, MOST, Sharing
from chat_tui.core.side_by_side.figures import AnswerFigures, Best, best_of, figures_of_all
from chat_tui.core.side_by_side.names import names_of
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.targets import Target
from chat_tui.core.texts import text

ComparisonFormat = Literal["md", "html", "json"]
"""What a comparison can be written as; also the end of the file's name."""

FORMATS: tuple[ComparisonFormat, ...] = get_args(ComparisonFormat)

_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST = 60
"""Characters of a title in a file's name."""


class ComparedAnswer(NamedTuple):
    """One answer among others."""

    message: ChatMessage
    name: str
    """What it is called here: clean, and another one for each answer to the same prompt."""
    target: Target
    """Who was asked, with its parameters as far as they are still known; a server may call the
    model by another name (`message.model`)."""
    figures: AnswerFigures
    chosen: bool = False
    """Whether the conversation goes on with it."""

    @property
    def merged(self) -> bool:
        """Whether it was made of the others."""
        return self.message.slot == MERGED


class ComparedTurn(NamedTuple):
    """A prompt and all answers to it that stand beside each other."""

    turn: str
    prompt: ChatMessage
    answers: tuple[ComparedAnswer, ...]
    """In the order of the columns; what was merged comes last."""
    best: Best
    """Places in `answers`."""
    vote: Vote | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is exported of a conversation to be compared."""

    id: str
    """The conversation's."""
    title: str
    created: float
    """Seconds since 1970."""
    system_prompt: str
    sharing: Sharing | None
    """Which answers the models were told; None where they never stood side by side."""
    names: tuple[str, ...]
    """Those compared, each once, in the order of the columns."""
    turns: tuple[ComparedTurn, ...]


class Exported(NamedTuple):
    """A comparison as a file."""

    name: str
    """What the file may be called."""
    text: str


async def read_comparison(
    store: ConversationStore,
    conversation: Conversation,
    votes: Iterable[Vote] = (),
    tree: ConversationTree | None = None,
) -> Comparison:
    """Read what a comparison is made of, and make it.

    Args:
        store: keeps the conversation.
        conversation: as it is now.
        votes: all there are, or those of this conversation.
        tree: its messages, where they are read already.

    Raises:
        UsageError: no prompt has two answers.
        StorageError: it cannot be read.
    """
    if tree is None:
        nodes = await store.nodes(conversation.id)
        tree = ConversationTree(nodes, conversation.head)
    rounds, path = _rounds(tree), frozenset(tree.path())
    ids = [id_ for each in rounds for id_ in (each.prompt, *each.answers)]
    messages = {message.id: message for message in await store.messages(ids)}
    # In a thread: the words of thousands of answers take a second to count.
    return await asyncio.to_thread(_comparison, conversation, rounds, path, messages, votes)


def comparison(
    conversation: Conversation,
    tree: ConversationTree,
    messages: Mapping[str, ChatMessage],
    votes: Iterable[Vote] = (),
) -> Comparison:
    """A conversation as a comparison: the prompts of its active path, each with its answers.

    Where several models answered a prompt, of each of them the answer that was gone on with, else
    its newest one that says something; where one model did, all its answers: versions, and the n
    to one request. Prompts with one answer are told too, so that the others can be understood.

    Args:
        conversation: which one.
        tree: its messages; only visible ones are compared.
        messages: those that are compared, by id; what is missing is left out.
        votes: all there are, or those of this conversation.

    Raises:
        UsageError: no prompt has two answers.
    """
    return _comparison(conversation, _rounds(tree), frozenset(tree.path()), messages, votes)


def _comparison(
    conversation: Conversation,
    rounds: Sequence["_Round"],
    path: Collection[str],
    messages: Mapping[str, ChatMessage],
    votes: Iterable[Vote],
) -> Comparison:
    by_turn = {vote.turn: vote for vote in votes}
    turns = []
    for each in rounds:
        prompt = messages.get(each.prompt)
        answers = [messages[id_] for id_ in each.answers if id_ in messages]
        if prompt is None or not answers:
            continue
        answers = _shown(answers, path, conversation.board.slots)
        told = _compared(conversation, answers, path)
        best = best_of([answer.figures for answer in told])
        turns.append(ComparedTurn(each.turn, prompt, told, best, by_turn.get(each.turn)))
    compared = [turn for turn in turns if len(turn.answers) > 1]
    if not compared:
        raise UsageError(text("comparison.nothing"), hint=text("comparison.nothing-hint"))
    sides = bool(conversation.board) or len(conversation.heads) > 1
    return Comparison(
        conversation.id,
        clean_line(conversation.title),
        conversation.created,
        conversation.system_prompt,
        conversation.board.sharing if sides else None,
        tuple(dict.fromkeys(answer.name for turn in compared for answer in turn.answers)),
        tuple(turns),
    )


def file_name(compared: Comparison, format_: ComparisonFormat) -> str:
    """A name for a comparison's file: its title as far as a file may be called so; never a path."""
    name = _UNSAFE.sub("-", compared.title).strip("-.")[:_LONGEST].rstrip("-.")
    return f"{name or text('comparison.untitled').lower()}.{format_}"


class _Round(NamedTuple):
    """A prompt of the active path and the answers to it, by their ids."""

    turn: str
    prompt: str
    answers: list[str]
    """Oldest first; of one that calls tools, what was said last."""


def _rounds(tree: ConversationTree) -> list[_Round]:
    """The prompts of the active path; one that is stored once for each of several threads is one.

    Threads that have gone their own ways are told as far as they share prompts with it.
    """
    answers = answers_by_turn(tree)
    rounds: dict[str, _Round] = {}
    for node in map(tree.__getitem__, tree.path()):
        if node.role != "user":
            continue
        turn = turn_of(tree, node)
        ids = answers.get(turn) or answers.get(f"below {node.id}", [])
        whole = [whole_answer(tree, id_)[-1] for id_ in ids]
        rounds.setdefault(turn, _Round(node.turn, node.id, whole))
    return [*rounds.values()]


def _shown(
    answers: Sequence[ChatMessage], path: Collection[str], columns: Sequence[int]
) -> list[ChatMessage]:
    """Those that stand beside each other, in the order of the columns."""
    if len({answer.slot for answer in answers} - {MERGED}) < 2:
        return sorted(answers, key=lambda each: each.slot == MERGED)
    by_slot: dict[int, list[ChatMessage]] = {}
    for answer in answers:
        by_slot.setdefault(answer.slot, []).append(answer)
    shown = []
    # Models that were taken away come after those that are still asked.
    places = {slot: place for place, slot in enumerate(columns)}
    for slot in sorted(by_slot, key=lambda each: (each == MERGED, places.get(each, MOST), each)):
        ranked = sorted(by_slot[slot], key=lambda each: (each.id in path, not each.empty))
        # The sort is stable: of equals the newest stands last.
        shown += by_slot[slot] if slot == MERGED else ranked[-1:]
    return shown


def _compared(
    conversation: Conversation, answers: Sequence[ChatMessage], path: Collection[str]
) -> tuple[ComparedAnswer, ...]:
    targets = [_target_of(conversation, answer) for answer in answers]
    figures = figures_of_all(answers)
    names = _names(answers, targets)
    return tuple(
        ComparedAnswer(answer, name, target, told, answer.id in path)
        for answer, name, target, told in zip(answers, names, targets, figures, strict=True)
    )


def _names(answers: Sequence[ChatMessage], targets: Sequence[Target]) -> list[str]:
    """What answers are called; merged ones as such, so that those they are made of keep theirs."""
    kinds = [answer.slot == MERGED for answer in answers]
    names = {
        kind: iter(
            names_of([each for each, is_ in zip(targets, kinds, strict=True) if is_ == kind])
        )
        for kind in (False, True)
    }
    merged = text("comparison.merged")
    return [f"{next(names[kind])} · {merged}" if kind else next(names[kind]) for kind in kinds]


def _target_of(conversation: Conversation, answer: ChatMessage) -> Target:
    """Who was asked, with the parameters that the slot has now, if that is still the same one.

    A server may call a model by a longer name than the one it was asked by.
    """
    asked = Target(answer.provider, answer.model)
    if not 0 <= answer.slot < len(conversation.targets):
        return asked
    target = conversation.targets[answer.slot]
    same = target.provider == answer.provider and answer.model.startswith(target.model)
    if not same or not target.model:
        return asked
    return target
