"""Files are opened only where they are files, and read only as far as asked."""

import os
import socket
from pathlib import Path

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.media.safe_open import opened, read_file, read_start, shown


def test_files_and_links_to_them_are_read(tmp_path: Path) -> None:
    file, link = tmp_path / "a.txt", tmp_path / "b.txt"
    file.write_bytes(b"12345")
    link.symlink_to(file)
    assert read_file(link) == b"12345"
    assert read_start(link, 3) == (b"123", 5)
    with opened(file) as open_file:
        assert open_file.size == 5
        assert not os.get_inheritable(open_file.descriptor)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(open_file.descriptor)
    assert read_file(Path("/proc/self/stat"))  # a size of 0, and yet something in it


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe, link, door = tmp_path / "pipe", tmp_path / "link", tmp_path / "door"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(door))
        for path, what in (
            (pipe, "pipe is a named pipe, not a file."),
            (link, "link is a named pipe, not a file."),
            (door, "door is a socket, not a file."),
            (tmp_path, f"{tmp_path.name} is a folder, not a file."),
            (Path("/dev/zero"), "zero is a device, not a file."),
            (tmp_path / "none", "none is not there."),
        ):
            for read in (read_file, lambda each: read_start(each, 5)):
                with pytest.raises(UsageError) as error:
                    read(path)
                assert error.value.message == what
                assert error.value.hint


def test_names_are_cleaned_and_may_be_anything(tmp_path: Path) -> None:
    odd = tmp_path / "a\x1b]0;x\x07\n\udcff.png"
    with pytest.raises(UsageError) as error:
        read_file(odd)
    assert "\x1b" not in error.value.told
    assert "\n" not in error.value.told
    assert shown(odd) in error.value.message
    odd.write_bytes(b"x")
    assert read_file(odd) == b"x"
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (Path("nul\0"), tmp_path / ("x" * 300), loop):
        with pytest.raises(UsageError, match="cannot be read"):
            read_file(path)


def test_large_and_hollow_files_are_refused(tmp_path: Path) -> None:
    large, hollow, half = tmp_path / "large", tmp_path / "hollow", tmp_path / "half"
    large.write_bytes(bytes(1_501))
    assert read_file(large, 1_501) == bytes(1_501)
    with pytest.raises(UsageError, match=r"^large has 1\.5 KB; at most 1 KB are read"):
        read_file(large, 1_000)
    for path, data in ((hollow, 1), (half, 1_500_000)):
        with path.open("wb") as file:
            file.write(b"x" * data)
            file.truncate(2_000_000)
    with pytest.raises(UsageError, match=r"^hollow is nearly empty"):
        read_file(hollow)
    assert len(read_file(half)) == 2_000_000
    assert read_start(hollow, 2) == (b"x\0", 2_000_000)
    with hollow.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match=r"^hollow has 1100 GB; at most 64 MB are read"):
        read_file(hollow)
