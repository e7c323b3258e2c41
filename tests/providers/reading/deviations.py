"""What servers really send: each deviation that was seen, as bytes, and what it means.

The sentences are those of the team's notes on recordings of some thirty providers; every one has
at least one case here, or a test elsewhere that holds it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chat_tui.core.errors import ChatError, InterruptedReplyError, ProtocolError, ServerError
from chat_tui.core.messages import Usage
from tests.servers import delta, event

DONE = b"data: [DONE]\n\n"
HELLO = event(delta("Hello"))
END = event(delta(finish="stop"))

SENTENCES = {
    # Events
    "comments": "comments as keep-alive: `: OPENROUTER PROCESSING`, `: ping …`",
    "padding": "JSON bodies padded with leading white space as keep-alive",
    "crlf": "CRLF line ends (Perplexity); CR, LF, CRLF each end a line",
    "space before data": "a space before `data`",
    "error field": "`error:` as a field name (GPUStack)",
    "error event": "`event: error` (Groq)",
    "several data lines": "several `data:` lines in one event",
    "no space": "no space after `data:`",
    "no done": "no `[DONE]` (Perplexity, Groq, GPUStack)",
    "done alone": "`[DONE]` without any finish_reason",
    "finish twice": "`finish_reason` twice (OpenRouter)",
    "finish empty": 'empty `""` (Snowflake)',
    "finish spellings": "`eos` (Together), `end_turn`",
    "native finish": "`native_finish_reason` beside it",
    "finish absent": "absent on non-final chunks",
    "bom": "one BOM at the start is dropped",
    "no colon": "a line without a colon is a field with an empty value",
    "one space": "one space after the colon is dropped",
    "unterminated": "an unterminated last event is not an event, but the stream was cut",
    "tail counts": "an unterminated last `[DONE]` or finish chunk counts",
    "line separators": "JSON may hold a raw U+2028; U+000B … U+2029 end no line",
    "utf-8": "the text is UTF-8 whatever the header says, by an incremental decoder",
    "torn frames": "torn frames (`…chunk.cdata: {…}` on one line, Z.AI)",
    "wrapped comments": "comments wrapped as data (`data: : OPENROUTER PROCESSING`)",
    "indented": "first line indented",
    "no content type": "no Content-Type at all; HTTP/1.0 streams ended by close (mlx)",
    "gzip": "gzip although identity was asked",
    "zero bytes": "200 with zero bytes (llama-cpp-python on context overflow)",
    "surrogates": "lone surrogate halves split over deltas",
    "stale connections": "pooled connections are closed by servers between turns",
    # Chunks
    "choices empty": "`choices: []` first (Azure), last with usage, in the middle",
    "choices absent": "`choices` absent or null",
    "usage null": "`usage`: null in every chunk",
    "usage riding": "riding on a chunk with choices",
    "usage often": "in nearly every chunk",
    "usage x_groq": "in several (Groq's `x_groq.usage`)",
    "usage never": "absent although asked for; never",
    "usage details": "`cached_tokens`, `prompt_cache_hit_tokens`, `reasoning_tokens`",
    "cost": "`cost` (OpenRouter in usage, Venice at the top)",
    "timings": "llama.cpp `timings`",
    "ids": "`id` changes between chunks, is empty or missing; `model`, `object` … missing or empty",
    "full message": "`chat.completion.done` (Perplexity) with a full `message` beside `delta`",
    "extra keys": "extra keys everywhere",
    "roles": "`role` never sent, null, or in every chunk",
    "delta empty": "`delta: {}`",
    "content null": '`content` null, absent, `""`',
    "content parts": "a list of parts `{type: text|thinking}` (Mistral)",
    "content with finish": "in the same chunk as the finish",
    "further choices": "`index` > 0 although n was not asked for: they are further choices",
    "total tokens": "`total_tokens` is not always the sum",
    # Reasoning
    "reasoning_content": "`reasoning_content` (DeepSeek, llama.cpp, vLLM …)",
    "reasoning": "`reasoning` (Groq, Ollama, Cerebras, OpenRouter)",
    "reasoning_details": "`reasoning_details[]` beside or instead of it: show once",
    "thinking parts": "parts of type `thinking` (Mistral)",
    "think tags": "`<think>…</think>` inside the content",
    "encrypted": "`reasoning_encrypted` (Venice), `channel` (Groq)",
    # Tool calls
    "call no index": "no `index` (Mistral, Gemini, Ollama)",
    "call same index": "same index with different ids (Mistral)",
    "call whole": "the whole call in one delta; several calls in one chunk",
    "call ids": 'id on every delta or `""` later or never (Gemini); ids of every shape',
    "call no type": "no `type`",
    "call name repeated": "name repeated",
    "call arguments": '`arguments` `""`, absent, null or an object, not JSON',
    "call with finish": "in the finish chunk",
    "call finish": 'finish `stop` or `length` or `""` although calls came',
    "call none": "`tool_calls: []` or null mean none",
    "function_call": "`function_call` (old), also beside `tool_calls` for the same call",
    "call content": '`content: ""` beside them',
    # Whole replies
    "whole content": "`content` null, absent, list",
    "whole error": '200 with `{"error": …}` and no choices (Azure)',
    "refusal": "`refusal`",
    "annotations": "`annotations` (`url_citation`, `file`)",
    "citations": "`citations` at the top",
    "audio": "`audio`",
    "images": "`images[]` in the message",
    "json for stream": "a JSON reply to a stream request",
    "sse for plain": "and SSE to a plain one",
    "logprobs": "logprobs: `content[]`, also `refusal`, `reasoning_content`",
    # Errors inside of a stream
    "error alone": '`{"error": {…}}` alone (Groq)',
    "error beside choices": "or beside `choices` (OpenRouter)",
}
"""A short name for each sentence, and its words."""

ELSEWHERE = {
    "no content type": "test_client.py::test_a_body_that_ends_with_the_connection_is_read",
    "gzip": "test_client.py::test_a_compressed_stream_is_unpacked",
    "stale connections": "test_client.py::test_a_dead_pooled_connection_is_replaced_unseen",
    "sse for plain": "test_client.py::test_what_comes_is_read_whatever_was_asked_for",
}
"""Sentences that are about the connection, and the tests of the client that hold them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body means."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    """Id, name, arguments."""
    finish: str | None = "stop"
    """None where the reply was not finished."""
    model: str = "m"
    usage: Usage | None = None
    others: Mapping[int, str] = field(default_factory=dict)
    """The texts of further choices."""
    refusal: str = ""
    annotations: tuple[Mapping[str, Any], ...] = ()
    logprobs: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    """Their kinds."""
    failure: type[ChatError] | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A body that was seen."""

    sentence: str
    body: bytes
    expected: Reading
    words: str = ""
    """What the failure says."""


