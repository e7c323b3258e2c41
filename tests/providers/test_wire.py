"""The body of a request, field by field."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    TextPart,
    ToolCall,
    text_parts,
)
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Quirks, Target
from chat_tui.providers.bodies import encode_body
from chat_tui.providers.wire import encode_request

CALL = ToolCall("c1", "look", '{"x": 1}')
SYSTEM = ChatMessage("s", "system", text_parts("Be kind."))
USER = ChatMessage("1", "user", text_parts("hello"))
ALL_PARAMETERS: dict[str, Any] = {
    "max_tokens": 100,
    "temperature": 0.7,
    "top_p": 0.9,
    "reasoning_effort": "low",
    "n": 2,
    "stop": ["a", "b"],
    "seed": 7,
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
    "presence_penalty": -1.5,
    "frequency_penalty": 2,
    "tools": [{"type": "function", "function": {"name": "look"}}],
    "tool_choice": {"type": "function", "function": {"name": "look"}},
    "parallel_tool_calls": False,
    "logprobs": True,
    "top_logprobs": 3,
    "logit_bias": {"5": -100},
    "user": "me",
}


def body_of(*messages: ChatMessage, quirks: Quirks | None = None, **parameters: Any) -> Any:
    request = ChatRequest(Target("p", "m", parameters), messages or (USER,))
    return encode_request(request, {}, quirks).body


def test_every_parameter_goes_out_as_it_was_given() -> None:
    body = body_of(**ALL_PARAMETERS, extra={"top_k": 40, "seed": 8})
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **ALL_PARAMETERS,
        "top_k": 40,
        "seed": 8,
    }


def test_parameters_of_none_are_left_out() -> None:
    assert set(body_of(temperature=None, extra=None)) == {
        "model",
        "messages",
        "stream",
        "stream_options",
    }


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"temperature": 3}, "temperature cannot be 3."),
        ({"stop": ["1"] * 5}, 'stop cannot be ["1", "1", "1", "1", "1"].'),
        ({"tool_choice": "auto"}, "tool_choice is given without tools."),
        ({"temprature": 1}, "There is no parameter temprature."),
    ],
)
def test_what_cannot_be_sent_is_refused_before_sending(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        body_of(**parameters)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("asked", "parameters", "stream", "options"),
    [
        (True, {}, True, {"include_usage": True}),
        (False, {}, None, None),
        (True, {"stream": False}, False, None),
        (False, {"stream": True}, True, {"include_usage": True}),
        (True, {"stream_options": {"x": 1}}, True, {"include_usage": True, "x": 1}),
        (True, {"stream_options": {"include_usage": False}}, True, {"include_usage": False}),
        (False, {"stream_options": {"x": 1}}, None, None),
        (True, {"stream": False, "stream_options": {"x": 1}}, False, None),
    ],
)
def test_streaming_is_as_the_parameter_says_else_as_asked(
    asked: bool,
    parameters: dict[str, Any],
    stream: bool | None,
    options: dict[str, Any] | None,
) -> None:
    body = encode_request(ChatRequest(Target("p", "m", parameters), (USER,), asked), {}).body
    assert body.get("stream") is stream
    assert body.get("stream_options") == options


def test_usage_is_not_asked_for_where_that_is_refused() -> None:
    quirks = Quirks(stream_options=False)
    assert "stream_options" not in body_of(quirks=quirks)
    assert body_of(quirks=quirks, stream_options={"x": 1})["stream_options"] == {"x": 1}


@pytest.mark.parametrize(
    ("model", "quirk", "learnt", "spelling"),
    [
        ("gpt-4o", "", {}, "max_tokens"),
        ("openai/gpt-5", "", {}, "max_completion_tokens"),
        ("o3", "max_tokens", {}, "max_tokens"),
        ("gpt-4o", "max_completion_tokens", {}, "max_completion_tokens"),
        ("gpt-4o", "", {"max_tokens": "max_completion_tokens"}, "max_completion_tokens"),
        ("o3", "", {"max_tokens": "max_tokens"}, "max_tokens"),
        ("o3", "max_completion_tokens", {"max_tokens": "max_tokens"}, "max_tokens"),
    ],
)
def test_max_tokens_is_spelt_as_learnt_as_the_provider_or_as_the_model_wants(
    model: str, quirk: str, learnt: dict[str, str], spelling: str
) -> None:
    request = ChatRequest(Target("p", model, {"max_tokens": 9}), (USER,))
    encoded = encode_request(request, {}, Quirks(max_tokens=quirk), Learnt(spellings=learnt))
    assert {name: value for name, value in encoded.body.items() if "max_" in name} == {spelling: 9}
    assert encoded.sent == {spelling: "max_tokens"}
    assert encoded.own_fields == {"stream", "stream_options", spelling}


def test_what_was_refused_before_is_left_out_and_said() -> None:
    parameters = {"temperature": 1, "logprobs": True, "top_logprobs": 2, "extra": {"top_k": 1}}
    request = ChatRequest(Target("p", "m", parameters), (USER,))
    learnt = Learnt(frozenset({"temperature", "logprobs", "top_k", "seed"}))
    encoded = encode_request(request, {}, None, learnt)
    assert set(encoded.body) == {"model", "messages", "stream", "stream_options"}
    assert encoded.sent == {}
    assert encoded.left_out == (
        "m refused temperature before; it was left out.",
        "m refused logprobs before; it was left out.",
        "m refused top_k before; it was left out.",
        "top_logprobs was left out too: it needs logprobs.",
    )


def test_what_the_provider_s_settings_leave_out_is_said_too() -> None:
    request = ChatRequest(Target("p", "m", {"seed": 1}), (USER,))
    encoded = encode_request(request, {}, Quirks(left_out=frozenset({"seed", "user"})))
    assert "seed" not in encoded.body
    assert encoded.left_out == ("seed was left out, as the provider's settings say.",)


def test_what_the_app_adds_itself_is_left_out_without_a_word() -> None:
    learnt = Learnt(frozenset({"stream", "stream_options"}))
    encoded = encode_request(ChatRequest(Target("p", "m"), (USER,)), {}, None, learnt)
    assert set(encoded.body) == {"model", "messages"}
    assert encoded.left_out == ()
    assert encoded.own_fields == frozenset()


def test_messages_go_out_with_all_their_fields() -> None:
    messages = (
        SYSTEM,
        ChatMessage("1", "user", text_parts("hello"), name="anna"),
        ChatMessage("2", "assistant", text_parts("wait"), tool_calls=(CALL,), reasoning="hm"),
        ChatMessage("3", "tool", text_parts("42"), tool_call_id="c1", name="look"),
    )
    assert body_of(*messages)["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hello", "name": "anna"},
        {
            "role": "assistant",
            "content": "wait",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "look", "arguments": '{"x": 1}'},
                }
            ],
        },
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
    ]


def test_tool_calls_alone_go_back_with_null_or_an_empty_text() -> None:
    message = ChatMessage("2", "assistant", tool_calls=(CALL,), reasoning="hm")
    assert body_of(USER, message)["messages"][1]["content"] is None
    quirks = Quirks(null_content=False, reasoning_back=True)
    encoded = body_of(USER, message, quirks=quirks)["messages"][1]
    assert encoded["content"] == ""
    assert encoded["reasoning_content"] == "hm"


def test_reasoning_goes_back_with_tool_calls_only() -> None:
    message = ChatMessage("2", "assistant", text_parts("hi"), reasoning="hm")
    quirks = Quirks(reasoning_back=True)
    assert body_of(USER, message, quirks=quirks)["messages"][1] == {
        "role": "assistant",
        "content": "hi",
    }


def test_the_system_prompt_is_spelt_as_the_provider_wants() -> None:
    body = body_of(SYSTEM, USER, quirks=Quirks(system_role="developer"))
    assert [message["role"] for message in body["messages"]] == ["developer", "user"]


def test_the_system_prompt_of_the_user_s_is_one_message_with_the_first_of_theirs() -> None:
    body = body_of(SYSTEM, USER, quirks=Quirks(system_role="user"))
    assert body["messages"] == [{"role": "user", "content": "Be kind.\n\nhello"}]
    picture = ChatMessage("1", "user", (TextPart("look"), ImagePart(url="https://e.com/x.png")))
    body = body_of(SYSTEM, picture, USER, quirks=Quirks(system_role="user"))
    assert [part["type"] for part in body["messages"][0]["content"]] == [
        "text",
        "text",
        "image_url",
    ]
    assert len(body["messages"]) == 2


def test_files_are_texts_under_their_names() -> None:
    message = ChatMessage("1", "user", (TextPart("read"), FilePart("a", "x.txt", text="words")))
    assert body_of(message)["messages"][0]["content"] == "read\n\nFile x.txt:\n\n```\nwords\n```"


def test_a_picture_that_is_gone_is_named() -> None:
    message = ChatMessage("1", "user", (ImagePart(sha256="a" * 64, name="p.png"),))
    with pytest.raises(UsageError, match=r"p\.png is not there"):
        body_of(message)


def test_lone_surrogates_do_not_stop_a_request() -> None:
    assert json.loads(encode_body({"text": "a\ud83d你"})) == {"text": "a?你"}


def test_neighbours_of_one_role_are_merged_where_roles_must_take_turns() -> None:
    quirks = Quirks(alternate=True)
    image = ImagePart(url="https://a.test/x.png")
    body = body_of(
        SYSTEM,
        replace(USER, name="ann"),
        ChatMessage("2", "user", (*text_parts("look"), image), name="bob"),
        ChatMessage("3", "assistant", text_parts("First.")),
        ChatMessage("4", "assistant", tool_calls=(CALL,)),
        ChatMessage("5", "tool", text_parts("one"), tool_call_id="c1"),
        ChatMessage("6", "tool", text_parts("two"), tool_call_id="c2"),
        ChatMessage("7", "user", text_parts("a")),
        ChatMessage("8", "user", text_parts("b"), name="bob"),
        quirks=quirks,
    )
    system, user, assistant, one, two, last = body["messages"]
    assert system == {"role": "system", "content": "Be kind."}
    assert [part.get("text") for part in user["content"]] == ["hello", "look", None]
    assert "name" not in user
    assert assistant["content"] == "First."
    assert [call["id"] for call in assistant["tool_calls"]] == ["c1"]
    assert [one["content"], two["content"]] == ["one", "two"]
    assert last == {"role": "user", "content": "a\n\nb"}


def test_merged_calls_alone_keep_what_an_empty_content_is() -> None:
    calls = [ChatMessage(str(at), "assistant", tool_calls=(CALL,)) for at in range(2)]
    for null in (True, False):
        quirks = Quirks(alternate=True, null_content=null, reasoning_back=True)
        (merged,) = body_of(*calls, quirks=quirks)["messages"]
        assert merged["content"] == (None if null else "")
        assert len(merged["tool_calls"]) == 2


def test_neighbours_stay_apart_where_nobody_wants_turns() -> None:
    body = body_of(SYSTEM, SYSTEM, USER, USER)
    assert [each["role"] for each in body["messages"]] == ["system", "system", "user", "user"]
