"""`chat-tui ask --json` follows its contract, whatever the server does.

Every case is the program as a process against a server; some run at a time, before the first
test looks at what came.
"""

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.cli.forking import Forker
from tests.cli.helpers import Program
from tests.servers import (
    Cut,
    Raw,
    Reply,
    Stall,
    ThreadedServer,
    answer,
    delta,
    event,
    events,
    stream,
    whole,
)

WORKERS = 4

NUMBER = (int, float)
TEXT_OR_NONE = (str, type(None))
KINDS = {
    *("usage", "auth", "forbidden", "not_found", "too_large", "context", "rate_limit", "quota"),
    *("bad_request", "server", "connect", "timeout", "tls", "protocol", "redirect"),
    *("interrupted", "filtered", "storage"),
}
STATUSES = {"complete", "length", "filtered", "stopped", "interrupted", "error"}
CALL = {"id": str, "name": str, "arguments": str}
TOKENS = (int, type(None))
CHOICE = {
    "text": str,
    "reasoning": str,
    "tool_calls": [CALL],
    "finish_reason": TEXT_OR_NONE,
    "status": str,
    "refusal": TEXT_OR_NONE,
    "annotations": [dict],
    "images": [dict],
    "logprobs": (dict, type(None)),
}
USAGE = (
    {
        "prompt_tokens": TOKENS,
        "completion_tokens": TOKENS,
        "total_tokens": TOKENS,
        "cached_tokens": TOKENS,
        "reasoning_tokens": TOKENS,
    },
    type(None),
)
COST = ({"amount": NUMBER, "currency": str}, type(None))
ERROR = ({"kind": str, "status": TOKENS, "message": str, "hint": str}, type(None))
SUMMARY = {
    "id": TEXT_OR_NONE,
    "status": str,
    "model": str,
    "usage": USAGE,
    "cost": COST,
    "error": ERROR,
}
"""Of the oldest turns, made after the answer: what it used and cost is not in the answer's."""
CONTEXT = {
    "policy": str,
    "window": TOKENS,
    "window_source": TEXT_OR_NONE,
    "budget": TOKENS,  # for messages
    "tokens": int,  # the messages that were sent, to compare with the budget
    "expected": int,  # the whole prompt, to compare with `usage.prompt_tokens`
    "sent": int,  # messages, the system prompt among them
    "left_out": {"messages": int, "tokens": int},  # for want of room, or by --max-history
    "shortened": int,
    "refused": bool,  # what must be sent does not fit: nothing was sent
    "cut": bool,  # the server has read only a part
    "summary": (SUMMARY, type(None)),
}
CONTRACT = {
    **CHOICE,
    "usage": USAGE,
    "model": str,
    "provider": str,
    "id": TEXT_OR_NONE,
    "conversation": TEXT_OR_NONE,
    "slot": int,
    "choices": [CHOICE],
    "timings": {
        "first_token_s": (*NUMBER, type(None)),
        "total_s": (*NUMBER, type(None)),
        "attempts": int,
    },
    "cost": COST,
    "notices": [{"kind": str, "message": str}],
    "context": (CONTEXT, type(None)),
    "error": ERROR,
}
"""Exact keys and types: a type, a tuple of alternatives, a list of one shape, an object."""


def misfit(value: Any, shape: Any, place: str = "") -> str:
    """Where a value is not of a shape; empty where it fits."""
    if isinstance(shape, tuple):
        found = [misfit(value, each, place) for each in shape]
        return "" if "" in found else found[0]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place}: no list"
        return next(filter(None, (misfit(each, shape[0], f"{place}[]") for each in value)), "")
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            return f"{place}: {value!r} has not the keys {set(shape)}"
        parts = (misfit(value[key], shape[key], f"{place}.{key}") for key in shape)
        return next(filter(None, parts), "")
    fits = type(value) is bool if shape is bool else isinstance(value, shape)
    return "" if fits and (shape is bool or type(value) is not bool) else f"{place}: {value!r}"


@dataclass(frozen=True)
class Case:
    """What a server does, and what is told of it."""

    replies: Sequence[Reply] = ()
    code: int = 0
    kind: str | None = None
    http: int | None = None
    status: str = "error"
    text: str = ""
    attempts: int = 1
    requests: int | None = None
    """That came to the server; by default as many as attempts."""
    url: Callable[[int], str] = "http://127.0.0.1:{}/v1".format
    """The base URL, from the server's port."""
    arguments: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    config: str = ""
    words: str = ""
    """Part of the error's message."""
    also: dict[str, Any] = field(default_factory=dict)
    """Further values of the object."""
    silent: bool = False
    """Whether standard error is empty."""


