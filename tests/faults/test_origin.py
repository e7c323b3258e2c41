"""Nothing but the configured origin is ever contacted, but for the discovery on this machine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Reply, Request, ThreadedServer, answer, stream
from tests.terminal.conftest import ENTER, ESCAPE, LEADER, AppProgram, at, leave

AUDIT = Path(__file__).parent / "audit"
SIZE = (120, 40)
QUIET = 0.1
"""Seconds without anything drawn, after which a screen is taken to be whole."""
DISCOVERED = {11434, 1234, 8080, 8000}
"""Ports: Ollama, LM Studio, llama.cpp, vLLM."""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[AppProgram]:
    program = AppProgram(tmp_path / "home")
    yield program
    program.close()


def watched(folder: Path) -> dict[str, str]:
    """What makes a process write down whom it contacts."""
    return {"PYTHONPATH": str(AUDIT), "AUDIT_FILE": str(folder / "contacts.jsonl")}


def contacted(folder: Path) -> set[tuple[str, int]]:
    """Host and port of all that was looked up or connected to."""
    file = folder / "contacts.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    found = set()
    for line in lines:
        _, where = json.loads(line)
        host, port = where[:2]
        # Resolvers are asked for names with port 0 or None.
        found.add((str(host), int(port or 0)))
    return found


def service(request: Request) -> Reply:
    """A server with models, whose answers lead elsewhere."""
    if request.path.endswith("/models"):
        links = {"next": "http://192.0.2.1/v1/models?page=2"}
        return answer({"data": [{"id": "m"}, {"id": "n"}], "has_more": True, "links": links})
    if not request.body:
        return Reply(status=404)  # what a server of one's own might tell of its models
    if "redirect" in request.json["messages"][-1]["content"]:
        return Reply(status=307, headers={"Location": "http://192.0.2.1/v1/chat/completions"})
    picture = "![p](http://192.0.2.2/p.png) <http://192.0.2.3/> http://192.0.2.4/x"
    return stream("Here: ", picture)


def test_every_contact_is_seen(tmp_path: Path) -> None:
    """The check itself: a program that contacts two places."""
    script = (
        "import socket\n"
        "with socket.socket() as s: s.connect_ex(('127.0.0.1', 9))\n"
        "socket.getaddrinfo('localhost', 80)\n"
    )
    subprocess.run([sys.executable, "-c", script], env=watched(tmp_path), check=True, timeout=20)

    assert contacted(tmp_path) == {("127.0.0.1", 9), ("localhost", 80)}


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "m", "hi"),
        ("hi",),
        ("-m", "m", "redirect"),
        ("-m", "m", "--no-stream", "--no-save", "hi"),
    ],
    ids=["model", "first model", "redirect", "not saved"],
)
def test_ask_contacts_its_server_alone(
    program: AppProgram, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with ThreadedServer(service) as server:
        # Discovery is on, keys of others are there, and so are addresses in the reply.
        program.run(
            *("ask", "--base-url", server.base_url, "--api-key-env", "MY_KEY", *arguments),
            MY_KEY="sk-canary-12345678",
            OPENAI_API_KEY="sk-other-12345678",
            CHAT_TUI_DISCOVERY="1",
            **watched(tmp_path),
        )
        port = server.server.port

    assert contacted(tmp_path) == {("127.0.0.1", port)}


@pytest.mark.parametrize("command", [("list",), ("doctor", "--json"), ("ask", "--demo", "hi")])
def test_other_commands_contact_nobody(
    program: AppProgram, tmp_path: Path, command: tuple[str, ...]
) -> None:
    keys = {"OPENAI_API_KEY": "sk-other-12345678", "CHAT_TUI_DISCOVERY": "1"}
    program.run(*command, **keys, **watched(tmp_path))

    assert contacted(tmp_path) == set()


def test_app_contacts_its_server_alone(program: AppProgram, tmp_path: Path) -> None:
    keys = {"OPENAI_API_KEY": "sk-other-12345678", "CHAT_TUI_DISCOVERY": "1"}
    with ThreadedServer(service) as server:
        terminal = program.chat(*at(server), size=SIZE, **keys, **watched(tmp_path))
        for prompt, told in (("hello", "192.0.2.4"), ("redirect", "sends requests on")):
            terminal.send(prompt + ENTER)
            terminal.see(told)
            terminal.settle(QUIET)
        # The list of models, the providers, what went over the wire.
        for key, told in (("s", "Type some letters"), ("k", "Base URL"), ("v", "Timings")):
            terminal.send(LEADER + key)
            terminal.see(told)
            terminal.settle(QUIET)
            terminal.send(ESCAPE)
            terminal.until(lambda screen, told=told: told not in screen.text)  # type: ignore[misc]  # its type is not inferred
        assert leave(terminal) == 0
        port = server.server.port
        asked = [request.path for request in server.requests]

    assert asked.count("/v1/chat/completions") == 2
    assert "/v1/models" in asked
    assert contacted(tmp_path) == {("127.0.0.1", port)}


def test_discovery_asks_four_ports_of_this_machine(program: AppProgram, tmp_path: Path) -> None:
    terminal = program.app(size=SIZE, CHAT_TUI_DISCOVERY="1", **watched(tmp_path))
    terminal.until(lambda _: {port for _, port in contacted(tmp_path)} >= DISCOVERED)
    terminal.settle(QUIET)
    leave(terminal)

    hosts = {host for host, _ in contacted(tmp_path)}
    assert {port for _, port in contacted(tmp_path)} == DISCOVERED
    assert hosts <= {"127.0.0.1", "localhost", "::1"}


def test_discovery_that_is_off_asks_nobody(program: AppProgram, tmp_path: Path) -> None:
    terminal = program.app(size=SIZE, **watched(tmp_path))
    terminal.see("Enter Send")
    terminal.settle(QUIET)
    leave(terminal)

    assert contacted(tmp_path) == set()
