"""A key is nowhere but in the one header that it is for.

A marked key goes into the environment, a file, and the output of a program; servers send it back
in every way they have; then all that the program leaves is searched for it.
"""

import base64
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from chat_tui.core.texts import text
from tests.cli.forking import Forker
from tests.cli.helpers import Program
from tests.servers import Raw, Reply, Request, ThreadedServer, answer, delta, event, events
from tests.terminal.conftest import ENTER, ESCAPE, LEADER, AppProgram, at, leave
from tests.terminal.crashing import CRASH_KEY
from tests.terminal.program import TerminalProgram

SECRET = "canary-7f3e9b21c4d85a60"
KEY = f"sk-{SECRET}/+tail"

BEARER = f"Bearer {KEY}"
HTML = f"<html><head><title>Denied: {KEY}</title></head><body>{BEARER}</body></html>".encode()
QUIET = 0.1
"""Seconds without anything drawn, after which a screen is taken to be whole."""

AWAY = f"http://192.0.2.1/v1?key={KEY}"
TORN = event(delta("Hello")) + f'data: {{"error": "bad key {KEY}"}}\n\n'.encode()

ECHOES: dict[str, Reply] = {
    "401": answer({"error": {"message": f"Incorrect key {KEY}", "code": KEY, "param": KEY}}, 401),
    "400": answer(
        {"error": {"message": f"Bad header {BEARER}", "type": BEARER, "param": KEY}}, 400
    ),
    "403 page": Reply([HTML], 403),
    "200 page": Reply([HTML]),
    "413 with the key as its reason": Reply([KEY.encode()], 413, {"X-Key": KEY}),
    "429": answer({"detail": [{"msg": KEY, "loc": [KEY]}]}, 429, retry_after_ms="1"),
    "502": Reply([f"upstream said {KEY}".encode()], 502, {"Retry-After": "0"}),
    "redirect": Reply(status=307, headers={"Location": AWAY, "Set-Cookie": f"k={KEY}"}),
    "error in the stream": events(TORN),
    "error event": events(f"event: error\ndata: {KEY}\n\n".encode()),
    "other JSON": answer({"you_sent": BEARER}),
    "other protocol": Reply([Raw(f"SSH-2.0-{KEY}\r\n\r\n".encode())], bare=True),
    "fields beside the text": events(
        event(
            delta("Bonjour") | {"model": KEY, "system_fingerprint": KEY, "sent": {KEY: [BEARER]}}
        ),
        event(delta(finish="stop")),
        event("[DONE]"),
    ),
    "encoding": Reply([b"x"], headers={"Content-Encoding": KEY}),
    "finish": events(event(delta("Bonjour", finish="stop")), event("[DONE]")),
}


FINE = ("finish", "fields beside the text")
"""Those of them that are whole replies."""


def forms(secret: str) -> list[bytes]:
    """What a text may look like where it is written down."""
    raw = secret.encode()
    aligned = (base64.b64encode(b"." * shift + raw)[4:-4] for shift in range(3))
    return [*{raw, quote(secret).encode(), raw.hex().encode(), *aligned}]


def leaks(places: Iterable[bytes]) -> list[bytes]:
    """Where the key stands, with some of what is around it."""
    found = []
    for place in places:
        for form in forms(SECRET):
            at = place.find(form)
            if at >= 0:
                found.append(place[max(at - 80, 0) : at + 80])
    return found


def files(home: Path) -> Iterator[bytes]:
    """The contents and names of all files, but for the one that is to hold the key."""
    for path in home.rglob("*"):
        yield str(path).encode()
        if path.is_file() and path.name != "the-key":
            yield path.read_bytes()


