"""What a turn asks, for each way to prompt. Nothing is stored here, and nothing sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from chat_tui.core.asking import Question
from chat_tui.core.clock import Clock
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.continuing import CONTINUE_REQUEST, can_continue
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, TextPart, text_parts
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
        self, chat: OpenConversation, text: str, *, stream: bool, anyway: bool = False
    ) -> Question:
        """A new prompt at the end of the active path."""
        prompt, path = self._prompt(text, chat.tree.head), chat.tree.path()
        return await self._asked("send", chat, chat.target, path, prompt, anyway, stream)

    async def other_prompt(
        self,
        chat: OpenConversation,
        prompt_id: str,
        text: str,
        *,
        target: Target | None,
        stream: bool,
        anyway: bool = False,
    ) -> Question:
        """Another version of a prompt, beside it; what is attached to it goes with this one too."""
        old = await message_shown(chat, prompt_id)
        if old.role != "user":
            raise UsageError("Only a prompt can be sent in another version.")
        above = chat.tree.parent(prompt_id)
        attached = [part for part in old.parts if not isinstance(part, TextPart)]
        parts = (*text_parts(text), *attached)
        prompt = replace(self._prompt(text, above), parts=parts, slot=old.slot)
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
        target = target or chat.target
        plan = partial(self._planner.plan, chat, target, chat.tree.path(above), anyway=anyway)
        turn = chat.tree[above].turn
        return Question(
            "regenerate", await plan(), target, above, turn, plan_again=plan, stream=stream
        )

    async def continuation(
        self, chat: OpenConversation, reply_id: str, *, stream: bool, anyway: bool = False
    ) -> Question:
        """What is missing of a cut answer."""
        old = await message_shown(chat, reply_id)
        if not can_continue(old):
            raise UsageError("This reply was not cut off.", hint="Ask for more in a new message.")
        # It is what is asked for: it goes, whatever else must stay behind.
        cut = replace(old, excluded=False, pinned=True)
        ask = ChatMessage(self._new_id(), "user", (TextPart(CONTINUE_REQUEST),))
        # Of several answers none could be joined to the one that there is.
        one = {name: value for name, value in chat.target.parameters.items() if name != "n"}
        target = replace(chat.target, parameters=one)
        path = chat.tree.path(reply_id)[:-1]
        plan = partial(self._planner.plan, chat, target, path, [cut, ask], anyway=anyway)
        return Question(
            "continue",
            await plan(),
            target,
            chat.tree.parent(reply_id),
            old.turn,
            cut=old,
            plan_again=plan,
            stream=stream,
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
        planned, turn = await plan(), prompt.turn
        return Question(
            kind, planned, target, prompt.id, turn, prompt, plan_again=plan, stream=stream
        )

    def _prompt(self, text: str, parent: str | None) -> ChatMessage:
        id_, now = self._new_id(), self._clock.now()
        return ChatMessage(id_, "user", text_parts(text), parent=parent, turn=id_, created=now)


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


def _check_shown(chat: OpenConversation, id_: str) -> None:
    if not chat.tree.visible(id_):
        raise UsageError("This message is deleted.", hint="Bring it back first.")
