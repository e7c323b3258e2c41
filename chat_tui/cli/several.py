"""One prompt of `ask` to several models: a round as the app's, its answers one after the other."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Self

from chat_tui.cli.answer import Outcome
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import ChatError, PlanRefusedError, UsageError
from chat_tui.core.events import TurnEvent, TurnStarted
from chat_tui.core.manager import ConversationManager
from chat_tui.core.side_by_side.rounds import Round, RoundStarted
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation


class SeveralAnswers:
    """The answers of several models to one prompt, stored so that the app shows them side by side.

    A model is asked when its events are consumed; those that nobody consumed until it is left are
    stored as stopped.

    Args:
        manager: asks.
        chat: the conversation.
        targets: the models, two at the least.
    """

    def __init__(
        self, manager: ConversationManager, chat: OpenConversation, targets: Sequence[Target]
    ) -> None:
        self._manager = manager
        self._chat = chat
        self._targets = targets
        self._round: Round | None = None
        self._started: RoundStarted | None = None
        self.outcomes: Sequence[Outcome] = ()
        """One for each model, in their order, as far as they are known."""
        self.prompt = ""
        """The id of the prompt that was stored, if one was."""

    async def __aenter__(self) -> Self:
        """Nothing is asked yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up what was not asked."""
        if self._round is not None:
            await self._round.aclose()

    async def begin(self, prompt: Prompt, *, stream: bool) -> bool:
        """Plan for each model and store the prompt; False where it was stopped meanwhile.

        Where it is too large for all of them the outcomes tell so, and nothing is stored.

        Raises:
            UsageError: nothing can be sent.
            StorageError: the conversation cannot be read or written.
        """
        await self._manager.sides.begin(self._chat, self._targets)
        sides = self._manager.sides
        self._round = sides.send(self._chat, prompt, stream=stream, many=True)
        try:
            self._started = await self._round.begin()
        except UsageError:
            raise
        except ChatError:
            if not self._round.refusals:
                raise
        else:
            if self._started is None:
                return False
            self.prompt = next(prompt.id for prompt in self._started.prompts.values())
        self.outcomes = [self._outcome(place, target) for place, target in enumerate(self._targets)]
        return True

    def slot_of(self, outcome: Outcome) -> int:
        """The slot of a model in the conversation, which its messages name."""
        return self._chat.conversation.board.slots[outcome.slot]

    async def events(self, outcome: Outcome) -> AsyncGenerator[TurnEvent, None]:
        """What happens in one turn, as in that of a single model."""
        started, slot = self._started, self.slot_of(outcome)
        if started is None or self._round is None:
            return
        if (plan := started.plans.get(slot)) is not None:
            reply = started.replies[slot]
            yield TurnStarted(started.conversation, started.prompts[slot], (reply,), plan)
        async with aclosing(self._round.events(slot)) as events:
            async for event in events:
                yield event

    def _outcome(self, place: int, target: Target) -> Outcome:
        """What is known of a model before it is asked: whether it cannot be."""
        slot = self._chat.conversation.board.slots[place]
        refusal = self._round.refusals.get(slot) if self._round is not None else None
        plan = refusal.plan if isinstance(refusal, PlanRefusedError) else None
        error = None if refusal is None or self._started is not None else refusal.info
        return Outcome(target, place, self._chat.id, error=error, plan=plan)
