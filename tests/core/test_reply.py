"""A reply while it comes in, and the journal that keeps it meanwhile."""

import asyncio
from itertools import count

import pytest

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
    UsageReported,
)
from chat_tui.core.journal import JOURNAL_INTERVAL, Journal
from chat_tui.core.messages import ChatMessage, NoticeInfo, Status, ToolCall, Usage
from chat_tui.core.reply import IncomingReply
from tests.fakes import DEADLINE

EMPTY = ChatMessage("reply", "assistant", parent="prompt", status="streaming", model="asked")
FAILURE = ErrorInfo("interrupted", "The connection broke.")


class Writes:
    """What a journal wrote; `happened` is set with each write."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []
        self.happened = asyncio.Event()

    def __call__(self, text: str, reasoning: str) -> None:
        self.all.append((text, reasoning))
        self.happened.set()

    async def next(self) -> None:
        async with asyncio.timeout(DEADLINE):
            await self.happened.wait()
        self.happened.clear()


def gathered(*events: ReplyEvent) -> IncomingReply:
    """A reply to which something happened, a second apart."""
    reply = IncomingReply(EMPTY, 100.0, Journal(lambda _text, _reasoning: None))
    for second, event in enumerate(events, 101):
        reply.take(event, second)
    return reply


def ended(
    reply: IncomingReply, status: Status | None = None, error: ErrorInfo | None = None
) -> tuple[ChatMessage, ...]:
    ids = count(1)
    return reply.end(200.0, lambda: f"new-{next(ids)}", status, error)


async def test_journal_writes_many_deltas_at_once() -> None:
    writes = Writes()
    journal = Journal(writes)

    for number in range(1_000):
        journal.add_text(f"{number} ")
        journal.add_reasoning(".")
    assert writes.all == []
    await writes.next()

    assert writes.all == [("".join(f"{number} " for number in range(1_000)), "." * 1_000)]


async def test_journal_writes_again_what_comes_later() -> None:
    writes = Writes()
    journal = Journal(writes)

    journal.add_text("one")
    await writes.next()
    journal.add_reasoning("two")
    await writes.next()

    assert writes.all == [("one", ""), ("", "two")]


async def test_journal_is_not_later_than_the_promise() -> None:
    writes = Writes()
    journal = Journal(writes)
    started = asyncio.get_running_loop().time()

    journal.add_text("x")
    timer = journal._timer

    assert timer is not None
    assert timer.when() - started < 0.05
    assert JOURNAL_INTERVAL < 0.05
    journal.drop()


async def test_journal_writes_nothing_after_it_was_dropped() -> None:
    writes = Writes()
    dropped, other = Journal(writes), Journal(writes)

    dropped.add_text("gone")
    other.add_text("kept")
    dropped.drop()
    await writes.next()

    assert writes.all == [("kept", "")]


async def test_reply_holds_text_reasoning_and_the_times() -> None:
    reply = gathered(ReasoningDelta("so"), TextDelta("Hel"), TextDelta("lo"), ReplyFinished("stop"))

    (message,) = ended(reply)

    assert (message.text, message.reasoning) == ("Hello", "so")
    assert (message.status, message.finish_reason) == ("complete", "stop")
    assert (message.id, message.parent, message.model) == ("reply", "prompt", "asked")
    times = message.timings
    assert times is not None
    assert (times.sent, times.first_token, times.ended, times.attempts) == (100.0, 101, 200.0, 1)


async def test_snapshot_is_the_reply_so_far_and_then_as_it_ended() -> None:
    reply = gathered(TextDelta("Hel"))
    so_far = reply.snapshot()

    (message,) = ended(reply, "stopped")

    assert (so_far.text, so_far.status) == ("Hel", "streaming")
    assert reply.snapshot() == message
    assert message.status == "stopped"


@pytest.mark.parametrize(
    ("finish_reason", "status"),
    [
        ("stop", "complete"),
        ("", "complete"),
        ("eos", "complete"),
        ("tool_calls", "complete"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("max_output_tokens", "length"),
        ("model_length", "length"),
        ("content_filter", "filtered"),
        ("content-filter", "filtered"),
        ("SAFETY", "filtered"),
        ("RECITATION", "filtered"),
        ("refusal", "filtered"),
        ("error", "interrupted"),
        ("insufficient_system_resource", "interrupted"),
        ("a word of its own", "complete"),
    ],
)
async def test_status_follows_the_finish_reason(finish_reason: str, status: Status) -> None:
    (message,) = ended(gathered(TextDelta("x"), ReplyFinished(finish_reason)))

    assert (message.status, message.finish_reason) == (status, finish_reason)


async def test_finish_is_never_made_up() -> None:
    (message,) = ended(gathered(TextDelta("half")))

    assert (message.status, message.finish_reason, message.text) == ("interrupted", "", "half")


async def test_given_status_and_error_are_kept() -> None:
    (message,) = ended(gathered(TextDelta("half")), "interrupted", FAILURE)

    assert (message.status, message.error) == ("interrupted", FAILURE)


async def test_pieces_of_tool_calls_are_joined_by_their_index() -> None:
    reply = gathered(
        ToolCallDelta(1, "b", "time", '{"zone":'),
        ToolCallDelta(0, "a", "weather"),
        ToolCallDelta(0, "ignored", "ignored", "{}"),
        ToolCallDelta(1, arguments=' "UTC"}'),
        ReplyFinished("tool_calls"),
    )

    (message,) = ended(reply)

    assert reply.has_content
    assert message.tool_calls == (
        ToolCall("a", "weather", "{}"),
        ToolCall("b", "time", '{"zone": "UTC"}'),
    )


async def test_what_is_no_content_does_not_start_the_reply() -> None:
    reply = gathered(
        RetryScheduled(2, 3, 0.5, FAILURE),
        Notice("slow", "The server has not answered yet."),
        UsageReported(Usage(1, 0, 1)),
        UsageReported(Usage(10, 0, 10)),
    )
    assert not reply.has_content

    (message,) = ended(reply, "error", FAILURE)

    assert message.timings is not None
    assert (message.timings.first_token, message.timings.attempts) == (None, 2)
    assert message.notices == (NoticeInfo("slow", "The server has not answered yet."),)
    assert message.usage == Usage(10, 0, 10)


async def test_finish_brings_what_the_server_said_about_the_reply() -> None:
    finish = ReplyFinished(
        "stop",
        model="answered",
        refusal="No.",
        annotations=({"type": "url_citation"},),
        logprobs={"content": []},
        raw={"citations": ["x"]},
    )

    (message,) = ended(gathered(finish))

    assert (message.model, message.refusal) == ("answered", "No.")
    assert message.annotations == ({"type": "url_citation"},)
    assert (message.logprobs, message.raw) == ({"content": []}, {"citations": ["x"]})


async def test_reply_without_an_end_keeps_what_came_beside_the_text() -> None:
    reply = gathered(
        ExtrasDelta("I "),
        ExtrasDelta(annotations=({"n": 1},), images=("a",)),
        ExtrasDelta("cannot", images=("b",)),
        ExtrasDelta(images=("c",), choice=1),
    )
    assert reply.has_content
    message, other = ended(reply, "stopped")
    assert (message.refusal, message.annotations) == ("I cannot", ({"n": 1},))
    assert message.raw == {"images": ["a", "b"]}
    assert other.raw == {"images": ["c"]}
    assert message.timings is not None
    assert message.timings.first_token == 101


async def test_finish_counts_over_what_came_before_it() -> None:
    finish = ReplyFinished("stop", refusal="no", raw={"images": ["a"]})
    (message,) = ended(gathered(ExtrasDelta("no", ({"n": 1},), ("a",)), finish))
    assert (message.refusal, message.annotations, message.raw) == ("no", (), {"images": ["a"]})


async def test_sources_alone_do_not_start_the_reply() -> None:
    reply = gathered(ExtrasDelta(annotations=({"n": 1},)))
    assert not reply.has_content
    (message,) = ended(reply, "error")
    assert message.annotations == ({"n": 1},)
    assert message.timings is not None
    assert message.timings.first_token is None


async def test_further_choices_become_messages_of_their_own() -> None:
    reply = gathered(
        TextDelta("zero", 0),
        TextDelta("two", 2),
        ReasoningDelta("why", 2),
        TextDelta("one", 1),
        ToolCallDelta(0, "c", "now", "{}", choice=1),
        UsageReported(Usage(5, 6, 11)),
        Notice("note", "A note."),
        ReplyFinished("stop", 0),
        ReplyFinished("length", 1),
    )

    first, second, third = ended(reply)

    assert [first.text, second.text, third.text] == ["zero", "one", "two"]
    assert [first.choice, second.choice, third.choice] == [0, 1, 2]
    assert [first.id, second.id, third.id] == ["reply", "new-1", "new-2"]
    assert {first.parent, second.parent, third.parent} == {"prompt"}
    assert [first.status, second.status, third.status] == ["complete", "length", "interrupted"]
    assert (second.tool_calls, third.reasoning) == ((ToolCall("c", "now", "{}"),), "why")
    assert first.usage == Usage(5, 6, 11), "counted once"
    assert (second.usage, second.notices) == (None, ())


async def test_only_the_first_choice_is_journalled() -> None:
    writes = Writes()
    reply = IncomingReply(EMPTY, 100.0, Journal(writes))

    reply.take(TextDelta("zero", 0), 101.0)
    reply.take(TextDelta("one", 1), 101.0)
    reply.take(ReasoningDelta("why", 1), 101.0)
    await writes.next()

    assert writes.all == [("zero", "")]


async def test_ended_reply_writes_no_more_to_the_journal() -> None:
    writes = Writes()
    reply = IncomingReply(EMPTY, 100.0, Journal(writes))
    reply.take(TextDelta("whole"), 101.0)
    other = Journal(writes)
    other.add_text("another reply")

    ended(reply)
    await writes.next()

    assert writes.all == [("another reply", "")]


async def test_waiting_is_no_news_once_the_answer_is_there() -> None:
    silence = Notice("silence", "Nothing came for 15 s.")
    told = Notice("adapted", "It was sent otherwise.")
    (whole,) = ended(gathered(silence, told, TextDelta("here"), ReplyFinished("stop")))
    (cut,) = ended(gathered(TextDelta("half"), silence), "interrupted", FAILURE)

    assert [notice.kind for notice in whole.notices] == ["adapted"]
    assert [notice.kind for notice in cut.notices] == ["silence"]
