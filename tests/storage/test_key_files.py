"""Keys in files: for their owner only, and never in a message."""

import stat
from pathlib import Path

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.storage.key_files import delete_key_file, new_key_file, save_key_file

KEY = "sk-canary-1234567890"


def kept(folder: Path, provider: str, key: str = KEY) -> Path:
    """A key in its file."""
    path = new_key_file(folder, provider)
    save_key_file(path, key)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "keys"
    path = kept(folder, "openai")

    assert path == folder / "openai"
    assert path.read_text() == f"{KEY}\n"
    assert (mode(path), mode(folder)) == (0o600, 0o700)
    assert list(folder.iterdir()) == [path]


def test_a_key_never_takes_the_place_of_another(tmp_path: Path) -> None:
    first = kept(tmp_path, "openai")
    second = kept(tmp_path, "openai", KEY[::-1])

    assert (first.read_text(), second.read_text()) == (f"{KEY}\n", f"{KEY[::-1]}\n")
    assert second == tmp_path / "openai-2"


def test_an_open_folder_is_closed_and_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "keys", tmp_path / "elsewhere"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "a").symlink_to(elsewhere)

    path = kept(folder, "a")

    assert mode(folder) == 0o700
    assert not elsewhere.exists()
    assert not path.is_symlink()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "127.0.0.1:9"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        new_key_file(tmp_path, name)


def test_a_disk_that_refuses_is_told_without_the_key(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(StorageError) as caught:
        kept(tmp_path / "keys", "a")
    assert "keys" in caught.value.message
    assert "canary" not in f"{caught.value.message}{caught.value.hint}"


def test_only_files_of_ours_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ours = kept(folder, "a")
    theirs = tmp_path / "theirs"
    theirs.write_text(KEY)

    for path in (str(theirs), "", str(ours), str(ours)):
        delete_key_file(folder, path)

    assert theirs.exists()
    assert not ours.exists()
