"""A reply while it comes in: events are gathered here and folded into messages at the end."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from chat_tui.core.choice import IncomingChoice
from chat_tui.core.costs import cost_of, cost_told
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.events import (
    ExtrasDelta,
    Notice,
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    UsageReported,
)
from chat_tui.core.journal import Journal
from chat_tui.core.messages import ChatMessage, NoticeInfo, Status, Timings, Usage
from chat_tui.core.targets import Prices

_Passed = TextDelta | ReasoningDelta | ToolCallDelta | RetryScheduled | Notice | UsageReported
"""What is passed on of what comes."""


class IncomingReply:
    """Gathers the events of one request: of the reply, and of its further choices where it has n.

    A further choice that was asked for gets a message of its own as soon as something of it comes
    (`begin_choices`, `keep`), so that it can be seen and is kept meanwhile; a server that gives
    only one leaves nothing behind. Of those that nobody asked for there are messages at the end.

    Args:
        message: the reply as it was stored; its text, if it has some, comes before what is added.
        sent: when the request was sent, in seconds since 1970.
        journal: gets the text of the first choice.
        asked: how many choices were asked for.
    """

    def __init__(self, message: ChatMessage, sent: float, journal: Journal, asked: int = 1) -> None:
        self._message = message
        self._asked = asked
        self._choices = {0: IncomingChoice(message.id, journal)}
        if message.text or message.reasoning:
            self._choices[0].text.append(message.text)
            self._choices[0].reasoning.append(message.reasoning)
        self._timings = Timings(sent)
        self._usage: Usage | None = None
        self._notices = list(message.notices)
        self._slot = message.slot
        self._places = {message.id: 0}
        self._ended: dict[str, ChatMessage] = {}
        self.has_content = False
        """Whether any text, reasoning, tool call, refusal or picture has come."""
        self.has_begun = False
        """Whether further choices have begun that have no message yet."""

    @property
    def message_id(self) -> str:
        """The id of the reply."""
        return self._message.id

    @property
    def ids(self) -> Collection[str]:
        """The ids of the reply and of its further choices, as far as those have begun."""
        return self._places.keys()

    def send(self, now: float) -> None:
        """Note that the request is sent now, and not when the reply was stored."""
        self._timings = Timings(now)

    @property
    def timings(self) -> Timings:
        """When it was sent and when something came first, as they are told at its end."""
        return self._timings

    @property
    def progress(self) -> tuple[str, int, bool]:
        """Another one whenever more text has come, or it has ended; cheap to compare."""
        pieces = sum(len(choice.text) for choice in self._choices.values())
        return self._message.id, pieces, bool(self._ended)

    @property
    def usage(self) -> Usage | None:
        """As the server reported it last."""
        return self._usage

    def take(self, event: ReplyEvent, now: float) -> TurnEvent | None:
        """Gather an event; gives what is passed on: what adds to the reply as it is shown.

        It is told with the slot of the reply.
        """
        match event:
            case TextDelta(text, index):
                choice = self._choice(index, now)
                choice.text.append(text)
                if choice.journal is not None:
                    choice.journal.add_text(text)
            case ReasoningDelta(text, index):
                choice = self._choice(index, now)
                choice.reasoning.append(text)
                if choice.journal is not None:
                    choice.journal.add_reasoning(text)
            case ToolCallDelta():
                self._take_call(event, now)
            case ExtrasDelta():
                self._take_extras(event, now)
                return None
            case UsageReported(usage):
                self._usage = usage
            case ReplyFinished():
                self._known(event.choice).finished = event
                return None
            case RetryScheduled(attempt):
                self._timings = replace(self._timings, attempts=attempt)
            case Notice(kind, message):
                self._notices.append(NoticeInfo(kind, message))
        return event if event.slot == self._slot else self._in_slot(event)

    def _in_slot(self, event: _Passed) -> _Passed:
        """An event with the slot of the reply; `replace` takes as long as all else of a delta."""
        match event:
            case TextDelta(text, choice):
                return TextDelta(text, choice, self._slot)
            case ReasoningDelta(text, choice):
                return ReasoningDelta(text, choice, self._slot)
        return replace(event, slot=self._slot)

    def close(self, now: float) -> TurnEvent | None:
        """Gather what was held back, now that no more comes, and give it; here nothing ever is."""
        return None

    # Further choices

    def begin_choices(self, new_id: Callable[[], str]) -> list[ChatMessage]:
        """Give the messages of the choices that have begun, still empty, in their order."""
        self.has_begun = False
        messages = []
        for index, choice in sorted(self._choices.items()):
            if index < self._asked and choice.begun and not choice.id:
                messages.append(self._sibling(index, choice, new_id))
        return messages

    def keep(self, id_: str, journal: Journal) -> None:
        """Have the text of a choice journalled whose message is stored now."""
        self._choices[self._places[id_]].keep_in(journal)

    # What has come

    def snapshot(self, id_: str = "") -> ChatMessage:
        """The reply as far as it has come; after `end`, as it ended.

        Args:
            id_: that of a further choice, for that one.
        """
        id_ = id_ or self._message.id
        if (ended := self._ended.get(id_)) is not None:
            return ended
        index = self._places[id_]
        choice = self._choices[index]
        if index:
            return choice.within(replace(self._empty(index, id_), timings=self._timings))
        return replace(
            choice.within(self._message),
            timings=self._timings,
            usage=self._usage,
            notices=tuple(self._notices),
        )

    def end(
        self,
        now: float,
        new_id: Callable[[], str],
        status: Status | None = None,
        error: ErrorInfo | None = None,
        prices: Prices | None = None,
    ) -> tuple[ChatMessage, ...]:
        """Fold all into messages: the reply, then further choices as its siblings.

        The reply bears the cost of all of them: what the provider says, else by their usage.

        Args:
            now: seconds since 1970.
            new_id: makes the ids of further choices that have none yet.
            status: how it ended; None takes what the finish reason says, and `interrupted` for
                a choice that the server did not finish.
            error: why it ended, where it went wrong.
            prices: of the model, as far as they are known.
        """
        self._timings = replace(self._timings, ended=now)
        messages = []
        for index, choice in sorted(self._choices.items()):
            if choice.journal is not None:
                choice.journal.drop()
            if not choice.id:
                self._sibling(index, choice, new_id)
            message = choice.ended(self.snapshot(choice.id), status, error)
            if not index:
                cost = cost_told(choice.end().raw) or cost_of(self._usage, prices)
                message = replace(message, cost=cost)
            messages.append(message)
        self._ended = {message.id: message for message in messages}
        return tuple(messages)

    def change(self, messages: Iterable[ChatMessage]) -> None:
        """Take other forms of messages that have ended: what came with them is stored apart."""
        self._ended |= {message.id: message for message in messages}

    # Inside

    def _choice(self, index: int, now: float) -> IncomingChoice:
        """The choice of which something has come that an answer begins with."""
        if self._timings.first_token is None:
            self.has_content = True
            self._timings = replace(self._timings, first_token=now)
        found = self._choices.get(index)
        return found if found is not None and found.begun else self._begin(index)

    def _begin(self, index: int) -> IncomingChoice:
        if index < self._asked:
            # They are siblings in their order, whichever comes first.
            for before in range(1, index):
                self._known(before).begun = True
            self.has_begun = True
        found = self._known(index)
        found.begun = True
        return found

    def _known(self, index: int) -> IncomingChoice:
        return self._choices.setdefault(index, IncomingChoice())

    def _sibling(
        self, index: int, choice: IncomingChoice, new_id: Callable[[], str]
    ) -> ChatMessage:
        """The message of a choice that had none, still empty."""
        choice.id = new_id()
        self._places[choice.id] = index
        return self._empty(index, choice.id)

    def _empty(self, index: int, id_: str) -> ChatMessage:
        return replace(
            self._message,
            id=id_,
            choice=index,
            parts=(),
            reasoning="",
            tool_calls=(),
            usage=None,
            notices=(),
        )

    def _take_call(self, event: ToolCallDelta, now: float) -> None:
        call = self._choice(event.choice, now).calls.setdefault(event.index, ["", "", ""])
        call[0] = call[0] or event.id
        call[1] = call[1] or event.name
        call[2] += event.arguments

    def _take_extras(self, event: ExtrasDelta, now: float) -> None:
        # Sources alone are no answer.
        begins = bool(event.refusal or event.images)
        choice = self._choice(event.choice, now) if begins else self._known(event.choice)
        choice.refusal.append(event.refusal)
        choice.annotations += event.annotations
        choice.images += event.images
