"""What `ask` keeps, continues, and survives (rows 19 to 22 of the table of faults)."""

import hashlib
import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import Program, contents, ended, held, journalled, wait_until
from tests.servers import Request, ThreadedServer, stream


def texts(request: Request) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in request.json["messages"]]


def messages(program: Program, conversation: str) -> list[Any]:
    return list(program.json("export", conversation)["conversations"][0]["messages"])


def test_three_turns_are_sent_and_stored(program: Program) -> None:
    with ThreadedServer([stream("A1"), stream("A2"), stream("A3")]) as server:
        url = ("--base-url", server.base_url, "-m", "m", "--json")
        first = program.json("ask", *url, "-s", "S", "Q1")
        program.json("ask", *url, "-c", "Q2")
        prefix = first["conversation"][:20]
        third = program.json("ask", *url, "--conversation", prefix, "Q3")

    said = [("system", "S"), ("user", "Q1"), ("assistant", "A1"), ("user", "Q2")]
    said += [("assistant", "A2"), ("user", "Q3")]
    assert texts(server.requests[2]) == said
    assert third["conversation"] == first["conversation"]
    stored = messages(program, first["conversation"])
    assert [each["parts"][0]["text"] for each in stored] == ["Q1", "A1", "Q2", "A2", "Q3", "A3"]
    assert stored[-1]["id"] == third["id"]


def test_model_and_provider_of_the_conversation_stay(program: Program) -> None:
    with ThreadedServer([stream("A1"), stream("A2")]) as server:
        (program.home / "config").mkdir(parents=True)
        (program.home / "config" / "config.toml").write_text(
            f'[providers.mine]\nbase_url = "{server.base_url}"\nmodel = "default"\n'
        )
        program.run("ask", "--provider", "mine", "-m", "special", "one")
        # Another provider is configured, and nothing goes there.
        program.run("ask", "-c", "two", OPENAI_API_KEY="sk-canary-1234")

    assert [request.json["model"] for request in server.requests] == ["special", "special"]


def test_conversation_with_an_unknown_server_is_sent_nowhere_else(program: Program) -> None:
    with ThreadedServer([stream("A1")]) as server:
        program.run("ask", "--base-url", server.base_url, "-m", "m", "one")
        done = program.run("ask", "-c", "two", OPENAI_API_KEY="sk-canary-1234")

    assert done.returncode == 2
    assert "--base-url" in done.stderr


def imported(program: Program, folder: Path, **fields: Any) -> str:
    """Import a conversation with one prompt and its answer; gives its id."""
    said = [
        {"id": "q", "role": "user", "parts": [{"type": "text", "text": "Q1"}]},
        {"id": "a", "role": "assistant", "parent": "q", "parts": [{"type": "text", "text": "A1"}]},
    ]
    conversation = {"id": "imported", "head": "a", "messages": said} | fields
    file = folder / "imported.json"
    value = {"format": "chat-tui", "version": 1, "conversations": [conversation]}
    file.write_text(json.dumps(value))
    assert program.run("import", str(file)).returncode == 0
    return "imported"


@pytest.mark.parametrize("which", [("-c",), ("--conversation", "imp")], ids=["newest", "id"])
@pytest.mark.parametrize("save", [(), ("--no-save",)], ids=["saved", "not-saved"])
def test_imported_conversation_without_a_model_goes_on_with_the_one_named(
    program: Program, tmp_path: Path, which: tuple[str, ...], save: tuple[str, ...]
) -> None:
    imported(program, tmp_path)
    with ThreadedServer([stream("A2")]) as server:
        url = ("--base-url", server.base_url, "-m", "m")
        got = program.json("ask", *url, *which, *save, "-s", "S", "--json", "Q2")

    said = [("system", "S"), ("user", "Q1"), ("assistant", "A1"), ("user", "Q2")]
    assert texts(server.requests[0]) == said
    (kept,) = program.json("export", "imported")["conversations"]
    if save:
        assert got["conversation"] is None
        assert (len(kept["messages"]), kept["targets"]) == (2, [])
    else:
        assert got["conversation"] == "imported"
        assert (len(kept["messages"]), kept["system_prompt"]) == (4, "S")
        assert [target["model"] for target in kept["targets"]] == ["m"]


@pytest.mark.parametrize(
    "whom",
    [("--provider", "openai"), ("--base-url", "http://127.0.0.1:9", "--api-key-env", "NOT_SET")],
    ids=["provider", "url"],
)
def test_refused_prompt_changes_nothing_of_the_conversation(
    program: Program, tmp_path: Path, whom: tuple[str, ...]
) -> None:
    target = {"provider": "mine", "model": "m"}
    imported(program, tmp_path, system_prompt="Old", targets=[target])
    before = program.run("export", "imported").stdout
    done = program.run("ask", *whom, "-m", "other", "-c", "-s", "New", "hello")

    assert done.returncode == 2
    assert "key" in done.stderr.lower()
    assert program.run("export", "imported").stdout == before


