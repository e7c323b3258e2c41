"""`ask -p`, `--json-mode`, `--schema`: what goes over the wire, and what is refused before."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from chat_tui.cli.arguments.parser import parse
from chat_tui.cli.options import AskOptions
from chat_tui.cli.parameters import given_parameters, merged
from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import PARAMETERS
from chat_tui.providers.demo.drawing import draw
from tests.cli.helpers import Program
from tests.servers import Reply, Request, ThreadedServer, answer, delta, event, events, stream

RIVERS = {
    "type": "object",
    "title": "Three rivers!",
    "properties": {"rivers": {"type": "array", "items": {"type": "string"}}},
    "required": ["rivers"],
    "additionalProperties": False,
}


def given(*parameters: str, **more: Any) -> dict[str, Any]:
    return given_parameters(AskOptions("hi", parameters=parameters, **more))


def sent(request: Request) -> dict[str, Any]:
    """The parameters of a request."""
    beside = {"model", "messages", "stream", "stream_options"}
    return {name: value for name, value in request.json.items() if name not in beside}


def run(
    program: Program, server: ThreadedServer, *arguments: str, code: int = 0, model: str = "m"
) -> Any:
    url = ("--base-url", server.base_url, "-m", model)
    return program.json("ask", *url, "--json", *arguments, code=code)


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("temperature=0.2", "temperature", 0.2),
        ("max_completion_tokens=7", "max_tokens", 7),
        ("stop=END", "stop", "END"),
        ('stop=["a", "b"]', "stop", ["a", "b"]),
        ("user=a=b", "user", "a=b"),
        ("logprobs=true", "logprobs", True),
        ("tool_choice=none", "tool_choice", "none"),
        ('extra={"top_k": 40}', "extra", {"top_k": 40}),
        ("temperature=", "temperature", None),
        (" seed = null", "seed", None),
    ],
)
def test_value_is_read_as_its_parameter_has_it(written: str, name: str, value: Any) -> None:
    assert given(written) == {name: value}


def test_later_value_wins_whatever_the_spelling() -> None:
    assert given("max_tokens=1", "n=2", "max_completion_tokens=3") == {"max_tokens": 3, "n": 2}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("temperature=3", ["temperature", "3", "from 0 to 2"]),
        ("temperature=warm", ["temperature", "warm", "from 0 to 2"]),
        ("temprature=1", ["temprature", "Did you mean temperature"]),
        ("temperature", ["-p temperature=VALUE"]),
        ("=1", ["name=value"]),
        ("model=m", ["-m"]),
        ("n=NaN", ["n cannot be NaN"]),
        ("extra=[1]", ["extra", "JSON object"]),
        ("top_k=40", ['extra={"top_k": …}']),
    ],
)
def test_wrong_parameter_is_named_with_its_value_and_range(written: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        given(written)

    said = f"{caught.value.message} {caught.value.hint}"
    assert all(word in said for word in words), said


def test_all_wrong_parameters_are_told_at_once_and_nothing_is_sent(program: Program) -> None:
    with ThreadedServer([stream("never")]) as server:
        url = ("--base-url", server.base_url, "-m", "m", "--json")
        wrong = ("-p", "temperature=3", "-p", "top_p=2", "-p", "seed=1", "-p", "no=1")
        done = program.run("ask", *url, *wrong, "hi")

    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split()[0] for line in done.stderr.splitlines()[1:3]] == ["temperature", "top_p"]
    assert "3 parameters are wrong" in done.stderr
    assert "no parameter no" in done.stderr
    assert "seed" not in done.stderr
    assert server.requests == []
    assert not (program.home / "data").exists()


@pytest.mark.parametrize(
    "written", [("top_logprobs=2",), ("tool_choice=auto",)], ids=["top_logprobs", "tool_choice"]
)
def test_parameters_that_need_others_are_refused_alone(written: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=written[0].split("=", maxsplit=1)[0]):
        merged({}, given(*written))


def test_every_kind_of_parameter_goes_over_the_wire(program: Program) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    values: dict[str, Any] = {
        "temperature": 0.5,
        "top_p": 1,
        "n": 2,
        "stop": ["a", "b"],
        "seed": 7,
        "presence_penalty": -2,
        "frequency_penalty": 2,
        "logprobs": True,
        "top_logprobs": 5,
        "logit_bias": {"50256": -100},
        "user": "me",
        "reasoning_effort": "low",
        "tools": [tool],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "response_format": {"type": "text"},
    }
    pairs = [("-p", f"{name}={json.dumps(value)}") for name, value in values.items()]
    # A word that is written as JSON is a word with quotes.
    pairs = [("-p", pair.replace('="', "=").rstrip('"')) for _, pair in pairs]
    extra = ("-p", 'extra={"top_k": 40, "repetition_penalty": 1.1}', "-p", "max_tokens=9")
    with ThreadedServer([stream("hi")]) as server:
        run(program, server, *(word for pair in pairs for word in pair), *extra, "hi")

    more = {"top_k": 40, "repetition_penalty": 1.1, "max_tokens": 9}
    assert sent(server.requests[0]) == values | more


def test_stream_false_asks_for_the_answer_whole(program: Program) -> None:
    with ThreadedServer([stream("hi")]) as server:
        run(program, server, "-p", "stream=false", "hi")

    assert not server.requests[0].json.get("stream")
    assert "stream_options" not in server.requests[0].json


def test_parameters_stay_with_the_conversation_and_change_one_by_one(program: Program) -> None:
    (program.home / "config").mkdir(parents=True)
    with ThreadedServer([stream("hi")]) as server:
        (program.home / "config" / "config.toml").write_text(
            f'provider = "mine"\n[providers.mine]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        )
        program.json("ask", "--json", "-p", "temperature=0.5", "-p", "seed=7", "one")
        program.json("ask", "--json", "-c", "two")
        program.json("ask", "--json", "-c", "-p", "temperature=", "-p", "top_p=0.9", "three")
        program.json("ask", "--json", "-c", "-m", "other", "four")
        program.json("ask", "--json", "-c", "--no-save", "-p", "seed=8", "five")
        program.json("ask", "--json", "-c", "six")
        program.json("ask", "--json", "seven")

    assert [sent(request) for request in server.requests] == [
        {"temperature": 0.5, "seed": 7},
        {"temperature": 0.5, "seed": 7},
        {"seed": 7, "top_p": 0.9},
        {"seed": 7, "top_p": 0.9},
        {"seed": 8, "top_p": 0.9},
        {"seed": 7, "top_p": 0.9},
        {},
    ]
    assert server.requests[3].json["model"] == "other"


def test_another_provider_gets_the_conversation_with_its_parameters(program: Program) -> None:
    with ThreadedServer([stream("hi")]) as first, ThreadedServer([stream("hi")]) as second:
        run(program, first, "-p", "seed=7", "one")
        run(program, second, "-c", "two", model="n")

    assert sent(second.requests[0]) == {"seed": 7}
    assert second.requests[0].json["messages"][0]["content"] == "one"


def test_defaults_of_the_settings_are_those_of_new_conversations(program: Program) -> None:
    (program.home / "config").mkdir(parents=True)
    (program.home / "config" / "config.toml").write_text(
        "[parameters]\ntemperature = 0.3\nseed = 1\n"
    )
    with ThreadedServer([stream("hi")]) as server:
        run(program, server, "-p", "seed=", "-p", "top_p=0.5", "one")
        run(program, server, "-c", "two")

    assert [sent(request) for request in server.requests] == [
        {"temperature": 0.3, "top_p": 0.5},
        {"temperature": 0.3, "top_p": 0.5},
    ]


def test_json_mode_asks_for_an_object(program: Program) -> None:
    with ThreadedServer([stream("{}")]) as server:
        run(program, server, "--json-mode", "as JSON")

    assert sent(server.requests[0]) == {"response_format": {"type": "json_object"}}


def test_schema_goes_with_a_name_made_of_its_title(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps(RIVERS))
    with ThreadedServer([stream("{}")]) as server:
        run(program, server, "--schema", str(file), "three rivers")

    assert sent(server.requests[0])["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Three_rivers", "strict": True, "schema": RIVERS},
    }


@pytest.mark.parametrize(
    ("changes", "strict"),
    [
        ({}, True),
        ({"additionalProperties": True}, False),
        ({"required": []}, False),
        ({"type": "array", "items": {}}, False),
        ({"properties": {"rivers": {"type": "object", "properties": {}}}}, False),
        ({"$defs": {"x": {"type": "object"}}}, False),
        ({"properties": {"items": {"type": "string"}}, "required": ["items"]}, True),
    ],
)
def test_schema_is_strict_where_it_is_written_for_it(
    tmp_path: Path, changes: dict[str, Any], strict: bool
) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps(RIVERS | changes))

    assert given(schema=file)["response_format"]["json_schema"]["strict"] is strict


@pytest.mark.parametrize(
    ("title", "stem", "name"),
    [
        ("", "my schema", "my_schema"),
        ("三条河", "rivers", "rivers"),
        ("三条河", "河", "schema"),
        ("a" * 80, "x", "a" * 64),
        (7, "seven", "seven"),
    ],
)
def test_name_of_a_schema_has_only_what_the_api_takes(
    tmp_path: Path, title: object, stem: str, name: str
) -> None:
    file = tmp_path / f"{stem}.json"
    file.write_text(json.dumps({"type": "object", "title": title}))

    assert given(schema=file)["response_format"]["json_schema"]["name"] == name


def test_file_that_is_more_than_a_schema_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    named = {"name": "n", "schema": RIVERS}
    whole = {"type": "json_schema", "json_schema": named}
    for value in (named, whole, {"type": "json_schema", **named}):
        file.write_text("\ufeff" + json.dumps(value))
        assert given(schema=file)["response_format"] == whole


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{\n  "type": object\n}', "line 2, column 11"),
        (b"", "line 1, column 1"),
        (b"[1]", "is an object"),
        (b'"\xff"', "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', "1 MB"),
    ],
    ids=["syntax", "empty", "list", "bytes", "depth", "size"],
)
def test_file_that_is_no_schema_is_told_with_the_place(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)

    with pytest.raises(UsageError) as caught:
        given(schema=file)

    assert words in caught.value.message
    assert str(file) in caught.value.message


def test_missing_schema_and_wrong_parameters_are_told_together(program: Program) -> None:
    done = program.run("ask", "--demo", "--schema", "/no/where", "-p", "n=0", "hi")

    assert (done.returncode, done.stdout) == (2, "")
    assert "/no/where" in done.stderr
    assert "n cannot be 0" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--json-mode", "--schema", "x.json"),
        ("--json-mode", "-p", 'response_format={"type": "text"}'),
    ],
)
def test_two_formats_for_one_answer_are_wrong_usage(
    program: Program, arguments: tuple[str, ...]
) -> None:
    done = program.run("ask", "--demo", *arguments, "hi")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--json-mode" in done.stderr


def test_help_names_every_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["ask", "--help"])

    words = set(capsys.readouterr().out.replace(",", " ").split())
    assert {definition.name for definition in PARAMETERS} <= words
    assert {"--json-mode", "--schema"} <= words


def test_n_answers_are_all_in_the_json(program: Program) -> None:
    def second(**fields: Any) -> bytes:
        return event({"choices": [{"index": 1, "delta": {}, "finish_reason": None} | fields]})

    reply = events(
        event(delta("A")),
        second(delta={"content": "B"}),
        event(delta(finish="stop")),
        second(finish_reason="length"),
        event("[DONE]"),
    )
    with ThreadedServer([reply]) as server:
        got = run(program, server, "-p", "n=2", "hi")

    assert sent(server.requests[0]) == {"n": 2}
    assert (got["text"], got["status"]) == ("A", "complete")
    assert [(each["text"], each["status"]) for each in got["choices"]] == [
        ("A", "complete"),
        ("B", "length"),
    ]


@pytest.mark.parametrize(
    ("option", "error", "how"),
    [
        (
            "temperature=0.5",
            {"message": "Unsupported parameter", "param": "temperature"},
            "-p temperature= leaves it out",
        ),
        (
            'extra={"top_k": 40}',
            {"message": "Unknown field", "param": "top_k"},
            "Leave top_k out of -p extra",
        ),
    ],
)
def test_refused_parameter_is_named_with_the_way_to_leave_it_out(
    program: Program, option: str, error: dict[str, str], how: str
) -> None:
    with ThreadedServer([answer({"error": error}, 400)]) as server:
        got = run(program, server, "-p", option, "hi", code=1)
        said = program.run(
            "ask", "--base-url", server.base_url, "-m", "m", "-p", option, "hi"
        ).stderr

    assert (got["error"]["kind"], got["error"]["status"]) == ("bad_request", 400)
    assert how in got["error"]["hint"]
    assert how in said
    assert error["param"] in got["error"]["message"]


def test_waits_before_retries_are_told_on_stderr(program: Program) -> None:
    soon, later = (answer({"error": "busy"}, 503, retry_after_ms=wait) for wait in ("1", "80"))
    with ThreadedServer([soon, later, stream("at last")]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", "hi")

    assert (done.returncode, done.stdout) == (0, "at last\n")
    told = done.stderr.splitlines()
    assert [line.split(":")[0] for line in told] == [
        "Attempt 2 of 3 at once",
        "Attempt 3 of 3 in 0.1 s",
    ]
    assert all("busy" in line for line in told)


def spelt(request: Request) -> Reply:
    """A server that knows `max_completion_tokens` only."""
    if "max_tokens" in request.json:
        words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return answer({"error": {"message": words, "param": "max_tokens"}}, 400)
    return stream("hi")


@pytest.mark.parametrize(("save", "requests"), [((), 3), (("--no-save",), 4)])
def test_what_a_model_wants_is_remembered_unless_nothing_is_saved(
    program: Program, save: tuple[str, ...], requests: int
) -> None:
    with ThreadedServer(spelt) as server:
        for _ in range(2):
            got = run(program, server, *save, "-p", "max_tokens=9", "hi")
            assert got["text"] == "hi"

    assert len(server.requests) == requests
    assert (program.home / "state" / "learnt.json").exists() is not bool(save)


@pytest.mark.parametrize("save", [(), ("--no-save",)])
def test_json_holds_pictures_as_they_came_though_they_are_stored_apart(
    program: Program, save: tuple[str, ...]
) -> None:
    urls = [f"data:image/png;base64,{b64encode(draw(word)).decode()}" for word in ("a", "b")]
    pictures = [{"type": "image_url", "index": 7, "image_url": {"url": url}} for url in urls]
    choices = [
        {"index": at, "finish_reason": "stop", "message": {"content": "See:", "images": [picture]}}
        for at, picture in enumerate(pictures)
    ]
    with ThreadedServer([answer({"model": "m-1", "choices": choices})]) as server:
        got = run(program, server, "--no-stream", *save, "-p", "n=2", "draw")

    assert got["images"] == [pictures[0]]
    assert [each["images"] for each in got["choices"]] == [[pictures[0]], [pictures[1]]]
    assert got["text"] == "See:"


def test_json_holds_all_that_the_server_said(program: Program) -> None:
    logprobs = {"content": [{"token": "A", "logprob": -0.1, "bytes": [65], "top_logprobs": []}]}
    cited = {"type": "url_citation", "url_citation": {"url": "https://e.org", "title": "E"}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.25}
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "logprobs": logprobs,
        "message": {
            "role": "assistant",
            "content": "A",
            "refusal": "not that",
            "annotations": [cited],
            "images": [picture],
        },
    }
    with ThreadedServer([answer({"model": "m-1", "choices": [choice], "usage": usage})]) as server:
        got = run(program, server, "--no-stream", "-p", "logprobs=true", "hi")

    assert (got["text"], got["model"], got["refusal"]) == ("A", "m-1", "not that")
    assert got["annotations"] == [cited]
    assert got["images"] == [picture]
    assert got["logprobs"] == logprobs
    assert got["usage"]["total_tokens"] == 5
    assert got["cost"] == {"amount": 0.25, "currency": "USD"}


JSON_MODE = ("--json-mode",)


@pytest.mark.parametrize(
    ("arguments", "text", "finish", "told"),
    [
        (JSON_MODE, '{"rivers": []}', "stop", []),
        (JSON_MODE, '```json\n{"rivers": []}\n```', "stop", ["The answer is not valid JSON."]),
        (
            JSON_MODE,
            '{"rivers": ["Rhi',
            "length",
            [
                "Cut off: the reply reached its token limit.",
                "The answer is not valid JSON.",
            ],
        ),
        (JSON_MODE, '{"rivers": NaN}', "stop", ["The answer is not valid JSON."]),
        (JSON_MODE, "[" * 9_999, "stop", ["The answer is not valid JSON."]),
        (("-p", 'response_format={"type": "text"}'), "words", "stop", []),
        ((), "words", "stop", []),
    ],
    ids=["json", "fenced", "cut", "no constant of JSON", "too deep", "text asked for", "no format"],
)
def test_answer_that_is_not_the_json_asked_for_is_told(
    program: Program, arguments: tuple[str, ...], text: str, finish: str, told: list[str]
) -> None:
    with ThreadedServer([stream(text, finish=finish)]) as server:
        done = program.run("ask", "--base-url", server.base_url, "-m", "m", *arguments, "hi")

    assert (done.returncode, done.stdout) == (0, f"{text}\n")
    assert done.stderr.splitlines() == told
