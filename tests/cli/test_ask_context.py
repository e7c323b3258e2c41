"""`ask` sends what fits, tells what it does not send, and learns from what servers report."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chat_tui.core.targets import Target
from tests.cli.contextual_server import CONVERSATION, SYSTEM, CountingServer, history, keep, said
from tests.cli.helpers import Program, ended, wait_until
from tests.servers import Stall, ThreadedServer, answer, delta, event, events, whole

LONG = 205_000
"""Tokens: more than 50 windows of 4,096."""

SMALL = "[providers.mine.windows]\nm = 4096\n"

SITE = """
import os, sys

def watch(event, arguments):
    where = {{"socket.connect": 1, "socket.getaddrinfo": 0}}.get(event)
    if where is None or str(arguments[0]) in ("localhost", "127.0.0.1"):
        return
    if where and arguments[where][0] == "127.0.0.1":
        return
    log("reached", arguments[where])
    raise OSError("the network is blocked")

def log(*words):
    file = os.open({file!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, (" ".join(map(str, words)) + "\\n").encode())
    os.close(file)

sys.addaudithook(watch)
log("started", os.getpid(), *sys.orig_argv)
"""
"""Blocks all but loopback in a Python and the helper that it starts, and writes both down."""


@pytest.fixture(scope="module")
def long_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a conversation of 50 windows; to be copied."""
    home = tmp_path_factory.mktemp("long") / "home"
    keep(home, *history(LONG, Target("mine", "m")))
    return home


@pytest.fixture
def long_program(program: Program, long_home: Path) -> Program:
    """The program, where that conversation is the newest."""
    shutil.copytree(long_home, program.home)
    return program


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """An environment without a network, and what was started and reached there."""
    site, log = tmp_path / "site", tmp_path / "log"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE.format(file=str(log)))
    cache = tmp_path / "vocabularies"
    cache.mkdir()
    yield {"PYTHONPATH": str(site), "TIKTOKEN_CACHE_DIR": str(cache)}, log
    assert list(cache.iterdir()) == []


def configure(program: Program, server: ThreadedServer, *, more: str = "") -> None:
    """Have `mine` be the provider, and m its model."""
    folder = program.home / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(
        f'provider = "mine"\nmodel = "m"\n[providers.mine]\nbase_url = "{server.base_url}"\n{more}'
    )


def off_by(got: dict[str, Any]) -> float:
    """How far what was expected is off, as a share of what was reported."""
    reported = got["usage"]["prompt_tokens"]
    return float(abs(got["context"]["expected"] - reported) / reported)


def calibration(program: Program) -> Any:
    """What is kept of how the model counts."""
    known = json.loads((program.home / "state" / "learnt.json").read_text())
    return [each["calibration"] for each in known["models"] if each["model"] == "m"]


def stored(program: Program) -> dict[str, Any]:
    """The newest conversation as it is stored."""
    (row, *_) = program.json("list", "--json")
    conversation: dict[str, Any] = program.json("export", row["id"])["conversations"][0]
    return conversation


# Learning


@pytest.mark.parametrize("more", ["", SMALL], ids=["unknown window", "known window"])
def test_another_tokenizer_is_learnt_within_three_turns_of_a_process_each(
    program: Program, more: str
) -> None:
    server = CountingServer(factor=1.3, words=200)
    with server.running() as running:
        configure(program, running, more=more)
        told = [
            program.json("ask", *(("-c",) if turn else ("-s", SYSTEM)), "--json", said(200, turn))
            for turn in range(5)
        ]

    assert [each["status"] for each in told] == ["complete"] * 5
    assert off_by(told[0]) > 0.15
    assert [round(off_by(each), 3) for each in told[3:] if off_by(each) > 0.03] == []
    assert 1.2 < calibration(program)[0]["ratio"] < 1.4
    assert server.faults == []


