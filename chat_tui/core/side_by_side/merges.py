"""Merged answers: what is asked for them, once and again."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from chat_tui.core.asking import Question
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.conversation import ConversationTree
from chat_tui.core.errors import PlanRefusedError, UsageError
from chat_tui.core.events import TurnEvent
from chat_tui.core.messages import ChatMessage, NoticeInfo, TextPart
from chat_tui.core.questions import cut_answer, message_shown
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.side_by_side.merging import Recipe, merge_request
from chat_tui.core.side_by_side.names import names_of
from chat_tui.core.side_by_side.orders import RECORD, Order, order_of, record_of
from chat_tui.core.side_by_side.threads import told_along
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation

_OF_ANSWERS = frozenset(
    {
        *("n", "response_format", "tools", "tool_choice", "parallel_tool_calls"),
        *("stop", "logprobs", "top_logprobs"),
    }
)
"""Parameters that shape the answers to a prompt, and are not meant for what is made of them."""

_Turn = Callable[
    [OpenConversation, Callable[[], Awaitable[Question]]], AsyncGenerator[TurnEvent, None]
]
"""Runs a turn of a conversation, once it is known what it asks."""


class MergeSize(NamedTuple):
    """How large the request of a merge is, in tokens of its whole prompt."""

    tokens: int
    cost: float | None = None
    """US dollars for the prompt; None where no price is known."""
    refused: bool = False
    """Whether it does not fit, so that nothing would be sent."""


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
    """Has answers merged.

    Args:
        planner: plans what is sent.
        turn: runs what is asked here.
        new_id: makes ids that sort by time.
    """

    def __init__(self, planner: ContextPlanner, turn: _Turn, new_id: Callable[[], str]) -> None:
        self._planner = planner
        self._turn = turn
        self._new_id = new_id

    def merge(
        self,
        chat: OpenConversation,
        replies: Sequence[str],
        recipe: Recipe,
        *,
        target: Target | None = None,
        words: str = "",
        stream: bool = True,
        anyway: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Have a model make one answer of several to the same prompt, beside them.

        Else as `ConversationManager.send`. What came before the prompt is planned as for any
        prompt; the prompt itself goes once, in one message with the answers.

        Args:
            chat: the conversation.
            replies: the answers, in the order in which the model is told them.
            recipe: what is made of them.
            target: who merges; by default the conversation's.
            words: the user's own, for the recipe `own`.
            stream: ask for it as it is made.
            anyway: send all, also where it is known not to fit.

        Raises:
            UsageError: there are fewer than two answers with text, they are not to one prompt, or
                an answer is on its way.
            PlanRefusedError: they do not fit.
            StorageError: they cannot be read.
        """
        order = Order(tuple(replies), recipe, words, target)
        ask = partial(self._question, chat, order, stream=stream, anyway=anyway)
        return self._turn(chat, ask)

    async def size(
        self,
        chat: OpenConversation,
        replies: Sequence[str],
        recipe: Recipe,
        *,
        target: Target | None = None,
        words: str = "",
    ) -> MergeSize:
        """How large the request of a merge would be; nothing is sent, and nothing kept.

        Raises:
            UsageError: as `merge` does.
            StorageError: the answers cannot be read.
        """
        made = await self._material(chat, Order(tuple(replies), recipe, words, target))
        weight = self._planner.counter.weigh(made.ask, made.target.model).tokens
        outlook = await self._planner.outlook(chat, weight, made.target, made.path)
        return MergeSize(outlook.used + weight, outlook.cost, outlook.plan.refused)

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
        order = order_of(chat, await message_shown(chat, reply_id))
        if target is not None:
            order = replace(order, target=target)
        return await self._question(chat, order, stream=stream, anyway=anyway)

    async def continuation(
        self, chat: OpenConversation, reply_id: str, *, stream: bool, anyway: bool = False
    ) -> Question:
        """What is missing of a merged answer that was cut: who merged is told all of it again.

        Raises:
            UsageError: it was not cut, or what it was merged from is not there any more.
        """
        cut, more = await cut_answer(chat, reply_id, self._new_id)
        made = await self._material(chat, order_of(chat, cut))
        plan = self._plan(chat, made, more, anyway=anyway)
        return Question(
            "continue",
            await plan(),
            made.target,
            chat.tree.parent(reply_id),
            cut.turn,
            cut=cut,
            plan_again=plan,
            stream=stream,
            slot=MERGED,
            notices=(_told(made.answers),),
        )

    async def _question(
        self, chat: OpenConversation, order: Order, *, stream: bool, anyway: bool
    ) -> Question:
        made = await self._material(chat, order)
        plan = self._plan(chat, made, anyway=anyway)
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
            raw={RECORD: record_of(replace(order, target=target))},
        )

    def _plan(
        self,
        chat: OpenConversation,
        made: _Material,
        more: Sequence[ChatMessage] = (),
        *,
        anyway: bool,
    ) -> Callable[[], Awaitable[Planned]]:
        async def plan() -> Planned:
            told = [made.ask, *more]
            try:
                return await self._planner.plan(chat, made.target, made.path, told, anyway=anyway)
            except PlanRefusedError as refusal:
                hint = text("merge.too-large-hint")
                raise PlanRefusedError(refusal.message, refusal.plan, hint=hint) from refusal

        return plan

    async def _material(self, chat: OpenConversation, order: Order) -> _Material:
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
        ask = ChatMessage(self._new_id(), "user", (TextPart(words), *attached))
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
