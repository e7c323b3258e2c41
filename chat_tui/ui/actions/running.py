"""Whether an action would do something now."""

from typing import Any

from textual.actions import parse
from textual.screen import Screen

from chat_tui.ui.actions.action import Action


def can_run(action: Action, screen: Screen[Any]) -> bool:
    """Whether an action would do something on a screen now."""
    namespace, name, parameters = parse(action.run)
    if namespace == "screen" and not screen.check_action(name, parameters):
        return False
    there: object = screen
    for name in filter(None, action.needs.split(".")):
        there = getattr(there, name, None)
    return bool(there)
