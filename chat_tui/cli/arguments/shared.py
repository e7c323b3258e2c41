"""What the options of several commands have in common."""

import argparse
from typing import Any, TypeAlias

from chat_tui.cli.options import TargetOptions
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count

# argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
"""Where a command adds its parser."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Leaves the room that our options need, and texts as they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


def add_target(
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


def target_options(found: argparse.Namespace, model: str) -> TargetOptions:
    """What was said of whom to talk to."""
    return TargetOptions(found.provider, found.demo, found.base_url, model, found.api_key_env)


def rows(text: str) -> int:
    """A number of rows; a type of arguments."""
    return number(text, "rows")


def number(text: str, what: str) -> int:
    """A number as people write it, of what an error names.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return read_count(text)
    except UsageError:
        raise argparse.ArgumentTypeError(f"{text} is not a number of {what}") from None
