"""The lines at the foot of the conversation screen: model and state, and the keys."""

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO
from chat_tui.core.texts import text
from chat_tui.ui.actions import Scope, active_keys, in_scope
from chat_tui.ui.screens.conversation.parts import ConversationParts
from chat_tui.ui.widgets.status import Piece


def show_status(screen: ConversationParts) -> None:
    """Tell model, state and figures of the conversation on the screen."""
    chat = screen.session.chat
    if chat is None:
        screen.status.show(Piece(text("status.starting")))
        return
    target, turns = chat.target, screen.turns
    others = len(turns.running - {chat.id})
    label = clean_line(screen.session.backend.label(target.provider))
    demo = target.provider == DEMO
    screen.status.show(
        Piece(clean_line(target.model, code=True), "bold $accent", rank=4, name=True),
        Piece(text("status.offline"), "$warning", 6) if demo else Piece(label, "$primary", 6),
        Piece(_parameters_words(len(target.parameters)), rank=8),
        *(turns.describe(chat) or [Piece(text("status.ready"))]),
        Piece(text("status.running", count=others) if others else "", "$success", rank=7),
        right=_position(screen),
    )


def show_hints(screen: ConversationParts, scope: Scope) -> None:
    """Show the keys of the part that has the focus, then those of the whole screen."""
    actions = [action for action in in_scope(scope, "conversation", "app") if action.hint]
    actions.sort(key=lambda action: action.scope != scope)
    keys = active_keys(screen)
    screen.hints.show(tuple((keys.shown(action.id), action.label) for action in actions))


def _position(screen: ConversationParts) -> str:
    key = active_keys(screen).shown_anywhere("last-message")
    if screen.transcript.unseen:
        return text("status.below", key=key)
    return "" if screen.transcript.following else text("status.up", key=key)


def _parameters_words(count: int) -> str:
    if count == 0:
        return ""
    return text("status.parameter") if count == 1 else text("status.parameters", count=count)