def error(status: int, message: str = "no, thanks", **fields: Any) -> Reply:
    return answer({"error": {"message": message} | fields}, status, retry_after_ms="1")


def refusal(status: int, code: int, kind: str, attempts: int = 1, **more: Any) -> Case:
    reply = more.pop("reply", None) or error(status)
    given: dict[str, Any] = {"words": "no, thanks", **more}
    return Case([reply], code, kind, status, attempts=attempts, **given)


def broken(*steps: bytes | Raw | Cut | Stall, **more: Any) -> Case:
    """A stream that ends too early, after its first text."""
    reply = events(event(delta("Hello")), *steps)
    return Case([reply], 1, "interrupted", status="interrupted", text="Hello", **more)


def fine(*steps: bytes | Raw | Cut | Stall, text: str = "Hello", **more: Any) -> Case:
    given: dict[str, Any] = {"status": "complete", "silent": True, **more}
    return Case([events(*steps)], text=text, **given)


def odd(body: bytes, words: str, **more: Any) -> Case:
    """What is no reply."""
    given: dict[str, Any] = {"http": 200, **more}
    return Case([Reply([body] if body else [])], 1, "protocol", words=words, **given)


END = (event(delta(finish="stop")), event("[DONE]"))
HELLO = event(delta("Hello"))
GATEWAY = Reply(
    [b"<html><head><title>502 Bad Gateway</title></head></html>"], 502, {"retry-after-ms": "1"}
)
INVALID = b"data: {broken}\n\n"
TOO_LONG = "This model's maximum context length is 8192 tokens. You sent 9000."
FUNCTION = {"name": "remove", "arguments": '{"path": "/ho'}
CALLS = [{"index": 0, "id": "c1", "type": "function", "function": FUNCTION}]
CALLED = [{"id": "c1", "name": "remove", "arguments": '{"path": "/ho'}]
WAITS = '[providers.mine]\nbase_url = "{url}"\nmodel = "m"\n[providers.mine.timeouts]\n{limits}\n'

