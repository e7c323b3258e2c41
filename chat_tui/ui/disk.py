"""Asks disks, some of which never answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TypeVar

from chat_tui.core.errors import UsageError
from chat_tui.core.texts import text

T = TypeVar("T")

_PATIENCE = 10.0
"""Seconds after which a disk is not going to answer."""


async def ask_disk(look: Callable[[], T], patience: float = _PATIENCE) -> T:
    """What a call that waits for the disk gives.

    It runs in a daemon thread, not in the loop's pool, whose threads are waited for at the end: a
    disk that does not answer holds nobody up who leaves the app.

    Args:
        look: the call.
        patience: seconds that it may take.

    Raises:
        UsageError: it takes longer.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(give: Callable[[], None]) -> None:
        if not answer.done():
            give()

    def ask() -> None:
        try:
            give = partial(answer.set_result, look())
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
            give = partial(answer.set_exception, error)
        # The app may have ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, give)

    Thread(target=ask, name="disk", daemon=True).start()
    try:
        async with asyncio.timeout(patience):
            return await answer
    except TimeoutError:
        hint = text("attaching.no-disk-hint")
        raise UsageError(text("attaching.no-disk"), hint=hint) from None