def test_a_server_that_cuts_the_prompt_is_told_of_and_not_learnt_from(
    long_program: Program,
) -> None:
    server = CountingServer(reads=16_387)
    with server.running() as running:
        configure(long_program, running)
        for turn in range(2):
            long_program.json("ask", "--json", said(300, turn))
        before = calibration(long_program)
        done = long_program.run("ask", "--conversation", CONVERSATION, "--json", said(50, 3))

    got = json.loads(done.stdout)
    assert got["usage"]["prompt_tokens"] == 16_387
    (notice,) = got["notices"]
    assert notice["kind"] == "cut"
    assert f"sent ≈{got['context']['expected']:,} tokens, the server read 16,387" in done.stderr
    assert got["context"]["cut"]
    assert got["context"]["expected"] > 160_000
    assert before[0]["samples"] == 2
    assert calibration(long_program) == before


# Going on for ever


@pytest.mark.parametrize(("source", "policy"), [("error", "trim"), ("server", "compact")])
def test_a_conversation_of_50_windows_goes_on(
    long_program: Program, source: str, policy: str
) -> None:
    go_on(long_program, source, policy, turns=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "policy"), [("error", "trim"), ("settings", "compact"), ("server", "trim")]
)
def test_a_conversation_of_50_windows_goes_on_for_100_turns(
    long_program: Program, source: str, policy: str
) -> None:
    go_on(long_program, source, policy, turns=100)


def go_on(program: Program, source: str, policy: str, *, turns: int) -> None:
    """Go on with a long conversation, a process each turn; `source` knows the window."""
    server = CountingServer(window=4096, says=source == "server")
    words = [said(20 + 7 * (turn % 11), 70_000 + turn) for turn in range(turns)]
    with server.running() as running:
        configure(program, running, more=SMALL if source == "settings" else "")
        for turn, prompt in enumerate(words):
            choice = ("--context-policy", policy) if not turn else ()
            got = program.json("ask", "-c", *choice, "--json", prompt)
            assert got["status"] == "complete", got
            context = got["context"]
            assert (context["policy"], context["window"]) == (policy, 4096)
            assert context["window_source"] == source
            assert context["tokens"] <= context["budget"]
            assert context["left_out"]["messages"] > 0
            if policy == "compact":
                assert context["summary"] is None or context["summary"]["status"] == "complete"

    # By the server's own count nothing was too large, once it had told what is.
    assert len(server.refused) == (source == "error")
    assert server.faults == []
    assert len(server.bodies) == turns
    assert [body["messages"][0]["content"] for body in server.bodies] == [SYSTEM] * turns
    assert [body["messages"][-1]["content"] for body in server.bodies] == words
    assert (server.summaries > 0) is (policy == "compact")


# What is told


def test_what_is_not_sent_is_told_with_its_reason(long_program: Program) -> None:
    server = CountingServer(window=4096)
    with server.running() as running:
        configure(long_program, running, more=SMALL)
        done = long_program.run("ask", "-c", "And now?")
        few = long_program.run("ask", "-c", "--max-history", "4", "--window", "100k", "And now?")
        kept = long_program.run("ask", "-c", "--json", "And now?")
        warned = long_program.run("ask", "-c", "--context-policy", "warn", "--max-history=0", "Ha")

    assert done.stdout == f"{said(60, 1)}\n"
    assert "messages, ≈20" in done.stderr
    assert "tokens (the window has 4,096 tokens, set by you)." in done.stderr
    assert "(at most 4 messages are sent)." in few.stderr
    assert len(server.bodies[1]["messages"]) == 4
    # The number of messages stays with the conversation, the window does not.
    assert json.loads(kept.stdout)["context"]["window"] == 4096
    assert json.loads(kept.stdout)["context"]["sent"] == 4
    assert "This may be too much: " in warned.stderr
    assert warned.returncode == 5
    assert stored(long_program)["policy"] == "overflow=warn"


