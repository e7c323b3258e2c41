"""Saving something to a file that the user names."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.code_files import is_file, path_of, shown_path
from chat_tui.ui.screens.dialogs import ConfirmDialog, LineDialog


async def save_to_file(
    app: App[Any],
    wanted: str,
    ask: Callable[[str, str], LineDialog],
    write: Callable[[Path, bool], None],
) -> Path | None:
    """Ask for a path until something is saved; gives it, or None where the user gives up.

    What is there already is overwritten only after a question. Must run in a worker.

    Args:
        app: shows the dialogs.
        wanted: the path that is proposed; clean.
        ask: makes the dialog, of a path and of why another one did not do.
        write: writes to a path, over what is there or not; it may raise OSError. A thread runs it.
    """
    trouble = ""
    while True:
        given = await app.push_screen_wait(ask(wanted, trouble))
        if given is None:
            return None
        wanted, replace = given, False
        path = path_of(given)
        if await asyncio.to_thread(is_file, path):
            question = text("code.replace", name=clean_line(path.name, code=True))
            replace = await app.push_screen_wait(ConfirmDialog(question, shown_path(path)))
            if not replace:
                continue
        try:
            await asyncio.to_thread(write, path, replace)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            trouble = text("code.not-saved", path=shown_path(path), reason=reason)
        else:
            return path
