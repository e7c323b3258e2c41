"""The words of the command line and their help."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from chat_tui import __version__
from chat_tui.cli.help import ASK, ASK_EPILOG, EPILOG, MODELS, MODELS_EPILOG
from chat_tui.cli.options import (
    AppOptions,
    AskOptions,
    DoctorOptions,
    ExportOptions,
    ImportOptions,
    ListOptions,
    ModelsOptions,
    Options,
    TargetOptions,
)
from chat_tui.core.context.budget import LEAST_WINDOW
from chat_tui.core.context.policy import Overflow
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count
from chat_tui.core.picking.kinds import EFFORTS, ORDERS, TASKS


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        SystemExit: it is wrong (2, with a message), or was --help or --version (0).
    """
    found = _parser().parse_args(arguments)
    match found.command:
        case "ask":
            return _ask_options(found)
        case "list":
            return ListOptions(found.json, found.limit)
        case "models":
            return _models_options(found)
        case "export":
            return ExportOptions(found.id, found.output, found.comparison, found.format)
        case "import":
            return ImportOptions(found.file)
        case "doctor":
            return DoctorOptions(_target_options(found, found.model), found.test, found.json)
        case _:
            return AppOptions(_target_options(found, found.model), found.resume)


def _ask_options(found: argparse.Namespace) -> AskOptions:
    models = tuple(found.models or ([found.model] if found.model else ()))
    return AskOptions(
        prompt=found.prompt,
        target=_target_options(found, ""),
        models=models,
        system=found.system,
        continue_newest=found.continue_newest,
        conversation=found.conversation,
        parameters=tuple(found.parameters or ()),
        json_mode=found.json_mode,
        schema=found.schema,
        context_policy=found.context_policy,
        max_history=found.max_history,
        window=found.window,
        stream=not found.no_stream,
        save=not found.no_save,
        json=found.json,
    )


def _models_options(found: argparse.Namespace) -> ModelsOptions:
    return ModelsOptions(
        words=tuple(found.words),
        target=_target_options(found, ""),
        task=found.task,
        effort=found.effort,
        order=found.sort,
        limit=found.limit,
        refresh=found.refresh,
        favourites=found.favourites,
        everything=found.all,
        json=found.json,
    )


def _target_options(found: argparse.Namespace, model: str) -> TargetOptions:
    return TargetOptions(found.provider, found.demo, found.base_url, model, found.api_key_env)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "chat-tui",
        description="Chat with any model that speaks Chat Completions, in the terminal.",
        epilog=EPILOG,
        formatter_class=_Formatter,
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
    _add_target(parser, model=("--model",), default="")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", description="each with --help"
    )
    _add_ask(commands)
    _add_models(commands)
    _add_others(commands)
    return parser


def _add_target(
    parser: argparse.ArgumentParser, *, model: tuple[str, ...], default: str, **more: Any
) -> None:
    """Add the options that say whom to talk to.

    Args:
        parser: of the app or of a command.
        model: the names of the option for the model; none where all are meant.
        default: "" or `argparse.SUPPRESS`, which leaves what stood before the command.
        more: for the option of the model.
    """
    group = parser.add_argument_group("whom to talk to")
    one = group.add_mutually_exclusive_group()
    one.add_argument(
        "--provider", metavar="P", default=default, help="a built-in provider, or one of yours"
    )
    one.add_argument(
        "--demo",
        action="store_true",
        default=default or False,
        help="the built-in demo: no key, no network",
    )
    one.add_argument(
        "--base-url",
        metavar="URL",
        default=default,
        help="any server; no key is sent without --api-key-env",
    )
    more = {"metavar": "MODEL", "default": default} | more
    more.setdefault("help", "the model; by default the provider's, or the first that it lists")
    if model:
        group.add_argument(*model, **more)
    group.add_argument(
        "--api-key-env",
        metavar="VAR",
        default=default,
        help="the environment variable that holds the key (never the key itself)",
    )


