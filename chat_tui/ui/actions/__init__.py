"""What a user can do, declared once.

From this registry come the key bindings (with ids, so that they can be changed), the entries of
the palette, the letters after the leader key, the hints at the bottom and the help screen. Labels
and explanations stand in the catalogue of texts, as `action.ID.label` and `action.ID.help`.
"""

from chat_tui.ui.actions.action import Action, Scope
from chat_tui.ui.actions.active import ActiveKeys, KeyedApp, active_keys, show_key
from chat_tui.ui.actions.conversation import LEADER
from chat_tui.ui.actions.registry import (
    ACTIONS,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    ON_ALL_SCREENS,
    action_called,
    after_leader,
    bindings_for,
    in_scope,
    screen_bindings,
)

__all__ = [
    "ACTIONS",
    "CONVERSATION_SCOPES",
    "EVERYWHERE",
    "LEADER",
    "ON_ALL_SCREENS",
    "Action",
    "ActiveKeys",
    "KeyedApp",
    "Scope",
    "action_called",
    "active_keys",
    "after_leader",
    "bindings_for",
    "in_scope",
    "screen_bindings",
    "show_key",
]
