"""How many answers of a conversation may come at the same time."""

import asyncio
from collections import deque
from contextlib import suppress


class Places:
    """The places of the answers of one conversation, whatever round they are of.

    Who waits for one gets it in the order in which they came.
    """

    def __init__(self) -> None:
        self._most = 0
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def full(self) -> bool:
        """Whether another one has to wait."""
        return 0 < self._most <= self._taken

    def allow(self, most: int) -> None:
        """Have so many places from now on; 0 for any number. Nobody loses one."""
        self._most = most
        self._let_in()

    async def take(self) -> None:
        """Wait for a place. It must be given back."""
        if not self.full:
            self._taken += 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            with suppress(ValueError):
                self._waiting.remove(waiter)
            if not waiter.cancelled():  # It came at the same moment.
                self.give_back()
            raise

    def give_back(self) -> None:
        """Leave a place to the next one."""
        self._taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and not self.full:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._taken += 1
                waiter.set_result(None)
