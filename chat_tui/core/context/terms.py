"""What a request is planned by besides its messages: window, policy, cut, system prompt."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from chat_tui.core.context.budget import Window
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.cut import Cut, thread_key
from chat_tui.core.context.learning import Learning
from chat_tui.core.context.policy import ContextPolicy, parse_policy, policy_text
from chat_tui.core.ports import ModelFacts
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class Terms(NamedTuple):
    """What a plan depends on besides messages."""

    window: Window
    policy: ContextPolicy
    cut: Cut
    calibration: Calibration
    system_prompt: str


class Rules:
    """What holds for the requests of conversations, as it is known now.

    Args:
        facts: gives what knows the windows of models.
        learning: how models count.
        default: the policy of conversations that have none of their own, as it is now.
    """

    def __init__(
        self,
        facts: Callable[[], ModelFacts],
        learning: Learning,
        default: Callable[[], ContextPolicy],
    ) -> None:
        self._facts = facts
        self._learning = learning
        self._default = default

    def policy(self, chat: OpenConversation) -> ContextPolicy:
        """What holds for a conversation."""
        return parse_policy(chat.conversation.policy, self._default())

    async def set_policy(self, chat: OpenConversation, policy: ContextPolicy) -> None:
        """Give a conversation a policy of its own; one like the default follows the default.

        Raises:
            StorageError: it cannot be stored.
        """
        words = policy_text(policy, self._default())
        chat.conversation = replace(chat.conversation, policy=words)
        if chat.stored:
            await chat.store.update_conversation(chat.id, {"policy": words})

    def terms(
        self,
        chat: OpenConversation,
        target: Target,
        slot: int | None = None,
        *,
        anyway: bool = False,
    ) -> Terms:
        """What the next request of a conversation is planned by.

        Args:
            chat: the conversation.
            target: whom it goes to.
            slot: which of several models side by side it is for; None for one alone.
            anyway: send all, whatever the policy says.
        """
        policy, cuts = self.policy(chat), chat.conversation.cuts
        if anyway:
            policy = replace(policy, overflow="off")
        # Who was asked alone before knows the beginning of its requests already.
        cut = cuts.get(thread_key(target, slot)) or cuts.get(str(target), Cut())
        own = target.system_prompt
        prompt = chat.conversation.system_prompt if own is None else own
        window, calibration = self._facts().window(target), self._learning.calibration(target)
        return Terms(window, policy, cut, calibration, prompt)
