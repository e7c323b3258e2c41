"""The messages of a request, made from a plan and the texts that it names."""

from collections.abc import Mapping

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.messages import ChatMessage


def assemble(
    plan: ContextPlan, messages: Mapping[str, ChatMessage], system_prompt: str = ""
) -> tuple[ChatMessage, ...]:
    """What is sent, in its order and as the plan says: shortened, or whole.

    The system prompt becomes the first message; a summary goes as a message of the user in the
    place of what it stands for, named as a summary.

    Args:
        plan: not a refused one.
        messages: all that the plan sends, by their ids.
        system_prompt: the conversation's.
    """
    raise NotImplementedError
