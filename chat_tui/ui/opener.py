"""Opening addresses and files with what the desktop has for them."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from chat_tui.core.links import Link
from chat_tui.ui.clipboard import over_ssh, tool_environment

_TIMEOUT = 2.0
"""Seconds in which an opener that fails says so; one that goes on is a browser."""

_PLAIN = "%/:?#[]@!&*+,;=~"
"""Signs that mean nothing in a string of PowerShell. `wslview` puts the address into one, where
`$(…)` is run and every quotation mark of Unicode ends it."""

_SPECIAL = re.compile(r"[^\w./+-]", re.ASCII)
"""Signs of a path that might mean something in a string of PowerShell."""

_FOR_BROWSERS = (
    *("BROWSER", "USER", "LOGNAME", "SHELL", "DESKTOP_SESSION", "KDE_FULL_SESSION"),
    *("KDE_SESSION_VERSION", "GNOME_DESKTOP_SESSION_ID", "XDG_DATA_DIRS", "XDG_DATA_HOME"),
    *("XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_SESSION_TYPE", "XDG_SESSION_DESKTOP"),
)


def opener(
    environ: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> str:
    """The program that opens addresses where the user sits; empty where there is none.

    Over SSH a browser would open on the other machine, if at all.
    """
    if over_ssh(environ):
        return ""
    if platform == "darwin":
        return "open" if which("open") else ""
    if "WSL_DISTRO_NAME" in environ and which("wslview"):
        return "wslview"
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return "xdg-open" if has_desktop and which("xdg-open") else ""


async def open_link(link: Link, program: str) -> bool:
    """Open a checked address with a program of `opener`; tells whether that did not refuse it."""
    url = quote(link.url, safe=_PLAIN) if Path(program).name == "wslview" else link.url
    return await asyncio.to_thread(_run, [program, url])


async def open_file(path: Path, program: str) -> bool:
    """Show a file that is safe to show with a program of `opener`; tells whether that took it."""
    if Path(program).name == "wslview" and _SPECIAL.search(str(path)):
        return False
    return await asyncio.to_thread(_run, [program, str(path)])


def _run(command: list[str]) -> bool:
    environment = tool_environment()
    environment |= {name: os.environ[name] for name in _FOR_BROWSERS if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument vector without a shell, checked
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return False
    with suppress(subprocess.TimeoutExpired):
        return process.wait(_TIMEOUT) == 0
    # It is the browser itself, and outlives this app.
    return True
