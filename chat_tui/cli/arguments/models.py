"""The words of `chat-tui models`."""

import argparse
import re
from collections.abc import Sequence

from chat_tui.cli.arguments.shared import Commands, Formatter, add_target, rows, target_options
from chat_tui.cli.help import MODELS, MODELS_EPILOG
from chat_tui.cli.options import ModelsOptions
from chat_tui.core.picking.kinds import EFFORTS, ORDERS, TASKS

_WORD = re.compile(r"[^-].*|-[^-]{3}.*", re.DOTALL)
"""No option, and none that was meant: `son`, `-vision`, but not `-m`."""


def add_models(commands: Commands) -> None:
    """Add the command."""
    models = commands.add_parser(
        "models",
        help="list models: what they can do, and what they cost",
        description=MODELS,
        epilog=MODELS_EPILOG,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    models.add_argument("words", nargs="*", metavar="WORDS", help="what to look for")
    models.add_argument(
        "--for", dest="task", choices=TASKS, help="what suits this, best first, and why"
    )
    models.add_argument("--effort", choices=EFFORTS, help="how hard that is (default: medium)")
    models.add_argument("--sort", choices=ORDERS, default="relevance", help="another order")
    models.add_argument(
        "--limit",
        type=rows,
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
    add_target(models, model=(), default=argparse.SUPPRESS)


def take_words(found: argparse.Namespace, left: Sequence[str]) -> list[str]:
    """Take the words that stand behind options, and conditions that begin with a hyphen.

    Args:
        found: gets them.
        left: what argparse makes nothing of.

    Returns:
        What are none: options that there are not.
    """
    words = [each for each in left if _WORD.fullmatch(each)]
    found.words = [*found.words, *words]
    return [each for each in left if each not in words]


def models_options(found: argparse.Namespace) -> ModelsOptions:
    """What was said."""
    return ModelsOptions(
        words=tuple(found.words),
        target=target_options(found, ""),
        task=found.task,
        effort=found.effort,
        order=found.sort,
        limit=found.limit,
        refresh=found.refresh,
        favourites=found.favourites,
        everything=found.all,
        json=found.json,
    )
