"""Keys in files: for their owner only, and never in a message."""

import stat
from pathlib import Path

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.storage.key_files import delete_key_file, rename_key_file, save_key_file

KEY = "sk-canary-1234567890"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "keys"
    path = save_key_file(folder, "openai", f"  {KEY}\n")

    assert path == folder / "openai"
    assert path.read_text() == f"{KEY}\n"
    assert (mode(path), mode(folder)) == (0o600, 0o700)
    save_key_file(folder, "openai", "another")
    assert path.read_text() == "another\n"
    assert list(folder.iterdir()) == [path]


def test_an_open_folder_is_closed_and_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "keys", tmp_path / "elsewhere"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    elsewhere.write_text("mine")
    (folder / "a").symlink_to(elsewhere)

    path = save_key_file(folder, "a", KEY)

    assert mode(folder) == 0o700
    assert elsewhere.read_text() == "mine"
    assert not path.is_symlink()


@pytest.mark.parametrize("value", ["", " ", f"{KEY} x", f"{KEY}\n{KEY}", "ключ", "x" * 8193])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        save_key_file(tmp_path, "a", value)
    assert "canary" not in f"{caught.value.message}{caught.value.hint}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "127.0.0.1:9"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        save_key_file(tmp_path, name, KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_told_without_the_key(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(StorageError) as caught:
        save_key_file(tmp_path / "keys", "a", KEY)
    assert "keys" in caught.value.message
    assert "canary" not in f"{caught.value.message}{caught.value.hint}"


def test_only_files_of_ours_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ours = save_key_file(folder, "a", KEY)
    theirs = tmp_path / "theirs"
    theirs.write_text(KEY)

    assert not delete_key_file(folder, str(theirs))
    assert not delete_key_file(folder, "")
    assert delete_key_file(folder, str(ours))
    assert not delete_key_file(folder, str(ours))
    assert theirs.exists()
    assert not ours.exists()


def test_a_key_follows_its_provider_to_another_name(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    old = save_key_file(folder, "a", KEY)

    new = rename_key_file(folder, str(old), "b")

    assert Path(new) == folder / "b"
    assert Path(new).read_text() == f"{KEY}\n"
    assert not old.exists()
    assert rename_key_file(folder, str(old), "c") == str(old)
    assert rename_key_file(folder, "/etc/theirs", "c") == "/etc/theirs"
    assert rename_key_file(folder, "", "c") == ""
