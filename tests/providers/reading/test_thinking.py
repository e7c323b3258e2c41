"""Reasoning between tags at the beginning of the text, however the text is cut."""

import random
from typing import Any

import pytest

from chat_tui.core.events import ReasoningDelta, ReplyEvent, TextDelta, ToolCallDelta
from chat_tui.providers.reading.chunks import ChunkReader
from chat_tui.providers.reading.thinking import ThinkSplitter

LONG = (f"{' ' * 2000}<think>x", "", f"{' ' * 2000}<think>x")

CASES = [
    ("<think>why</think>answer", "why", "answer"),
    ("<think>\nwhy\n</think>\n\nanswer", "why\n", "answer"),
    (" \n<think>why</think>answer", "why", "answer"),
    ("<thinking>why</thinking> answer", "why", "answer"),
    ("<thought>why</thought>answer", "why", "answer"),
    ("<Think>why</THINK>answer", "why", "answer"),
    ("<think></think>answer", "", "answer"),
    ("<think>\n\n</think>\n\nanswer", "", "answer"),
    ("<think>never ended", "never ended", ""),
    ("<think>a < b </thin", "a < b </thin", ""),
    ("<think>a </thinking> b</think>c", "a </thinking> b", "c"),
    ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    ("<think>a</think>", "a", ""),
    ("<think>", "", ""),
    ("<think>İstanbul İİİ</think>ok", "İstanbul İİİ", "ok"),
    ("<thi", "", "<thi"),
    ("<thinks>x</thinks>", "", "<thinks>x</thinks>"),
    ("<b>bold</b>", "", "<b>bold</b>"),
    ("the tag <think> begins", "", "the tag <think> begins"),
    ("  indented", "", "  indented"),
    ("\n \n", "", "\n \n"),
    pytest.param(*LONG, id="too much white space"),
    ("", "", ""),
]


def split(text: str, cuts: list[int]) -> tuple[str, str]:
    splitter = ThinkSplitter()
    pieces = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        pieces += splitter.feed(text[start:end])
    pieces += splitter.close()
    return (
        "".join(piece for is_reasoning, piece in pieces if is_reasoning),
        "".join(piece for is_reasoning, piece in pieces if not is_reasoning),
    )


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_every_split_of_a_text_gives_the_same(text: str, reasoning: str, answer: str) -> None:
    source = random.Random(7)
    splits = [[], list(range(1, len(text)))]
    splits += [sorted(source.choices(range(len(text) + 1), k=4)) for _ in range(50)]
    for cuts in splits:
        assert split(text, cuts) == (reasoning, answer), cuts


def read(*deltas: dict[str, Any]) -> list[ReplyEvent]:
    reader = ChunkReader()
    for delta in deltas:
        reader.read({"choices": [{"index": 0, "delta": delta}]})
    reader.settle()
    return reader.take()


def test_tags_in_deltas_become_reasoning() -> None:
    events = read(*({"content": letter} for letter in "<think>why</think>\n\nso"))
    assert events == [ReasoningDelta("why"), TextDelta("so")]


def test_each_choice_has_its_own_reasoning() -> None:
    reader = ChunkReader()
    for one, two in (("<th", "a"), ("ink>x", "<think>"), ("</think>y", "b")):
        choices = [
            {"index": 0, "delta": {"content": one}},
            {"index": 1, "delta": {"content": two}},
        ]
        reader.read({"choices": choices})
    reader.settle()
    got: dict[tuple[type[ReplyEvent], int], str] = {}
    for event in reader.take():
        assert isinstance(event, TextDelta | ReasoningDelta)
        of = (type(event), event.choice)
        got[of] = got.get(of, "") + event.text
    assert got == {(ReasoningDelta, 0): "x", (TextDelta, 0): "y", (TextDelta, 1): "a<think>b"}


def test_text_is_left_alone_where_reasoning_has_a_field_of_its_own() -> None:
    events = read({"reasoning": "why"}, {"content": "<think> is a tag</think>"})
    assert events == [ReasoningDelta("why"), TextDelta("<think> is a tag</think>")]


def test_text_that_is_held_back_comes_before_a_tool_call() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    events = read({"content": "<th"}, {"tool_calls": [call]}, {"content": "ink>"})
    assert events == [TextDelta("<th"), ToolCallDelta(0, "a", "f", "{}"), TextDelta("ink>")]


def test_reasoning_goes_on_after_a_tool_call_inside_of_it() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    events = read({"content": "<think>a"}, {"tool_calls": [call]}, {"content": "b</think>c"})
    assert events == [
        ReasoningDelta("a"),
        ToolCallDelta(0, "a", "f", "{}"),
        ReasoningDelta("b"),
        TextDelta("c"),
    ]


def test_text_counts_as_begun_while_it_is_held_back() -> None:
    reader = ChunkReader()
    reader.read({"choices": [{"delta": {"content": "<"}}]})
    assert reader.started
    assert reader.size == 1


@pytest.mark.parametrize(
    "content", ["<think>why</think>so", [{"type": "text", "text": "<think>why</think>so"}]]
)
def test_a_whole_reply_is_split_too(content: object) -> None:
    reader = ChunkReader()
    reader.read({"choices": [{"message": {"content": content}}]})
    assert reader.take() == [ReasoningDelta("why"), TextDelta("so")]