def test_a_summary_is_told_apart_from_the_answer(long_program: Program) -> None:
    prices = "prices = { m = { input = 100, output = 1000 } }\n"
    with CountingServer(window=4096).running() as running:
        configure(long_program, running, more=prices + SMALL)
        done = long_program.run("ask", "-c", "--context-policy", "compact", "And now?")
        got = long_program.json("ask", "-c", "--json", "And then?")
        messages = stored(long_program)["messages"]

    assert done.stdout == f"{said(60, 1)}\n"
    assert "Summing up the oldest turns …" in done.stderr
    assert "The oldest turns are summed up from now on, for $0." in done.stderr
    assert got["text"] == said(60, 2)
    summary = got["context"]["summary"]
    assert (summary["status"], summary["error"]) == ("complete", None)
    assert summary["id"] == messages[-1]["id"] != got["id"]
    for told in (got, summary):
        usage = told["usage"]
        cost = (100 * usage["prompt_tokens"] + 1000 * usage["completion_tokens"]) / 1_000_000
        assert told["cost"] == {"amount": pytest.approx(cost), "currency": "USD"}
    assert summary["usage"] != got["usage"]


def test_a_summary_that_fails_does_no_harm_to_the_answer(long_program: Program) -> None:
    failing = CountingServer(window=4096)

    def script(request: Any) -> Any:
        reply = failing.answer(request)
        return answer({"error": {"message": "no summaries"}}, 403) if failing.summaries else reply

    with ThreadedServer(script) as running:
        configure(long_program, running, more=SMALL)
        done = long_program.run("ask", "-c", "--context-policy", "compact", "--json", "And now?")

    got = json.loads(done.stdout)
    assert (done.returncode, got["status"], got["error"]) == (0, "complete", None)
    assert got["context"]["summary"]["error"]["kind"] == "forbidden"
    assert "The oldest turns could not be summed up: " in done.stderr
    assert "no summaries" in done.stderr


# What does not fit


def test_what_must_be_sent_and_does_not_fit_is_refused_with_numbers(program: Program) -> None:
    server = CountingServer()
    with server.running() as running:
        configure(program, running, more=SMALL)
        refused = program.run("ask", "--json", said(4000, 1))
        assert program.json("list", "--json") == []
        program.json("ask", "-s", SYSTEM, "--json", "hello")
        before = stored(program)
        other = ("-c", "-s", "Another one.", "--max-history", "9", "-p", "seed=7")
        again = program.run("ask", *other, "--json", said(4000, 2))

    for done in (refused, again):
        assert done.returncode == 5
        got = json.loads(done.stdout)
        context, error = got["context"], got["error"]
        assert (error["kind"], got["status"], got["id"]) == ("context", "error", None)
        assert context["refused"]
        assert (context["sent"], context["window"]) == (0, 4096)
        assert context["tokens"] > context["budget"]
        assert f"{context['tokens']:,} tokens" in error["message"]
        assert f"room for {context['budget']:,}" in error["message"]
        assert "larger window" in error["hint"]
        assert error["message"] in done.stderr
    assert len(server.bodies) == 1
    # Nothing at all came of it: neither the prompt, nor what was to be changed for it.
    assert stored(program) == before


def test_each_of_several_models_has_its_own_window(long_program: Program) -> None:
    server = CountingServer(words=5)
    windows = "[providers.mine.windows]\nsmall = 4096\nlarge = 32768\n"
    models = ("-m", "small", "-m", "large", "--json")
    with server.running() as running:
        configure(long_program, running, more=windows)
        got = long_program.json("ask", "-c", *models, "And now?")
        both = [len(body["messages"]) for body in server.bodies]
        apart = long_program.run("ask", *models, said(4000, 1))

    assert [each["context"]["window"] for each in got] == [4096, 32768]
    assert [each["context"]["sent"] for each in got] == both
    assert 5 * both[0] < both[1]
    assert len({each["conversation"] for each in got}) == 1
    # One to whom it is too large does not keep the others from answering.
    small, large = json.loads(apart.stdout)
    assert (small["error"]["kind"], small["context"]["refused"]) == ("context", True)
    assert (large["status"], large["context"]["refused"]) == ("complete", False)
    assert apart.returncode == 5
    assert [body["model"] for body in server.bodies] == ["small", "large", "large"]
    assert [target["model"] for target in stored(long_program)["targets"]] == ["small", "large"]