def command_lines() -> Iterator[bytes]:
    """Of all processes of this machine, but for this one."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes()
        except OSError:
            continue


@dataclass
class Witness:
    """Answers, and looks at the command lines of all processes while somebody waits for it."""

    reply: Reply
    keys: list[str] = field(default_factory=list)
    """The `Authorization` headers that came with what needs the key: prompts and lists."""
    seen: list[bytes] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if request.path in ("/v1/chat/completions", "/v1/models"):
            # A look at what a server of one's own has loaded comes without the key at first.
            self.keys.append(request.headers.get("authorization", ""))
        self.seen += leaks(command_lines())
        beside = {**request.headers, "authorization": ""}
        self.seen += leaks([request.path.encode(), json.dumps(beside).encode(), request.body])
        return self.reply


def test_search_finds_a_key_in_every_form(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(f"[{KEY}]")
    (tmp_path / "the-key").write_text(KEY)

    assert len(leaks(files(tmp_path))) == 1
    for shift in ("", "x", "xy"):
        assert leaks([base64.b64encode(f"{shift}{KEY}".encode())])
    assert leaks([quote(KEY).encode()])
    assert not leaks([b"sk-canary", BEARER[:14].encode()])


def from_environment(home: Path) -> dict[str, str]:
    """The variable that is named is the place."""
    return {"MY_KEY": KEY}


def from_file(home: Path) -> dict[str, str]:
    """A file of mode 0600."""
    return _configured(home, f'key_file = "{home / "the-key"}"')


def from_command(home: Path) -> dict[str, str]:
    """A program that prints it."""
    return _configured(home, f'key_command = ["cat", "{home / "the-key"}"]')


def _configured(home: Path, line: str) -> dict[str, str]:
    (home / "the-key").write_text(KEY + "\n")
    (home / "the-key").chmod(0o600)
    (home / "source").write_text(line)
    return {}


SOURCES = (from_environment, from_file, from_command)


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    with Forker() as forker:
        yield forker


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_no_run_of_ask_leaves_the_key_anywhere(
    tmp_path: Path, forker: Forker, source: Callable[[Path], dict[str, str]]
) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    environ = Program(home).environ(**source(home))
    line = (home / "source").read_text() if (home / "source").exists() else 'key_env = "MY_KEY"'
    for name, reply in ECHOES.items():
        witness = Witness(reply)
        with ThreadedServer(witness) as server:
            table = f'[providers.mine]\nbase_url = "{server.base_url}"\nmodel = "m"\n{line}\n'
            (home / "config" / "config.toml").write_text('provider = "mine"\n' + table)
            done = forker.run("ask", "--json", "hi", environ=environ)

        assert set(witness.keys) == {BEARER}, name
        assert witness.seen == [], name
        assert bool(done.returncode) is (name not in FINE), name
        assert not leaks([done.stdout.encode(), done.stderr.encode()]), name
        assert "Traceback" not in done.stderr
    for command in (("list", "--json"), ("doctor", "--json"), ("doctor",)):
        done = forker.run(*command, environ=environ)
        assert not leaks([done.stdout.encode(), done.stderr.encode()]), command
    (row, *_) = json.loads(forker.run("list", "--json", environ=environ).stdout)
    exported = forker.run("export", row["id"], environ=environ)
    assert "messages" in exported.stdout
    assert not leaks([exported.stdout.encode(), *files(home)])


@pytest.mark.parametrize(
    "reply", [answer({"error": f"bad key {KEY}"}, 401), Reply([HTML])], ids=["401", "page"]
)
def test_list_of_models_leaves_no_key(tmp_path: Path, forker: Forker, reply: Reply) -> None:
    home = tmp_path / "home"
    with ThreadedServer([reply]) as server:
        url = ("--base-url", server.base_url, "--api-key-env", "MY_KEY")
        environ = Program(home).environ(MY_KEY=KEY)
        asked = forker.run("ask", *url, "--json", "hi", environ=environ)
        tested = forker.run("doctor", *url, "--json", environ=environ)

    assert server.requests[0].headers["authorization"] == BEARER
    texts = (asked.stdout, asked.stderr, tested.stdout, tested.stderr)
    assert asked.returncode
    assert not leaks([*(text.encode() for text in texts), *files(home)])


def test_secure_connection_that_fails_leaves_no_key(tmp_path: Path, forker: Forker) -> None:
    home = tmp_path / "home"
    with ThreadedServer([Reply()]) as server:
        url = server.base_url.replace("http:", "https:")
        done = forker.run(
            *("ask", "--base-url", url, "-m", "m", "--api-key-env", "MY_KEY", "hi"),
            environ=Program(home).environ(MY_KEY=KEY),
        )

    assert done.returncode == 7
    assert not leaks([done.stdout.encode(), done.stderr.encode(), *files(home)])


def test_key_that_cannot_be_one_is_not_shown(tmp_path: Path, forker: Forker) -> None:
    home = tmp_path / "home"
    for spoilt in (f"{KEY} {KEY}", f"{KEY}\x1b[0m", f"ключ{KEY}", KEY * 400):
        done = forker.run(
            *("ask", "--base-url", "http://127.0.0.1:1", "-m", "m", "--api-key-env", "MY_KEY", "x"),
            environ=Program(home).environ(MY_KEY=spoilt),
        )
        assert done.returncode in (2, 7)
        assert not leaks([done.stdout.encode(), done.stderr.encode(), *files(home)])


def test_key_in_place_of_its_variable_or_in_the_address_is_not_shown(
    tmp_path: Path, forker: Forker
) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    table = f'[providers.mine]\nbase_url = "https://u:{KEY}@example.org/v1"\nkey_env = "{KEY}"\n'
    (home / "config" / "config.toml").write_text(f'provider = "mine"\n{table}')
    environ = Program(home).environ()
    for command in (("ask", "hi"), ("doctor",), ("doctor", "--json")):
        done = forker.run(*command, environ=environ)
        assert done.stderr or done.stdout
        assert not leaks([done.stdout.encode(), done.stderr.encode()]), command


@pytest.fixture
def program(tmp_path: Path) -> Iterator[AppProgram]:
    program = AppProgram(tmp_path / "home")
    yield program
    program.close()


SHOWN = {
    "finish": "Bonjour",
    "200 page": "page titled",
    "redirect": "sends requests on",
    "401": "refused the key",
}
"""Replies, and what the app says of them."""
PAGES = {"2": "Incorrect", "3": "Answer began", "4": "State", "1": "authorization: Bearer [key]"}
"""Keys of the raw view, and what stands on its pages."""
SCREENS = {"k": "Base URL", "p": "Parameters ·", "s": "Type some letters"}
"""Letters after the leader, and what stands on the screens that they open."""


SAVE, TEST = "\x13", "\x14"
"""Keys of the form of a provider."""


def copied(terminal: TerminalProgram) -> list[bytes]:
    """What was put on the clipboard by OSC 52."""
    written = re.findall(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]*)", bytes(terminal.output))
    return [base64.b64decode(text) for text in written]


def test_app_shows_and_leaves_the_key_nowhere(program: AppProgram) -> None:
    """The answers, the cards of failures, the screens about requests, the clipboard, a crash."""
    witness = Witness(ECHOES["finish"])
    with ThreadedServer(witness) as server:
        terminal = program.on_screen(
            *(sys.executable, "-m", "tests.terminal.crashing", *at(server)),
            *("--api-key-env", "MY_KEY"),
            MY_KEY=KEY,
        )
        terminal.see("Enter Send")
        for name, told in SHOWN.items():
            witness.reply = ECHOES[name]
            terminal.send(f"hello{ENTER}")
            terminal.see(told)
            terminal.settle(QUIET)
        terminal.send(LEADER + "v")
        terminal.see("authorization: Bearer [key]")
        for page, told in PAGES.items():
            terminal.send(page)
            terminal.see(told)
        # As curl, the request, the answer.
        for count, key in enumerate("cra", 1):
            terminal.send(key)
            terminal.until(lambda _, count=count: len(copied(terminal)) == count)  # type: ignore[misc]  # its type is not inferred
        terminal.send(ESCAPE)
        terminal.until(lambda screen: PAGES["1"] not in screen.text)
        for way, told in SCREENS.items():
            terminal.send(LEADER + way)
            terminal.see(told)
            terminal.settle(QUIET)
            terminal.send(ESCAPE)
            terminal.until(lambda screen, told=told: told not in screen.text)  # type: ignore[misc]  # its type is not inferred
        terminal.send(CRASH_KEY)
        assert terminal.wait() == 1

    assert set(witness.keys) == {BEARER}
    assert witness.seen == []
    clipboard = copied(terminal)
    assert any(text.startswith(b"curl ") and b'"$MY_KEY"' in text for text in clipboard)
    assert list((program.home / "state").glob("crash-*.txt"))
    assert not leaks([bytes(terminal.output), terminal.screen.text.encode()])
    assert not leaks(clipboard)
    assert not leaks(files(program.home))


def test_key_that_is_pasted_is_in_its_file_alone_once_it_is_saved(program: AppProgram) -> None:
    """The form is left after a test, and then filled once more and saved."""
    witness = Witness(ECHOES["401"])
    with ThreadedServer(witness) as server:
        terminal = program.chat()
        terminal.send(LEADER + "k")
        terminal.see("Base URL")
        for last in ("test", "save"):
            assert not leaks(files(program.home))
            terminal.send("a")
            for field, value in (("base_url", server.base_url), ("name", "mine")):
                terminal.see(text(f"field-help.{field}")[:20])
                terminal.send(f"{value}{ENTER}")
            terminal.see(text("field-help.key")[:20])
            terminal.send(f"\x1b[200~{KEY}\x1b[201~")
            terminal.see("•")
            if last == "test":
                terminal.send(TEST)
                terminal.see("refused the pasted key")
                terminal.send(ESCAPE)
                terminal.until(lambda screen: "refused the pasted key" not in screen.text)
            terminal.send(ESCAPE if last == "test" else SAVE)
            terminal.until(lambda screen: text("field.headers") not in screen.text)
        terminal.send(ESCAPE)
        assert leave(terminal) == 0

    (kept,) = (program.home / "config" / "keys").iterdir()
    assert kept.read_text() == f"{KEY}\n"
    kept.unlink()
    assert set(witness.keys) == {BEARER}
    assert witness.seen == []
    assert not leaks([bytes(terminal.output), *files(program.home)])


def test_program_that_prints_a_key_gets_no_other(tmp_path: Path, forker: Forker) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    seen = tmp_path / "seen"
    command = f"env >> {seen}; echo sk-another-key"
    tables = (
        f'[providers.mine]\nkey_command = ["sh", "-c", "{command}"]\nmodel = "m"\n',
        '[providers.other]\nbase_url = "http://127.0.0.1:9"\nkey_env = "THEIRS"\n',
    )
    variables = ("THEIRS", "OPENAI_API_KEY", "HF_TOKEN", "SOME_API_KEY")
    environ = Program(home).environ(**dict.fromkeys(variables, KEY))

    def serve(request: Request) -> Reply:
        return ECHOES["finish"] if request.body else answer({"data": [{"id": "m"}]})

    with ThreadedServer(serve) as server:
        at_server = tables[0] + f'base_url = "{server.base_url}"\n'
        (home / "config" / "config.toml").write_text(f'provider = "mine"\n{at_server}{tables[1]}')
        for words in (("ask", "hi"), ("doctor", "--test")):
            done = forker.run(*words, environ=environ)
            assert done.returncode == 0, done.stderr
            assert b"PATH=" in seen.read_bytes()
            assert not leaks([seen.read_bytes()]), words
            seen.unlink()


def test_other_keys_of_the_environment_go_nowhere(program: AppProgram) -> None:
    witness = Witness(ECHOES["finish"])
    with ThreadedServer(witness) as server:
        terminal = program.chat(*at(server), OPENAI_API_KEY=KEY)
        terminal.send(f"hello{ENTER}")
        terminal.see("Bonjour")
        assert leave(terminal) == 0

    assert set(witness.keys) == {""}
    assert witness.seen == []
    assert not leaks([bytes(terminal.output), *files(program.home)])