def _add_ask(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ask = commands.add_parser(
        "ask",
        help="ask once, print the answer",
        description=ASK,
        epilog=ASK_EPILOG,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    ask.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to ask, in quotes")
    ask.add_argument("-s", "--system", metavar="SYSTEM", help="the system prompt")
    which = ask.add_mutually_exclusive_group()
    which.add_argument(
        "-c", dest="continue_newest", action="store_true", help="continue the newest conversation"
    )
    which.add_argument(
        "--conversation",
        metavar="ID",
        default="",
        help="continue this conversation: its id, or the beginning of it",
    )
    _add_parameters(ask)
    _add_context(ask)
    ask.add_argument("--no-stream", action="store_true", help="ask for the answer whole")
    ask.add_argument("--no-save", action="store_true", help="write nothing to disk")
    ask.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    _add_target(
        ask,
        model=("-m", "--model"),
        default=argparse.SUPPRESS,
        dest="models",
        action="append",
        help="the model; several are asked one after the other",
    )
    ask.set_defaults(models=None)


def _add_parameters(ask: argparse.ArgumentParser) -> None:
    ask.add_argument(
        "-p",
        dest="parameters",
        action="append",
        metavar="NAME=VALUE",
        help="a request parameter, as often as needed; without a VALUE it is left out",
    )
    format_ = ask.add_mutually_exclusive_group()
    format_.add_argument(
        "--json-mode", action="store_true", help="want a JSON object; say so in the prompt, too"
    )
    format_.add_argument(
        "--schema", type=Path, metavar="FILE", help="want JSON that follows the schema in FILE"
    )


def _add_context(ask: argparse.ArgumentParser) -> None:
    group = ask.add_argument_group("where the conversation is larger than the model's window")
    group.add_argument(
        "--context-policy",
        choices=get_args(Overflow),
        help="trim: leave the oldest turns out; compact: and have them summed up; warn: send all, "
        "and say so; off: send all",
    )
    group.add_argument(
        "--max-history",
        type=_messages,
        metavar="N",
        help="send N messages at the most, the system prompt and the new one among them; 0: any",
    )
    group.add_argument(
        "--window",
        type=_tokens,
        metavar="N",
        help="the window has N tokens (8192, 128k), whatever the provider says; for this run",
    )


def _add_models(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    models = commands.add_parser(
        "models",
        help="list models: what they can do, and what they cost",
        description=MODELS,
        epilog=MODELS_EPILOG,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    models.add_argument("words", nargs="*", metavar="WORDS", help="what to look for")
    models.add_argument(
        "--for", dest="task", choices=TASKS, help="what suits this, best first, and why"
    )
    models.add_argument(
        "--effort", choices=EFFORTS, default="medium", help="how hard that is (default: medium)"
    )
    models.add_argument("--sort", choices=ORDERS, default="relevance", help="another order")
    models.add_argument(
        "--limit",
        type=_count,
        metavar="N",
        help="rows at the most, 0 for all (default: 50; all with --json)",
    )
    models.add_argument(
        "--refresh", action="store_true", help="ask the provider for its list, whatever is kept"
    )
    models.add_argument("--favourites", action="store_true", help="favourites only")
    models.add_argument(
        "--all", action="store_true", help="also of providers that are not set up, as shipped"
    )
    models.add_argument("--json", action="store_true", help="print a JSON array")
    _add_target(models, model=(), default=argparse.SUPPRESS)


def _add_others(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    def add(name: str, help_: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=help_, description=f"{help_.capitalize()}.", allow_abbrev=False
        )

    conversations = add("list", "list the conversations, newest first")
    conversations.add_argument("--json", action="store_true", help="print a JSON array")
    conversations.add_argument(
        "--limit",
        type=_count,
        metavar="N",
        help="rows at the most, 0 for all (default: 50; all with --json)",
    )
    export = add("export", "write a conversation with all its branches")
    export.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    export.add_argument(
        "--comparison",
        action="store_true",
        help="the answers of several models, or versions of one answer, beside each other",
    )
    export.add_argument(
        "--format",
        choices=["json", "md", "html"],
        help="the format: json, and of a comparison also md (its default) and html",
    )
    export.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to (default: standard output)"
    )
    import_ = add("import", "take over conversations from a file of `chat-tui export`")
    import_.add_argument("file", type=Path, metavar="FILE")
    doctor = add("doctor", "show folders, versions, the providers, and what is wrong")
    doctor.add_argument("--json", action="store_true", help="print a JSON object")
    doctor.add_argument(
        "--test",
        action="store_true",
        help="test the connection, with a prompt of one token; so does naming a provider",
    )
    _add_target(doctor, model=("-m", "--model"), default=argparse.SUPPRESS)


def _count(text: str) -> int:
    return _number(text, "rows")


def _messages(text: str) -> int:
    return _number(text, "messages")


def _tokens(text: str) -> int:
    tokens = _number(text, "tokens")
    if tokens < LEAST_WINDOW:
        raise argparse.ArgumentTypeError(f"a window has {LEAST_WINDOW} tokens at least")
    return tokens


def _number(text: str, what: str) -> int:
    try:
        return read_count(text)
    except UsageError:
        raise argparse.ArgumentTypeError(f"{text} is not a number of {what}") from None
