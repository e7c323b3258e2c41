"""What a turn asks, for each way to begin one. Nothing is stored here, and nothing sent."""

from collections.abc import Callable
from dataclasses import replace

from chat_tui.core.answering import Question
from chat_tui.core.clock import Clock
from chat_tui.core.context import plan_context
from chat_tui.core.continuing import CONTINUE_REQUEST, can_continue
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, TextPart, text_parts
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class Questions:
    """Makes the questions of turns.

    Each method raises `UsageError` where there is nothing to ask, and `StorageError` where the
    conversation cannot be read.

    Args:
        clock: the time that is stored.
        new_id: makes ids that sort by time.
    """

    def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id

    async def prompt(self, chat: OpenConversation, text: str, *, stream: bool) -> Question:
        """A new prompt at the end of the active path."""
        prompt = self._prompt(text, chat.tree.head)
        path = await chat.store.messages(chat.tree.path())
        plan = plan_context([*path, prompt], chat.conversation.system_prompt)
        return Question("send", plan, chat.target, prompt.id, prompt.turn, prompt, stream=stream)

    async def other_prompt(
        self,
        chat: OpenConversation,
        prompt_id: str,
        text: str,
        *,
        target: Target | None,
        stream: bool,
    ) -> Question:
        """Another version of a prompt, beside it; what is attached to it goes with this one too."""
        old = await message_shown(chat, prompt_id)
        if old.role != "user":
            raise UsageError("Only a prompt can be sent in another version.")
        above = chat.tree.parent(prompt_id)
        attached = [part for part in old.parts if not isinstance(part, TextPart)]
        parts = (*text_parts(text), *attached)
        prompt = replace(self._prompt(text, above), parts=parts, slot=old.slot)
        path = await chat.store.messages(chat.tree.path(above)) if above else []
        plan = plan_context([*path, prompt], chat.conversation.system_prompt)
        target = target or chat.target
        return Question("edit", plan, target, prompt.id, prompt.turn, prompt, stream=stream)

    async def again(
        self, chat: OpenConversation, reply_id: str, *, target: Target | None, stream: bool
    ) -> Question:
        """The prompt of an answer once more, or the prompt itself that is named."""
        _check_shown(chat, reply_id)
        is_prompt = chat.tree[reply_id].role == "user"
        above = reply_id if is_prompt else chat.tree.parent(reply_id)
        path = await chat.store.messages(chat.tree.path(above)) if above else []
        if not path or path[-1].role == "assistant":
            raise UsageError(
                "The prompt of this answer is deleted.",
                hint="Bring it back, or write another one.",
            )
        plan = plan_context(path, chat.conversation.system_prompt)
        turn = path[-1].turn
        return Question("regenerate", plan, target or chat.target, above, turn, stream=stream)

    async def continuation(
        self, chat: OpenConversation, reply_id: str, *, stream: bool
    ) -> Question:
        """What is missing of a cut answer."""
        _check_shown(chat, reply_id)
        path = await chat.store.messages(chat.tree.path(reply_id))
        cut = replace(path[-1], excluded=False)
        if not can_continue(cut):
            raise UsageError("This reply was not cut off.", hint="Ask for more in a new message.")
        ask = ChatMessage(self._new_id(), "user", (TextPart(CONTINUE_REQUEST),))
        plan = plan_context([*path[:-1], cut, ask], chat.conversation.system_prompt)
        # Of several answers none could be joined to the one that there is.
        one = {name: value for name, value in chat.target.parameters.items() if name != "n"}
        target = replace(chat.target, parameters=one)
        above = chat.tree.parent(reply_id)
        return Question("continue", plan, target, above, cut.turn, cut=cut, stream=stream)

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
