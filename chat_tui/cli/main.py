"""From the words of the command line to a command and its exit code."""

import os
import sys
from collections.abc import Sequence
from typing import assert_never

from chat_tui.cli.options import (
    AppOptions,
    AskOptions,
    DoctorOptions,
    ExportOptions,
    ImportOptions,
    ListOptions,
    ModelsOptions,
    Options,
)
from chat_tui.cli.output import ClosedOutputError, forget_lost_output, say, say_error
from chat_tui.cli.signals import Terminated, raise_on_signals
from chat_tui.core.errors import ChatError

CLOSED_OUTPUT = 141
"""What a shell reports of a program that SIGPIPE ended."""


def run(arguments: Sequence[str]) -> int:
    """Run a command; gives the exit code."""
    occupy_standard_streams()
    raise_on_signals()
    try:
        return _dispatch(_parse(arguments))
    except ChatError as error:
        say_error(error)
        return error.exit_code
    except ClosedOutputError:
        return CLOSED_OUTPUT
    except Terminated as signal:
        return signal.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort, which keeps the report
        return _report(error)
    finally:
        forget_lost_output()


def occupy_standard_streams() -> None:
    """Give closed standard streams something harmless.

    Else the next file that is opened, which may be the database, would be taken for one of them.
    Standard output becomes one that refuses to be written to, as a closed one does.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number
    if sys.stderr is None:
        # Without it print() would write to standard output.
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - open to the end


def _parse(arguments: Sequence[str]) -> Options:
    if not arguments:
        return AppOptions()
    # argparse costs as much as the interpreter's start; the app alone does without it.
    from chat_tui.cli.arguments.parser import parse

    return parse(arguments)


def _dispatch(options: Options) -> int:
    """Import what a command needs and run it: Textual (0.4 s) for the app alone."""
    match options:
        case AppOptions():
            from chat_tui.cli import app

            return app.run(options)
        case AskOptions():
            from chat_tui.cli import ask

            return ask.run(options)
        case ListOptions():
            from chat_tui.cli import list as list_

            return list_.run(options)
        case ModelsOptions():
            from chat_tui.cli import list_models

            return list_models.run(options)
        case ExportOptions():
            from chat_tui.cli import export

            return export.run(options)
        case ImportOptions():
            from chat_tui.cli import import_

            return import_.run(options)
        case DoctorOptions():
            from chat_tui.cli import doctor

            return doctor.run(options)
        case _:
            assert_never(options)


def _report(error: Exception) -> int:
    """Keep a report of an unexpected failure; a traceback would quote texts."""
    # Both are needed only here; the second imports Textual (0.4 s).
    from chat_tui import __version__
    from chat_tui.cli.reports import write_report
    from chat_tui.storage.paths import find_paths
    from chat_tui.ui.terminal import crash_report

    path = write_report(find_paths(os.environ).state, crash_report(error, __version__))
    where = f" A report without your texts is in {path}" if path else ""
    say(f"chat-tui: The command failed ({type(error).__name__}).{where}")
    return 1
