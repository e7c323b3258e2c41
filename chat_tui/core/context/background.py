"""Work that goes on while nobody waits for it, each kind of it once at a time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable


class Background:
    """Runs work that nobody waits for; ends with its owner."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._closed = False

    def once(
        self, key: Hashable, work: Callable[[], Coroutine[None, None, None]]
    ) -> "asyncio.Task[None] | None":
        """Begin work, unless the same is being done; None where all has ended.

        Args:
            key: what is the same work.
            work: begins it; it raises nothing.
        """
        if self._closed:
            return None
        if (task := self._tasks.get(key)) is None:
            task = self._tasks[key] = asyncio.create_task(work())
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        return task

    async def aclose(self) -> None:
        """End all; nothing begins any more. Twice is safe."""
        self._closed = True
        tasks = [*self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