CASES: dict[str, Case] = {
    # Statuses
    "400": refusal(400, 1, "bad_request"),
    "401": refusal(401, 3, "auth"),
    "402": refusal(402, 6, "quota"),
    "403": refusal(403, 3, "forbidden"),
    "404 address": refusal(404, 4, "not_found", requests=2),
    "404 model": refusal(
        404, 4, "not_found", reply=error(404, "no such model"), words="does not know the model m"
    ),
    "408": refusal(408, 1, "server", 3),
    "409": refusal(409, 1, "server", 3),
    "413": refusal(413, 5, "too_large"),
    "422": refusal(422, 1, "bad_request"),
    "429": refusal(429, 6, "rate_limit", 3),
    "429 quota": refusal(
        429, 6, "quota", reply=error(429, "no, thanks", code="insufficient_quota")
    ),
    "429 long wait": refusal(
        429, 6, "rate_limit", reply=answer({"error": "no, thanks"}, 429, retry_after="3600")
    ),
    "500": refusal(500, 1, "server", 3),
    "501": refusal(501, 1, "server"),
    "502": refusal(502, 1, "server", 3),
    "503": refusal(503, 1, "server", 3),
    "504": refusal(504, 1, "server", 3),
    "529": refusal(529, 1, "server", 3),
    "401 with an empty body": refusal(401, 3, "auth", reply=Reply(status=401), words="401"),
    "403 page": refusal(
        403, 3, "forbidden", reply=Reply([b"<html><title>Blocked</title>"], 403), words="“Blocked”"
    ),
    "context length": refusal(
        400,
        5,
        "context",
        words="8192",
        reply=error(400, TOO_LONG, code="context_length_exceeded"),
    ),
    "content filter": Case(
        [error(400, code="content_filter")], 1, "filtered", 400, "filtered", words="no, thanks"
    ),
    "recovered": Case([error(503), stream("Hello")], status="complete", text="Hello", attempts=2),
    # Connections
    "refused port": Case(
        (), 7, "connect", attempts=3, requests=0, words="refused", url=lambda _: refused()
    ),
    "unknown host": Case(
        (),
        7,
        "connect",
        attempts=3,
        requests=0,
        words="nothing.invalid",
        url=lambda _: "http://nothing.invalid/v1",
    ),
    "TLS to a plain port": Case(
        (), 7, "tls", requests=0, url="https://127.0.0.1:{}/v1".format, words="127.0.0.1"
    ),
    "dead proxy": Case(
        (),
        7,
        "connect",
        attempts=3,
        requests=0,
        url=lambda _: "http://192.0.2.1/v1",
        environ={"HTTP_PROXY": "http://127.0.0.1:1"},
    ),
    "proxy that cannot be used": Case(
        (),
        7,
        "connect",
        requests=0,
        url=lambda _: "http://192.0.2.1/v1",
        environ={"ALL_PROXY": "nonsense://127.0.0.1:1"},
    ),
    "certificates that are not there": Case(
        (),
        7,
        "tls",
        requests=0,
        url="https://localhost:{}/v1".format,
        environ={"SSL_CERT_FILE": "/no/where.pem"},
        words="SSL_CERT_FILE",
    ),
    "hangs up": Case([Reply([Cut()], bare=True)], 7, "connect", attempts=3, words="127.0.0.1"),
    "no HTTP": Case(
        [Reply([Raw(b"SSH-2.0-OpenSSH\r\n"), Cut()], bare=True)], 7, "connect", attempts=3
    ),
    "redirect": Case(
        [Reply(status=307, headers={"Location": "http://192.0.2.1/v1/chat/completions"})],
        1,
        "redirect",
        307,
        words="192.0.2.1",
    ),
    # Rows of the fault table
    "1 no finish": broken(words="broke off"),
    "2 FIN": broken(Raw(b"40\r\ndata: {"), Cut()),
    "2 RST": broken(Cut(reset=True)),
    "3 half an event": broken(b'data: {"choices"'),
    "4 stall": Case(
        [events(HELLO, Stall())],
        1,
        "interrupted",
        status="interrupted",
        text="Hello",
        config="stall = 1",
        arguments=("--provider", "mine"),
    ),
    "5 silence": Case(
        [events(Stall())],
        1,
        "timeout",
        config="first_token = 1",
        arguments=("--provider", "mine"),
    ),
    "6 no end": Case(
        [events(*[event(delta("x" * 50_000))] * 90, Stall())],
        1,
        "interrupted",
        status="interrupted",
        text="x" * 4_000_000,
    ),
    "7 large event": Case(
        [events(HELLO, b"data: ", *[b"x" * 1_000_000] * 34, Stall())],
        1,
        "interrupted",
        status="interrupted",
        text="Hello",
        words="32 MB",
    ),
    "7 large reply": Case(
        [Reply([b'{"a": "', *[b"x" * 1_000_000] * 34, Stall()])],
        1,
        "protocol",
        200,
        words="32 MB",
    ),
    "8 split characters": fine(
        *[bytes([byte]) for byte in event(delta("你好 😀"))], *END, text="你好 😀"
    ),
    "8 no UTF-8": fine(
        b'data: {"choices":[{"delta":{"content":"a\xffb"}}]}\n\n',
        *END,
        text="a\ufffdb",
        silent=False,
    ),
    "9 three invalid events": fine(HELLO, *[INVALID] * 3, *END, silent=False),
    "9 four invalid events": broken(*[INVALID] * 4),
    "10 error after content": broken(event({"error": {"message": "gone"}}), words="gone"),
    "10 error before content": Case(
        [events(event({"error": {"message": "slow down", "code": 429}}))],
        6,
        "rate_limit",
        429,
        attempts=3,
        words="slow down",
    ),
    "11 all the standard allows": fine(
        b"\xef\xbb\xbf: hi\r\n\r\nid: 1\rretry: 9\r\revent: ping\n\ndata\n\n", HELLO, *END
    ),
    "12 page": odd(b"<html><title>Log in</title></html>", "page titled “Log in”", requests=2),
    "12 nothing": odd(b"", "nothing at all"),
    "12 other JSON": odd(b'{"status": "ok"}', "no reply"),
    "12 JSON to a stream request": Case(
        [whole("Hello")], status="complete", text="Hello", silent=True
    ),
    "12 gateway page": refusal(502, 1, "server", 3, reply=GATEWAY, words="502 Bad Gateway"),
    "13 data after the end": fine(HELLO, *END, event(delta("junk")), Stall()),
    "14 odd shapes": fine(
        *map(event, ({"choices": None}, {"choices": [{"delta": None}]}, {"choices": [7]})),
        HELLO,
        *END,
    ),
    "15 depth": odd(b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b"}", "not read"),
    "16 cut call": Case(
        [events(event(delta(tool_calls=CALLS)), event(delta(finish="length")), event("[DONE]"))],
        status="length",
        also={"tool_calls": CALLED, "finish_reason": "length"},
    ),
    # Ends
    "length": Case([stream("Hello", finish="length")], status="length", text="Hello"),
    "filtered": Case(
        [stream("Hello", finish="content_filter")], 1, status="filtered", text="Hello"
    ),
    "empty answer": Case([stream()], status="complete"),
    "not saved": Case(
        [stream("Hello")],
        status="complete",
        text="Hello",
        arguments=("--no-save",),
        also={"id": None, "conversation": None},
        silent=True,
    ),
}


