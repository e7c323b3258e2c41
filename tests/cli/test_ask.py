"""`ask`: the contract of the command line, against the demo and a real server.

What it tells of failures is in `test_contract`.
"""

import json
import socket
from typing import Any

import pytest

from tests.cli.helpers import Program
from tests.servers import (
    Cut,
    Reply,
    Request,
    ThreadedServer,
    answer,
    delta,
    event,
    events,
    stream,
    whole,
)

KEYS = {
    *("text", "reasoning", "tool_calls", "finish_reason", "status", "usage", "model", "provider"),
    *("id", "conversation", "slot", "choices", "refusal", "annotations", "images", "logprobs"),
    *("timings", "cost", "notices", "context", "error"),
}


def with_models(*replies: Reply, models: tuple[str, ...] = ("first", "second")) -> Any:
    """A script that lists models, and answers prompts in order."""
    waiting = list(replies)

    def script(request: Request) -> Reply:
        if request.path.endswith("/models"):
            return answer({"data": [{"id": name} for name in models]})
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return script


def test_json_has_every_key_of_the_contract(program: Program) -> None:
    got = program.json("ask", "--demo", "--json", "/think")

    assert set(got) == KEYS
    assert got["text"]
    assert got["reasoning"]
    assert got["status"] == "complete"
    assert got["finish_reason"] == "stop"
    assert set(got["usage"]) == {
        *("prompt_tokens", "completion_tokens", "total_tokens"),
        *("cached_tokens", "reasoning_tokens"),
    }
    assert set(got["timings"]) == {"first_token_s", "total_s", "attempts"}
    assert got["timings"]["attempts"] == 1
    assert (got["provider"], got["model"], got["slot"]) == ("demo", "demo", 0)
    assert got["id"]
    assert got["conversation"]
    assert (got["error"], got["cost"], got["choices"], got["notices"]) == (None, None, [], [])


def test_stdout_holds_the_answer_alone(program: Program) -> None:
    done = program.run("ask", "--demo", "/think")

    assert done.returncode == 0
    assert done.stdout.endswith("\n")
    assert not done.stdout.endswith("\n\n")
    assert "I add" not in done.stderr
    assert done.stderr == ""


def test_tool_calls_are_told_and_are_no_failure(program: Program) -> None:
    got = program.json("ask", "--demo", "--json", "/tools")

    (call,) = got["tool_calls"]
    assert set(call) == {"id", "name", "arguments"}
    assert isinstance(json.loads(call["arguments"]), dict)
    assert got["finish_reason"] == "tool_calls"


