"""What a turn asks that merges answers, and what is kept of it with the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chat_tui.core.asking import Question
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.conversation import ConversationTree
from chat_tui.core.errors import PlanRefusedError, UsageError
from chat_tui.core.ids import new_id
from chat_tui.core.messages import ChatMessage, NoticeInfo, TextPart
from chat_tui.core.questions import message_shown
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.side_by_side.merging import RECIPES, Recipe, merge_request
from chat_tui.core.side_by_side.names import names_of
from chat_tui.core.side_by_side.threads import told_along
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation

RECORD = "chat_tui_merge"
"""The field of `ChatMessage.raw` that keeps what an answer was merged from, and how."""

_OF_ANSWERS = frozenset(
    {
        *("n", "response_format", "tools", "tool_choice", "parallel_tool_calls"),
        *("stop", "logprobs", "top_logprobs"),
    }
)
"""Parameters that shape the answers to a prompt, and are not meant for what is made of them."""


class MergeSize(NamedTuple):
    """How large the request of a merge is, in tokens of its whole prompt."""

    tokens: int
    cost: float | None = None
    """US dollars for the prompt; None where no price is known."""
    refused: bool = False
    """Whether it does not fit, so that nothing would be sent."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be merged, and how."""

    replies: tuple[str, ...]
    recipe: Recipe
    words: str = ""
    """The user's own, for the recipe `own`."""
    target: Target | None = None
    """Who merges; None: who is asked next."""


class _Material(NamedTuple):
    """What a merge is made of."""

    parent: str
    """The message that the merged answer follows."""
    turn: str
    path: Sequence[str]
    """What is told before the prompt: as to who gave the answer beside which the merged one comes.
    """
    ask: ChatMessage
    """The prompt with the answers, as it is sent."""
    target: Target
    answers: Sequence[ChatMessage]


class Merging:
    """Makes the questions of merges. Nothing is stored here, and nothing sent.

    Args:
        planner: plans what is sent.
    """

    def __init__(self, planner: ContextPlanner) -> None:
        self._planner = planner

    async def question(
        self, chat: OpenConversation, order: Order, *, stream: bool, anyway: bool = False
    ) -> Question:
        """Have answers to one prompt merged into an answer beside them.

        What came before the prompt is planned as for any prompt; the prompt itself goes once, in
        one message with the answers.

        Raises:
            UsageError: there are fewer than two answers with text, or they are not to one prompt.
            PlanRefusedError: they do not fit.
            StorageError: they cannot be read.
        """
        made = await _material(chat, order)

        async def plan() -> Planned:
            try:
                return await self._planner.plan(
                    chat, made.target, made.path, [made.ask], anyway=anyway
                )
            except PlanRefusedError as refusal:
                hint = text("merge.too-large-hint")
                raise PlanRefusedError(refusal.message, refusal.plan, hint=hint) from refusal

        target = Target(made.target.provider, made.target.model)
        return Question(
            "merge",
            await plan(),
            made.target,
            made.parent,
            made.turn,
            plan_again=plan,
            stream=stream,
            slot=MERGED,
            notices=(_told(made.answers),),
            raw={RECORD: _record(replace(order, target=target))},
        )

    async def again(
        self,
        chat: OpenConversation,
        reply_id: str,
        *,
        target: Target | None,
        stream: bool,
        anyway: bool = False,
    ) -> Question:
        """Merge once more what an answer was merged from, in the same way.

        Raises:
            UsageError: that is not there any more.
        """
        order = _order_of(await message_shown(chat, reply_id), chat)
        if order is None or not all(map(chat.tree.visible, order.replies)):
            raise UsageError(text("merge.gone"), hint=text("merge.gone-hint"))
        if target is not None:
            order = replace(order, target=target)
        return await self.question(chat, order, stream=stream, anyway=anyway)

    async def size(self, chat: OpenConversation, order: Order) -> MergeSize:
        """How large a merge would be; nothing is kept of it.

        Raises:
            UsageError: as `question` does.
            StorageError: it cannot be read.
        """
        made = await _material(chat, order)
        weight = self._planner.counter.weigh(made.ask, made.target.model).tokens
        outlook = await self._planner.outlook(chat, weight, made.target, made.path)
        return MergeSize(outlook.used + weight, outlook.cost, outlook.plan.refused)


async def _material(chat: OpenConversation, order: Order) -> _Material:
    ids = list(dict.fromkeys(order.replies))
    answers = [await message_shown(chat, id_) for id_ in ids]
    base = _base(chat, ids)
    prompt_id = _prompt_of(chat.tree, base)
    parent = chat.tree.parent(base)
    if prompt_id is None or parent is None:
        raise UsageError(text("merge.no-prompt"), hint=text("merge.no-prompt-hint"))
    prompt = await message_shown(chat, prompt_id)
    words = merge_request(prompt, answers, order.recipe, order.words)
    attached = tuple(part for part in prompt.parts if not isinstance(part, TextPart))
    ask = ChatMessage(new_id(), "user", (TextPart(words), *attached))
    above, node = chat.tree.parent(prompt_id), chat.tree[base]
    path = chat.tree.path(above) if above is not None else []
    path = told_along(chat.conversation, chat.tree, path, node.slot)
    return _Material(parent, node.turn, path, ask, _target(chat, order), answers)


def _base(chat: OpenConversation, ids: Sequence[str]) -> str:
    """The answer beside which the merged one comes: the one that was gone on with, or the first.

    Raises:
        UsageError: they are not several answers to the same prompt.
    """
    if len(ids) < 2:
        raise UsageError(text("merge.too-few"), hint=text("merge.too-few-hint"))
    prompts = {_prompt_of(chat.tree, id_) for id_ in ids}
    turns = {chat.tree[id_].turn for id_ in ids}
    same = len(prompts) == 1 or (len(turns) == 1 and "" not in turns)
    if not same or any(chat.tree[id_].role != "assistant" for id_ in ids):
        raise UsageError(text("merge.other-prompts"), hint=text("merge.other-prompts-hint"))
    path = {*chat.tree.path()}
    return next((id_ for id_ in ids if id_ in path), ids[0])


def _prompt_of(tree: ConversationTree, id_: str) -> str | None:
    """The prompt that a message answers, calls of tools between them or not."""
    at = tree.parent(id_)
    while at is not None and tree[at].role != "user":
        at = tree.parent(at)
    return at


def _target(chat: OpenConversation, order: Order) -> Target:
    target = order.target or chat.target
    kept = {name: value for name, value in target.parameters.items() if name not in _OF_ANSWERS}
    return replace(target, parameters=kept)


def _told(answers: Sequence[ChatMessage]) -> NoticeInfo:
    """What is said with the merged answer of where it is from."""
    said = [answer for answer in answers if answer.text.strip()]
    names = names_of([Target(answer.provider, answer.model) for answer in said])
    return NoticeInfo("merged", text("merge.told", names=", ".join(names)))


# What is kept of it


def _record(order: Order) -> dict[str, Any]:
    record: dict[str, Any] = {"replies": [*order.replies], "recipe": order.recipe}
    if order.words:
        record["words"] = order.words
    if order.target is not None:
        record |= {"provider": order.target.provider, "model": order.target.model}
    return record


def _order_of(reply: ChatMessage, chat: OpenConversation) -> Order | None:
    """What an answer was merged from; None where nothing of it can be read."""
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
    known = (each for each in chat.conversation.targets if str(each) == str(asked))
    return Order(ids, recipe, words, next(known, asked))
