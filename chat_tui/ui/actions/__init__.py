"""What a user can do, declared once.

From this registry come the key bindings (with ids, so that they can be changed), the entries of
the palette, the letters after the leader key, the hints at the bottom and the help screen. Labels
and explanations stand in the catalogue of texts, as `action.ID.label` and `action.ID.help`.
"""

from chat_tui.ui.actions.action import Action, Scope, Subject
from chat_tui.ui.actions.active import (
    AFTER_LEADER,
    ActiveKeys,
    KeyedApp,
    active_keys,
    keyed_app,
    show_key,
)
from chat_tui.ui.actions.conversation import LEADER
from chat_tui.ui.actions.registry import (
    ACTIONS,
    CONVERSATION_SCOPES,
    EVERYWHERE,
    ON_ALL_SCREENS,
    action_called,
    bindings_for,
    in_scope,
    leader_key,
    screen_bindings,
)
from chat_tui.ui.actions.running import can_run

__all__ = [
    "ACTIONS",
    "AFTER_LEADER",
    "CONVERSATION_SCOPES",
    "EVERYWHERE",
    "LEADER",
    "ON_ALL_SCREENS",
    "Action",
    "ActiveKeys",
    "KeyedApp",
    "Scope",
    "Subject",
    "action_called",
    "active_keys",
    "bindings_for",
    "can_run",
    "in_scope",
    "keyed_app",
    "leader_key",
    "screen_bindings",
    "show_key",
]
