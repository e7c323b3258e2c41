"""The counter and the facts of those who have no tokenizer and no catalogue."""

import pytest

from chat_tui.core.context.budget import Window
from chat_tui.core.context.estimating import EstimatingCounter, UnknownModels
from chat_tui.core.errors import UsageError
from chat_tui.core.estimate import PER_PICTURE, estimate_tokens
from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    TextPart,
    ToolCall,
    part_text,
    text_parts,
)
from chat_tui.core.targets import Target
from tests.fakes import TARGET


async def test_all_that_is_sent_is_weighed_and_nothing_is_said_to_be_exact() -> None:
    counter = EstimatingCounter()

    def text(message: ChatMessage) -> int:
        weight = counter.weigh(message, "any")
        assert not weight.exact
        return weight.text

    empty = text(ChatMessage("m", "user"))
    assert text(ChatMessage("m", "user", text_parts("x" * 400))) == empty + 100
    document = FilePart("0" * 64, "a.txt", text="x" * 80)
    around = estimate_tokens(part_text(document)) - 20
    assert 0 < around < 8
    assert text(ChatMessage("m", "user", (TextPart("x" * 40), document))) == empty + 30 + around
    calls = (ToolCall("1", "x" * 8, "x" * 12),)
    assert text(ChatMessage("m", "assistant", tool_calls=calls)) == empty + 5
    assert text(ChatMessage("m", "assistant", refusal="x" * 8)) == empty + 2
    assert text(ChatMessage("m", "assistant", text_parts("word"), refusal="x" * 8)) == empty + 1
    assert text(ChatMessage("m", "user", name="x" * 8)) == empty + 2

    pictures = ChatMessage("m", "user", (ImagePart(url="https://a.example/b"),) * 2)
    assert counter.weigh(pictures, "any").images == 2 * PER_PICTURE
    bare = await counter.overhead(TARGET)
    tools = Target("fake", "model-1", {"tools": [{"function": {"name": "now"}}]})
    assert await counter.overhead(tools) > bare > 0


async def test_nothing_is_counted_and_nothing_is_known() -> None:
    counter, facts = EstimatingCounter(), UnknownModels()
    assert not counter.ready
    assert not counter.own_encoding("gpt-4o")
    with pytest.raises(UsageError):
        await counter.count([], "any")
    with pytest.raises(UsageError):
        await counter.count_text("words", "any")
    await counter.aclose()

    await facts.look_up(TARGET)
    assert (facts.window(TARGET), facts.prices(TARGET)) == (Window(), None)