def refused() -> str:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


@dataclass(frozen=True)
class Told:
    """What the program said, and what the server saw."""

    done: subprocess.CompletedProcess[str]
    requests: int


def run(case: Case, home: Path, forkers: SimpleQueue[Forker]) -> Told:
    environ = Program(home).environ(**case.environ)
    with ExitStack() as stack:
        server = stack.enter_context(ThreadedServer(case.replies or [stream("unasked")]))
        url = case.url(server.server.port)
        whom: tuple[str, ...] = ("--base-url", url, "-m", "m")
        if case.config:
            (home / "config").mkdir(parents=True)
            config = WAITS.format(url=url, limits=case.config)
            (home / "config" / "config.toml").write_text(config)
            whom = ()
        forker = forkers.get()
        try:
            done = forker.run("ask", *whom, *case.arguments, "--json", "hi", environ=environ)
        finally:
            forkers.put(forker)
        return Told(done, len(server.requests))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """What came of all cases."""
    folder = tmp_path_factory.mktemp("contract")
    forkers: SimpleQueue[Forker] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(WORKERS):
            forkers.put(stack.enter_context(Forker()))
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        homes = (folder / str(number) for number in range(len(CASES)))
        results = pool.map(lambda case, home: run(case, home, forkers), CASES.values(), homes)
        yield dict(zip(CASES, results, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_ask_follows_the_contract(told: dict[str, Told], name: str) -> None:
    case, done = CASES[name], told[name].done

    assert done.returncode == case.code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) is not case.silent
    # Nothing but the object: it ends where standard output ends.
    got = json.loads(done.stdout)
    assert misfit(got, CONTRACT) == ""
    assert got["status"] == case.status
    assert got["status"] in STATUSES
    assert got["text"] == case.text
    assert got["timings"]["attempts"] == case.attempts
    assert told[name].requests == (case.attempts if case.requests is None else case.requests)
    assert {key: got[key] for key in case.also} == case.also
    if "--no-save" not in case.arguments:
        assert got["id"]
        assert got["conversation"]
    if case.kind is None:
        assert got["error"] is None
        return
    assert got["error"]["kind"] == case.kind
    assert case.kind in KINDS
    assert got["error"]["status"] == case.http
    assert case.words in got["error"]["message"]
    assert got["error"]["hint"]
    # Standard error tells the same in words.
    assert got["error"]["message"] in done.stderr
    assert got["error"]["hint"] in done.stderr


def test_waits_before_retries_are_told(told: dict[str, Told]) -> None:
    for name, case in CASES.items():
        pattern = r"^Attempt \d of 3 (?:at once|in \d+\.\d s): "
        waits = re.findall(pattern, told[name].done.stderr, re.MULTILINE)
        assert len(waits) == case.attempts - 1, name


REFUSED_AT_ONCE: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no prompt and no provider": (("--json",), {}, "prompt"),
    "plain http with a key": (
        ("--base-url", "http://192.0.2.1/v1", "-m", "m", "--api-key-env", "MY_KEY", "hi"),
        {"MY_KEY": "sk-canary-12345678"},
        "plain http",
    ),
    "a key with a space": (
        ("--base-url", "http://127.0.0.1:1/v1", "-m", "m", "--api-key-env", "MY_KEY", "hi"),
        {"MY_KEY": "sk-canary 12345678"},
        "MY_KEY",
    ),
    "no key": (
        ("--base-url", "http://127.0.0.1:1/v1", "-m", "m", "--api-key-env", "MY_KEY", "hi"),
        {},
        "MY_KEY is not set",
    ),
    "wrong parameter": (("--demo", "-p", "n=0", "hi"), {}, "n cannot be 0"),
}


@pytest.mark.parametrize("name", REFUSED_AT_ONCE)
def test_wrong_usage_prints_no_object(program: Program, name: str) -> None:
    arguments, environ, words = REFUSED_AT_ONCE[name]
    done = program.run("ask", "--json", *arguments, **environ)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (program.home / "data").exists()


def test_shape_is_checked_to_the_letter() -> None:
    """The check itself can fail."""
    good = {"id": "1", "name": "f", "arguments": "{}"}

    assert misfit(good, CALL) == ""
    assert misfit(good | {"more": 1}, CALL)
    assert misfit({"id": "1", "name": "f"}, CALL)
    assert misfit(good | {"name": None}, CALL)
    assert misfit([good, 7], [CALL])
    assert misfit(True, int)
    assert misfit(None, (int, str))
    assert misfit(None, (int, type(None))) == ""
