"""Which field a refusal is about, in the words of servers."""

from typing import Any

import pytest

from chat_tui.core.errors import BadRequestError, ChatError, ServerError
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.providers.adapting import adapt, refused_parameter
from chat_tui.providers.wire import Encoded, encode_request

SENT = frozenset(
    {"temperature", "top_p", "seed", "n", "user", "stop", "tools", "logprobs", "top_logprobs"}
    | {"response_format", "reasoning_effort", "top_k", "max_completion_tokens", "logit_bias"}
)


def encoded(model: str = "m", **parameters: Any) -> Encoded:
    messages = (
        ChatMessage("s", "system", text_parts("Be kind.")),
        ChatMessage("1", "user", text_parts("hello")),
    )
    return encode_request(ChatRequest(Target("p", model, parameters), messages), {})


def refusal(words: str, param: str | None = None, status: int = 400) -> BadRequestError:
    return BadRequestError(
        f"Test refused the request ({status}): {words}", status=status, param=param
    )


@pytest.mark.parametrize(
    ("words", "param", "named"),
    [
        (
            "Unsupported parameter: 'temperature' is not supported with this model.",
            None,
            "temperature",
        ),
        ("Unsupported value: 'temperature' does not support 0.7.", "temperature", "temperature"),
        ("temperature does not support 0.7", None, "temperature"),
        ("unknown field `seed`", None, "seed"),
        ('json: unknown field "user"', None, "user"),
        ("Unrecognized request argument supplied: seed", None, "seed"),
        ("body.seed: Extra inputs are not permitted", None, "seed"),
        ("n: Extra inputs are not permitted", None, "n"),
        ("Extra inputs are not permitted", "body.top_k", "top_k"),
        ("property 'logprobs' is unsupported", None, "logprobs"),
        ("'top_logprobs' needs more", None, "top_logprobs"),
        ('Unknown name "logit_bias": Cannot find field.', None, "logit_bias"),
        (
            "Invalid schema for response_format 'x'",
            "response_format.json_schema",
            "response_format",
        ),
        ("bad tool", "tools[0].function.name", "tools"),
        ("registry.ollama.ai/library/gemma does not support tools", None, "tools"),
        ("`tool calling` is not supported with this model", None, "tools"),
        ("This model does not support JSON mode", None, "response_format"),
        ('"gemma" does not support thinking', None, "reasoning_effort"),
        ("max_completion_tokens is too large: 100000", None, "max_completion_tokens"),
        ("`temperature` and `top_p` cannot both be specified", None, "temperature"),
        ("The stop sequence is fine, the user is not", None, None),
        ("messages with role 'user' must have text", None, None),
        ('got {"role": "user"} twice', None, None),
        ("Invalid value", "messages[0].content", None),
        ("unknown field `presence_penalty`", None, None),
        ("", None, None),
    ],
)
def test_the_refused_parameter_is_found(words: str, param: str | None, named: str | None) -> None:
    assert refused_parameter(refusal(words, param), SENT) == named
    assert refused_parameter(refusal(words, param), ()) is None


def test_other_statuses_refuse_no_parameter() -> None:
    assert refused_parameter(refusal("temperature", "temperature", 409), SENT) is None


@pytest.mark.parametrize(
    ("words", "param", "learnt"),
    [
        ("Unknown field", "stream_options", Learnt(frozenset({"stream_options"}))),
        (
            "body.stream_options.include_usage: Extra inputs are not permitted",
            None,
            Learnt(frozenset({"stream_options"})),
        ),
        (
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model."
                " Use 'max_completion_tokens' instead."
            ),
            "max_tokens",
            Learnt(spellings={"max_tokens": "max_completion_tokens"}),
        ),
        (
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            "messages[0].role",
            Learnt(spellings={"system": "user"}),
        ),
        ("System role not supported", None, Learnt(spellings={"system": "user"})),
        (
            "Your organization must be verified to stream this model.",
            "stream",
            Learnt(frozenset({"stream"})),
        ),
        ("Streaming is not supported for this model.", None, Learnt(frozenset({"stream"}))),
    ],
)
def test_what_the_app_chose_itself_is_asked_for_in_another_way(
    words: str, param: str | None, learnt: Learnt
) -> None:
    adaptation = adapt(encoded(max_tokens=5), refusal(words, param))
    assert adaptation is not None
    assert adaptation.applied(Learnt()) == learnt
    assert adaptation.message.endswith(".")


def test_the_older_spelling_is_tried_where_the_newer_one_is_unknown() -> None:
    error = refusal("max_completion_tokens: Extra inputs are not permitted", status=422)
    adaptation = adapt(encoded("o3", max_tokens=5), error)
    assert adaptation is not None
    assert adaptation.applied(Learnt()) == Learnt(spellings={"max_tokens": "max_tokens"})


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"max_tokens": 5}, refusal("max_tokens is too large: 5", "max_tokens")),
        ({"max_tokens": 5}, ServerError("max_tokens is not supported", status=500)),
        ({"max_tokens": 5}, refusal("max_tokens is not supported", status=409)),
        ({"stream_options": {}}, refusal("unknown", "stream_options")),
        ({"stream": False}, refusal("streaming is not supported")),
        ({"n": 2}, refusal("'n' > 1 is not supported with streaming")),
        ({"extra": {"max_tokens": 5}}, refusal("max_tokens is not supported", "max_tokens")),
        ({"temperature": 1}, refusal("'temperature' is not supported", "temperature")),
        ({}, refusal("max_tokens is not supported", "max_tokens")),
    ],
)
def test_what_the_user_chose_is_not_asked_for_in_another_way(
    parameters: dict[str, Any], error: ChatError
) -> None:
    assert adapt(encoded(**parameters), error) is None


@pytest.mark.parametrize(
    "words",
    [
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "After the (optional) system message(s), user and assistant roles should be alternating.",
        "messages: the roles must alternate between user and assistant",
    ],
)
def test_neighbours_are_sent_as_one_where_roles_must_take_turns(words: str) -> None:
    two = tuple(ChatMessage(str(at), "user", text_parts("hello")) for at in range(2))
    asked = ChatRequest(Target("p", "m"), two)
    adaptation = adapt(encode_request(asked, {}), refusal(words))
    assert adaptation is not None
    again = encode_request(asked, {}, None, adaptation.applied(Learnt()))
    assert again.body["messages"] == [{"role": "user", "content": "hello\n\nhello"}]
    # Nothing can be done about it then, or where they took turns before.
    assert adapt(again, refusal(words)) is None
    assert adapt(encoded(), refusal(words)) is None