def test_demo_conversation_is_not_continued_by_the_demo_unasked(program: Program) -> None:
    program.run("ask", "--demo", "hello")
    done = program.run("ask", "-c", "more")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--demo" in done.stderr


def test_no_save_leaves_nothing_on_disk(program: Program) -> None:
    got = program.json("ask", "--demo", "--no-save", "--json", "/echo marker-7f3a")

    assert got["text"] == "marker-7f3a"
    assert (got["id"], got["conversation"]) == (None, None)
    assert not any(b"marker-7f3a" in content for content in contents(program.home))


def test_no_save_continues_without_writing(program: Program) -> None:
    program.run("ask", "--demo", "the very first words")
    got = program.json(
        "ask", "--demo", "--no-save", "-c", "--json", "What did I say first? marker-7f3a"
    )

    assert "the very first words" in got["text"]
    assert not any(b"marker-7f3a" in content for content in contents(program.home))
    assert len(messages(program, program.json("list", "--json")[0]["id"])) == 2


def test_killed_process_leaves_an_interrupted_reply(program: Program) -> None:
    with held() as server:
        process = program.start("ask", "--base-url", server.base_url, "-m", "m", "hi")
        wait_until(lambda: journalled(program.home))
        ended(process, signal.SIGKILL)

    (row,) = program.json("list", "--json")
    reply = messages(program, row["id"])[-1]
    assert reply["status"] == "interrupted"
    assert reply["parts"][0]["text"] == "the beginning"
    assert program.json("doctor", "--json")["database"]["integrity"] == "ok"


def test_answer_is_printed_where_nothing_can_be_saved(program: Program) -> None:
    program.home.mkdir()
    (program.home / "data").write_text("in the way")
    got = program.json("ask", "--demo", "--json", "/echo kept", code=1)

    assert (got["text"], got["status"]) == ("kept", "complete")
    assert got["error"]["kind"] == "storage"
    assert (got["id"], got["conversation"]) == (None, None)
    # The rescue file brings it back as soon as there is room.
    (program.home / "data").unlink()
    (row,) = program.json("list", "--json")
    assert messages(program, row["id"])[-1]["parts"][0]["text"] == "kept"


def test_storage_trouble_is_told_on_stderr(program: Program) -> None:
    program.home.mkdir()
    (program.home / "data").write_text("in the way")
    done = program.run("ask", "--demo", "/echo kept")

    assert (done.returncode, done.stdout) == (1, "kept\n")
    assert "kept" in done.stderr
    assert "rescue" in done.stderr


@pytest.mark.slow
def test_locked_database_holds_nothing_back(program: Program) -> None:
    program.run("ask", "--demo", "first")
    path = program.home / "data" / "chat-tui.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        got = program.json("ask", "--demo", "--json", "/echo waited", code=1)
        other.execute("ROLLBACK")

    assert (got["text"], got["error"]["kind"]) == ("waited", "storage")
    assert len(program.json("list", "--json")) == 2


def test_two_processes_write_to_one_conversation(program: Program) -> None:
    first = program.json("ask", "--demo", "--json", "/echo one")["conversation"]
    both = [
        program.start("ask", "--demo", "--conversation", first, f"/echo {name}")
        for name in ("left", "right")
    ]
    codes = [ended(process)[0] for process in both]

    assert codes == [0, 0]
    said = {each["parts"][0]["text"] for each in messages(program, first)}
    assert said == {"/echo one", "one", "/echo left", "left", "/echo right", "right"}


def test_damaged_database_is_moved_aside_and_told(program: Program) -> None:
    program.run("ask", "--demo", "/echo before")
    path = program.home / "data" / "chat-tui.db"
    path.write_bytes(b"not a database at all" * 500)
    checked = program.run("doctor", "--json")
    got = program.run("ask", "--demo", "/echo after")

    assert checked.returncode == 1
    assert json.loads(checked.stdout)["problems"]
    assert (got.returncode, got.stdout) == (0, "after\n")
    assert "damaged" in got.stderr
    aside = [each for each in path.parent.iterdir() if ".damaged-" in each.name]
    assert aside
    assert aside[0].read_bytes().startswith(b"not a database at all")


def test_newer_database_is_only_read(program: Program) -> None:
    program.run("ask", "--demo", "/echo before")
    path = program.home / "data" / "chat-tui.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = digest(path)
    got = program.run("ask", "--demo", "/echo after")
    listed = program.run("list", "--json")

    assert (got.returncode, got.stdout) == (1, "after\n")
    assert "newer" in got.stderr
    assert len(json.loads(listed.stdout)) >= 1
    assert digest(path) == before


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
