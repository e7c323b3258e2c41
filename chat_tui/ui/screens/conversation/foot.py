"""The lines at the foot of the conversation screen: model and state, and the keys."""

from functools import cache

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import Action, Scope, action_called, active_keys, in_scope
from chat_tui.ui.screens.conversation.parts import ConversationParts
from chat_tui.ui.widgets.action_hints import Hint
from chat_tui.ui.widgets.status import Piece

_STAY = frozenset({"leader", "help"})
"""What leads to all other keys is shown also where there is little room."""


def show_status(screen: ConversationParts) -> None:
    """Tell model, state and figures of the conversation on the screen."""
    chat = screen.session.chat
    if chat is None:
        screen.status.show(Piece(text("status.starting")))
        return
    turns = screen.turns
    others = len(turns.running - {chat.id})
    several = bool(chat.conversation.board)
    who = screen.sides.pieces(chat) if several else _who(screen, chat.target)
    parameters = 0 if several else len(chat.target.parameters)
    screen.status.show(
        *who,
        Piece(text("status.temporary") if chat.temporary else "", "$warning", rank=2),
        Piece(_parameters_words(parameters), rank=9),
        Piece(text("status.system-prompt") if chat.conversation.system_prompt else "", rank=9),
        *screen.attaching.pieces(),
        *screen.context.pieces(),
        *(turns.describe(chat) or [_rest(screen)]),
        Piece(text("branches.star") if screen.favourites.shown else "", "$warning", rank=5),
        Piece(text("status.running", count=others) if others else "", "$success", rank=7),
        right=_position(screen),
    )


def _who(screen: ConversationParts, target: Target) -> list[Piece]:
    """The model, and where it is."""
    model = Piece(clean_line(target.model, code=True), "bold $accent", rank=4, name=True)
    if target.provider == DEMO:
        return [model, Piece(text("status.offline"), "$warning", 6)]
    label = clean_line(screen.session.backend.label(target.provider))
    return [model, Piece(label, "$primary", 6)]


def show_hints(screen: ConversationParts, scope: Scope) -> None:
    """Show the keys of the part that has the focus, then those of the whole screen."""
    keys, stop = active_keys(screen), action_called("stop")
    stops = _stops(screen, scope)
    way = text("hint.stop") if stops else _way_out(screen, scope)
    out = [Hint(keys.shown(stop.id), way, stop.run, stays=stops)]
    own, others = (
        [
            Hint(keys.shown(action.id), action.label, action.run, action.id in _STAY)
            for action in actions
            if action.label != way
        ]
        for actions in _hinted(scope)
    )
    if screen.complete and screen.sides.on:
        own = [*own, *screen.sides.hints(scope)]
    hints = [*out, *own, *others] if stops else [*own, *out, *others]
    screen.hints.show([hint for hint in hints if hint.key and hint.label])


@cache
def _hinted(scope: Scope) -> tuple[list[Action], list[Action]]:
    """What is hinted at in a part: its own keys, and the others; but for the way out of it."""
    actions = [action for action in in_scope(scope, "conversation", "app") if action.hint]
    actions.remove(action_called("stop"))
    own = [action for action in actions if action.scope == scope]
    return own, [action for action in actions if action.scope != scope]


def _stops(screen: ConversationParts, scope: Scope) -> bool:
    """Whether the key that stops would stop something now, and not close what is open."""
    chat = screen.session.chat
    if not screen.complete or chat is None:
        return False
    if not screen.turns.holds(chat.id, screen.sides.column_in_use):
        return False
    return not (scope == "queue" or _closes(screen, scope))


def _closes(screen: ConversationParts, scope: Scope) -> bool:
    """Whether the same key closes what is open over the rest."""
    if not screen.complete:
        return False
    edits = scope == "prompt" and screen.branches.editing is not None
    return edits or screen.finding.active or screen.has_class("-list-over")


def _way_out(screen: ConversationParts, scope: Scope) -> str:
    """Where the same key leads while there is nothing to stop; empty where it leads nowhere."""
    if _closes(screen, scope):
        return action_called("stop").label
    if scope == "transcript":
        return action_called("write").label if screen.reading.leaves_at_stop else ""
    if scope == "prompt":
        return "" if screen.has_class("-empty") else text("hint.read")
    return action_called("stop").label


def _rest(screen: ConversationParts) -> Piece:
    """What the keys do while nothing is on its way."""
    if screen.focused is not None and screen.focused is screen.transcript:
        key = active_keys(screen).shown("write")
        return Piece(text("status.reading", key=key), "$accent")
    return Piece(text("status.ready"))


def _position(screen: ConversationParts) -> str:
    key = active_keys(screen).shown_anywhere("last-message")
    if screen.transcript.unseen:
        return text("status.below", key=key)
    return "" if screen.transcript.following else text("status.up", key=key)


def _parameters_words(count: int) -> str:
    if count == 0:
        return ""
    return text("status.parameter") if count == 1 else text("status.parameters", count=count)
