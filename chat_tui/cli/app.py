"""`chat-tui`: the full-screen app."""

import asyncio
import gc
import os
import sys
from typing import TYPE_CHECKING

from chat_tui.cli import loop
from chat_tui.cli.backend import AppBackend
from chat_tui.cli.choosing import Choice, choose
from chat_tui.cli.compose import Setup, chosen_keymap, load_setup, stored
from chat_tui.cli.options import AppOptions, TargetOptions
from chat_tui.cli.output import say
from chat_tui.cli.reports import write_report
from chat_tui.cli.signals import call_on_signals
from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import UsageError
from chat_tui.core.texts import text

if TYPE_CHECKING:  # Textual: 0.4 s
    from chat_tui.ui.app import ChatApp

_USAGE = 2
_FAILED = 1


def run(options: AppOptions) -> int:
    """Run the app; gives the exit code.

    Raises:
        UsageError: a word of the command line is wrong.
    """
    # What imports leave behind is no garbage: not looking for any saves a quarter of their time.
    gc.disable()
    try:
        if reason := _why_unusable():
            say(reason)
            return _USAGE
        setup = load_setup(os.environ)
        app, backend = _make(options, setup)
    finally:
        gc.freeze()
        gc.enable()
    code = loop.run(_run(app, backend))
    if not app.crash:
        return code
    path = write_report(setup.paths.state, app.crash)
    say(text("crash.report", path=path) if path else text("crash.no-report"))
    return code or _FAILED


def _why_unusable() -> str:
    """Why there can be no full screen here; empty where there can."""
    # Textual reads it while it is imported: Esc acts within 100 ms only if the wait for the
    # rest of an escape sequence is shorter.
    os.environ.setdefault("ESCDELAY", "25")
    # The first import of Textual: 0.4 s, for the app alone.
    from chat_tui.ui.terminal import unusable

    if sys.stdin is None or sys.stdout is None:
        return text("crash.no-terminal")
    # Textual draws on standard error.
    reasons = (unusable(sys.stdin, stream, os.environ) for stream in (sys.stdout, sys.stderr))
    return next(filter(None, reasons), "")


def _make(options: AppOptions, setup: Setup) -> "tuple[ChatApp, AppBackend]":
    # See above.
    from chat_tui.ui.app import ChatApp

    choice, more = _choose(options.target, setup)
    resume = options.resume
    if resume:
        resume = asyncio.run(_whole_id(setup, resume))
    clock = SystemClock()
    backend = AppBackend(setup, choice, clock)
    keymap, faults = chosen_keymap(setup)
    problems = (*setup.problems, *more, *faults)
    app = ChatApp(backend, setup.settings, clock, resume=resume, problems=problems, keymap=keymap)
    return app, backend


def _choose(options: TargetOptions, setup: Setup) -> tuple[Choice, list[str]]:
    """Whom to talk to; a provider of the settings that does not exist must not keep the app out."""
    try:
        return choose(options, setup.settings, setup.profiles, setup.environ), []
    except UsageError as error:
        if options.names_provider or options.api_key_env:
            raise
        problem = f"{setup.paths.config_file}: provider: {error.told}"
    named = TargetOptions(demo=True, model=options.model)
    return choose(named, setup.settings, setup.profiles, setup.environ), [problem]


async def _whole_id(setup: Setup, prefix: str) -> str:
    # With the store 11 ms, which only this option needs before the first frame.
    from chat_tui.cli.lookup import find

    async with stored(setup.paths) as store:
        return (await find(store, prefix)).id


async def _run(app: "ChatApp", backend: AppBackend) -> int:
    """Run the app to its end; gives the exit code."""
    task = asyncio.current_task()
    signalled = 0

    def stop(exit_code: int) -> None:
        nonlocal signalled
        signalled = exit_code
        if task is not None:
            task.cancel()

    # The app itself takes over as soon as it is mounted.
    call_on_signals(asyncio.get_running_loop(), stop)
    try:
        await app.run_async()
    except asyncio.CancelledError:
        if not signalled:
            raise
    finally:
        # A crash or a cancellation leaves it open.
        await backend.close()
    return signalled or app.return_code or 0
