"""Copying: the way that works where the app runs, and what it was."""

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_TIMEOUT = 2.0
"""Seconds that a clipboard tool may take."""

MAX_ENCODED = 74_994
"""Characters of Base64 that terminals take in one OSC 52; many drop a longer one in silence."""

_SCREEN_CHUNK = 252
"""Characters that GNU screen passes through in one piece."""

_FOR_TOOLS = frozenset(
    {
        *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP"),
        *("DBUS_SESSION_BUS_ADDRESS", "TMUX", "TMUX_PANE", "TMUX_TMPDIR"),
        *("WSL_DISTRO_NAME", "WSL_INTEROP"),
    }
)

_POWERSHELL = (
    "powershell.exe",
    *("-NoProfile", "-NonInteractive", "-Command"),
    "[Console]::InputEncoding=[Text.Encoding]::UTF8;Set-Clipboard ([Console]::In.ReadToEnd())",
)


def tool_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a helper of the desktop needs of the environment; nothing that could be a key."""
    return {name: value for name, value in environ.items() if name in _FOR_TOOLS}


class Tool(NamedTuple):
    """A program that takes text for a clipboard on its standard input."""

    name: str
    """As it is told."""
    command: tuple[str, ...]
    encoding: str = "utf-8"


class Copied(NamedTuple):
    """Where a text went; all is empty where nothing took it."""

    tools: tuple[str, ...] = ()
    """The programs that took it."""
    terminal: bool = False
    """Handed to the terminal with OSC 52, which answers nothing."""
    path: str = ""
    """The file that it was written to, because nothing else was there."""


def tmux_tools(environ: Mapping[str, str]) -> Iterator[Tool]:
    """The ways into the clipboard of tmux, best first.

    With its default `set-clipboard external` it drops OSC 52 from programs, but `load-buffer -w`
    reaches the outer terminal; before 3.2 there is no `-w`, and the text is in its buffer only.
    """
    if environ.get("TMUX"):
        yield Tool("tmux", ("tmux", "load-buffer", "-w", "-"))
        yield Tool("tmux", ("tmux", "load-buffer", "-"))


def native_tools(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[Tool]:
    """The ways into the clipboard of this machine's desktop, best first.

    None over SSH: that machine's clipboard is not the user's.
    """
    if over_ssh(environ):
        return
    if platform == "darwin":
        yield Tool("pbcopy", ("pbcopy",))
    if "WSL_DISTRO_NAME" in environ:
        yield Tool("clip.exe", ("clip.exe",), "utf-16")
        yield Tool("powershell", _POWERSHELL)
    if environ.get("WAYLAND_DISPLAY"):
        yield Tool("wl-copy", ("wl-copy",))
    if environ.get("DISPLAY"):
        yield Tool("xclip", ("xclip", "-selection", "clipboard"))
        yield Tool("xsel", ("xsel", "--clipboard", "--input"))


def over_ssh(environ: Mapping[str, str]) -> bool:
    """Whether the user sits at another machine."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def takes_osc52(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is likely to take OSC 52; it never says whether it did."""
    return (
        environ.get("TERM") not in ("linux", "dumb", "vt100", None)
        and environ.get("TERM_PROGRAM") != "Apple_Terminal"
        and "VTE_VERSION" not in environ
    )


def osc52(words: str, environ: Mapping[str, str]) -> str:
    """The sequence that puts a text on the terminal's clipboard; empty where it is too long."""
    encoded = base64.b64encode(words.encode()).decode()
    if len(encoded) > MAX_ENCODED:
        return ""
    sequence = f"\x1b]52;c;{encoded}\x07"
    if not environ.get("STY"):
        return sequence
    # GNU screen hands on what is wrapped, in short pieces.
    pieces = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


class Clipboard:
    """Puts texts where the user can paste them from.

    Args:
        write: sends a sequence to the terminal.
        environ: tells what there is.
        folder: for the files that stand in for a clipboard; the system's for passing files, if
            empty.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
        folder: str = "",
    ) -> None:
        self._write = write
        self._environ = environ
        self._folder = folder

    async def copy(self, words: str, *, to_file: bool = True) -> Copied:
        """Copy a clean text: by tmux, by the desktop's tools, by the terminal, else into a file.

        In a tmux on this machine both tmux and the desktop get it: its outer terminal may take no
        OSC 52.

        Args:
            words: what is copied.
            to_file: whether a file may stand in for the clipboard.

        Raises:
            OSError: not even the file could be written.
        """
        environ = self._environ
        by_tmux, by_tool = await asyncio.gather(
            self._first(tmux_tools(environ), words), self._first(native_tools(environ), words)
        )
        if by_tmux or by_tool:
            return Copied(by_tmux + by_tool)
        if takes_osc52(environ) and (sequence := osc52(words, environ)):
            self._write(sequence)
            return Copied(terminal=True)
        if not to_file:
            return Copied()
        return Copied(path=await asyncio.to_thread(self._keep, words))

    async def _first(self, tools: Iterator[Tool], words: str) -> tuple[str, ...]:
        """The first of some tools that is there and takes the text."""
        for tool in tools:
            if shutil.which(tool.command[0], path=self._environ.get("PATH")) is None:
                continue
            if await copy_with(tool, words, self._environ):
                return (tool.name,)
        return ()

    def _keep(self, words: str) -> str:
        number, path = tempfile.mkstemp(".md", "chat-tui-copied-", self._folder or None)
        with os.fdopen(number, "w", encoding="utf-8") as file:  # made with mode 0600
            file.write(words)
        return str(Path(path))


async def copy_with(tool: Tool, words: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Hand a text to a clipboard program; tells whether it took it.

    Some stay alive as daemons that hold the selection: only the program itself is waited for, and
    it has no pipe that they could keep open.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *tool.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=tool_environment(environ),
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_TIMEOUT):
            await process.communicate(words.encode(tool.encoding))
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
