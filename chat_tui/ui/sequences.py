"""Keys that are pressed one after the other: the leader's, and sequences such as `g g`.

Textual knows single keys only. So keys are looked at before it sees them: those that begin a
sequence are held back, and when it is complete, Textual is given one key of that name, `g g`, which
goes the way of all keys: to the binding of the part that has the focus. What follows the leader
works in all parts, so that it is run at once.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer

from chat_tui.ui.actions import Action, KeyedApp, action_called

if TYPE_CHECKING:  # comes with the first key of a sequence: 3 ms
    from chat_tui.ui.screens.leader import LeaderScreen

_SHOW_AFTER = 0.4
"""Seconds after which the keys are shown that may follow; at once after the leader."""

_SAME_KEY = {"shift+\r": "shift+enter"}
"""Other names of keys: so some terminals send them (`CSI 27;2;13~`)."""


class Sequences:
    """Holds keys back that begin a sequence, until it is complete or given up.

    Args:
        app: whose keys they are.
        run: runs an action on the screen below; for what follows the leader.
        can_run: whether an action would do something on a screen now.
    """

    def __init__(
        self,
        app: KeyedApp,
        run: Callable[[Action, Screen[Any]], Awaitable[None]],
        can_run: Callable[[Action, Screen[Any]], bool],
    ) -> None:
        self._app = app
        self._run = run
        self._can_run = can_run
        self._begun = ""
        self._after_leader = False
        self._possible: Mapping[str, Action] = {}
        """What the whole sequence may be → what it does."""
        self._place: tuple[Screen[Any], DOMNode | None] | None = None
        """Where it was begun: screen and focus."""
        self._box: LeaderScreen | None = None
        self._timer: Timer | None = None

    @property
    def begun(self) -> str:
        """The keys that are held back, with spaces between them; empty where none are."""
        return self._begun

    def begin_leader(self) -> None:
        """Wait for the key after the leader, and show the possible ones."""
        keys = self._app.active_keys.after_leader()
        self._begin("leader", {f"leader {key}": action for key, action in keys.items()})
        self._after_leader = True
        self._show()

    async def take(self, event: events.Key) -> events.Key | None:
        """Look at a key before it is heard; gives the one to be heard instead, if any."""
        name = _SAME_KEY.get(event.key)
        if name is not None:
            event = events.Key(name, None)
        if self._begun and self._is_there():
            return await self._follow(event)
        self._end()
        if event.key in self._app.active_keys.first_keys and self._begins(event):
            return None
        return event

    def _begins(self, event: events.Key) -> bool:
        """Begin a sequence, where that key begins one and does nothing of its own."""
        focused = self._app.focused
        if focused is not None and focused.check_consume_key(event.key, event.character):
            return False
        bound = self._app.screen.active_bindings
        possible = {
            key: action_called(active.binding.id)
            for key, active in bound.items()
            if key.startswith(event.key + " ") and active.binding.id
        }
        if event.key in bound or not possible:
            return False
        self._begin(event.key, possible)
        self._timer = self._app.set_timer(_SHOW_AFTER, self._show)
        return True

    def _begin(self, key: str, possible: Mapping[str, Action]) -> None:
        self._end()
        self._begun, self._possible = key, possible
        self._place = (self._app.screen, self._app.focused)

    async def _follow(self, event: events.Key) -> events.Key | None:
        name = f"{self._begun} {event.key}"
        if action := self._possible.get(name):
            if not self._after_leader:
                self._end()
                return events.Key(name, None)
            place, _ = self._place or (self._app.screen, None)
            self._end()
            await self._run(action, place)
        elif any(key.startswith(name + " ") for key in self._possible):
            self._begun = name
            if self._box is not None:
                self._box.show(self._next_keys(), name)
        elif self._box is not None and self._box.scrolls_with(event.key):
            return event
        else:
            self._end()
        return None

    def _next_keys(self) -> dict[str, Action]:
        """What may follow now and would do something → what it does."""
        first = self._begun + " "
        screen = self._place[0] if self._place is not None else self._app.screen
        return {
            key.removeprefix(first): action
            for key, action in self._possible.items()
            if key.startswith(first) and (not self._after_leader or self._can_run(action, screen))
        }

    def _is_there(self) -> bool:
        """Whether screen and focus are those where it was begun."""
        screen = self._app.screen
        return screen is self._box or (screen, self._app.focused) == self._place

    def _show(self) -> None:
        if not self._begun or not self._is_there():
            self._end()
            return
        # 3 ms that only sequences need pay.
        from chat_tui.ui.screens.leader import LeaderScreen

        self._box = box = LeaderScreen(self._next_keys(), self._begun)
        # Pushed at once, not by a worker: the next key may have been typed already.
        self._app.push_screen(box, partial(self._clicked, box))

    async def _clicked(self, box: "LeaderScreen", keys: str | None) -> None:
        """Go on with the keys of an entry that was clicked; give up where none was."""
        if box is not self._box:
            # A key was faster.
            return
        if keys is None:
            self._end()
        elif key := await self._follow(events.Key(keys, None)):
            self._app.post_message(key)

    def _end(self) -> None:
        """Hold nothing back any more."""
        self._begun, self._after_leader, self._place = "", False, None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._box is not None:
            box, self._box = self._box, None
            box.dismiss(None)
