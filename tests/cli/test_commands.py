"""`list`, `export`, `import` and `doctor`."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.helpers import Program, contents


def test_list_has_the_newest_first(program: Program) -> None:
    for words in ("first thing", "second thing"):
        program.run("ask", "--demo", f"/echo {words}")
    listed = program.json("list", "--json")
    shown = program.run("list").stdout.splitlines()
    limited = program.json("list", "--json", "--limit", "1")

    assert [row["title"] for row in listed] == ["/echo second thing", "/echo first thing"]
    assert set(listed[0]) == {"id", "title", "updated", "pinned", "model"}
    assert shown[0].startswith(listed[0]["id"])
    assert shown[0].endswith("/echo second thing")
    assert limited == listed[:1]


def test_list_shows_a_date_whatever_time_is_stored(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "far.json"
    far = {"id": "far", "title": "Far", "created": 1e15, "updated": 1e15}
    file.write_text(json.dumps({"format": "chat-tui", "version": 1, "conversations": [far]}))
    imported = program.run("import", str(file))
    listed = program.run("list")
    # One that an earlier version took over.
    with closing(sqlite3.connect(program.home / "data" / "chat-tui.db")) as connection:
        connection.execute("UPDATE conversations SET updated = 1e15")
        connection.commit()
    again = program.run("list")

    assert imported.returncode == 0
    assert "created, updated of conversations[0]" in imported.stderr
    assert listed.stdout.split()[1].startswith("1970-01-01")
    assert again.returncode == 0
    assert re.fullmatch(r"far  [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5}  Far\n", again.stdout)


def test_list_tells_that_there_are_more(program: Program, tmp_path: Path) -> None:
    rows = [
        {"id": f"id{number}", "title": "t", "created": 1.0, "updated": 1.0} for number in range(51)
    ]
    file = tmp_path / "many.json"
    file.write_text(json.dumps({"format": "chat-tui", "version": 1, "conversations": rows}))
    program.run("import", str(file))
    listed, everything = program.run("list"), program.run("list", "--limit", "0")

    assert len(listed.stdout.splitlines()) == 50
    assert "--limit 0 shows all" in listed.stderr
    assert len(everything.stdout.splitlines()) == 51
    assert everything.stderr == ""


def test_list_of_nothing_is_an_empty_array(program: Program) -> None:
    assert program.json("list", "--json") == []


def test_titles_are_clean_on_a_terminal(program: Program) -> None:
    program.run("ask", "--demo", "title \x1b]0;owned\x07 here")
    with program.on_terminal("list") as terminal:
        assert terminal.wait() == 0
        shown = terminal.output.decode()

    assert "title" in shown.lower()
    assert shown.replace("\r\n", "").isprintable()


def test_export_and_import_move_a_conversation(program: Program, tmp_path: Path) -> None:
    first = program.json("ask", "--demo", "--json", "/echo one")["conversation"]
    program.run("ask", "--demo", "-c", "/echo two")
    file = tmp_path / "export.json"
    written = program.run("export", first[:18], "--format", "json", "-o", str(file))
    other = Program(tmp_path / "other")
    taken, again = other.run("import", str(file)), other.run("import", str(file))

    assert (written.returncode, written.stdout) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "1 new conversations" in taken.stdout
    assert "4 new messages" in taken.stdout
    assert "0 new conversations" in again.stdout
    assert "1 unchanged" in again.stdout
    assert other.run("export", first).stdout == file.read_text()


@pytest.mark.parametrize("content", [b"no json", b'{"format": "other"}', None])
def test_import_of_something_else_exits_2(
    program: Program, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "file.json"
    if content is not None:
        file.write_bytes(content)
    done = program.run("import", str(file))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_export_of_an_unknown_id_exits_2(program: Program) -> None:
    done = program.run("export", "0000")

    assert (done.returncode, done.stdout) == (2, "")
    assert "chat-tui list" in done.stderr


def test_export_to_a_place_that_does_not_exist_exits_1(program: Program, tmp_path: Path) -> None:
    id_ = program.json("ask", "--demo", "--json", "/echo one")["conversation"]
    done = program.run("export", id_, "-o", str(tmp_path / "nowhere" / "file"))

    assert done.returncode == 1
    assert "nowhere" in done.stderr


def test_doctor_tells_paths_and_provider_and_creates_nothing(program: Program) -> None:
    found = program.json("doctor", "--json", OPENAI_API_KEY="sk-canary-12345678")

    home = program.home
    assert found["ok"]
    assert found["paths"] == {
        "config": str(home / "config"),
        "data": str(home / "data"),
        "state": str(home / "state"),
        "cache": str(home / "cache"),
        "config_file": str(home / "config" / "config.toml"),
        "database": str(home / "data" / "chat-tui.db"),
    }
    assert found["provider"]["name"] == "openai"
    assert found["provider"]["key"] == "from OPENAI_API_KEY"
    assert found["versions"]["sqlite"]
    assert not found["database"]["exists"]
    assert "canary" not in json.dumps(found)
    assert not home.exists()


def test_doctor_looks_into_the_database_without_changing_it(program: Program) -> None:
    program.run("ask", "--demo", "/echo one")
    before = contents(program.home)
    database = program.json("doctor", "--json")["database"]

    assert (database["integrity"], database["mode"]) == ("ok", "0600")
    assert (database["conversations"], database["messages"]) == (1, 2)
    assert contents(program.home) == before


def test_doctor_exits_1_and_names_what_is_wrong(program: Program) -> None:
    program.run("ask", "--demo", "/echo one")
    (program.home / "data" / "chat-tui.db").chmod(0o644)
    (program.home / "config").mkdir()
    (program.home / "config" / "config.toml").write_text('provider = "nobody"\nsidebar = 3\n')
    done = program.run("doctor")

    assert done.returncode == 1
    assert "nobody" in done.stdout
    assert "sidebar" in done.stdout
    assert "chmod 600" in done.stdout


def test_doctor_names_a_key_that_cannot_be_one(program: Program) -> None:
    done = program.run("doctor", OPENAI_API_KEY="sk-canary\u00e4")

    assert done.returncode == 1
    assert "position 10" in done.stdout
    assert "canary" not in done.stdout


def test_doctor_tells_of_themes_and_keys(program: Program) -> None:
    config = program.home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('theme = "solarised"\n[keys]\nnwe = "f5"\n')

    done = program.run("doctor")

    assert done.returncode == 1
    assert "There is no theme solarised." in done.stdout
    assert "Did you mean new?" in done.stdout
