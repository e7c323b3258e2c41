"""Every deviation that was seen, fed whole, byte by byte, and in random pieces."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from chat_tui.core.events import (
    ExtrasDelta,
    Notice,
    ReasoningDelta,
    ReplyFinished,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chat_tui.providers.failures.errors import Peer
from chat_tui.providers.reading.replies import ReplyReader
from tests.providers.reading.deviations import DEVIATIONS, ELSEWHERE, SENTENCES, Deviation, Reading

PEER = Peer("Test", "api.test", "m")
NAMED = [
    pytest.param(case, id=f"{case.sentence}-{number}") for number, case in enumerate(DEVIATIONS)
]


def read(body: bytes, cuts: list[int]) -> tuple[Reading, str]:
    """What the reader makes of a body cut at these places, and the words of its failure."""
    reader = ReplyReader(PEER)
    events = []
    for start, end in pairwise([0, *cuts, len(body)]):
        reader.feed(body[start:end])
        events += reader.take()
    reader.close()
    events += reader.take()
    texts: dict[int, str] = {0: ""}
    reasoning = ""
    calls: dict[int, list[str]] = {}
    usage = None
    notices = []
    beside: list[ExtrasDelta] = []
    ends: dict[int, ReplyFinished] = {}
    for event in events:
        match event:
            case TextDelta(text, choice):
                texts[choice] = texts.get(choice, "") + text
            case ReasoningDelta(text, 0):
                reasoning += text
            case ToolCallDelta(index, id_, name, arguments, 0):
                call = calls.setdefault(index, ["", "", ""])
                call[0] += id_
                call[1] += name
                call[2] += arguments
            case UsageReported(reported):
                usage = reported
            case Notice(kind):
                notices.append(kind)
            case ExtrasDelta():
                beside.append(event)
            case ReplyFinished():
                ends[event.choice] = event
            case _:
                pytest.fail(f"{event} is not expected here")
    finished = ends.get(0)
    assert not ends or set(ends) == set(texts)
    for choice, last in ends.items():
        check_beside(last, [event for event in beside if event.choice == choice])
    text = texts.pop(0)
    got = Reading(
        text,
        reasoning,
        tuple((id_, name, arguments) for id_, name, arguments in calls.values()),
        finished.finish_reason if finished else None,
        finished.model if finished else "",
        usage,
        texts,
        finished.refusal if finished else "",
        finished.annotations if finished else (),
        finished.logprobs if finished else None,
        finished.raw if finished else {},
        tuple(notices),
        type(reader.failure) if reader.failure else None,
    )
    return got, reader.failure.message if reader.failure else ""


def check_beside(end: ReplyFinished, beside: list[ExtrasDelta]) -> None:
    """What came piece by piece is what the end has: a reply without an end has lost nothing."""
    annotations = tuple(entry for event in beside for entry in event.annotations)
    images = [image for event in beside for image in event.images]
    assert "".join(event.refusal for event in beside) == end.refusal
    assert annotations == end.annotations[: len(annotations)]
    assert images == end.raw.get("images", [])


def check(case: Deviation, cuts: list[int]) -> None:
    got, words = read(case.body, cuts)
    assert got == case.expected, cuts
    assert case.words in words


@pytest.mark.parametrize("case", NAMED)
def test_a_deviation_fed_whole_is_read(case: Deviation) -> None:
    check(case, [])


@pytest.mark.parametrize("case", NAMED)
def test_a_deviation_fed_byte_by_byte_is_read(case: Deviation) -> None:
    check(case, list(range(1, len(case.body))))


@pytest.mark.parametrize("case", NAMED)
def test_a_deviation_fed_in_random_pieces_is_read(case: Deviation) -> None:
    source = random.Random(3)
    for _ in range(10):
        check(case, sorted(source.choices(range(len(case.body) + 1), k=5)))


def test_every_sentence_has_a_case_or_a_test_elsewhere() -> None:
    assert {case.sentence for case in DEVIATIONS} | set(ELSEWHERE) == set(SENTENCES)
    for test in ELSEWHERE.values():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (Path(__file__).parents[1] / file).read_text(), test
