"""A pilot that waits until the app has done what it was told.

Textual's own waits for a moment in which the process computes little: 40 ms and more for every
key, which is much for a sentence, and on a loaded machine, where the process gets little time to
compute in, not always long enough.
"""

import asyncio
from unicodedata import lookup

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

_QUIET = 8
"""Turns of the event loop without a message after which nothing more is expected."""


class SteadyPilot(Pilot[None]):
    """Types as fast as the app hears it."""

    async def press(self, *keys: str) -> None:
        """Press keys, wait a moment after each, and at the end until they are handled."""
        await super().press(*keys)
        await self.settle()

    async def type(self, words: str) -> None:
        """Type, each key when the one before it was handled, and wait for what they do."""
        for key in words:
            await self.strike({" ": "space", "/": "slash"}.get(key, key))
        await self.pause()

    async def pause(self, delay: float | None = None) -> None:
        """Wait until the app has handled all it was told."""
        await super().pause(delay)
        await self.settle()

    async def strike(self, key: str) -> None:
        """Press a key, and wait until all that was posted for it is handled."""
        name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        event = events.Key(name, _character(name))
        event.set_sender(self.app)
        driver = self.app._driver
        assert driver is not None
        driver.send_message(event)
        await self.settle()

    async def settle(self) -> None:
        """Let the event loop run until no message waits where it could be heard."""
        app = self.app
        quiet = 0
        while quiet < _QUIET:
            await asyncio.sleep(0)
            if not app.screen_stack:
                return  # it has ended
            near = app.focused.ancestors_with_self if app.focused is not None else [app.screen]
            busy = app.message_queue_size or any(node.message_queue_size for node in near)
            quiet = 0 if busy else quiet + 1


def _character(key: str) -> str | None:
    """What a key writes, as Textual's own pilot finds it."""
    try:
        return lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        return key if len(key) == 1 else None
