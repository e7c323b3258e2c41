"""What a turn asks, for each way to prompt. Nothing is stored here, and nothing sent."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from chat_tui.core.asking import Question
from chat_tui.core.attachments.prompts import Prompt, attached_to, prompt_of
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.continuing import CONTINUE_REQUEST, can_continue
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.core.undo import Kind


class Questions:
    """Makes the questions of turns.

    Each method raises `UsageError` where there is nothing to ask, `PlanRefusedError` where what
    must be sent does not fit (but not if it is to be sent `anyway`), and `StorageError` where the
    conversation cannot be read.

    Args:
        planner: plans what is sent.
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(self, planner: ContextPlanner, clock: Clock, new_id: Callable[[], str]) -> None:
        self._planner = planner
        self._clock = clock
        self._new_id = new_id

    async def prompt(
        self, chat: OpenConversation, given: Prompt | str, *, stream: bool, anyway: bool = False
    ) -> Question:
        """A new prompt at the end of the active path."""
        prompt, path = self.new_prompt(given, chat.tree.head), chat.tree.path()
        return await self._asked("send", chat, chat.target, path, prompt, anyway, stream)

    async def other_prompt(
        self,
        chat: OpenConversation,
        prompt_id: str,
        given: Prompt | str,
        *,
        target: Target | None,
        stream: bool,
        anyway: bool = False,
    ) -> Question:
        """Another version of a prompt, beside it; see `version`."""
        prompt = await self.version(chat, prompt_id, given)
        above = prompt.parent
        target = target or chat.target
        path = chat.tree.path(above) if above else []
        return await self._asked("edit", chat, target, path, prompt, anyway, stream)

    async def again(
        self,
        chat: OpenConversation,
        reply_id: str,
        *,
        target: Target | None,
        stream: bool,
        anyway: bool = False,
    ) -> Question:
        """The prompt of an answer once more, or the prompt itself that is named."""
        _check_shown(chat, reply_id)
        role = chat.tree[reply_id].role
        if role == "system":
            raise UsageError(
                "This is no answer to a prompt.", hint="Have the oldest turns summed up anew."
            )
        above = reply_id if role == "user" else chat.tree.parent(reply_id)
        if above is None or chat.tree[above].role not in ("user", "tool"):
            raise UsageError(
                "The prompt of this answer is deleted.",
                hint="Bring it back, or write another one.",
            )
        slot = slot_of(chat, reply_id)
        target = target or target_of(chat, slot)
        path = told(chat, chat.tree.path(above), slot)
        plan = self._plan(chat, target, path, slot, anyway=anyway)
        return Question(
            "regenerate",
            await plan(),
            target,
            above,
            chat.tree[above].turn,
            plan_again=plan,
            stream=stream,
            slot=slot,
        )

    async def continuation(
        self, chat: OpenConversation, reply_id: str, *, stream: bool, anyway: bool = False
    ) -> Question:
        """What is missing of a cut answer."""
        old, more = await cut_answer(chat, reply_id, self._new_id)
        slot = slot_of(chat, reply_id)
        # Of several answers none could be joined to the one that there is.
        target = with_one_answer(target_of(chat, slot))
        path = told(chat, chat.tree.path(reply_id)[:-1], slot)
        plan = self._plan(chat, target, path, slot, more, anyway=anyway)
        return Question(
            "continue",
            await plan(),
            target,
            chat.tree.parent(reply_id),
            old.turn,
            cut=old,
            plan_again=plan,
            stream=stream,
            slot=slot,
        )

    async def _asked(
        self,
        kind: Kind,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        prompt: ChatMessage,
        anyway: bool,
        stream: bool,
    ) -> Question:
        """A new prompt behind a path."""
        plan = partial(self._planner.plan, chat, target, path, [prompt], anyway=anyway)
        return Question(
            kind,
            await plan(),
            target,
            prompt.id,
            prompt.turn,
            prompt,
            plan_again=plan,
            stream=stream,
            slot=chat.conversation.board.alone,
        )

    def _plan(
        self,
        chat: OpenConversation,
        target: Target,
        path: Sequence[str],
        slot: int,
        more: Sequence[ChatMessage] = (),
        *,
        anyway: bool,
    ) -> Callable[[], Awaitable[Planned]]:
        """How the request of a slot is planned, side by side or alone."""
        beside = slot if slot in chat.conversation.board.slots else None
        plan = self._planner.plan
        return partial(plan, chat, target, path, more, anyway=anyway, slot=beside)

    def new_prompt(self, given: Prompt | str, parent: str | None) -> ChatMessage:
        """A prompt of the user that begins a turn."""
        id_, now, parts = self._new_id(), self._clock.now(), prompt_of(given).parts
        return ChatMessage(id_, "user", parts, parent=parent, turn=id_, created=now)

    async def version(
        self, chat: OpenConversation, prompt_id: str, given: Prompt | str
    ) -> ChatMessage:
        """Another version of a prompt, beside it; words alone keep what is attached to that."""
        old = await message_shown(chat, prompt_id)
        if old.role != "user":
            raise UsageError("Only a prompt can be sent in another version.")
        if isinstance(given, str):
            given = Prompt(given, attached_to(old))
        return replace(self.new_prompt(given, chat.tree.parent(prompt_id)), slot=old.slot)


