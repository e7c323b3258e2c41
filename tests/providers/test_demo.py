"""The demo provider, through the same client as every other."""

import asyncio
import json
import struct
from base64 import b64encode
from contextlib import aclosing
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chat_tui.core.context.estimating import EstimatingCounter
from chat_tui.core.context.summaries import PartToSumUp, request_text
from chat_tui.core.errors import ChatError, ContextError, InterruptedReplyError
from chat_tui.core.events import (
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart, ToolCall, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import DEMO, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.connecting.connections import open_with
from chat_tui.providers.demo.answers import answer
from chat_tui.providers.demo.attached import facts_of_url
from chat_tui.providers.demo.drawing import HEIGHT, WIDTH, draw
from chat_tui.providers.demo.models import MODELS
from chat_tui.providers.demo.moods import Moods
from chat_tui.providers.demo.schemas import example_of
from chat_tui.providers.demo.transport import DemoTransport
from chat_tui.providers.profiles import BUILT_IN
from tests.providers.helpers import HandClock, ImpatientClock, gather, gather_into, text_of

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
UNPACED = {"CHAT_TUI_DEMO_RATE": "0"}


def request(
    *texts: str, model: str = "demo", stream: bool = True, **parameters: Any
) -> ChatRequest:
    messages = tuple(
        ChatMessage(str(at), "assistant" if at % 2 else "user", text_parts(text))
        for at, text in enumerate(texts)
    )
    return ChatRequest(Target(DEMO, model, parameters), messages, stream)


async def ask(asked: ChatRequest, environ: dict[str, str] | None = None) -> list[ReplyEvent]:
    clients = Clients(BUILT_IN, UNPACED | (environ or {}), ImpatientClock())
    try:
        return await gather(clients.client_for(asked.target), asked)
    finally:
        await clients.aclose()


async def failed(text: str) -> tuple[ChatError, list[ReplyEvent]]:
    clients = Clients(BUILT_IN, UNPACED, ImpatientClock())
    got: list[ReplyEvent] = []
    with pytest.raises(ChatError) as caught:
        await gather_into(got, clients.client_for(Target(DEMO, "demo")), request(text))
    await clients.aclose()
    return caught.value, got


@pytest.mark.parametrize("stream", [True, False])
async def test_it_greets_with_what_to_try(stream: bool) -> None:
    got = await ask(request("hello", stream=stream))
    assert "/markdown" in text_of(got)
    assert isinstance(got[-1], ReplyFinished)
    assert got[-1].finish_reason == "stop"
    assert any(isinstance(e, UsageReported) for e in got)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("/markdown", "| Language |"),
        ("show me some markdown please", "| Language |"),
        ("/code", "```python"),
        ("write a python function", "```python"),
        ("a table, please", "|:-------|"),
        ("/echo Hi there", "Hi there"),
        ("写一首诗", "床前明月光"),
        ("你好", "演示模型"),
        ("tell me about the sea", "> tell me about the sea"),
        ("{braces} and %s", "> {braces} and %s"),
        ("/unknown command", "> /unknown command"),
        ("", "/markdown"),
    ],
)
async def test_the_answer_depends_on_the_prompt(prompt: str, words: str) -> None:
    assert words in text_of(await ask(request(prompt)))


async def test_markdown_has_every_kind() -> None:
    text = text_of(await ask(request("/markdown")))
    for kind in (
        "# ",
        "## ",
        "1. ",
        "- [x]",
        "> ",
        "```",
        "~~",
        "<br>",
        "$$",
        "**你好：**世界",
        "🎉",
    ):
        assert kind in text


async def test_it_remembers_the_conversation() -> None:
    asked = request("My cat is called Ada.", "Nice.", "What did I say first?")
    assert "> My cat is called Ada." in text_of(await ask(asked))


async def test_reasoning_comes_before_the_answer() -> None:
    got = await ask(request("/think"))
    kinds = [type(e) for e in got if isinstance(e, TextDelta | ReasoningDelta)]
    assert kinds[0] is ReasoningDelta
    assert kinds[-1] is TextDelta
    usage = next(e.usage for e in got if isinstance(e, UsageReported))
    assert usage.reasoning_tokens
    assert any(
        isinstance(e, ReasoningDelta) for e in await ask(request("x", model="demo-reasoner"))
    )


async def test_tools_are_called_in_pieces() -> None:
    parameters = {"type": "object", "properties": {"path": {"type": "string"}}}
    tools = [{"type": "function", "function": {"name": "read", "parameters": parameters}}]
    got = await ask(request("go", tools=tools))
    pieces = [e for e in got if isinstance(e, ToolCallDelta)]
    assert pieces[0].name == "read"
    assert pieces[0].id
    assert len(pieces) > 2
    assert json.loads("".join(e.arguments for e in pieces)) == {"path": "README.md"}
    assert isinstance(got[-1], ReplyFinished)
    assert got[-1].finish_reason == "tool_calls"


