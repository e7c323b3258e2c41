"""Text that was taken from a document that is no plain text, in the process that reads it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from chat_tui.core.errors import UsageError

Importer = Callable[[str], Any]
"""Imports a module by its name, as `importlib.import_module` does."""


class Extract(NamedTuple):
    """What was taken from a document."""

    text: str
    pages: int = 0
    """Of a PDF, or sheets of a workbook: of all of it."""
    following: int = 0
    """The page where the next piece begins; 0: it is at its end."""
    language: str = "markdown"
    warnings: tuple[str, ...] = ()
    """Sentences about what is lost or hidden."""
    blank: int = 0
    """Pages of these that have no text."""
    broken: int = 0
    """Pages of these that cannot be read."""


def library(importer: Importer, module: str, name: str) -> Any:
    """A library that reads documents.

    Args:
        importer: imports it.
        module: its name.
        name: of the file, clean.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importer(module)
    except ModuleNotFoundError:
        raise UsageError(
            f"{name} cannot be read: the part of the app that reads such documents is not"
            " installed.",
            hint="Install it with: pip install 'chat-tui[documents]'",
        ) from None


def unreadable(name: str, why: str = "it seems to be damaged") -> UsageError:
    """The refusal of a document that its library cannot read."""
    return UsageError(
        f"{name} cannot be read: {why}.",
        hint="Open it in its own program, save its text, and attach that.",
    )


def protected(name: str) -> UsageError:
    """The refusal of a document that asks for a password."""
    return UsageError(
        f"{name} is protected by a password.", hint="Save a copy without it, and attach that."
    )
