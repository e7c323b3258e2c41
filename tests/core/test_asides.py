"""What a model is asked beside a conversation."""

from chat_tui.core.asides import aside, ask_for_title
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, ToolCall, text_parts
from chat_tui.core.targets import Target
from chat_tui.core.titles import TITLE_REQUEST
from tests.fakes import TARGET, ScriptedClient, SimpleClientSource, answer


def test_aside_leaves_behind_what_shapes_an_answer() -> None:
    own = Target("here", "large", {"n": 2, "tools": [{}], "user": "me", "extra": {"a": 1}})

    assert aside(own) == Target("here", "large", {"user": "me", "extra": {"a": 1}})
    assert aside(own, Target("here", "small")).parameters == {"user": "me", "extra": {"a": 1}}
    assert aside(own, Target("there", "large", {"seed": 1})) == Target("there", "large")


async def test_title_is_asked_for_with_the_beginning_of_what_has_words() -> None:
    client = ScriptedClient(answer("Cats"))
    picture = ImagePart("ab", name="cat.png")
    exchange = [
        ChatMessage("u", "user", (TextPart("why " * 5_000), picture)),
        ChatMessage("c", "assistant", tool_calls=(ToolCall("1", "look", "{}"),)),
        ChatMessage("r", "tool", text_parts("a cat"), tool_call_id="1"),
        ChatMessage("a", "assistant", text_parts("So."), tool_calls=(ToolCall("2", "go", ""),)),
    ]

    assert await ask_for_title(SimpleClientSource(client), TARGET, exchange, "ask") == "Cats"

    prompt, reply, ask = client.requests[0].messages
    assert len(prompt.text) < 4_100
    assert prompt.parts[-1] == picture
    assert (reply.text, reply.tool_calls) == ("So.", ())
    assert ask.text == TITLE_REQUEST