def message(content: Any = None, *, finish: str | None = "stop", **fields: Any) -> bytes:
    """A reply that comes whole."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content} | fields}
    return json.dumps({"model": "m", "choices": [choice | {"finish_reason": finish}]}).encode()


def call(**fields: Any) -> bytes:
    """A chunk with one piece of a tool call."""
    return calls(piece(**fields))


def piece(**fields: Any) -> dict[str, Any]:
    """A piece of a tool call; name and arguments go into its function."""
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return fields | {"function": function}


def calls(*pieces: dict[str, Any], finish: str | None = None, **fields: Any) -> bytes:
    """A chunk with pieces of tool calls."""
    return event(delta(finish=finish, tool_calls=list(pieces), **fields))


def top(chunk: dict[str, Any], **fields: Any) -> bytes:
    """A chunk with fields at its top."""
    return event(chunk | fields)


def choice(fields: dict[str, Any], **top_fields: Any) -> bytes:
    """A chunk whose choice is this and nothing else."""
    return event({"model": "m", "choices": [fields]} | top_fields)


HI = Reading("Hello")
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
USED = Reading("Hello", usage=Usage(3, 2, 5))
ONE_CALL = (("a", "f", '{"x":1}'),)
CALLED = Reading(calls=ONE_CALL, finish="tool_calls")
CALL_END = event(delta(finish="tool_calls"))
CITED = {"type": "url_citation", "url_citation": {"url": "https://a.test", "title": "A"}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
CUT = Reading("Hello", finish=None, model="", failure=InterruptedReplyError)


def _escaped(text: str) -> bytes:
    return b'data: {"model":"m","choices":[{"delta":{"content":"' + text.encode() + b'"}}]}\n\n'


EVENTS = [
    Deviation("comments", b": OPENROUTER PROCESSING\n\n" * 3 + HELLO + b": ping 1\n" + END, HI),
    Deviation("padding", b"\n \n\r\n" * 50 + message("Hello"), HI),
    Deviation("crlf", (HELLO + END + DONE).replace(b"\n", b"\r\n"), HI),
    Deviation("crlf", (HELLO + END + DONE).replace(b"\n", b"\r"), HI),
    Deviation("crlf", HELLO.replace(b"\n", b"\r\n") + END.replace(b"\n", b"\r") + DONE, HI),
    Deviation("space before data", (HELLO + END + DONE).replace(b"data", b" data"), HI),
    Deviation("space before data", HELLO + b" " + END + DONE, HI),
    Deviation("error field", HELLO + b'error: {"message": "boom"}\n\n', CUT, "boom"),
    Deviation("error field", HELLO + b"error: boom\n\n", CUT, "boom"),
    Deviation("error field", HELLO + b"error: boom", CUT, "boom"),
    Deviation("error event", HELLO + b'event: error\ndata: {"message": "boom"}\n\n', CUT, "boom"),
    Deviation("error event", HELLO + b"event: error\ndata: boom\n\n", CUT, "boom"),
    Deviation("error event", HELLO + b'event: error\ndata: ["boom"]\n\n', CUT, "boom"),
    Deviation("error event", HELLO + b'event: error\ndata: {"error":"boom"}', CUT, "boom"),
    Deviation("error event", HELLO + b"event: error\ndata: boom", CUT, "boom"),
    Deviation(
        "several data lines", HELLO.replace(b'"choices": [', b'"choices":\ndata: [') + END, HI
    ),
    Deviation("no space", (HELLO + END + DONE).replace(b"data: ", b"data:"), HI),
    Deviation("no done", HELLO + END, HI),
    Deviation("done alone", HELLO + DONE, Reading("Hello", finish="")),
    Deviation("finish twice", HELLO + END + event(delta(finish="length")) + DONE, HI),
    Deviation(
        "finish empty",
        event(delta("Hello", finish="")) + event(delta(finish="")) + DONE,
        Reading("Hello", finish=""),
    ),
    Deviation("finish empty", event(delta("Hello", finish="")), CUT),
    Deviation(
        "finish spellings", HELLO + event(delta(finish="eos")), Reading("Hello", finish="eos")
    ),
    Deviation(
        "finish spellings",
        HELLO + event(delta(finish="end_turn")),
        Reading("Hello", finish="end_turn"),
    ),
    Deviation(
        "native finish",
        HELLO + choice({"delta": {}, "finish_reason": "stop", "native_finish_reason": "STOP"}),
        Reading("Hello", raw={"native_finish_reason": "STOP"}),
    ),
    Deviation("native finish", HELLO + choice({"delta": {}, "native_finish_reason": "STOP"}), CUT),
    Deviation("finish absent", choice({"delta": {"content": "Hello"}}) + END, HI),
    Deviation("bom", b"\xef\xbb\xbf" + HELLO + END, HI),
    Deviation("bom", b"\xef\xbb\xbf" + message("Hello"), HI),
    Deviation("no colon", b"data\n\nevent\nid\nretry\n" + HELLO + b"data\n\n" + END, HI),
    Deviation("one space", HELLO + b"data:  [DONE]\n\n", Reading("Hello", finish="")),
    Deviation("unterminated", HELLO + b'data: {"choices":[{"delta":{"content":" wor', CUT),
    Deviation("unterminated", HELLO + b'data: {"choices":\n', CUT),
    Deviation("tail counts", HELLO + b"data: [DONE]", Reading("Hello", finish="")),
    Deviation("tail counts", HELLO + b"data: [DONE]\n", Reading("Hello", finish="")),
    Deviation("tail counts", HELLO + END.rstrip(), HI),
    Deviation("tail counts", HELLO + END.rstrip() + b"\r", HI),
    Deviation(
        "line separators",
        _escaped("a\u2028b\u2029c\u0085d") + END,
        Reading("a\u2028b\u2029c\u0085d"),
    ),
    Deviation("utf-8", _escaped("你好 🎉 é") + END, Reading("你好 🎉 é")),
    Deviation(
        "utf-8",
        _escaped("ab").replace(b"ab", b"a\xffb\xe4") + END,
        Reading("a\ufffdb\ufffd", notices=("encoding",)),
    ),
    Deviation(
        "utf-8",
        message("ab").replace(b"ab", b"a\xffb"),
        Reading("a\ufffdb", notices=("encoding",)),
    ),
    Deviation(
        "torn frames",
        b'data: {"id":"1","object":"chat.completion.cdata: ' + HELLO.removeprefix(b"data: ") + END,
        HI,
    ),
    Deviation("wrapped comments", b"data: : OPENROUTER PROCESSING\n\n" + HELLO + END, HI),
    Deviation("indented", b"  " + HELLO + END, HI),
    Deviation("indented", b"\n\t" + HELLO + END, HI),
    Deviation(
        "zero bytes",
        b"",
        Reading(finish=None, model="", failure=ProtocolError),
        "nothing at all",
    ),
    Deviation(
        "surrogates", _escaped("\\ud83d") + _escaped("\\ude00") + END, Reading("\ud83d\ude00")
    ),
]

FILTERS = [{"prompt_index": 0}]

CHUNKS = [
    Deviation(
        "choices empty",
        event({"choices": [], "model": "", "prompt_filter_results": FILTERS}) + HELLO + END,
        Reading("Hello", raw={"prompt_filter_results": FILTERS}),
    ),
    Deviation("choices empty", HELLO + END + event({"choices": [], "usage": USAGE}) + DONE, USED),
    Deviation("choices empty", HELLO + event({"choices": []}) + END, HI),
    Deviation("choices absent", event({"model": "m"}) + HELLO + event({"choices": None}) + END, HI),
    Deviation(
        "usage null", top(delta("Hello"), usage=None) + top(delta(finish="stop"), usage=None), HI
    ),
    Deviation("usage riding", HELLO + top(delta(finish="stop"), usage=USAGE) + DONE, USED),
    Deviation("usage riding", top(delta("Hello", finish="stop"), usage=USAGE), USED),
    Deviation(
        "usage riding",
        HELLO + choice({"delta": {}, "finish_reason": "stop", "usage": USAGE}),
        USED,
    ),
    Deviation(
        "usage often",
        top(delta("He"), usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4})
        + top(delta("llo", finish="stop"), usage=USAGE),
        USED,
    ),
    Deviation(
        "usage x_groq",
        top(delta(), x_groq={"id": "r"})
        + HELLO
        + top(delta(finish="stop"), x_groq={"usage": USAGE}),
        USED,
    ),
    Deviation("usage never", HELLO + END + DONE, HI),
    Deviation(
        "usage details",
        HELLO
        + top(
            delta(finish="stop"),
            usage=USAGE
            | {
                "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": None},
                "completion_tokens_details": {"reasoning_tokens": 122},
            },
        ),
        Reading("Hello", usage=Usage(3, 2, 5, 2, 122)),
    ),
    Deviation(
        "usage details",
        HELLO + top(delta(finish="stop"), usage=USAGE | {"prompt_cache_hit_tokens": 1}),
        Reading("Hello", usage=Usage(3, 2, 5, 1)),
    ),
    Deviation(
        "usage details",
        HELLO
        + top(
            delta(finish="stop"),
            usage={"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": 1},
        ),
        Reading("Hello", usage=Usage(3, 2, None, 1)),
    ),
    Deviation(
        "cost",
        HELLO + top(delta(finish="stop"), usage=USAGE | {"cost": 0.00012, "is_byok": False}),
        Reading("Hello", usage=Usage(3, 2, 5), raw={"cost": 0.00012}),
    ),
    Deviation(
        "cost", HELLO + top(delta(finish="stop"), cost=0.5), Reading("Hello", raw={"cost": 0.5})
    ),
    Deviation(
        "cost",
        HELLO + top(delta(finish="stop"), usage={"cost": {"total_cost": 0.006}}),
        Reading("Hello", raw={"cost": 0.006}),
    ),
    Deviation("cost", HELLO + top(delta(finish="stop"), cost=True), HI),
    Deviation("cost", HELLO + END.replace(b"{", b'{"cost": 1e999, ', 1), HI),
    Deviation(
        "timings",
        HELLO + top(delta(finish="stop"), timings={"prompt_n": 3, "predicted_ms": 1.5}),
        Reading("Hello", raw={"timings": {"prompt_n": 3, "predicted_ms": 1.5}}),
    ),
    Deviation(
        "ids",
        top(delta("He"), id="1") + top(delta("l"), id="2") + top(delta("lo"), id="") + END,
        HI,
    ),
    Deviation(
        "ids",
        event({"choices": [{"delta": {"content": "Hello"}}]})
        + top(delta(finish="stop"), model="", object="", created=None),
        Reading("Hello", model=""),
    ),
    Deviation("ids", event({"choices": [{"delta": {"content": "Hello"}}]}) + END, HI),
    Deviation(
        "full message",
        choice({"delta": {"content": "He"}, "message": {"content": "He"}})
        + choice({"delta": {"content": "llo"}, "message": {"content": "Hello"}})
        + choice(
            {"delta": {}, "message": {"content": "Hello"}, "finish_reason": "stop"},
            object="chat.completion.done",
        ),
        HI,
    ),
    Deviation(
        "full message",
        HELLO
        + choice(
            {
                "delta": {"role": "assistant", "content": ""},
                "message": {"content": "Hello"},
                "finish_reason": "stop",
            }
        ),
        HI,
    ),
    Deviation(
        "extra keys",
        top(delta("Hello"), obfuscation="xyz", p="abcdef", provider="P", system_fingerprint=None)
        + top(delta(), system_fingerprint="fp_1", service_tier="default", copilot_usage={"a": 1})
        + choice({"delta": {"odd": 1, "none": None}, "token_ids": [1], "finish_reason": "stop"}),
        Reading(
            "Hello",
            raw={
                "provider": "P",
                "system_fingerprint": "fp_1",
                "service_tier": "default",
                "copilot_usage": {"a": 1},
                "odd": 1,
                "token_ids": [1],
            },
        ),
    ),
    Deviation(
        "extra keys",
        top(delta("Hello"), system_fingerprint=None)
        + top(delta(), system_fingerprint=None)
        + top(delta(finish="stop"), system_fingerprint="fp_1"),
        Reading("Hello", raw={"system_fingerprint": "fp_1"}),
    ),
    Deviation("roles", HELLO + END, HI),
    Deviation("roles", event(delta("Hello", role=None)) + END, HI),
    Deviation(
        "roles",
        event(delta("Hel", role="assistant")) + event(delta("lo", role="assistant")) + END,
        HI,
    ),
    Deviation("delta empty", choice({"delta": {}}) + HELLO + choice({"delta": {}}) + END, HI),
    Deviation(
        "content null",
        choice({"delta": {"role": "assistant", "content": None}})
        + choice({"delta": {"role": "assistant"}})
        + choice({"delta": {"content": ""}})
        + HELLO
        + END,
        HI,
    ),
    Deviation(
        "content parts",
        choice({"delta": {"content": [{"type": "text", "text": "Hel"}, "l"]}})
        + choice({"delta": {"content": "o"}})
        + END,
        HI,
    ),
    Deviation("content with finish", event(delta("Hello", finish="stop")), HI),
    Deviation(
        "further choices",
        HELLO
        + event({"choices": [{"index": 1, "delta": {"content": "Hi"}}]})
        + event({"choices": [{"index": i, "delta": {}, "finish_reason": "stop"} for i in (1, 0)]}),
        Reading("Hello", others={1: "Hi"}),
    ),
    Deviation(
        "total tokens",
        HELLO + top(delta(finish="stop"), usage=USAGE | {"total_tokens": 99}),
        Reading("Hello", usage=Usage(3, 2, 99)),
    ),
]

THOUGHT = Reading("Hello", "why")
DETAIL = {"type": "reasoning.text", "text": "why"}
SECRET = {"type": "reasoning.encrypted", "data": "gAAA"}

REASONING = [
    Deviation(
        "reasoning_content",
        event(delta(reasoning_content="wh", content=None))
        + event(delta(reasoning_content="y"))
        + event(delta("Hello", reasoning_content=None))
        + END,
        THOUGHT,
    ),
    Deviation("reasoning", event(delta(reasoning="why")) + HELLO + END, THOUGHT),
    Deviation("reasoning", event(delta("Hello", reasoning="why")) + END, THOUGHT),
    Deviation("reasoning", message("Hello", reasoning="why"), THOUGHT),
    Deviation(
        "reasoning_details",
        event(delta(reasoning="why", reasoning_details=[DETAIL])) + HELLO + END,
        THOUGHT,
    ),
    Deviation("reasoning_details", event(delta(reasoning_details=[DETAIL])) + HELLO + END, THOUGHT),
    Deviation(
        "reasoning_details",
        event(delta(reasoning_details=[{"type": "reasoning.summary", "summary": "why"}]))
        + event(delta(reasoning_details=[SECRET]))
        + HELLO
        + END,
        Reading("Hello", "why", raw={"reasoning_details": [SECRET]}),
    ),
    Deviation(
        "thinking parts",
        choice(
            {
                "delta": {
                    "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]
                }
            }
        )
        + HELLO
        + END,
        THOUGHT,
    ),
    Deviation("think tags", event(delta("<think>why</think>\n\nHello")) + END, THOUGHT),
    Deviation(
        "think tags",
        b"".join(event(delta(letter)) for letter in "\n<think>why</think>\n\nHello") + END,
        THOUGHT,
    ),
    Deviation("think tags", message("<think>why</think>Hello"), THOUGHT),
    Deviation(
        "think tags",
        event(delta("<think>why")) + DONE,
        Reading("", "why", finish=""),
    ),
    Deviation(
        "encrypted",
        event(delta(reasoning="why", channel="analysis", reasoning_encrypted="gAAA")) + HELLO + END,
        Reading("Hello", "why", raw={"channel": "analysis", "reasoning_encrypted": "gAAA"}),
    ),
]

TWO_CALLS = Reading(calls=(("a", "f", "{}"), ("b", "g", "{}")), finish="tool_calls")

TOOL_CALLS = [
    Deviation(
        "call no index",
        call(id="a", name="f", arguments='{"x"') + call(arguments=":1}") + CALL_END,
        CALLED,
    ),
    Deviation(
        "call same index",
        call(index=0, id="a", name="f", arguments="{}")
        + call(index=0, id="b", name="g", arguments="{}")
        + CALL_END,
        TWO_CALLS,
    ),
    Deviation(
        "call whole",
        call(index=0, id="a", type="function", name="f", arguments='{"x":1}') + CALL_END,
        CALLED,
    ),
    Deviation(
        "call whole",
        calls(
            piece(index=0, id="a", name="f", arguments="{}"),
            piece(index=1, id="b", name="g", arguments="{}"),
        )
        + CALL_END,
        TWO_CALLS,
    ),
    Deviation(
        "call whole",
        calls(piece(name="f", arguments="{}"), piece(name="g", arguments="{}")) + CALL_END,
        Reading(calls=(("", "f", "{}"), ("", "g", "{}")), finish="tool_calls"),
    ),
    Deviation(
        "call ids",
        call(index=0, id="a", name="f", arguments='{"x"')
        + call(index=0, id="a", arguments=":1}")
        + CALL_END,
        CALLED,
    ),
    Deviation(
        "call ids",
        call(index=0, id="a", name="f", arguments='{"x"')
        + call(index=0, id="", arguments=":1}")
        + CALL_END,
        CALLED,
    ),
    Deviation(
        "call ids",
        call(index=0, id="", name="f", arguments="{}") + call(name="g", arguments="{}") + CALL_END,
        Reading(calls=(("", "f", "{}"), ("", "g", "{}")), finish="tool_calls"),
    ),
    Deviation(
        "call ids",
        call(name="f", arguments="") + call(name="g", arguments="") + CALL_END,
        Reading(calls=(("", "f", ""), ("", "g", "")), finish="tool_calls"),
    ),
    Deviation(
        "call ids",
        call(index=0, id="chatcmpl-tool/9:é", name="f", arguments="{}") + CALL_END,
        Reading(calls=(("chatcmpl-tool/9:é", "f", "{}"),), finish="tool_calls"),
    ),
    Deviation(
        "call no type", call(index=0, id="a", name="f", arguments='{"x":1}') + CALL_END, CALLED
    ),
    Deviation(
        "call name repeated",
        call(index=0, id="a", name="f", arguments='{"x"')
        + call(index=0, name="f", arguments=":1}")
        + CALL_END,
        CALLED,
    ),
    Deviation(
        "call arguments",
        call(index=0, id="a", name="f", arguments="") + call(index=0, arguments=None) + CALL_END,
        Reading(calls=(("a", "f", ""),), finish="tool_calls"),
    ),
    Deviation(
        "call arguments",
        call(index=0, id="a", name="f") + CALL_END,
        Reading(calls=(("a", "f", ""),), finish="tool_calls"),
    ),
    Deviation(
        "call arguments",
        call(index=0, id="a", name="f", arguments={"x": 1}) + CALL_END,
        Reading(calls=(("a", "f", '{"x": 1}'),), finish="tool_calls"),
    ),
    Deviation(
        "call arguments",
        call(index=0, id="a", name="f", arguments='{"x": ') + event(delta(finish="length")),
        Reading(calls=(("a", "f", '{"x": '),), finish="length"),
    ),
    Deviation(
        "call with finish",
        calls(piece(index=0, id="a", name="f", arguments='{"x":1}'), finish="tool_calls"),
        CALLED,
    ),
    Deviation(
        "call finish",
        call(index=0, id="a", name="f", arguments='{"x":1}') + END,
        Reading(calls=ONE_CALL),
    ),
    Deviation(
        "call finish",
        call(index=0, id="a", name="f", arguments='{"x":1}') + event(delta(finish="")) + DONE,
        Reading(calls=ONE_CALL, finish=""),
    ),
    Deviation("call none", event(delta("Hello", tool_calls=[])) + END, HI),
    Deviation("call none", message("Hello", tool_calls=None), HI),
    Deviation(
        "function_call",
        event(delta(function_call={"name": "f", "arguments": '{"x"'}))
        + event(delta(function_call={"arguments": ":1}"}))
        + event(delta(finish="function_call")),
        Reading(calls=(("", "f", '{"x":1}'),), finish="function_call"),
    ),
    Deviation(
        "function_call",
        calls(
            piece(index=0, id="a", name="f", arguments='{"x":1}'),
            function_call={"name": "f", "arguments": '{"x":1}'},
        )
        + CALL_END,
        CALLED,
    ),
    Deviation(
        "function_call",
        call(name="f", arguments="{}")
        + event(delta(function_call={"name": "f", "arguments": "{}"}))
        + CALL_END,
        Reading(calls=(("", "f", "{}"),), finish="tool_calls"),
    ),
    Deviation(
        "call content",
        choice({"delta": {"content": "", "tool_calls": [piece(id="a", name="f", arguments="{}")]}})
        + CALL_END,
        Reading(calls=(("a", "f", "{}"),), finish="tool_calls"),
    ),
]

WHOLE = [
    Deviation(
        "whole content",
        message(
            None, finish="tool_calls", tool_calls=[piece(id="a", name="f", arguments='{"x":1}')]
        ),
        CALLED,
    ),
    Deviation(
        "whole content",
        json.dumps(
            {"model": "m", "choices": [{"message": {"refusal": "no"}, "finish_reason": "stop"}]}
        ).encode(),
        Reading(refusal="no"),
    ),
    Deviation(
        "whole content",
        message([{"type": "thinking", "thinking": "why"}, {"type": "text", "text": "Hello"}]),
        THOUGHT,
    ),
    Deviation(
        "whole error",
        b'{"error": {"code": "500", "message": "boom"}}',
        Reading(finish=None, model="", failure=ServerError),
        "boom",
    ),
    Deviation("refusal", message(None, refusal="I cannot"), Reading(refusal="I cannot")),
    Deviation(
        "refusal",
        event(delta(refusal="I ")) + event(delta(refusal="cannot")) + END,
        Reading(refusal="I cannot"),
    ),
    Deviation(
        "refusal",
        message([{"type": "refusal", "refusal": "I cannot"}]),
        Reading(refusal="I cannot"),
    ),
    Deviation(
        "annotations",
        message("Hello", annotations=[CITED, CITED, {"type": "file", "file": {"hash": "1"}}]),
        Reading("Hello", annotations=(CITED, {"type": "file", "file": {"hash": "1"}})),
    ),
    Deviation(
        "annotations",
        message(
            "Hello", annotations=[{"type": "url_citation", "url": "https://a.test", "title": "A"}]
        ),
        Reading("Hello", annotations=(CITED,)),
    ),
    Deviation(
        "citations",
        top(delta("Hello"), citations=["https://b.test"])
        + top(
            delta(finish="stop"),
            citations=["https://b.test", "https://a.test"],
            search_results=[{"url": "https://a.test", "title": "A"}, {"url": "https://c.test"}],
        ),
        Reading(
            "Hello",
            annotations=(
                {"type": "url_citation", "url_citation": {"url": "https://b.test", "title": ""}},
                CITED,
                {"type": "url_citation", "url_citation": {"url": "https://c.test", "title": ""}},
            ),
            raw={
                "citations": ["https://b.test", "https://a.test"],
                "search_results": [
                    {"url": "https://a.test", "title": "A"},
                    {"url": "https://c.test"},
                ],
            },
        ),
    ),
    Deviation(
        "citations",
        top(delta("Hello", annotations=[CITED]), citations=["https://a.test"]) + END,
        Reading("Hello", annotations=(CITED,), raw={"citations": ["https://a.test"]}),
    ),
    Deviation(
        "audio",
        message(None, audio={"id": "au", "data": "UklG", "transcript": "Hello"}),
        Reading("Hello", raw={"audio": {"id": "au", "data": "UklG"}}),
    ),
    Deviation(
        "audio",
        event(delta(audio={"id": "au", "transcript": "Hel"}))
        + event(delta(audio={"data": "Uk"}))
        + event(delta(audio={"data": "lG", "transcript": "lo"}))
        + event(delta(audio={"expires_at": 9}))
        + END,
        Reading("Hello", raw={"audio": {"id": "au", "data": "UklG", "expires_at": 9}}),
    ),
    Deviation(
        "audio",
        message("Hello", audio={"data": "UklG", "transcript": "Hello"}),
        Reading("Hello", raw={"audio": {"data": "UklG"}}),
    ),
    Deviation(
        "images", message("Hello", images=[IMAGE]), Reading("Hello", raw={"images": [IMAGE]})
    ),
    Deviation(
        "images",
        message([IMAGE, {"type": "text", "text": "Hello"}]),
        Reading("Hello", raw={"images": [IMAGE]}),
    ),
    Deviation(
        "images",
        event(delta(images=[IMAGE])) + END,
        Reading(raw={"images": [IMAGE]}),
    ),
    Deviation("json for stream", message("Hello"), HI),
    Deviation("json for stream", message("Hello", finish=None), Reading("Hello", finish="")),
    Deviation(
        "logprobs",
        choice({"delta": {"content": "Hel"}, "logprobs": {"content": [{"token": "Hel"}]}})
        + choice(
            {
                "delta": {"content": "lo"},
                "finish_reason": "stop",
                "logprobs": {
                    "content": [{"token": "lo", "logprob": -0.5, "bytes": [1], "top_logprobs": []}],
                    "refusal": [{"token": "x"}],
                    "reasoning_content": [{"token": "y"}],
                },
            }
        ),
        Reading(
            "Hello",
            logprobs={
                "content": [
                    {"token": "Hel"},
                    {"token": "lo", "logprob": -0.5, "bytes": [1], "top_logprobs": []},
                ],
                "refusal": [{"token": "x"}],
                "reasoning_content": [{"token": "y"}],
            },
        ),
    ),
    Deviation(
        "error alone",
        event({"error": {"message": "boom", "code": 500}}),
        Reading(finish=None, model="", failure=ServerError),
        "boom",
    ),
    Deviation("error alone", HELLO + event({"error": {"message": "boom"}}), CUT, "boom"),
    Deviation("error alone", HELLO + event({"error": "boom"}), CUT, "boom"),
    Deviation("error alone", HELLO + event([{"error": {"message": "boom"}}]), CUT, "boom"),
    Deviation("error alone", HELLO + top(delta(), x_groq={"error": "boom"}), CUT, "boom"),
    Deviation("error alone", HELLO + event({"object": "error", "message": "boom"}), CUT, "boom"),
    Deviation("error alone", HELLO + event({"detail": "boom"}), CUT, "boom"),
    Deviation(
        "error beside choices",
        HELLO + top(delta(finish="error"), error={"code": 502, "message": "boom"}),
        CUT,
        "boom",
    ),
    Deviation(
        "error beside choices",
        HELLO + choice({"delta": {}, "finish_reason": "error", "error": {"message": "boom"}}),
        CUT,
        "boom",
    ),
    Deviation("error beside choices", HELLO + event(delta(finish="error")) + DONE, CUT),
]

DEVIATIONS = [*EVENTS, *CHUNKS, *REASONING, *TOOL_CALLS, *WHOLE]
