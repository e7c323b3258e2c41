"""Cut replies that are gone on with: the joint, the request, what is stored."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.continuing import CONTINUE_REQUEST, MAX_OVERLAP, Joiner, can_continue
from chat_tui.core.errors import AuthError, InterruptedReplyError, UsageError
from chat_tui.core.events import (
    Notice,
    ReasoningDelta,
    ReplyFinished,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.messages import ChatMessage, Status, text_parts
from tests.core.windows import Window, collect, reply_of
from tests.examples import examples
from tests.fakes import Step, answer, eventually

FIXED = settings(max_examples=examples(300), deadline=None, derandomize=True)


def joined(text: str, *deltas: str) -> str:
    """A text with its continuation, as it comes out of a joiner."""
    joiner = Joiner(text)
    return text + "".join(joiner.feed(delta) for delta in deltas) + joiner.close()


@pytest.mark.parametrize(
    ("text", "more", "whole"),
    [
        ("The quick brown", " fox", "The quick brown fox"),
        ("The quick bro", "wn fox", "The quick brown fox"),
        ("over the lazy dog", "over the lazy dog and away", "over the lazy dog and away"),
        ("over the lazy dog", "\n\nthe lazy dog and away", "over the lazy dog and away"),
        ("over the la", "lazy dog", "over the lazy dog"),
        ("over the ", "the lazy dog", "over the lazy dog"),
        ("over the ", " lazy dog", "over the lazy dog"),
        ("One end.", "Another begins", "One end. Another begins"),
        ("One end.", " Another begins", "One end. Another begins"),
        ("```go\nfmt.", "Println()", "```go\nfmt.Println()"),
        ("```\ndef f():\n  ", "  return 1", "```\ndef f():\n    return 1"),
        ("A paragraph.\n\n", "\n\nAnother", "A paragraph.\n\nAnother"),
        ("pi is 3.1", "14159", "pi is 3.114159"),
        ("1, 1, 1, ", "1, 1", "1, 1, 1, 1, 1"),
        ("hehaha", "haha", "hehahahaha"),
        ("为什么天空是蓝色的", "天空是蓝色的，因为", "为什么天空是蓝色的，因为"),
        ("你好你", "你真好", "你好你你真好"),
        ("All of it", "", "All of it"),
    ],
)
def test_continuation_is_joined_without_what_it_repeats(text: str, more: str, whole: str) -> None:
    assert joined(text, more) == whole
    assert joined(text, *more) == whole


def test_long_repetition_is_dropped_up_to_the_limit() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    repeated = text[-MAX_OVERLAP:]

    assert joined(text, *(repeated + " and more")) == text + " and more"


def test_plain_continuation_is_passed_on_at_once() -> None:
    joiner = Joiner("The quick brown")

    assert joiner.feed(" fox") == " fox"
    assert joiner.feed(" jumps") == " jumps"
    assert joiner.close() == ""


def test_much_white_space_is_not_waited_for() -> None:
    blank = "\n" * (MAX_OVERLAP + 1)

    assert joined("some words here", blank, "words here") == f"some words here{blank}words here"
    assert joined("some words here", blank + "words here") == f"some words here{blank}words here"


words = st.text(alphabet="ab \n.A你1", max_size=30)


@FIXED
@given(words, words, st.lists(st.integers(0, 30), max_size=6))
def test_any_split_of_a_continuation_gives_the_same(text: str, more: str, cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(more)) for cut in cuts), len(more)]
    deltas = [more[start:end] for start, end in pairwise(ends)]

    assert joined(text, *deltas) == joined(text, more)


@FIXED
@given(words, words)
def test_nothing_but_a_repetition_and_white_space_is_ever_lost(text: str, more: str) -> None:
    whole = joined(text, more)

    assert whole.startswith(text)
    added = whole[len(text) :].lstrip()
    assert more.endswith(added)
    assert text.rstrip().endswith(more.removesuffix(added).strip())


@pytest.mark.parametrize(
    ("status", "text", "can"),
    [
        ("length", "some", True),
        ("interrupted", "some", True),
        ("stopped", "some", True),
        ("stopped", " \n", False),
        ("complete", "some", False),
        ("error", "some", False),
        ("filtered", "some", False),
        ("streaming", "some", False),
    ],
)
def test_cut_replies_with_text_can_be_continued(status: Status, text: str, can: bool) -> None:
    assert can_continue(ChatMessage("1", "assistant", text_parts(text), status=status)) is can


async def gone_on(window: Window, id_: str) -> list[TurnEvent]:
    return await collect(window.manager.continue_reply(window.chat, id_))


async def test_continued_reply_is_a_sibling_that_begins_with_the_old_text() -> None:
    window = Window(answer("Once upon", finish_reason="length"), answer(" upon a time."))
    cut = reply_of(await window.send("A story"))

    events = await gone_on(window, cut.id)

    reply = reply_of(events)
    assert (reply.text, reply.status) == ("Once upon a time.", "complete")
    assert window.chat.tree.siblings(cut.id) == (cut.id, reply.id)
    assert window.chat.tree.head == reply.id
    assert window.stored() == [cut, reply]
    started = events[0]
    assert isinstance(started, TurnStarted)
    assert (started.prompt, started.replies[0].text) == (None, "Once upon")
    assert [event.text for event in events if isinstance(event, TextDelta)] == [" a time."]


async def test_continuation_is_asked_for_behind_the_cut_answer() -> None:
    window = Window(answer("Once", finish_reason="length"), answer(" upon"))
    await window.manager.conversations.set_parameters(window.chat, {"n": 3, "temperature": 0.5})
    cut = reply_of(await window.send("A story"))

    await gone_on(window, cut.id)

    request = window.client.requests[1]
    assert [(message.role, message.text) for message in request.messages] == [
        ("user", "A story"),
        ("assistant", "Once"),
        ("user", CONTINUE_REQUEST),
    ]
    assert request.target.parameters == {"temperature": 0.5}
    assert CONTINUE_REQUEST not in [message.text for message in window.store.saved.values()]


async def test_reasoning_of_the_cut_part_stays_before_the_new() -> None:
    first: list[Step] = [ReasoningDelta("so"), *answer("Once", finish_reason="length")]
    second: list[Step] = [ReasoningDelta("go "), ReasoningDelta("on"), *answer(" upon")]
    window = Window(first, second)
    cut = reply_of(await window.send("A story"))

    events = await gone_on(window, cut.id)

    assert reply_of(events).reasoning == "so\n\ngo on"
    assert [e.text for e in events if isinstance(e, ReasoningDelta)] == ["\n\ngo ", "on"]


async def test_sources_of_both_parts_stay() -> None:
    one, two = {"type": "url_citation", "url": "1"}, {"type": "url_citation", "url": "2"}
    window = Window(
        [TextDelta("a"), ReplyFinished("length", annotations=(one,), raw={"x": 1})],
        [TextDelta("b"), ReplyFinished("stop", annotations=(two,), raw={"y": 2})],
    )
    cut = reply_of(await window.send("Hi"))

    reply = reply_of(await gone_on(window, cut.id))

    assert reply.annotations == (one, two)
    assert reply.raw == {"x": 1, "y": 2}


async def test_text_that_is_held_back_is_kept_when_it_ends() -> None:
    held: list[Step] = [TextDelta("upon"), InterruptedReplyError("It broke.")]
    window = Window(answer("a a upon that once", finish_reason="length"), held)
    cut = reply_of(await window.send("A story"))

    events = await gone_on(window, cut.id)

    reply = reply_of(events)
    assert (reply.text, reply.status) == ("a a upon that onceupon", "interrupted")
    assert isinstance(events[-2], TextDelta)
    assert events[-2].text == "upon"


async def test_stop_keeps_what_is_held_back() -> None:
    held: list[Step] = [TextDelta("upon"), Notice("slow", "Slow."), asyncio.Event()]
    window = Window(answer("a a upon that once", finish_reason="length"), held)
    cut = reply_of(await window.send("A story"))
    events: list[TurnEvent] = []

    running = asyncio.create_task(
        collect(window.manager.continue_reply(window.chat, cut.id), events)
    )
    await eventually(window.client.waiting.is_set)
    window.manager.stop(window.chat)
    await running

    assert isinstance(events[-1], TurnFinished)
    assert events[-1].reply.text == "a a upon that onceupon"
    assert events[-1].reply.status == "stopped"


async def test_continuation_that_is_refused_keeps_the_old_text() -> None:
    window = Window(answer("Once", finish_reason="length"), [AuthError("No key.")])
    cut = reply_of(await window.send("A story"))

    reply = reply_of(await gone_on(window, cut.id))

    assert (reply.text, reply.status) == ("Once", "interrupted")
    assert reply.error is not None
    assert reply.error.kind == "auth"


async def test_old_text_and_what_came_are_stored_while_it_runs() -> None:
    window = Window(answer("Once", finish_reason="length"), [TextDelta(" upon a"), asyncio.Event()])
    cut = reply_of(await window.send("A story"))
    running = asyncio.create_task(collect(window.manager.continue_reply(window.chat, cut.id)))
    await eventually(lambda: bool(window.store.journal))

    assert window.chat.tree.head is not None
    stored = (await window.store.messages([window.chat.tree.head]))[0]

    assert (stored.text, stored.status) == ("Once upon a", "streaming")
    window.manager.stop(window.chat)
    await running


async def test_reply_that_was_not_cut_cannot_be_continued() -> None:
    window = Window(answer("All of it."))
    reply = reply_of(await window.send("Hi"))

    with pytest.raises(UsageError, match="not cut off"):
        await gone_on(window, reply.id)

    assert not window.chat.streaming
    assert len(window.store.saved) == 2
