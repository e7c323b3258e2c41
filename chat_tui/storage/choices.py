"""The user's small records as they are stored: favourites, model sets and votes, as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from chat_tui.storage.operations import Choice
from chat_tui.storage.values import sane_time


def choice_from_text(text: Any, at: Any) -> Choice | None:
    """Read a record from its columns; None where it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError, TypeError):
        return None
    if not isinstance(data, Mapping):
        return None
    return Choice(data, sane_time(at) if isinstance(at, int | float) else 0.0)