def test_nothing_configured_is_a_usage_error_without_any_output(program: Program) -> None:
    done = program.run("ask", "--json", "hello")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "OPENAI_API_KEY" in done.stderr
    assert "--demo" in done.stderr
    assert not (program.home / "data").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--provider", "nobody", "hi"),
        ("--base-url", "ftp://example.com", "-m", "m", "hi"),
        ("--provider", "openai", "hi"),
        ("--api-key-env", "MY_KEY", "hi"),
        ("--demo", "--conversation", "0000", "hi"),
        ("--demo", "-c", "hi"),
        ("--demo", "--unknown", "hi"),
    ],
    ids=["provider", "url", "no-key", "key-for-nobody", "no-such-id", "nothing-yet", "option"],
)
def test_wrong_usage_exits_2(program: Program, arguments: tuple[str, ...]) -> None:
    done = program.run("ask", "--json", *arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_base_url_sends_no_key_unless_one_is_named(program: Program) -> None:
    with ThreadedServer([stream("hi")]) as server:
        url = ("--base-url", server.base_url, "-m", "m")
        keys = {"OPENAI_API_KEY": "sk-canary-1234", "OWN": "sk-own-5678"}
        program.run("ask", *url, "one", **keys)
        program.run("ask", *url, "--api-key-env", "OWN", "two", **keys)

    assert "authorization" not in server.requests[0].headers
    assert server.requests[1].headers["authorization"] == "Bearer sk-own-5678"
    assert server.requests[0].json["messages"] == [{"role": "user", "content": "one"}]


def test_model_is_the_first_that_the_server_lists(program: Program) -> None:
    with ThreadedServer(with_models(stream("hi"))) as server:
        program.json("ask", "--base-url", server.base_url, "--json", "hi")

    assert [request.path for request in server.requests] == ["/v1/models", "/v1/chat/completions"]
    assert server.requests[1].json["model"] == "first"


@pytest.mark.parametrize("status", [404, 405])
def test_model_must_be_named_where_the_server_lists_none(program: Program, status: int) -> None:
    with ThreadedServer([answer({"error": "no"}, status)]) as server:
        done = program.run("ask", "--base-url", server.base_url, "hi")

    assert done.returncode == 2
    assert "--model" in done.stderr


def test_no_stream_asks_for_the_answer_whole(program: Program) -> None:
    with ThreadedServer([whole("all at once")]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "--no-stream", "hi")

    assert done.stdout == "all at once\n"
    assert not server.requests[0].json.get("stream")


def test_system_prompt_goes_first(program: Program) -> None:
    with ThreadedServer([stream("hi")]) as server:
        program.run("ask", "--base-url", server.base_url, "-m", "m", "-s", "Be brief.", "hello")

    roles = [message["role"] for message in server.requests[0].json["messages"]]
    assert roles == ["system", "user"]
    assert server.requests[0].json["messages"][0]["content"] == "Be brief."


def test_several_models_answer_one_prompt_as_siblings(program: Program) -> None:
    with ThreadedServer([whole("one"), answer({"error": "no"}, 403), whole("three")]) as server:
        url = ("--base-url", server.base_url, "--no-stream")
        got = program.json("ask", *url, "-m", "a", "-m", "b", "-m", "c", "--json", "hi", code=3)

    assert [each["text"] for each in got] == ["one", "", "three"]
    assert [each["slot"] for each in got] == [0, 1, 2]
    assert [request.json["model"] for request in server.requests] == ["a", "b", "c"]
    assert {request.json.get("stream", False) for request in server.requests} == {False}
    assert got[1]["error"]["kind"] == "forbidden"
    assert len({each["conversation"] for each in got}) == 1
    exported = program.json("export", got[0]["conversation"])["conversations"][0]
    replies = [message for message in exported["messages"] if message["role"] == "assistant"]
    assert [reply.get("slot", 0) for reply in replies] == [0, 1, 2]
    assert len({reply["parent"] for reply in replies}) == 1
    # The app shows them side by side.
    assert [target["model"] for target in exported["targets"]] == ["a", "b", "c"]
    assert exported["board"]["slots"] == [0, 1, 2]
    assert exported["head"] == replies[0]["id"]


def test_models_that_answered_side_by_side_go_on_in_their_slots(program: Program) -> None:
    replies = [whole(text) for text in ("one", "two", "three", "four", "five")]
    with ThreadedServer(replies) as server:
        url = ("--base-url", server.base_url, "--no-stream", "--json")
        program.json("ask", *url, "-m", "a", "-m", "b", "hi")
        alone = program.json("ask", *url, "-c", "-m", "b", "more")
        got = program.json("ask", *url, "-c", "-m", "c", "-m", "b", "and")

    assert [alone["text"], *(each["text"] for each in got)] == ["three", "four", "five"]
    assert [each["slot"] for each in got] == [0, 1]
    exported = program.json("export", alone["conversation"])["conversations"][0]
    slots = [each.get("slot", 0) for each in exported["messages"] if each["role"] == "assistant"]
    assert slots == [0, 1, 1, 2, 1]
    assert exported["board"]["slots"] == [2, 1]
    assert server.requests[-1].json["messages"][-2]["content"] == "three"


def test_more_models_than_go_side_by_side_are_refused(program: Program) -> None:
    models = [word for name in "abcdefg" for word in ("-m", name)]
    done = program.run("ask", "--demo", *models, "hi")

    assert (done.returncode, done.stdout) == (2, "")
    assert "At most 6 models" in done.stderr


def test_error_goes_to_stderr_with_the_next_step(program: Program) -> None:
    with ThreadedServer([answer({"error": "bad key"}, 401)]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "hi")

    assert done.returncode == 3
    assert done.stdout == ""
    assert "bad key" in done.stderr
    assert "--api-key-env" in done.stderr


def refused_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def test_no_connection_for_the_list_of_models_is_told_the_same_way(program: Program) -> None:
    got = program.json("ask", "--base-url", refused_port(), "--json", "hi", code=7)

    assert set(got) == KEYS
    assert (got["error"]["kind"], got["status"]) == ("connect", "error")
    assert (got["id"], got["conversation"]) == (None, None)


def test_cut_reply_is_interrupted_and_kept(program: Program) -> None:
    reply = events(event(delta("the first half")), Cut())
    with ThreadedServer([reply]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "hi")

    assert done.returncode == 1
    assert done.stdout == "the first half\n"
    (row,) = program.json("list", "--json")
    way_on = done.stderr.splitlines()[-1]
    assert f"saved in the conversation {row['id']}." in way_on
    assert way_on.endswith('To go on: chat-tui ask -c --base-url … "Go on"')
    messages = program.json("export", row["id"])["conversations"][0]["messages"]
    assert messages[-1]["status"] == "interrupted"
    assert messages[-1]["parts"][0]["text"] == "the first half"


def test_further_choices_are_listed(program: Program) -> None:
    second = {"choices": [{"index": 1, "delta": {"content": "B"}, "finish_reason": "stop"}]}
    with ThreadedServer(
        [events(event(delta("A")), event(second), event(delta(finish="stop")), event("[DONE]"))]
    ) as server:
        got = program.json("ask", "--base-url", server.base_url, "-m", "m", "--json", "hi")

    assert got["text"] == "A"
    assert [choice["text"] for choice in got["choices"]] == ["A", "B"]


HOSTILE = "a\x1b]52;c;aGk=\x07b\x9b31mc\u202ed"


def test_answer_is_raw_in_a_pipe_and_clean_on_a_terminal(program: Program) -> None:
    with ThreadedServer([stream(HOSTILE)]) as server:
        url = ("--base-url", server.base_url, "-m", "m")
        piped = program.run("ask", *url, "hi")
        with program.on_terminal("ask", *url, "hi") as terminal:
            code = terminal.wait()
            drawn = terminal.output.decode()

    assert piped.stdout == HOSTILE + "\n"
    assert code == 0
    assert drawn == "a␛]52;c;aGk=␇b\ufffd31mcd\r\n"


def test_json_has_no_unescaped_control_character(program: Program) -> None:
    with ThreadedServer([stream(HOSTILE)]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "--json", "hi")

    assert json.loads(done.stdout)["text"] == HOSTILE
    assert done.stdout.replace("\n", "").isprintable()


def test_surrogates_split_over_deltas_are_joined(program: Program) -> None:
    with ThreadedServer([stream("\ud83d", "\ude00", " lone \ud83d")]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "hi")

    assert done.stdout == "😀 lone \ufffd\n"


def test_settings_choose_the_provider_and_problems_are_told(program: Program) -> None:
    with ThreadedServer([stream("from the settings")]) as server:
        (program.home / "config").mkdir(parents=True)
        (program.home / "config" / "config.toml").write_text(
            f'provider = "mine"\nmodel = "m1"\nthem = "dark"\n'
            f'[providers.mine]\nbase_url = "{server.base_url}"\n'
        )
        done = program.run("ask", "hi")

    assert done.stdout == "from the settings\n"
    assert "them" in done.stderr
    assert server.requests[0].json["model"] == "m1"


def test_way_on_is_not_told_of_what_is_not_saved(program: Program) -> None:
    with ThreadedServer([events(event(delta("the first half")), Cut())]) as server:
        url = ("--base-url", server.base_url, "-m", "m")
        done = program.run("ask", *url, "--no-save", "hi")

    assert done.returncode == 1
    assert "saved" not in done.stderr


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ((), "Name the variable that holds its key with --api-key-env."),
        (("--api-key-env", "OWN"), "Check the value of OWN, or name another variable"),
    ],
)
def test_key_that_an_address_refuses_is_not_looked_for_in_settings(
    program: Program, named: tuple[str, ...], hint: str
) -> None:
    with ThreadedServer([answer({"error": "bad key"}, 401)]) as server:
        url = ("--base-url", server.base_url, *named, "--json", "hi")
        asked = program.run("ask", "-m", "m", *url, OWN="sk-own-5678")
        listed = program.run("ask", *url, OWN="sk-own-5678")

    for done in (asked, listed):
        assert done.returncode == 3
        assert hint in done.stderr
        assert hint in json.loads(done.stdout)["error"]["hint"]
        assert "settings" not in done.stderr


@pytest.mark.parametrize(
    ("count", "words"),
    [(2, "There is 1 further answer to this"), (3, "There are 2 further answers to this")],
)
def test_further_answers_are_counted(program: Program, count: int, words: str) -> None:
    choices = [
        {"index": index, "message": {"content": f"{index}"}, "finish_reason": "stop"}
        for index in range(count)
    ]
    with ThreadedServer([answer({"choices": choices})]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "--no-stream", "hi")

    assert (done.returncode, done.stdout) == (0, "0\n")
    assert words in done.stderr
