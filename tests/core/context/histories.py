"""Histories of all kinds, as conversations have them in the wild and worse, for hypothesis.

`messages()` are paths of a tree that can be answered: they end with a prompt or with results.
`Scale` weighs them: four letters are a token, so that what is sent can be weighed again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from chat_tui.core.context.items import ContextItem, Weight, item_of
from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    Part,
    Role,
    Status,
    TextPart,
    ToolCall,
    text_parts,
)

PICTURE = 765
"""Tokens of each picture of a user."""

_LONG = "abcdefghij" * 500


def user(id_: str, text: str = "question", *more: Part) -> ChatMessage:
    """A prompt."""
    return ChatMessage(id_, "user", (*text_parts(text), *more))


def reply(id_: str, text: str = "answer", *calls: str, status: Status = "complete") -> ChatMessage:
    """An answer."""
    tool_calls = tuple(ToolCall(call, "now", "{}") for call in calls)
    return ChatMessage(id_, "assistant", text_parts(text), status=status, tool_calls=tool_calls)


def result(id_: str, call: str, text: str = "12:00") -> ChatMessage:
    """What a tool gave."""
    return ChatMessage(id_, "tool", text_parts(text), tool_call_id=call)


def summary(id_: str, first: str, last: str, text: str = "in short") -> ChatMessage:
    """What stands for a part of a path."""
    return ChatMessage(id_, "system", text_parts(text), covers=(first, last))


def picture(name: str = "cat.png") -> ImagePart:
    """A stored picture."""
    return ImagePart(sha256="0" * 64, name=name, width=1024, height=1024)


def weight(message: ChatMessage) -> Weight:
    """What a message weighs, as planning is told and as what is sent is weighed again."""
    letters = sum(
        len(call.id) + len(call.name) + len(call.arguments) for call in message.tool_calls
    )
    if not message.text.strip():
        letters += len(message.refusal)
    for part in message.parts:
        if isinstance(part, TextPart | FilePart):
            letters += len(part.text)
    images = PICTURE * sum(isinstance(part, ImagePart) for part in message.parts)
    return Weight(4 + -(-letters // 4), images, exact=True)


def items(path: Sequence[ChatMessage]) -> list[ContextItem]:
    """Messages as planning sees them."""
    return [item_of(message, weight(message)) for message in path]


def plain(sizes: Sequence[int], roles: Sequence[Role] = ("user", "assistant")) -> list[ContextItem]:
    """An ordinary conversation: messages of so many tokens, prompts and answers in turn."""
    return [
        ContextItem(f"m{place}", roles[place % len(roles)], size)
        for place, size in enumerate(sizes)
    ]


_texts = st.sampled_from(["a", "b" * 90, "c" * 900, _LONG[:2_500], _LONG, "", " \n"])
_results = st.sampled_from([_LONG, _LONG[:2_500], "a", "c" * 900, ""])
_words = st.sampled_from(["a", "b" * 90, "c" * 900, _LONG[:2_500]])
_ended: SearchStrategy[Status] = st.sampled_from(
    ["complete", "complete", "complete", "length", "stopped", "interrupted", "error", "filtered"]
)


@st.composite
def messages(draw: DrawFn, *, turns: int = 7) -> list[ChatMessage]:
    """A path that can be answered, with tools, pictures, failures, marks and summaries."""
    path: list[ChatMessage] = []
    for _ in range(draw(st.sampled_from([*range(turns + 1), turns, turns]))):
        for message in _turn(draw):
            marks = draw(st.sampled_from([""] * 30 + ["pinned", "pinned", "excluded", "both"]))
            path.append(
                replace(
                    message,
                    id=f"m{len(path)}",
                    pinned=marks in ("pinned", "both"),
                    excluded=marks in ("excluded", "both"),
                )
            )
        if path and draw(st.integers(0, 5)) == 5:
            path.append(_summary(draw, path))
    last = [user("", draw(_words), *draw(st.lists(st.just(picture()), max_size=1)))]
    if draw(st.booleans()):
        last = [*last, *_calls(draw, whole=True)]
    return [*path, *(replace(each, id=f"m{len(path) + at}") for at, each in enumerate(last))]


def _turn(draw: DrawFn) -> Iterator[ChatMessage]:
    kinds = ["turn"] * 4 + ["calls"] * 5 + ["prompt", "answer", "orphan"]
    kind = draw(st.sampled_from(kinds))
    if kind in ("turn", "calls", "prompt"):
        yield user("", draw(_texts), *draw(st.lists(st.just(picture()), max_size=2)))
    if kind == "calls":
        yield from _calls(draw, whole=draw(st.integers(0, 3)) > 0)
    if kind == "orphan":
        yield result("", "1", draw(_texts))
    if kind in ("turn", "calls", "answer"):
        yield replace(
            reply("", draw(_texts), status=draw(_ended)),
            refusal=draw(st.sampled_from(["", "", "I will not."])),
        )
    if kind == "answer" and draw(st.booleans()):
        yield replace(reply("", ""), parts=(picture(),))


def _calls(draw: DrawFn, *, whole: bool) -> Iterator[ChatMessage]:
    calls = draw(st.lists(st.sampled_from("123"), min_size=1, max_size=3, unique=True))
    yield reply("", draw(_texts), *calls)
    answered = calls if whole else draw(st.lists(st.sampled_from("1234"), max_size=4))
    for call in draw(st.permutations(answered)):
        yield result("", call, draw(_results))


def _summary(draw: DrawFn, path: Sequence[ChatMessage]) -> ChatMessage:
    first, last = (draw(st.sampled_from(path)).id for _ in range(2))
    if draw(st.booleans()):
        first = path[0].id
    return replace(
        summary(f"m{len(path)}", first, draw(st.sampled_from([last, path[-1].id, "lost"]))),
        status=draw(_ended),
        excluded=draw(st.integers(0, 5)) == 5,
        pinned=draw(st.integers(0, 5)) == 5,
    )


def histories(*, turns: int = 7) -> SearchStrategy[list[ContextItem]]:
    """The same as planning sees it."""
    return messages(turns=turns).map(items)
