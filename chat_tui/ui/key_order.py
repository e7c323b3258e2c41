"""One key after the other: each finds what the one before it left.

Textual hands a key to the part that has the focus; what that has no use for goes up from parent to
parent, each with a queue of its own, and is done when the app is reached. Keys that come faster
than that (pasted without brackets, through a slow line, by quick fingers) overtake it: of `hello`,
ctrl+u and `/` nothing was left, and what was typed before an opened screen was there was lost.
"""

from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

_ROUNDS = 2
"""Ways up to the app after a key: behind the key, and behind what was told because of it."""

_LOOK = 0.05
"""Seconds between two looks whether what is waited for can still come."""

_PATIENCE = 20
"""Looks after which the next key is heard all the same: some part is busy for too long."""

_KEYS = (events.Key, events.Paste)


class KeyOrder:
    """Lets the app hear a key, or a paste, when what was before it is done.

    Letters for one field follow one another in its queue anyhow: they wait for no letter.

    Args:
        app: whose keys they are.
        hear: sets one of them on its way.
        is_command: whether the next key is part of a command, even if it is a letter.
        is_busy: whether what a key began goes on in the background, and the next one, a letter or
            another key, is meant for after it.
    """

    class Passed(events.Event, bubble=True):
        """Goes the way of a key, behind it."""

        def __init__(self, start: Widget) -> None:
            super().__init__()
            self.start = start
            """Where it began."""

    def __init__(
        self,
        app: App[None],
        hear: Callable[[events.Event], Awaitable[None]],
        is_command: Callable[[], bool],
        is_busy: Callable[[bool], bool],
    ) -> None:
        self._app = app
        self._hear = hear
        self._is_command = is_command
        self._is_busy = is_busy
        self._waiting: deque[events.Event] = deque()
        self._written = False
        """Whether letters are on their way that nothing follows yet."""
        self._passing: KeyOrder.Passed | None = None
        """What was sent up behind the last key."""
        self._rounds = 0
        """How often something still has to come up to the app."""
        self._timer: Timer | None = None
        self._looks = 0

    async def take(self, event: events.Event) -> bool:
        """Hear a key or a paste, now or when what was before it is done.

        Returns:
            False where it is none that came just now: it goes on at once.
        """
        if not isinstance(event, _KEYS) or event.is_forwarded:
            return False
        self._waiting.append(event)
        await self._go_on()
        if self._waiting and self._timer is None:
            self._looks = 0
            self._timer = self._app.set_interval(_LOOK, self._look)
        return True

    async def came_up(self, event: events.Event) -> None:
        """Note that an event came up to the app: a key, or what goes behind one."""
        passing = self._passing
        if passing is None or not (event is passing or isinstance(event, _KEYS)):
            return
        if not self._app.screen_stack:
            # The app is ending.
            return
        if not self._app.screen_stack:
            # The app has ended.
            self._waiting.clear()
            return
        # Where the focus went elsewhere, that must be there first: a screen that opens.
        self._rounds -= passing.start is self._focus
        if self._rounds > 0:
            self._follow()
        await self._go_on()

    async def _go_on(self) -> None:
        while self._waiting:
            is_letter = self._is_letter(self._waiting[0])
            if self._passing is not None:
                if self._rounds > 0 or self._is_busy(is_letter):
                    return
                self._passing, self._written = None, False
            if is_letter or not self._written:
                self._looks = 0
                await self._hear(self._waiting.popleft())
            self._written = is_letter
            if not is_letter:
                self._rounds = _ROUNDS
                self._follow()

    @property
    def _focus(self) -> Widget:
        return self._app.focused or self._app.screen

    def _is_letter(self, event: events.Event) -> bool:
        focus = self._focus
        if isinstance(focus, Screen) or self._is_command():
            return False
        if isinstance(event, events.Key):
            return focus.check_consume_key(event.key, event.character)
        return True

    def _follow(self) -> None:
        self._passing = self.Passed(self._focus)
        self._passing.start.post_message(self._passing)

    async def _look(self) -> None:
        """Send anew what got lost with the part that it was in; do not wait for ever."""
        self._looks += 1
        if not self._app.screen_stack:
            self._waiting.clear()
        if not self._waiting and self._timer is not None:
            self._timer.stop()
            self._timer = None
        elif self._looks > _PATIENCE:
            self._looks = 0
            while self._waiting:
                await self._hear(self._waiting.popleft())
        elif self._rounds > 0 and self._passing and self._passing.start is not self._focus:
            self._follow()
        else:
            await self._go_on()