@pytest.mark.parametrize(
    "option",
    [
        ("--window", "0.1k"),
        ("--window", "many"),
        ("--max-history", "-1"),
        ("--context-policy", "x"),
    ],
)
def test_wrong_options_are_refused(program: Program, option: tuple[str, str]) -> None:
    done = program.run("ask", "--demo", *option, "hi")

    assert (done.returncode, done.stdout) == (2, "")
    assert option[0] in done.stderr


# Counting


def test_counts_are_exact_without_a_network(
    program: Program, watched: tuple[dict[str, str], Path]
) -> None:
    environ, log = watched
    start = partial(program.start, "ask", **environ)  # type: ignore[arg-type]  # all are words
    keep(program.home, *history(2500, Target("mine", "gpt-4o"), calls=False))
    with CountingServer().running() as running:
        configure(program, running, more="[providers.mine.windows]\n'gpt-4o' = 4096\n")
        code, output, errors = ended(start("-c", "--json", "Wie steht es um 潮汐 heute?"))
        hello = ended(start("--json", "hello"))

    assert (code, errors, hello[0]) == (0, b"", 0)
    got = json.loads(output)
    assert got["context"]["left_out"]["messages"] == 0
    assert got["context"]["expected"] == got["usage"]["prompt_tokens"] > 2500
    lines = log.read_text().splitlines()
    assert [line for line in lines if not line.startswith("started")] == []
    # What fits by far is not counted: no helper for the second one.
    assert [" ".join(line.split()[3:]) for line in lines if "worker" in line] == [
        "-P -m chat_tui.tokens.worker"
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_helper_is_left_behind(
    program: Program, watched: tuple[dict[str, str], Path], number: signal.Signals
) -> None:
    environ, log = watched
    keep(program.home, *history(2500, Target("mine", "m"), calls=False))
    beginning = events(event(delta("the beginning")), Stall())
    with ThreadedServer([beginning]) as server:
        configure(program, server, more=SMALL)
        process = program.start("ask", "-c", "hi", **environ)  # type: ignore[arg-type]
        wait_until(lambda: bool(server.requests))
        code, _, errors = ended(process, number)

    assert code == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert errors in (b"", b"Stopped here.\n")
    (helper,) = [int(line.split()[1]) for line in log.read_text().splitlines() if "worker" in line]
    wait_until(lambda: not is_running(helper))


def test_signal_while_the_window_is_looked_up_ends_it_and_stores_nothing(
    program: Program,
) -> None:
    with ThreadedServer([events(Stall())]) as server:
        configure(program, server)
        process = program.start("ask", "--json", said(1_500, 1))
        wait_until(lambda: bool(server.requests))
        code, output, errors = ended(process, signal.SIGINT)

    assert (code, errors) == (130, b"")
    got = json.loads(output)
    assert (got["status"], got["id"], got["conversation"]) == ("stopped", None, None)
    assert not [request for request in server.requests if "completions" in request.path]
    assert program.json("list", "--json") == []


def is_running(process: int) -> bool:
    """Whether there is a process, other than one that nobody has asked about after its end."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1] not in ("", "Z")


def test_nothing_is_asked_before_a_short_prompt(program: Program) -> None:
    with ThreadedServer([whole("hi")]) as server:
        configure(program, server)
        program.json("ask", "--no-stream", "--json", "hello")

    assert [request.path for request in server.requests] == ["/v1/chat/completions"]
    assert not list(program.home.rglob("models/*"))
