"""The user's pager and editor: which they are, what they get, what comes back."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.app import App

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.ui.outside import run_outside
from chat_tui.ui.user_programs import (
    editor_command,
    environment,
    keep_file,
    pager_command,
    passing_file,
    read_back,
)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def _there(folder: Path, *names: str) -> dict[str, str]:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


def test_pager_is_the_users_else_less_else_more(programs: Path) -> None:
    assert pager_command({"PAGER": "most -w '+a b'"}) == ["most", "-w", "+a b"]
    with pytest.raises(UsageError, match="PAGER"):
        pager_command({"PATH": str(programs), "PAGER": " "})
    assert pager_command(_there(programs, "more")) == ["more"]
    assert pager_command({**_there(programs, "less"), "PAGER": "/bin/cat"}) == ["less", "-R"]
    with pytest.raises(UsageError, match="PAGER is not closed"):
        pager_command({"PAGER": "less '"})


def test_editor_is_the_users_and_waits(programs: Path) -> None:
    assert editor_command({"EDITOR": "nano -w", "VISUAL": "vim"}) == ["vim"]
    assert editor_command({"EDITOR": "nano -w"}) == ["nano", "-w"]
    assert editor_command({"EDITOR": "/opt/code -n"}) == ["/opt/code", "-n", "--wait"]
    assert editor_command({"EDITOR": "code --wait"}) == ["code", "--wait"]
    assert editor_command(_there(programs, "vi")) == ["vi"]
    assert editor_command(_there(programs, "nano")) == ["nano"]


def test_keys_stay_out_of_their_environment() -> None:
    given = {
        "HOME": "/home/me",
        "SSH_AUTH_SOCK": "/tmp/agent",
        "KEYBOARD": "us",
        "MONKEY": "1",
        "MY_VARIABLE": "canary",
        "OPENAI_API_KEY": "canary",
        "hf_token": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary",
        "GITHUB_TOKEN_2": "canary",
        "DB_PASSWORD": "canary",
    }

    kept = environment({"MY_VARIABLE"}, given)

    assert list(kept) == ["HOME", "SSH_AUTH_SOCK", "KEYBOARD", "MONKEY"]


def test_passing_file_is_private_and_always_removed() -> None:
    def fail() -> None:
        with passing_file("Grüße\n", "a.md") as path:
            seen.append(path)
            assert path.read_text() == "Grüße\n"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            (path.parent / ".a.md.swp").write_text("left by the editor")
            raise ZeroDivisionError

    seen: list[Path] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert not seen[0].parent.exists()


def test_what_is_temporary_goes_to_no_disk(tmp_path: Path) -> None:
    memory = ("", "/nowhere", str(tmp_path))
    with passing_file("x", "a.md", in_memory=True, memory=memory) as path:
        assert path.is_relative_to(tmp_path)

    nowhere = memory[:2]
    refused = passing_file("x", "a.md", in_memory=True, memory=nowhere)
    with pytest.raises(UsageError, match="temporary"), refused:
        pytest.fail("it was written")
    with passing_file("x", "a.md", memory=nowhere) as path:
        assert path.read_text() == "x"


def test_saved_text_comes_back_clean(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"?\x1b[31m\r\nb\xff\n\xff\n")
    assert read_back(path, "") == "?␛[31m\nb\ufffd\n\ufffd"
    path.write_text("one\n")
    assert (read_back(path, "was"), read_back(path, "was\n")) == ("one", "one\n")
    path.unlink()
    assert read_back(path, "was") is None


def test_kept_file_replaces_no_other(tmp_path: Path) -> None:
    folders = [tmp_path / "missing", tmp_path]
    first, second = (keep_file(words, "name", folders) for words in ("a", "b"))

    assert (first.name, second.name) == ("name.md", "name-2.md")
    assert (first.read_text(), second.read_text()) == ("a", "b")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    with pytest.raises(StorageError, match="No such file"):
        keep_file("c", "name", folders[:1])


async def test_program_is_run_without_a_shell_and_its_end_told(tmp_path: Path) -> None:
    app: App[None] = App()
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "%s|" "$@" > "$1.got"; exit 7\n')
    script.chmod(0o755)
    target = str(tmp_path / "a;b $HOME")
    environ: Mapping[str, str] = {"PATH": os.environ["PATH"]}
    async with app.run_test():
        assert await run_outside(app, [str(script), target, "*"], environ) == 7
        with pytest.raises(UsageError, match="no-such-editor cannot be run"):
            await run_outside(app, ["no-such-editor", target], environ)
        killed = ["sh", "-c", "kill -9 $$"]
        assert await run_outside(app, killed, environ) == -9
    assert (tmp_path / "a;b $HOME.got").read_text() == f"{target}|*|"
