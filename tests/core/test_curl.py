"""Requests as curl commands: run by a real shell, against a real server."""

import asyncio
import json
import shlex
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.curl import as_curl
from chat_tui.core.exchanges import ExchangeRecord
from tests.servers import LoopbackServer, Request, stream

KEY = "sk-canary-0123456789"
HOSTILE = 'it\'s $HOME `id` "quoted" \\ \x1b]0;x\x07 \x9b31m \u202e \U000e0041 Ж\n!!'


def record(
    url: str,
    body: object = None,
    *,
    key_source: str = "OPENAI_API_KEY",
    method: str = "POST",
    **headers: str,
) -> ExchangeRecord:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    return ExchangeRecord("r", method, url, named, text, key_source)


async def run(command: str, **environ: str) -> Request:
    """Let the shell run a command against a server; gives what arrived."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    async with LoopbackServer([stream("Hello")]) as server:
        process = await asyncio.create_subprocess_exec(
            "sh",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "CURL_HOME": "/nowhere"} | environ,
        )
        # Not as an argument of the shell, which has the limit that a terminal has not.
        script = command.replace("http://server", server.base_url.removesuffix("/v1"))
        printed, _ = await process.communicate(script.encode())
    assert process.returncode == 0
    assert b"Hello" in printed
    assert len(server.requests) == 1
    return server.requests[0]


async def test_the_command_sends_the_same_request_with_the_key_of_the_shell() -> None:
    body = {"stream": True, "messages": [{"role": "user", "content": HOSTILE}]}
    command = as_curl(
        record(
            "http://server/v1/chat/completions?a=1&b=$x",
            body,
            Content_Type="application/json",
            Authorization="Bearer [key]",
            X_Title="it's `mine` $HOME",
            Host="elsewhere",
        )
    )
    assert command.startswith("curl -N ")
    got = await run(command, OPENAI_API_KEY=KEY)
    assert got.method == "POST"
    assert got.path == "/v1/chat/completions?a=1&b=$x"
    assert got.json == body
    assert got.headers["authorization"] == f"Bearer {KEY}"
    assert got.headers["x-title"] == "it's `mine` $HOME"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] != "elsewhere"


async def test_a_key_that_is_in_no_variable_is_called_api_key() -> None:
    command = as_curl(
        record(
            "http://server/v1/models", None, key_source="`pass …`", method="GET", api_key="[key]"
        )
    )
    got = await run(command, API_KEY=KEY)
    assert got.method == "GET"
    assert got.headers["api-key"] == KEY
    assert not got.body


async def test_a_body_that_is_too_big_for_an_argument_is_sent_all_the_same() -> None:
    body = {"image": "A" * 300_000 + "'END_OF_BODY'\n$HOME"}
    got = await run(as_curl(record("http://server/v1/chat/completions", body)))
    assert got.json == body


async def test_other_secrets_are_variables_named_like_their_header() -> None:
    command = as_curl(record("http://server/v1?key=[hidden]", {}, X_Gateway_Token="[hidden]"))
    got = await run(command, X_GATEWAY_TOKEN="t-1", SECRET="s-1")
    assert got.headers["x-gateway-token"] == "t-1"
    assert got.path == "/v1?key=s-1"


def test_a_plain_request_is_plain() -> None:
    command = as_curl(record("http://127.0.0.1:1/v1/models", None, method="GET"))
    assert command == "curl http://127.0.0.1:1/v1/models"
    assert "-N" not in as_curl(record("http://127.0.0.1:1/v1", {"stream": False}))
    assert "-N" not in as_curl(record("http://127.0.0.1:1/v1", ["stream"]))


def test_brackets_in_addresses_are_no_patterns() -> None:
    assert "--globoff" in as_curl(record("http://[::1]:8080/v1", {}))


@settings(derandomize=True)
@given(text=st.text(), name=st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True))
def test_whatever_is_in_a_request_stays_one_word_and_shows_no_control(text: str, name: str) -> None:
    command = as_curl(record("http://server/v1", {"content": text}, **{name: text}))
    words = [word for word in shlex.split(command.replace("\\\n", " ")) if word]
    body = words[words.index("--data-raw") + 1]
    assert json.loads(body) == {"content": text}
    assert not any(ord(char) < 32 and char not in "\n\t" for char in command)
    assert not any(0x7F <= ord(char) < 0xA0 for char in command)
