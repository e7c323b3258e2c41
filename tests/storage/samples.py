"""Conversations to store, and strategies that make odd ones."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from chat_tui.core.context.cut import Cut
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.ids import new_id
from chat_tui.core.messages import (
    ChatMessage,
    Cost,
    FilePart,
    ImagePart,
    NoticeInfo,
    Role,
    Status,
    TextPart,
    Timings,
    ToolCall,
    Usage,
    text_parts,
)
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target
from chat_tui.storage import Paths, paths_under


def paths_in(folder: Path) -> Paths:
    """The paths under a test's own folder."""
    return paths_under(folder / "home")


def message(
    text: str = "",
    *,
    parent: ChatMessage | None = None,
    role: Role = "user",
    status: Status = "complete",
    **fields: Any,
) -> ChatMessage:
    """A message with a new id."""
    parent_id = parent.id if parent else None
    return ChatMessage(new_id(), role, text_parts(text), parent=parent_id, status=status, **fields)


def chat(turns: int, *, title: str = "A chat") -> tuple[Conversation, list[ChatMessage]]:
    """A conversation of so many prompts with their answers."""
    messages: list[ChatMessage] = []
    for turn in range(turns):
        last = messages[-1] if messages else None
        messages.append(message(f"question {turn}", parent=last, turn=f"t{turn}", created=turn))
        messages.append(
            message(
                f"answer {turn}\n" * 3,
                parent=messages[-1],
                role="assistant",
                turn=f"t{turn}",
                created=turn + 0.5,
                model="m",
                provider="p",
            )
        )
    head = messages[-1].id if messages else None
    conversation = Conversation(
        new_id(), title=title, created=1.0, updated=2.0, targets=(Target("p", "m"),), head=head
    )
    return conversation, messages


def full_message(parent: str | None = None) -> ChatMessage:
    """A message with every field set."""
    return ChatMessage(
        id=new_id(),
        role="assistant",
        parts=(
            TextPart("text"),
            ImagePart("ab" * 32, "", "image/png", "a.png", "high", 640, 480),
            FilePart("cd" * 32, "b.txt", "text/plain", "content"),
        ),
        parent=parent,
        turn="turn",
        created=12.5,
        status="length",
        reasoning="because",
        tool_calls=(ToolCall("call", "tool", '{"a": 1}'),),
        tool_call_id="call",
        name="name",
        model="model",
        provider="provider",
        slot=2,
        choice=1,
        finish_reason="length",
        error=ErrorInfo("rate_limit", "It failed.", "Try again.", 429, 61.5, "n"),
        notices=(NoticeInfo("kind", "sentence"),),
        refusal="no",
        annotations=({"type": "url_citation", "n": [1, {"x": None}]},),
        logprobs={"content": [{"token": "a", "logprob": -0.5}]},
        usage=Usage(1, 2, 3, 4, 5),
        timings=Timings(1.0, 2.0, 3.0, 2),
        cost=Cost(0.25, "EUR"),
        origin=("chatgpt", "x-1"),
        raw={"service_tier": "default", "deep": {"a": [True, None, 1.5]}},
        covers=("a", "b"),
        pinned=True,
        excluded=True,
        rating=-1,
        tokens={"o200k_base": 12},
    )


def full_conversation() -> Conversation:
    """A conversation with every field set."""
    return Conversation(
        id=new_id(),
        title="Title \u4f60\u597d",
        title_by_hand=True,
        created=1.0,
        updated=2.0,
        system_prompt="Be brief.",
        targets=(Target("p", "m", {"temperature": 0.5}), Target("q", "n", system_prompt="Rhyme.")),
        policy="overflow=compact max_history=20",
        cuts={"p/m": Cut("a", "b")},
        board=Board((1, 0), "own", 1, False, 2, (0, 1)),
        tags=("a", "b"),
        folder="work",
        pinned=True,
        archived=True,
        deleted=3.0,
        extra={"k": [1, 2]},
    )


texts = st.text(st.characters(codec="utf-8"), max_size=40)
times = st.floats(0, 4e9, allow_nan=False)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, plain_json, max_size=3)
parts = st.one_of(
    st.builds(TextPart, texts),
    st.builds(ImagePart, texts, texts, texts, texts, st.sampled_from(["auto", "low", "high"])),
    st.builds(FilePart, texts, texts, texts, texts),
)
counts = st.none() | st.integers(0, 10**9)
bare_messages = st.builds(
    ChatMessage,
    id=st.just("to be set"),
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    parts=st.lists(parts, max_size=3).map(tuple),
    turn=texts,
    created=times,
    status=st.sampled_from(["complete", "length", "filtered", "stopped", "interrupted", "error"]),
    reasoning=texts,
    tool_calls=st.lists(st.builds(ToolCall, texts, texts, texts), max_size=2).map(tuple),
    model=texts,
    slot=st.integers(0, 6),
    choice=st.integers(0, 4),
    error=st.none() | st.builds(ErrorInfo, st.just("server"), texts, texts, counts),
    notices=st.lists(st.builds(NoticeInfo, texts, texts), max_size=2).map(tuple),
    annotations=st.lists(objects, max_size=2).map(tuple),
    logprobs=st.none() | objects,
    usage=st.none() | st.builds(Usage, counts, counts, counts, counts, counts),
    timings=st.none() | st.builds(Timings, times, st.none() | times, st.none() | times),
    cost=st.none() | st.builds(Cost, st.floats(0, 1e6), texts),
    origin=st.none() | st.tuples(texts, texts),
    raw=objects,
    pinned=st.booleans(),
    rating=st.integers(-1, 1),
    tokens=st.dictionaries(texts, st.integers(0, 10**6), max_size=2),
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Conversation, list[ChatMessage]]:
    """A conversation whose messages branch anywhere."""
    messages: list[ChatMessage] = []
    for bare in draw(st.lists(bare_messages, max_size=6)):
        parent = draw(st.none() | st.sampled_from(messages)) if messages else None
        messages.append(replace(bare, id=new_id(), parent=parent.id if parent else None))
    ids = [each.id for each in messages]
    conversation = Conversation(
        new_id(),
        title=draw(texts),
        title_by_hand=draw(st.booleans()),
        created=draw(times),
        updated=draw(times),
        system_prompt=draw(texts),
        targets=tuple(draw(st.lists(st.builds(Target, texts, texts, objects), max_size=2))),
        tags=tuple(draw(st.lists(texts, max_size=2))),
        pinned=draw(st.booleans()),
        head=draw(st.sampled_from(ids)) if ids else None,
        heads={0: ids[0]} if ids else {},
        deleted=draw(st.none() | times),
        extra=draw(objects),
    )
    return conversation, messages
