"""Copying takes the way that works where the app runs."""

import base64
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from chat_tui.ui.clipboard import (
    MAX_ENCODED,
    Clipboard,
    Copied,
    Tool,
    copy_with,
    native_tools,
    osc52,
    takes_osc52,
    tool_environment,
)

TEXT = "Grüße 中文\nund mehr"


class Desk:
    """Programs on a PATH of their own, and what they and the terminal got."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[str] = []
        (folder / "bin").mkdir()
        for name in ("cat", "sh", "sleep", "env", "cp"):
            found = next(p for p in ("/bin", "/usr/bin") if Path(p, name).exists())
            (folder / "bin" / name).symlink_to(Path(found, name))

    def program(self, name: str, script: str = "") -> None:
        """A program that keeps what it gets and how it was called, and then runs a script."""
        path = self.folder / "bin" / name
        got = self.folder / name
        path.write_text(f'#!/bin/sh\necho "$*" >> {got}.args\n{script or f"exec cat > {got}"}\n')
        path.chmod(0o755)

    def got(self, name: str) -> str:
        return (self.folder / name).read_text()

    def called(self, name: str) -> list[str]:
        path = self.folder / f"{name}.args"
        return path.read_text().splitlines() if path.exists() else []

    async def copy(self, environ: Mapping[str, str], text: str = TEXT, **options: bool) -> Copied:
        path = {"PATH": str(self.folder / "bin"), "TERM": "xterm-256color"}
        clipboard = Clipboard(self.sent.append, {**path, **environ}, str(self.folder))
        return await clipboard.copy(text, **options)


def kept(copied: Copied) -> tuple[str, int]:
    """The text and the mode of the file that stood in for a clipboard."""
    path = Path(copied.path)
    return path.read_text(), stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_tmux_comes_first_and_the_desktop_of_this_machine_beside_it(desk: Desk) -> None:
    desk.program("tmux")
    desk.program("xclip")
    in_tmux = {"TMUX": "/tmp/socket,1,0", "DISPLAY": ":0"}

    assert await desk.copy({**in_tmux, "SSH_CONNECTION": "x"}) == Copied(("tmux",))
    assert desk.called("tmux") == ["load-buffer -w -"]
    assert desk.got("tmux") == TEXT
    assert await desk.copy(in_tmux) == Copied(("tmux", "xclip"))
    assert desk.got("xclip") == TEXT
    assert not desk.sent


async def test_each_way_that_fails_leads_to_the_next(desk: Desk) -> None:
    # A tmux before 3.2 knows no -w.
    desk.program("tmux", f'[ "$2" = - ] && exec cat > {desk.folder}/tmux; exit 1')
    assert await desk.copy({"TMUX": "x"}) == Copied(("tmux",))
    assert desk.called("tmux") == ["load-buffer -w -", "load-buffer -"]

    desk.program("wl-copy", "exit 1")
    desk.program("xclip", "exit 1")
    desk.program("xsel")
    graphical = {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}
    assert await desk.copy(graphical) == Copied(("xsel",))
    assert (desk.got("xsel"), desk.called("wl-copy"), desk.called("xclip")) == (
        TEXT,
        [""],
        ["-selection clipboard"],
    )

    desk.program("xsel", "exit 1")
    assert await desk.copy(graphical) == Copied(terminal=True)
    assert desk.sent == [osc52(TEXT, {})]

    copied = await desk.copy({**graphical, "TERM": "linux"})
    assert copied == Copied(path=copied.path)
    assert kept(copied) == (TEXT, 0o600)
    files = len(list(desk.folder.iterdir()))
    assert await desk.copy({"TERM": "linux"}, to_file=False) == Copied()
    assert len(list(desk.folder.iterdir())) == files


async def test_over_ssh_only_the_terminal_is_asked(desk: Desk) -> None:
    desk.program("xclip")

    assert await desk.copy({"SSH_TTY": "x", "DISPLAY": ":0"}) == Copied(terminal=True)
    assert not desk.called("xclip")


async def test_text_that_terminals_drop_goes_to_a_file(desk: Desk) -> None:
    fits = "x" * (MAX_ENCODED // 4 * 3)

    assert (await desk.copy({}, fits)).terminal
    assert kept(await desk.copy({}, fits + "x"))[0] == fits + "x"
    assert len(desk.sent) == 1


async def test_program_that_stays_alive_is_not_waited_for(desk: Desk) -> None:
    """`wl-copy` and `xclip` go on in the background, with all that they were given open."""
    desk.program("wl-copy", f"cat > {desk.folder}/wl-copy; sleep 30 & echo $! > {desk.folder}/pid")
    try:
        assert await desk.copy({"WAYLAND_DISPLAY": "w"}) == Copied(("wl-copy",))
        assert desk.got("wl-copy") == TEXT
        os.kill(int(desk.got("pid")), 0)
    finally:
        os.kill(int(desk.got("pid")), 15)


async def test_large_text_arrives_whole_though_nobody_reads_it_all(desk: Desk) -> None:
    large = TEXT * 50_000
    desk.program("wl-copy")
    desk.program("xsel", "exit 0")

    assert (await desk.copy({"WAYLAND_DISPLAY": "w"}, large)).tools
    assert desk.got("wl-copy") == large
    assert await desk.copy({"DISPLAY": ":0"}, large) == Copied(("xsel",))


async def test_program_gets_no_secrets(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    desk.program("xclip", f"cat > /dev/null; env > {desk.folder}/environment")
    environ = {"DISPLAY": ":0", "OTHER_TOKEN": "canary", "LANG": "de_DE.UTF-8"}

    assert (await desk.copy(environ)).tools
    assert "canary" not in desk.got("environment")
    assert "LANG=de_DE.UTF-8" in desk.got("environment")
    assert tool_environment({"HOME": "/h", "X_API_KEY": "k"}) == {"HOME": "/h"}


async def test_missing_program_is_told() -> None:
    assert not await copy_with(Tool("x", ("no-such-program-here",)), "x")


@pytest.mark.parametrize(
    ("environ", "platform", "names"),
    [
        ({}, "darwin", ["pbcopy"]),
        ({"SSH_TTY": "x"}, "darwin", []),
        ({"WSL_DISTRO_NAME": "d"}, "linux", ["clip.exe", "powershell"]),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({}, "linux", []),
    ],
)
def test_tools_follow_the_desktop(environ: dict[str, str], platform: str, names: list[str]) -> None:
    assert [tool.name for tool in native_tools(environ, platform)] == names


def test_terminals_that_take_no_osc52_are_known() -> None:
    assert takes_osc52({"TERM": "xterm-kitty"})
    assert not takes_osc52({})
    assert not takes_osc52({"TERM": "xterm-256color", "VTE_VERSION": "7600"})
    assert not takes_osc52({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"})


def test_gnu_screen_gets_the_sequence_in_pieces() -> None:
    plain, wrapped = osc52(TEXT * 30, {}), osc52(TEXT * 30, {"STY": "1.x"})

    assert base64.b64decode(plain[7:-1]).decode() == TEXT * 30
    pieces = [piece.removeprefix("\x1bP") for piece in wrapped.split("\x1b\\")]
    assert "".join(pieces) == plain
    assert len(pieces) > 3
