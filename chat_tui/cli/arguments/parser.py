"""From the words of the command line to the options of a command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from chat_tui import __version__
from chat_tui.cli.arguments.ask import add_ask, ask_options
from chat_tui.cli.arguments.models import add_models, models_options, take_words
from chat_tui.cli.arguments.shared import Commands, Formatter, add_target, rows, target_options
from chat_tui.cli.help import EPILOG
from chat_tui.cli.options import (
    AppOptions,
    DoctorOptions,
    ExportOptions,
    ImportOptions,
    ListOptions,
    Options,
)


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        SystemExit: it is wrong (2, with a message), or was --help or --version (0).
    """
    parser = _parser()
    found, left = parser.parse_known_args(arguments)
    if found.command == "models":
        left = take_words(found, left)
    if left:
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    match found.command:
        case "ask":
            return ask_options(found)
        case "list":
            return ListOptions(found.json, found.limit)
        case "models":
            return models_options(found)
        case "export":
            return ExportOptions(found.id, found.output, found.comparison, found.format)
        case "import":
            return ImportOptions(found.file)
        case "doctor":
            return DoctorOptions(target_options(found, found.model), found.test, found.json)
        case _:
            return AppOptions(target_options(found, found.model), found.resume)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "chat-tui",
        description="Chat with any model that speaks Chat Completions, in the terminal.",
        epilog=EPILOG,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"chat-tui {__version__}", help="show the version"
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="ID",
        help="go on with a conversation: its id, the beginning of it, or nothing for the newest",
    )
    add_target(parser, model=("--model",), default="")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", description="each with --help"
    )
    add_ask(commands)
    add_models(commands)
    _add_others(commands)
    return parser


def _add(commands: Commands, name: str, help_: str) -> argparse.ArgumentParser:
    """Add a command that explains itself."""
    return commands.add_parser(
        name, help=help_, description=f"{help_.capitalize()}.", allow_abbrev=False
    )


def _add_others(commands: Commands) -> None:
    conversations = _add(commands, "list", "list the conversations, newest first")
    conversations.add_argument("--json", action="store_true", help="print a JSON array")
    conversations.add_argument(
        "--limit",
        type=rows,
        metavar="N",
        help="rows at the most, 0 for all (default: 50; all with --json)",
    )
    _add_export(commands)
    import_ = _add(commands, "import", "take over conversations from a file of `chat-tui export`")
    import_.add_argument("file", type=Path, metavar="FILE")
    doctor = _add(commands, "doctor", "show folders, versions, the providers, and what is wrong")
    doctor.add_argument("--json", action="store_true", help="print a JSON object")
    doctor.add_argument(
        "--test",
        action="store_true",
        help="test the connection, with a prompt of one token; so does naming a provider",
    )
    add_target(doctor, model=("-m", "--model"), default=argparse.SUPPRESS)


def _add_export(commands: Commands) -> None:
    export = _add(commands, "export", "write a conversation with all its branches")
    export.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    export.add_argument(
        "--comparison",
        action="store_true",
        help="the answers of several models, or versions of one answer, beside each other",
    )
    export.add_argument(
        "--format",
        choices=["json", "md", "html"],
        help="json, and of a comparison also md and html (default: as FILE ends, else md)",
    )
    export.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to (default: standard output)"
    )
