"""`doctor`: providers with their keys, and the connection test."""

import json
from pathlib import Path

import pytest

from chat_tui.cli.compose import chosen_keymap, load_setup
from chat_tui.cli.doctor import examine
from chat_tui.core.conversation import Conversation
from chat_tui.storage import Store, paths_under
from tests.cli.helpers import Program
from tests.servers import Reply, Request, ThreadedServer, answer, stream
from tests.storage.samples import chat

KEY = "sk-canary-0123456789"


def good(request: Request) -> Reply:
    return answer({"data": [{"id": "tiny"}]}) if request.method == "GET" else stream("ok")


def test_providers_are_listed_with_their_keys(program: Program) -> None:
    config = program.home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[providers.mine]\nbase_url = "https://models.example/v1?api-version=canary"\n'
    )
    found = program.json("doctor", "--json", OPENAI_API_KEY=KEY)

    rows = {row["name"]: row for row in found["providers"]}
    assert rows["openai"] == {
        "name": "openai",
        "label": "OpenAI",
        "base_url": "https://api.openai.com/v1",
        "key": "from OPENAI_API_KEY",
        "ready": True,
        "own": False,
    }
    assert (rows["mine"]["own"], rows["mine"]["key"]) == (True, "none needed")
    assert rows["mine"]["base_url"] == "https://models.example/v1"
    assert not rows["groq"]["ready"]
    assert (found["provider"]["name"], found["provider"]["chosen_by"]) == ("mine", "settings")
    assert rows["demo"]["base_url"] == ""
    assert "canary" not in json.dumps(found)


async def test_what_is_deleted_is_counted_and_a_keymap_that_is_not_there_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('keymap = "nowhere"\n')
    async with Store(paths_under(tmp_path)) as store:
        conversation, messages = chat(2)
        await store.add_messages(conversation, messages)
        await store.add_messages(Conversation("c", deleted=1.0), [])
        await store.mark_messages(conversation.id, {messages[1].id: "branch"}, 1.0)
    found, _ = examine(load_setup({"CHAT_TUI_HOME": str(tmp_path)}))
    database = found["database"]
    assert (database["deleted_conversations"], database["deleted_messages"]) == (1, 3)
    assert database["conversations"] == 1
    (problem,) = found["problems"]
    assert "nowhere" in problem
    assert str(tmp_path / "config" / "keymaps") in problem


def test_extras_and_the_program_of_the_clipboard_are_told(tmp_path: Path) -> None:
    (tmp_path / "xclip").touch(0o700)
    home = {"CHAT_TUI_HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}
    found, _ = examine(load_setup({**home, "DISPLAY": ":0", "CHAT_TUI_GRAPHICS": "sixel"}))
    assert found["attachments"]["PDF"].startswith("pypdf ")
    assert found["attachments"]["clipboard"] == "xclip"
    assert found["terminal"]["CHAT_TUI_GRAPHICS"] == "sixel"
    (tmp_path / "xclip").unlink()
    for environ, words in (({"DISPLAY": ":0"}, "Install xclip"), ({}, "no clipboard here")):
        found, _ = examine(load_setup(home | environ))
        assert words in found["attachments"]["clipboard"]
        assert not any("clipboard" in each for each in found["problems"])


def test_nothing_is_sent_unless_a_test_is_asked_for(program: Program) -> None:
    with ThreadedServer(good) as server:
        config = program.home / "config" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'provider = "mine"\n[providers.mine]\nbase_url = "{server.base_url}"\n')
        untested = program.run("doctor")
        assert server.requests == []
        tested = program.json("doctor", "--json", "--test")
        assert len(server.requests) == 2

    assert untested.returncode == 0, untested.stderr
    assert "not tested; add --test" in untested.stdout
    assert tested["ok"]
    assert [step["name"] for step in tested["connection"]] == [
        "dns",
        "tcp",
        "tls",
        "auth",
        "models",
        "chat",
    ]
    assert all(
        set(step) == {"name", "status", "message", "hint", "seconds"}
        for step in tested["connection"]
    )
    assert [step["status"] for step in tested["connection"]][-3:] == ["ok", "ok", "ok"]


def test_a_provider_that_is_named_is_tested_and_each_step_is_told(program: Program) -> None:
    with ThreadedServer(good) as server:
        options = ("--base-url", server.base_url, "-m", "tiny", "--api-key-env", "A_KEY")
        done = program.run("doctor", *options, A_KEY=KEY, NO_COLOR="1")
        assert {request.headers["authorization"] for request in server.requests} == {
            f"Bearer {KEY}"
        }

    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    connection = lines[lines.index("Connection") + 1 :]
    assert [line.split()[:3] for line in connection[:6]] == [
        ["–", "dns", "skipped"],
        ["✓", "tcp", "ok"],
        ["–", "tls", "skipped"],
        ["✓", "auth", "ok"],
        ["✓", "models", "ok"],
        ["✓", "chat", "ok"],
    ]
    assert "it was sent the key from A_KEY" in done.stdout
    assert lines[-2:] == ["Problems", "  none"]
    assert "\x1b" not in done.stdout
    assert KEY not in done.stdout


def test_a_step_that_fails_is_a_problem(program: Program) -> None:
    refusal = answer({"error": {"message": f"bad key {KEY}"}}, 401)
    with ThreadedServer([refusal]) as server:
        options = ("--base-url", server.base_url, "--api-key-env", "A_KEY")
        done = program.run("doctor", *options, A_KEY=KEY)
        found = program.json("doctor", "--json", *options, code=1, A_KEY=KEY)

    assert done.returncode == 1
    assert "✗ auth" in done.stdout
    assert "The connection test failed at auth:" in done.stdout
    assert not found["ok"]
    assert [step["status"] for step in found["connection"]] == [
        "skipped",
        "ok",
        "skipped",
        "failed",
        "skipped",
        "skipped",
    ]
    assert any("failed at auth" in problem for problem in found["problems"])
    assert KEY not in done.stdout + done.stderr + json.dumps(found)


def test_the_demo_passes_its_test(program: Program) -> None:
    found = program.json("doctor", "--json", "--demo")
    assert found["ok"]
    assert found["provider"]["name"] == "demo"
    assert [step["status"] for step in found["connection"]][-1] == "ok"
    assert not program.home.exists()


@pytest.mark.parametrize("options", [("--provider", "nobody"), ("--api-key-env", "A_KEY")])
def test_a_wrong_word_of_the_command_line_is_one(program: Program, options: tuple[str]) -> None:
    done = program.run("doctor", *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "chat-tui: " in done.stderr


def test_a_provider_of_the_settings_that_is_missing_is_not_tested(program: Program) -> None:
    config = program.home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('provider = "nobody"\n')
    found = program.json("doctor", "--json", "--test", code=1)
    assert found["connection"] is None
    assert any("nobody" in problem for problem in found["problems"])


def test_the_keymap_of_the_settings_is_read(tmp_path: Path) -> None:
    setup = load_setup({"CHAT_TUI_HOME": str(tmp_path)})
    assert chosen_keymap(setup) == ({}, [])
    (tmp_path / "config" / "keymaps").mkdir(parents=True)
    (tmp_path / "config" / "config.toml").write_text('keymap = "mine"\n')
    file = tmp_path / "config" / "keymaps" / "mine.toml"
    file.write_text('[keys]\nsend = "f19"\nsendd = "f20"\n')
    keymap, problems = chosen_keymap(load_setup({"CHAT_TUI_HOME": str(tmp_path)}))
    assert keymap == {"send": "f19"}
    assert len(problems) == 1
    assert "sendd" in problems[0]
