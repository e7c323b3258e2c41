"""Copying: the way that works where the app runs."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping

_TIMEOUT = 2.0
"""Seconds that a clipboard tool may take."""


def clipboard_command(
    environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which
) -> tuple[str, ...]:
    """The program that takes text for the clipboard here; empty where only OSC 52 is left.

    tmux comes first: with its default `set-clipboard external` it drops OSC 52 from programs, but
    `load-buffer -w` reaches the outer terminal. Over SSH the machine's own clipboard is not the
    user's, so that only the terminal can be asked.
    """
    if environ.get("TMUX") and which("tmux"):
        return ("tmux", "load-buffer", "-w", "-")
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return ()
    if sys.platform == "darwin" and which("pbcopy"):
        return ("pbcopy",)
    if environ.get("WAYLAND_DISPLAY") and which("wl-copy"):
        return ("wl-copy",)
    if environ.get("DISPLAY"):
        if which("xclip"):
            return ("xclip", "-selection", "clipboard")
        if which("xsel"):
            return ("xsel", "--clipboard", "--input")
    if "WSL_DISTRO_NAME" in environ and which("clip.exe"):
        return ("clip.exe",)
    return ()


async def copy_with(command: tuple[str, ...], text: str) -> bool:
    """Hand a text to a clipboard program; tells whether it took it."""
    environment = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "TMUX")
        if name in os.environ
    }
    if "XAUTHORITY" in os.environ:
        environment["XAUTHORITY"] = os.environ["XAUTHORITY"]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_TIMEOUT):
            await process.communicate(text.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
