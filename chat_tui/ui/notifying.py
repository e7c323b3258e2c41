"""Telling the end of long answers to who looks elsewhere, through the terminal."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from textual.app import App

from chat_tui.core.messages import Status
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import Notify, Settings
from chat_tui.core.texts import text
from chat_tui.ui.clipboard import tool_environment
from chat_tui.ui.terminal import send_sequence

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation

_TOGETHER = 0.5
"""Seconds for which is waited whether another answer ends too."""

_MOST_CELLS = 80
"""Width of a notification."""

_TMUX_TIMEOUT = 2.0
"""Seconds that tmux may take to say whether its pane is looked at."""

_NO_NEWS = frozenset({"stopped", "streaming"})
"""How an answer ends by the user's own hand, or has not ended."""


class Notifier:
    """Tells through the terminal that a long answer ended while nobody looks at it.

    Args:
        app: knows whether the terminal has the focus.
        settings: gives those in force: how to tell, and what is long.
        write: sends a sequence to the terminal; by default that of the app.
        environ: tells whether tmux is between.
        together: seconds in which answers that end are told as one.
    """

    def __init__(
        self,
        app: App[Any],
        settings: Callable[[], Settings],
        *,
        write: Callable[[str], None] | None = None,
        environ: Mapping[str, str] = os.environ,
        together: float = _TOGETHER,
    ) -> None:
        self._app = app
        self._settings = settings
        self._write = write or partial(send_sequence, app)
        self._environ = environ
        self._together = together
        self._ended: list[str] = []

    def notify_end(self, chat: "OpenConversation", seconds: float, status: Status) -> None:
        """Hear that an answer ended; costs nothing where there is nothing to tell.

        Args:
            chat: whose answer.
            seconds: how long it took.
            status: how it ended.
        """
        settings = self._settings()
        if settings.notify == "off" or status in _NO_NEWS or seconds < settings.notify_after:
            return
        title = chat.conversation.title or text("ended.untitled")
        failed = status in ("error", "interrupted", "filtered")
        self._ended.append(text("ended.failed" if failed else "ended.answer", title=title))
        if len(self._ended) == 1:
            # Others that end at the same time are told with it.
            self._app.set_timer(self._together, self._tell, name="notification")

    @property
    def busy(self) -> bool:
        """Whether something is about to be told."""
        return bool(self._ended)

    async def _tell(self) -> None:
        looked_at = await self._looked_at()
        ended, self._ended = self._ended, []
        if not looked_at:
            words = ended[0] if len(ended) == 1 else text("ended.several", count=len(ended))
            in_tmux = bool(self._environ.get("TMUX"))
            self._write(notification(words, self._settings().notify, in_tmux=in_tmux))

    async def _looked_at(self) -> bool:
        """Whether the terminal has the focus, as far as that can be known.

        tmux hands focus events on only where it is told to; it is asked which pane is shown.
        """
        if not self._app.app_focus:
            return False
        pane = self._environ.get("TMUX_PANE")
        if not pane or not shutil.which("tmux", path=self._environ.get("PATH")):
            return True
        shown = "#{window_active}#{pane_active}#{?session_attached,1,0}"
        command = ("tmux", "display-message", "-p", "-t", pane, shown)
        return await _asked(tool_environment(self._environ), *command) in ("111", "")


def notification(words: str, how: Notify, *, in_tmux: bool) -> str:
    """The sequence that tells something; empty where nothing is to be told.

    Args:
        words: raw; no more than a line of them is sent.
        how: the setting.
        in_tmux: wrap it, so that tmux hands it on (with its `allow-passthrough`).
    """
    if how == "bell":
        return "\a"
    # A semicolon would begin another field.
    words = clean_line(words).replace(";", ",")
    if cell_len(words) > _MOST_CELLS:
        words = set_cell_size(words, _MOST_CELLS - 1).rstrip() + "…"
    if how == "osc9":
        sequence = f"\x1b]9;{words}\x1b\\"
    elif how == "osc777":
        sequence = f"\x1b]777;notify;chat-tui;{words}\x1b\\"
    else:
        return ""
    if not in_tmux:
        return sequence
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


async def _asked(environ: Mapping[str, str], *command: str) -> str:
    """What a program says on one line; empty where it fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environ,
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(_TMUX_TIMEOUT):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return said.decode(errors="replace").strip()
