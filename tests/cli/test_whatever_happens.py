"""`ask --json` prints one object, or an entry for every model, whatever happens."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import Program, ended, held, journalled, wait_until
from tests.cli.test_ask import KEYS
from tests.servers import ThreadedServer, whole

_FAILING = """
import asyncio
import sys
import chat_tui.cli.ask as ask
import chat_tui.cli.ask_backend as backend
from chat_tui.__main__ import main
from chat_tui.core.errors import TlsError
from chat_tui.core.events import TextDelta
from chat_tui.storage import Store

SECRET = "sk-canary-12345678"

class FailingClient:
    async def stream(self, request):
        yield TextDelta("the beginning")
        raise ValueError(SECRET)

def fail(*args, **more):
    raise ValueError(SECRET)

async def afail(*args, **more):
    fail()

async def hang(*args):
    await asyncio.Event().wait()

given_client = backend.ListedModels.client_for

def refuse_b(self, target):
    if target.model == "b":
        raise TlsError("No certificates.")
    return given_client(self, target)

{how}
sys.exit(main())
"""
_PLACES = {
    "settings": "ask.load_setup = fail",
    "wiring": "backend.Clients = fail",
    "recipients": "ask.recipients = fail",
    "opening": "backend.ConversationManager.start = fail",
    "storing": "Store.add_messages = afail",
    "closing": "backend.Clients.aclose = afail",
    "telling": "ask.explain = fail",
}
_NO_END = "backend.Clients.aclose = hang"
_STREAM = "backend.ListedModels.client_for = lambda self, target: FailingClient()"
_ONE_OF_THREE = "backend.ListedModels.client_for = refuse_b"


def command(folder: Path, how: str, *arguments: str) -> list[str]:
    """`ask` in a program that fails on purpose."""
    script = folder / "failing.py"
    script.write_text(_FAILING.replace("{how}", how))
    return [sys.executable, str(script), "ask", *arguments]


def run(
    program: Program, folder: Path, how: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run it to the end."""
    return subprocess.run(
        command(folder, how, *arguments),
        env=program.environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )


def check_report(program: Program, done: subprocess.CompletedProcess[str]) -> None:
    (report,) = (program.home / "state").glob("crash-*.txt")
    assert str(report) in done.stderr
    assert "ValueError" in report.read_text()
    assert "canary" not in report.read_text() + done.stdout + done.stderr


@pytest.mark.parametrize("place", _PLACES)
def test_unforeseen_failure_is_one_object_and_a_report(
    program: Program, tmp_path: Path, place: str
) -> None:
    done = run(program, tmp_path, _PLACES[place], "--demo", "--json", "/echo hi")

    assert done.returncode == 1
    got = json.loads(done.stdout)
    assert set(got) == KEYS
    if place in ("closing", "telling"):  # the answer was whole by then
        assert (got["text"], got["status"], got["error"]) == ("hi", "complete", None)
    else:
        assert (got["text"], got["status"]) == ("", "error")
        assert (got["error"]["kind"], got["error"]["status"]) == ("protocol", None)
        assert "ValueError" in got["error"]["message"]
    check_report(program, done)


def test_unforeseen_failure_in_an_answer_keeps_what_came(program: Program, tmp_path: Path) -> None:
    done = run(program, tmp_path, _STREAM, "--demo", "--json", "hi")

    assert done.returncode == 1
    got = json.loads(done.stdout)
    assert (got["text"], got["status"]) == ("the beginning", "interrupted")
    assert got["error"]["kind"] == "protocol"
    stored = program.json("export", got["conversation"])["conversations"][0]["messages"]
    assert [each["id"] for each in stored][-1] == got["id"]
    check_report(program, done)


def test_unforeseen_failure_prints_what_came_as_text_too(program: Program, tmp_path: Path) -> None:
    done = run(program, tmp_path, _STREAM, "--demo", "hi")

    assert (done.returncode, done.stdout) == (1, "the beginning\n")
    check_report(program, done)


def test_unforeseen_failure_has_an_entry_for_every_model(program: Program, tmp_path: Path) -> None:
    models = ("-m", "a", "-m", "b", "-m", "c")
    done = run(program, tmp_path, _STREAM, "--demo", *models, "--json", "hi")

    got = json.loads(done.stdout)
    assert [(each["model"], each["slot"]) for each in got] == [("a", 0), ("b", 1), ("c", 2)]
    assert [each["text"] for each in got] == ["the beginning", "", ""]
    assert {each["error"]["kind"] for each in got} == {"protocol"}


def test_failure_beside_the_reply_belongs_to_its_model(program: Program, tmp_path: Path) -> None:
    with ThreadedServer([whole("one"), whole("three")]) as server:
        url = ("--base-url", server.base_url, "--no-stream", "--json")
        models = ("-m", "a", "-m", "b", "-m", "c")
        done = run(program, tmp_path, _ONE_OF_THREE, *url, *models, "hi")

    assert done.returncode == 7
    got = json.loads(done.stdout)
    assert [request.json["model"] for request in server.requests] == ["a", "c"]
    assert [each["slot"] for each in got] == [0, 1, 2]
    assert [each["text"] for each in got] == ["one", "", "three"]
    assert [each["error"] and each["error"]["kind"] for each in got] == [None, "tls", None]
    assert "No certificates." in done.stderr


def test_failure_before_the_first_model_is_told_of_each(program: Program, tmp_path: Path) -> None:
    program.home.mkdir()
    (program.home / "data").write_text("in the way")
    models = ("-m", "a", "-m", "b")
    got: list[dict[str, Any]] = program.json("ask", "--demo", "-c", *models, "--json", "hi", code=1)

    assert [(each["model"], each["slot"], each["status"]) for each in got] == [
        ("a", 0, "error"),
        ("b", 1, "error"),
    ]
    assert {each["error"]["kind"] for each in got} == {"storage"}


def test_stopped_array_has_an_entry_for_every_model(program: Program) -> None:
    with held() as server:
        url = ("--base-url", server.base_url, "-m", "a", "-m", "b", "--json")
        process = program.start("ask", *url, "hi")
        wait_until(lambda: journalled(program.home))
        code, output, _ = ended(process, signal.SIGTERM)

    assert code == 143
    got = json.loads(output)
    assert [each["model"] for each in got][1] == "b"
    assert [(each["slot"], each["status"]) for each in got] == [(0, "stopped"), (1, "stopped")]
    assert [each["text"] for each in got] == ["the beginning", ""]
    assert len(server.requests) == 1


def test_second_signal_ends_it_with_the_object_all_the_same(
    program: Program, tmp_path: Path
) -> None:
    with held() as server:
        url = ("--base-url", server.base_url, "-m", "m", "--json")
        process = subprocess.Popen(
            command(tmp_path, _NO_END, *url, "hi"),
            env=program.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        program.started.append(process)
        wait_until(lambda: journalled(program.home))
        process.send_signal(signal.SIGINT)
        # The store is closed, and what comes after it hangs.
        wait_until(lambda: not list((program.home / "state" / "instances").glob("*.lock")))
        code, output, _ = ended(process, signal.SIGTERM)

    assert code == 130
    got = json.loads(output)
    assert (got["status"], got["text"]) == ("stopped", "the beginning")
