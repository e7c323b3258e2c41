"""What a turn asks, and the request that it becomes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple

from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.planner import ContextPlanner, Planned
from chat_tui.core.errors import ChatError, ContextError
from chat_tui.core.events import (
    ExtrasDelta,
    Notice,
    ReasoningDelta,
    ReplyEvent,
    TextDelta,
    ToolCallDelta,
)
from chat_tui.core.messages import ChatMessage, NoticeInfo
from chat_tui.core.ports import ChatClient
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.core.turns import RunningTurn
from chat_tui.core.undo import Kind

_CONTENT = (TextDelta, ReasoningDelta, ToolCallDelta, ExtrasDelta)


class Question(NamedTuple):
    """What a turn asks."""

    kind: Kind
    planned: Planned
    target: Target
    parent: str | None
    """The message that is answered."""
    turn: str
    """Its turn."""
    prompt: ChatMessage | None = None
    """That message where it is new; None where it is stored already."""
    cut: ChatMessage | None = None
    """The reply that is gone on with, where one is."""
    covers: tuple[str, str] | None = None
    """What the reply is to stand for, where a summary is asked for."""
    plan_again: Callable[[], Awaitable[Planned]] | None = None
    """Makes the plan anew by what is known by then; None where that is of no use."""
    stream: bool = True
    """Ask for the reply as it is made."""
    slot: int = 0
    """Which of several models side by side is asked."""
    notices: tuple[NoticeInfo, ...] = ()
    """What is told of the reply from the beginning on."""
    raw: Mapping[str, Any] = {}
    """What is kept with it besides."""


class Asking:
    """Sends the request of a turn; once more, where it is refused for its size and can be smaller.

    Args:
        question: what is asked.
        reply: the id of the message that the reply goes into.
        turn: is told when the server is not waited for.
        client: sends.
        planner: learns from the refusal.
    """

    def __init__(
        self,
        question: Question,
        reply: str,
        turn: RunningTurn,
        client: ChatClient,
        planner: ContextPlanner,
    ) -> None:
        self._question = question
        self._reply = reply
        self._turn = turn
        self._client = client
        self._planner = planner
        self.planned = question.planned
        """What was sent last."""

    async def events(self) -> AsyncGenerator[ReplyEvent, None]:
        """What comes; see `ChatClient.stream`."""
        answered = False
        try:
            async with aclosing(self._client.stream(self._request())) as events:
                async for event in events:
                    answered = answered or isinstance(event, _CONTENT)
                    yield event
            return
        except ContextError as refusal:
            again = None if answered else await self._plan_again(refusal)
            if again is None:
                raise
        before, self.planned = self.planned, again
        yield Notice("context", _told(before.plan, again.plan))
        async with aclosing(self._client.stream(self._request())) as events:
            async for event in events:
                yield event

    def _request(self) -> ChatRequest:
        question = self._question
        return ChatRequest(
            question.target,
            self.planned.messages,
            question.stream,
            self._reply,
            self._turn.gate,
        )

    async def _plan_again(self, refusal: ContextError) -> Planned | None:
        """The plan by what a refusal has taught: that the window is smaller, or the prompt larger.

        None where nothing else would be sent.
        """
        self._planner.learn_refusal(self._question.target, self.planned, refusal)
        if self._question.plan_again is None:
            return None
        try:
            again = await self._question.plan_again()
        except ChatError:
            # The server's own words stand then, with their ways out.
            return None
        return again if again.messages != self.planned.messages else None


def _told(before: ContextPlan, now: ContextPlan) -> str:
    """What is said of a request that is sent once more."""
    window = now.budget.window.tokens
    if window is not None and window != before.budget.window.tokens:
        why = f"The model's window is {window:,} tokens"
    else:
        why = "The prompt has more tokens for this model than it seemed"
    left_out = len(now.trimmed)
    shortened = sum(each.decision == "shortened" for each in now.messages)
    how = f"without {_count(left_out)}" if left_out else f"with {_count(shortened)} shortened"
    return f"{why}: sent again {how}."


def _count(messages: int) -> str:
    return f"{messages:,} message{'' if messages == 1 else 's'}"