def slot_of(chat: OpenConversation, id_: str) -> int:
    """The slot of an answer that is made beside a message, or below it."""
    node, board = chat.tree[id_], chat.conversation.board
    beside = node.role == "assistant" and (node.slot in board.slots or node.slot == MERGED)
    return node.slot if beside else board.alone


def told(chat: OpenConversation, path: list[str], slot: int) -> list[str]:
    """A path of the tree as a slot is told it."""
    about = chat.conversation
    if slot not in about.board.slots:
        return path
    from chat_tui.core.side_by_side.threads import told_along  # only side by side

    return told_along(about, chat.tree, path, slot)


def thread_to(chat: OpenConversation, id_: str) -> list[str]:
    """The path to a message as the model was told it whose thread it stands in.

    A single path through the tree, but for the model's own answers in the place of others' where
    each keeps a thread of its own.
    """
    path, board = chat.tree.path(id_), chat.conversation.board
    answers = (chat.tree[each] for each in reversed(path) if chat.tree[each].role == "assistant")
    last = next(answers, None)
    own = last is not None and board.sharing == "own"
    return told(chat, path, last.slot) if own and last is not None else path


def target_of(chat: OpenConversation, slot: int) -> Target:
    """Whom a slot asks; of none of the board's, whom the conversation asks alone."""
    about = chat.conversation
    known = slot in about.board.slots and slot < len(about.targets)
    return about.targets[slot] if known else chat.target


def with_one_answer(target: Target) -> Target:
    """A target that is asked for one answer, whatever its parameters say."""
    one = {name: value for name, value in target.parameters.items() if name != "n"}
    return target if len(one) == len(target.parameters) else replace(target, parameters=one)


async def message_shown(chat: OpenConversation, id_: str) -> ChatMessage:
    """A visible message of a conversation, whole.

    Raises:
        UsageError: it is deleted, or not there.
        StorageError: it cannot be read.
    """
    _check_shown(chat, id_)
    found = await chat.messages([id_])
    if not found:
        raise UsageError("This message is not there any more.", hint="Open the conversation again.")
    return found[0]


async def cut_answer(
    chat: OpenConversation, id_: str, new_id: Callable[[], str]
) -> tuple[ChatMessage, Sequence[ChatMessage]]:
    """A reply that was cut, whole, and what a request ends with that asks for the rest of it.

    Raises:
        UsageError: it was not, or is not there.
        StorageError: it cannot be read.
    """
    found = await message_shown(chat, id_)
    if not can_continue(found):
        raise UsageError("This reply was not cut off.", hint="Ask for more in a new message.")
    # It is what is asked for: it goes, whatever else must stay behind.
    cut = replace(found, excluded=False, pinned=True)
    return found, (cut, ChatMessage(new_id(), "user", (TextPart(CONTINUE_REQUEST),)))


def _check_shown(chat: OpenConversation, id_: str) -> None:
    if not chat.tree.visible(id_):
        raise UsageError("This message is deleted.", hint="Bring it back first.")