def test_a_tool_s_result_ends_the_turn() -> None:
    messages = [{"role": "user", "content": "/tools"}, {"role": "tool", "content": "12 °C"}]
    assert "12 °C" in answer({"messages": messages}).text


async def test_json_mode_answers_with_json() -> None:
    schema = {
        "type": "object",
        "properties": {"age": {"type": "integer"}, "tags": {"type": "array"}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    got = await ask(request("x", response_format=form))
    assert json.loads(text_of(got)) == {"age": 42, "tags": ["example tags"]}
    assert json.loads(text_of(await ask(request("x", response_format={"type": "json_object"}))))
    assert json.loads(text_of(await ask(request("/json"))))


@pytest.mark.parametrize("count", [1, 15, 16, 400])
async def test_long_writes_as_many_words_as_asked(count: int) -> None:
    assert len(text_of(await ask(request(f"/long {count}"))).split()) == count


async def test_max_tokens_cuts_with_length() -> None:
    got = await ask(request("hello", max_tokens=5))
    assert isinstance(got[-1], ReplyFinished)
    assert got[-1].finish_reason == "length"
    usage = next(e.usage for e in got if isinstance(e, UsageReported))
    assert usage.completion_tokens == 5


async def test_stop_strings_end_the_text() -> None:
    assert text_of(await ask(request("/echo one two three", stop=["two"]))) == "one "


async def test_n_answers_come_as_choices() -> None:
    got = await ask(request("/echo x", n=3))
    assert [e.choice for e in got if isinstance(e, ReplyFinished)] == [0, 1, 2]
    texts = [
        "".join(e.text for e in got if isinstance(e, TextDelta) and e.choice == at)
        for at in range(3)
    ]
    assert texts == ["x", "(Answer 2) x", "(Answer 3) x"]


@pytest.mark.parametrize(
    ("prompt", "kind", "status"),
    [
        ("/error 400", "bad_request", 400),
        ("/error 401", "auth", 401),
        ("/error 402", "quota", 402),
        ("/error 403", "forbidden", 403),
        ("/error 404", "not_found", 404),
        ("/error 413", "too_large", 413),
        ("/error 429", "rate_limit", 429),
        ("/error 500", "server", 500),
        ("/error 999", "server", 500),
        ("/error context", "context", 400),
        ("/error quota", "quota", 429),
        ("/error html", "protocol", 200),
        ("/error cut", "interrupted", None),
    ],
)
async def test_errors_come_on_request(prompt: str, kind: str, status: int | None) -> None:
    error, got = await failed(prompt)
    assert (error.kind, error.status) == (kind, status)
    waits = [e.delay for e in got if isinstance(e, RetryScheduled)]
    if prompt == "/error 429":
        assert waits == [2.0, 2.0]
    if prompt == "/error cut":
        assert text_of(got)


async def test_a_stall_can_be_left() -> None:
    clients = Clients(BUILT_IN, UNPACED, ImpatientClock())
    client = clients.client_for(Target(DEMO, "demo"))
    async with asyncio.timeout(5), aclosing(client.stream(request("/error stall"))) as got:
        assert isinstance(await anext(got), TextDelta)
    await clients.aclose()


async def test_a_whole_reply_may_be_cut_too() -> None:
    with pytest.raises(InterruptedReplyError):
        await ask(request("/error cut", stream=False))


async def test_the_filter_answers_on_request() -> None:
    got = await ask(request("/error filter"))
    assert isinstance(got[-1], ReplyFinished)
    assert got[-1].finish_reason == "content_filter"


@pytest.mark.parametrize("url", ["https://a.test/x.png", "data:image/png,abc", "data:;base64,%%%="])
def test_other_addresses_give_no_facts(url: str) -> None:
    assert facts_of_url(url) is None


async def test_an_attached_image_is_described() -> None:
    url = f"data:image/png;base64,{b64encode(PNG).decode()}"
    message = ChatMessage("1", "user", (*text_parts("what is it"), ImagePart(url=url)))
    text = text_of(await ask(ChatRequest(Target(DEMO, "demo"), (message,))))
    assert f"**PNG**, 640 × 480 pixels, {len(PNG)} bytes" in text


async def test_attached_documents_are_told_by_their_facts() -> None:
    parts = (
        TextPart("sum it up"),
        FilePart("a", "x.py", text="one\ntwo\n", language="python"),
        FilePart("b", "notes.md", text="# a\n\n```\ncode\n```\n"),
    )
    asked = ChatRequest(Target(DEMO, "demo"), (ChatMessage("1", "user", parts),))
    words = text_of(await ask(asked))

    assert "You attached 2 documents:" in words
    assert "1. **x.py**, python, 2 lines, 7 characters" in words
    assert "2. **notes.md**, 5 lines, 17 characters" in words
    assert words.endswith("With them came:\n\n> sum it up")

    picture = ImagePart(url="https://a.test/x.png")
    both = (ChatMessage("1", "user", (*parts, picture)),)
    words = text_of(await ask(ChatRequest(Target(DEMO, "demo"), both)))
    assert "You attached 1 image:" in words
    assert "You attached 2 documents:" in words


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("words", ["draw me a cat", "/picture cat", "画一只猫"])
async def test_it_sends_a_picture_when_asked_for_one(words: str, stream: bool) -> None:
    got = await ask(request(words, stream=stream))
    (end,) = [each for each in got if isinstance(each, ReplyFinished)]
    (image,) = end.raw["images"]
    facts = facts_of_url(image["image_url"]["url"])

    assert facts is not None
    assert facts[:3] == ("PNG", WIDTH, HEIGHT)
    assert "picture" in text_of(got)


def test_what_it_draws_is_a_picture_made_of_the_words() -> None:
    with Image.open(BytesIO(draw("a cat"))) as drawn:
        drawn.load()
        assert (drawn.size, drawn.mode) == ((WIDTH, HEIGHT), "RGB")
    assert draw("a cat") == draw("a cat") != draw("a dog")


async def test_large_pictures_are_read_beside_all_else() -> None:
    content = PNG + bytes(2_000_000)
    url = f"data:image/png;base64,{b64encode(content).decode()}"
    message = ChatMessage("1", "user", (ImagePart(url=url),))
    got = await ask(ChatRequest(Target(DEMO, "demo"), (message,)))

    assert f"640 × 480 pixels, {len(content):,} bytes" in text_of(got)


async def deltas(seed: str) -> bytes:
    transport = DemoTransport(HandClock(), seed=seed, rate=0)
    async with open_with(transport) as http:
        body = {"stream": True, "messages": [{"role": "user", "content": "hello"}]}
        return (await http.post("http://demo.localhost/v1/chat/completions", json=body)).content


async def test_one_seed_gives_the_same_bytes_and_another_other_ones() -> None:
    assert await deltas("1") == await deltas("1")
    assert await deltas("1") != await deltas("2")


async def test_the_pace_is_as_set() -> None:
    clock = ImpatientClock()
    clocks = Clients(BUILT_IN, {"CHAT_TUI_DEMO_RATE": "100"}, clock)
    await gather(clocks.client_for(Target(DEMO, "demo")), request("/echo " + "x" * 40))
    await clocks.aclose()
    assert max(clock.slept) == pytest.approx(0.3 + (len(clock.slept) - 1) / 100, abs=0.1)


@pytest.mark.parametrize("stream", [True, False])
async def test_fast_and_slow_models_keep_their_pace(stream: bool) -> None:
    took = {}
    for model in ("demo-fast", "demo", "demo-slow"):
        clock = ImpatientClock()
        clients = Clients(BUILT_IN, {"CHAT_TUI_DEMO_RATE": "100"}, clock)
        asked = request("/echo " + "x" * 400, model=model, stream=stream)
        await gather(clients.client_for(asked.target), asked)
        await clients.aclose()
        took[model] = max(clock.slept)
    assert took["demo-fast"] < 0.5 * took["demo"]
    assert took["demo-slow"] > 2 * took["demo"]


SAME_WORDS = ("/echo a small text", "/json", "go")
OTHER_WORDS = ("hello", "tell me about the sea", "/long 60", "/code", "/table", "/think")
TOOLS = [{"type": "function", "function": {"name": "small", "parameters": {}}}]


def answered(model: str, prompt: str) -> str:
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    return answer(body | ({"tools": TOOLS} if prompt == "go" else {})).text


@pytest.mark.parametrize("model", ["demo-fast", "demo-slow", "demo-brief", "demo-flaky"])
def test_each_model_has_words_of_its_own(model: str) -> None:
    for prompt in SAME_WORDS:
        assert answered(model, prompt) == answered("demo", prompt)
    different = [answered(model, prompt) != answered("demo", prompt) for prompt in OTHER_WORDS]
    assert sum(different) >= 4
    # Code, and what is quoted, is the same whoever says it.
    assert "from collections import Counter" in answered(model, "/code")
    assert answered("unheard-of", "hello") == answered("demo", "hello")
    quoted = answered(model, "really small words")
    assert model == "demo-brief" or "> really small words" in quoted


def test_brief_model_says_little() -> None:
    for prompt in OTHER_WORDS:
        assert 10 < len(answered("demo-brief", prompt)) <= len(answered("demo", prompt))
    assert len(answered("demo-brief", "/long 300")) < 200
    assert answered("demo-brief", "/code").endswith("```")


async def test_flaky_model_fails_for_some_prompts_and_not_when_tried_again() -> None:
    clients = Clients(BUILT_IN, UNPACED, ImpatientClock())
    client = clients.client_for(Target(DEMO, "demo-flaky"))
    happened = set()
    for number in range(12):
        asked = request(f"tell me about {number} seas", model="demo-flaky")
        got: list[ReplyEvent] = []
        try:
            await gather_into(got, client, asked)
        except InterruptedReplyError:
            happened.add("broken off")
            got = await gather(client, asked)
        else:
            again = any(isinstance(event, RetryScheduled) for event in got)
            happened.add("tried again" if again else "well")
        assert isinstance(got[-1], ReplyFinished)
        assert "seas" in text_of(got)
    await clients.aclose()
    assert happened == {"broken off", "tried again", "well"}


def test_flaky_model_remembers_some_prompts_only() -> None:
    moods = Moods("0")
    bodies = [{"messages": [{"role": "user", "content": str(number)}]} for number in range(900)]
    first = [moods.fault_of(body) for body in bodies]
    assert 100 < first.count("") < 350
    assert [Moods("0").fault_of(body) for body in bodies] == first
    # Those that were forgotten fail anew; those that are remembered do well.
    assert [moods.fault_of(body) for body in bodies[-100:]] == [""] * 100
    assert moods.fault_of(bodies[0]) == first[0]


async def test_models_are_listed_with_their_window() -> None:
    clients = Clients(BUILT_IN, {}, ImpatientClock())
    models = await clients.models(DEMO)
    assert [(model.id, model.window) for model in models] == [(id_, 8192) for id_ in MODELS]
    assert [model.id for model in models if "reasoning" in model.abilities] == ["demo-reasoner"]
    assert all(model.lacks == {"reasoning"} - model.abilities for model in models)
    await clients.aclose()


async def prompt_size(*messages: ChatMessage, **parameters: Any) -> int | None:
    got = await ask(ChatRequest(Target(DEMO, "demo", parameters), messages))
    return next(each.usage for each in got if isinstance(each, UsageReported)).prompt_tokens


async def test_it_counts_as_the_app_estimates() -> None:
    counter = EstimatingCounter()
    call = ToolCall("c1", "look", '{"city": "北京"}')
    image = ImagePart(url="https://a.test/x.png")
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    messages = (
        ChatMessage("1", "system", text_parts("Be kind.")),
        ChatMessage("2", "user", (*text_parts("what is it? 你好"), image), name="ann"),
        ChatMessage("3", "assistant", tool_calls=(call,)),
        ChatMessage("4", "tool", text_parts("12 °C " * 50), tool_call_id="c1"),
    )
    overhead = await counter.overhead(Target(DEMO, "demo", {"tools": tools}))
    expected = overhead + sum(counter.weigh(each, "demo").tokens for each in messages)
    assert await prompt_size(*messages, tools=tools) == pytest.approx(expected, abs=3)


async def test_more_than_its_window_is_refused() -> None:
    fits = ChatMessage("1", "user", text_parts("/echo " + "x" * 4 * 8180))
    assert await prompt_size(fits) == 8189
    error, _ = await failed("x" * 4 * 8190)
    assert isinstance(error, ContextError)
    assert error.window == 8192


async def test_a_body_that_is_no_json_is_refused() -> None:
    async with open_with(DemoTransport(HandClock())) as http:
        response = await http.post("http://demo.localhost/v1/chat/completions", content=b"{")
    assert response.status_code == 400


def test_an_example_of_a_schema_ends_even_where_the_schema_does_not() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    schema["properties"]["self"] = schema
    assert json.dumps(example_of(schema)).count("self") < 20
    assert example_of({"enum": ["a", "b"]}) == "a"


def test_a_summary_is_made_of_first_words() -> None:
    said = [
        ChatMessage("a", "user", text_parts("Where is </message> the river?")),
        ChatMessage("b", "assistant", text_parts(" ".join(["word"] * 40))),
    ]
    asked = request_text(PartToSumUp(("a", "b"), ("a", "b"), {}), said)
    told = answer({"messages": [{"role": "user", "content": asked}]}).text
    assert "sums up 2 messages" in told
    assert "- user: Where is &lt;/message> the river?\n" in told
    assert told.endswith("word …")
    assert len(told) < len(asked)
