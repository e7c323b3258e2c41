"""All actions, and the ways to look them up."""

from textual.binding import Binding
from textual.keys import _character_to_key

from chat_tui.ui.actions.action import Action, Scope
from chat_tui.ui.actions.attaching import ATTACHING_ACTIONS
from chat_tui.ui.actions.conversation import CONVERSATION_ACTIONS
from chat_tui.ui.actions.prompt import PROMPT_ACTIONS
from chat_tui.ui.actions.screens import SCREEN_ACTIONS
from chat_tui.ui.actions.side_by_side import SIDE_BY_SIDE_ACTIONS
from chat_tui.ui.actions.transcript import TRANSCRIPT_ACTIONS

ACTIONS: tuple[Action, ...] = (
    *CONVERSATION_ACTIONS,
    *PROMPT_ACTIONS,
    *ATTACHING_ACTIONS,
    *TRANSCRIPT_ACTIONS,
    *SIDE_BY_SIDE_ACTIONS,
    *SCREEN_ACTIONS,
)
"""All of them, in the order in which help and palette show them."""

EVERYWHERE: tuple[Scope, ...] = ("app", "conversation")
"""The scopes whose keys work in every part of the conversation screen."""

CONVERSATION_SCOPES: tuple[Scope, ...] = (
    *("prompt", "conversation", "transcript", "list", "queue", "find", "app"),
)
"""The scopes of the conversation screen, in the order in which its help shows them."""

ON_ALL_SCREENS = ("help", "quit")
"""The actions whose keys work on the screens over the conversation too."""

_BY_ID = {action.id: action for action in ACTIONS}


def action_called(id_: str) -> Action:
    """The action with an id.

    Raises:
        KeyError: there is none.
    """
    return _BY_ID[id_]


def in_scope(*scopes: Scope) -> list[Action]:
    """The actions of some scopes."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings_for(*scopes: Scope) -> list[Binding]:
    """The key bindings of some scopes, each with its action's id."""
    return [_binding(action) for action in in_scope(*scopes)]


def screen_bindings(scope: Scope) -> list[Binding]:
    """The key bindings of a screen over the conversation, where those of the app are not heard."""
    return [*bindings_for(scope), _binding(action_called("help"))]


def leader_key(action: Action) -> str:
    """An action's key after the leader as Textual names it: `asterisk` for `*`."""
    return _character_to_key(action.leader) if len(action.leader) == 1 else action.leader


def _binding(action: Action) -> Binding:
    return Binding(
        action.binding_keys,
        action.run,
        action.label,
        show=False,
        priority=action.priority,
        id=action.id,
    )
