"""Asks for the address of a picture that the provider fetches."""

from typing import Any
from urllib.parse import urlsplit

from textual.app import App

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.screens.dialogs import LineDialog

_LONGEST = 4_000
"""Characters of an address."""


def picture_address(written: str) -> str:
    """An address as it is sent.

    Raises:
        UsageError: it is none of the web.
    """
    address = clean_line(written, code=True).strip()
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one or any(letter.isspace() for letter in address):
        raise UsageError(text("attaching.no-address"))
    return address


async def ask_address(app: App[Any]) -> str | None:
    """Ask for an address until one of the web is given; None where it is left. Runs in a worker."""
    title, hint = text("attaching.address"), text("attaching.address-hint")
    words, trouble = "", ""
    while True:
        asks = LineDialog(title, words, hint, longest=_LONGEST, trouble=trouble)
        written = await app.push_screen_wait(asks)
        if written is None:
            return None
        try:
            return picture_address(written)
        except UsageError as error:
            words, trouble = clean_line(written, code=True), error.message
