"""The picture on the clipboard, asked of programs that stand in for those of each desktop."""

import base64
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.media.clipboard import Clipboard
from tests.media.picture_files import drawn, file_of

PNG = file_of(drawn(), "PNG")
JPEG = file_of(drawn(), "JPEG")

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Writes a program: a shell script that may read the files beside it."""
    (tmp_path / "png").write_bytes(PNG)
    (tmp_path / "jpeg").write_bytes(JPEG)

    def write(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\ncd "{tmp_path}"\necho "$*" >> asked\n{script}\n')
        path.chmod(0o700)

    return write


def clipboard(
    folder: Path, platform: str = "linux", seconds: float = 5.0, **more: str
) -> Clipboard:
    path = f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return Clipboard({"PATH": path, "API_KEY": "canary", **more}, platform, seconds=seconds)


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().splitlines()


async def test_wayland_is_asked_for_the_best_kind_with_no_key_in_its_environment(
    tmp_path: Path, program: Program
) -> None:
    program(
        "wl-paste",
        'env > environment\ncase "$*" in\n*list*) echo text/html; echo image/jpeg; echo image/png;;'
        "\n*image/png) cat png;;\nesac",
    )
    program("xclip", "exit 1")
    here = clipboard(tmp_path, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0")
    assert await here.picture() == PNG
    assert asked(tmp_path) == ["--list-types", "--no-newline --type image/png"]
    assert "canary" not in (tmp_path / "environment").read_text()
    assert "WAYLAND_DISPLAY=wayland-0" in (tmp_path / "environment").read_text()


async def test_x11_is_asked_where_wayland_has_none(tmp_path: Path, program: Program) -> None:
    program("wl-paste", "echo text/plain")
    program("xclip", 'case "$*" in\n*TARGETS) echo image/jpeg;;\n*image/jpeg) cat jpeg;;\nesac')
    here = clipboard(tmp_path, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0")
    assert await here.picture() == JPEG
    assert asked(tmp_path)[-1] == "-selection clipboard -o -t image/jpeg"


async def test_files_copied_in_a_file_manager_are_read(tmp_path: Path, program: Program) -> None:
    odd = tmp_path / "a ü%.png"
    odd.write_bytes(PNG)
    (tmp_path / "list").write_text(
        f"copy\nhttps://example.org/x.png\nfile://{tmp_path}/wl-paste\n{odd.as_uri()}\n"
    )
    program(
        "wl-paste",
        'case "$*" in\n*list*) echo x-special/gnome-copied-files;;\n*gnome*) cat list;;\nesac',
    )
    here = clipboard(tmp_path, WAYLAND_DISPLAY="w")
    assert await here.picture() == PNG
    odd.unlink()
    os.mkfifo(odd)
    with pytest.raises(UsageError, match="is a named pipe"):
        await here.picture()


async def test_macos_and_windows_give_their_pictures(tmp_path: Path, program: Program) -> None:
    program("osascript", f"echo '«data PNGf{PNG.hex().upper()}»'")
    assert await clipboard(tmp_path, "darwin").picture() == PNG
    program("pngpaste", "cat jpeg")
    assert await clipboard(tmp_path, "darwin").picture() == JPEG
    program("pngpaste", "echo no picture >&2; exit 1")
    program("osascript", "echo '«data PNGfXYZ»'")
    with pytest.raises(UsageError, match="There is no picture on the clipboard"):
        await clipboard(tmp_path, "darwin").picture()

    program("powershell.exe", f"printf '%s\\r\\n' {base64.b64encode(PNG).decode()}")
    wsl = clipboard(tmp_path, WSL_DISTRO_NAME="Ubuntu")
    assert await wsl.picture() == PNG
    assert "-NoProfile" in asked(tmp_path)[-1]


async def test_what_gives_no_picture_is_told_with_a_way_out(
    tmp_path: Path, program: Program
) -> None:
    async def refused(here: Clipboard) -> UsageError:
        with pytest.raises(UsageError) as error:
            await here.picture()
        return error.value

    nowhere = await refused(clipboard(tmp_path))
    assert "neither Wayland nor X11" in nowhere.message
    empty = Clipboard({"PATH": str(tmp_path), "WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux")
    assert "Install wl-clipboard or xclip" in (await refused(empty)).hint
    mac = Clipboard({"PATH": str(tmp_path)}, "darwin")
    assert "Install pngpaste," in (await refused(mac)).hint

    program("wl-paste", 'case "$*" in\n*list*) echo image/png;;\n*) echo hello;;\nesac')
    here = clipboard(tmp_path, WAYLAND_DISPLAY="w")
    assert (await refused(here)).message == "There is no picture on the clipboard."
    program("wl-paste", "sleep 30 & sleep 30")
    silent = clipboard(tmp_path, seconds=0.1, WAYLAND_DISPLAY="w")
    assert (await refused(silent)).message.endswith("wl-paste does not answer.")
    if shutil.which("setsid"):
        program("wl-paste", "setsid sleep 3 &")  # it holds the pipe, and nobody can end it
        begun = time.monotonic()
        assert (await refused(silent)).message.endswith("wl-paste does not answer.")
        assert time.monotonic() - begun < 2
    program("wl-paste", "cat /dev/zero")
    assert (await refused(here)).message == "What is on the clipboard has more than 1 MB."
    (tmp_path / "wl-paste").write_bytes(b"\x7fELF")
    assert (await refused(here)).message.endswith("wl-paste does not start.")
