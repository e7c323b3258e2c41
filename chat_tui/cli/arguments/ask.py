"""The words of `chat-tui ask`."""

import argparse
from pathlib import Path
from typing import get_args

from chat_tui.cli.arguments.shared import Commands, Formatter, add_target, number, target_options
from chat_tui.cli.help import ASK, ASK_EPILOG
from chat_tui.cli.options import AskOptions, AttachOptions
from chat_tui.core.attachments.detail import ImageDetail
from chat_tui.core.context.budget import LEAST_WINDOW
from chat_tui.core.context.policy import Overflow


def add_ask(commands: Commands) -> None:
    """Add the command."""
    ask = commands.add_parser(
        "ask",
        help="ask once, print the answer",
        description=ASK,
        epilog=ASK_EPILOG,
        formatter_class=Formatter,
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
    _add_attached(ask)
    _add_parameters(ask)
    _add_context(ask)
    ask.add_argument("--no-stream", action="store_true", help="ask for the answer whole")
    ask.add_argument("--no-save", action="store_true", help="write nothing to disk")
    ask.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    add_target(
        ask,
        model=("-m", "--model"),
        default=argparse.SUPPRESS,
        dest="models",
        action="append",
        help="the model; several are asked one after the other",
    )
    ask.set_defaults(models=None)


def ask_options(found: argparse.Namespace) -> AskOptions:
    """What was said."""
    models = tuple(found.models or ([found.model] if found.model else ()))
    return AskOptions(
        prompt=found.prompt,
        target=target_options(found, ""),
        models=models,
        system=found.system,
        continue_newest=found.continue_newest,
        conversation=found.conversation,
        parameters=tuple(found.parameters or ()),
        json_mode=found.json_mode,
        schema=found.schema,
        attach=_attached(found),
        context_policy=found.context_policy,
        max_history=found.max_history,
        window=found.window,
        stream=not found.no_stream,
        save=not found.no_save,
        json=found.json,
    )


def _add_attached(ask: argparse.ArgumentParser) -> None:
    group = ask.add_argument_group("pictures and documents")
    group.add_argument(
        *("-i", "--image"),
        dest="attached",
        action="append",
        type=_picture,
        metavar="IMAGE",
        help="attach a picture: a path, an http(s) address that the provider fetches, - for "
        "standard input; as often as needed",
    )
    group.add_argument(
        *("-f", "--file"),
        dest="attached",
        action="append",
        type=_file,
        metavar="FILE",
        help="attach a document, the files of a folder or of a pattern ('src/**/*.py', in "
        "quotes), - for standard input; as often as needed",
    )
    group.add_argument(
        "--detail", choices=get_args(ImageDetail), help="how closely the model looks at pictures"
    )
    group.add_argument(
        "--keep-metadata",
        action="store_true",
        help="leave in pictures what they say of place, time and camera",
    )
    _add_documents(group)
    group.add_argument(
        "--save-images",
        type=Path,
        metavar="FOLDER",
        help="write the pictures of the answer into this folder",
    )


def _add_documents(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--max-chars",
        type=_characters,
        default=0,
        metavar="N",
        help="cut documents that have more characters",
    )
    group.add_argument(
        "--cut",
        choices=("head", "head-and-tail", "whole"),
        help="what is kept of these: the beginning, or beginning and end (the default); whole: "
        "they are refused",
    )
    group.add_argument(
        "--send-secrets",
        action="store_true",
        help="send documents in which there seems to be a key",
    )


def _attached(found: argparse.Namespace) -> AttachOptions:
    return AttachOptions(
        files=tuple(found.attached or ()),
        detail=found.detail,
        keep_metadata=found.keep_metadata,
        cut=found.cut or ("head-and-tail" if found.max_chars else "whole"),
        most_characters=found.max_chars,
        send_secrets=found.send_secrets,
        save_images=found.save_images,
    )


def _picture(name: str) -> tuple[str, str]:
    return "picture", _named(name)


def _file(name: str) -> tuple[str, str]:
    return "file", _named(name)


def _named(name: str) -> str:
    if not name:
        raise argparse.ArgumentTypeError("no path is given")
    return name


def _characters(text: str) -> int:
    return number(text, "characters")


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


def _messages(text: str) -> int:
    return number(text, "messages")


def _tokens(text: str) -> int:
    tokens = number(text, "tokens")
    if tokens < LEAST_WINDOW:
        raise argparse.ArgumentTypeError(f"a window has {LEAST_WINDOW} tokens at least")
    return tokens
