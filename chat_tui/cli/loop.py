"""The event loop of the commands: one that a slow name server does not keep from ending."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end as `asyncio.run` does, but wait for no name that is being looked up."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)


class _Loop(asyncio.SelectorEventLoop):
    """Looks names up in daemon threads.

    A thread of the loop's pool is waited for when the loop and the interpreter end, and the
    system's resolver, which cannot be interrupted, may take ten seconds and more.
    """

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's name for it
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """See `asyncio.loop.getaddrinfo`."""
        found: asyncio.Future[list[Any]] = self.create_future()

        def look_up() -> None:
            addresses: list[Any] = []
            failure: Exception | None = None
            try:
                addresses = socket.getaddrinfo(host, port, family, type, proto, flags)
            except Exception as error:  # noqa: BLE001 - it is raised where the name was asked for
                failure = error
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                self.call_soon_threadsafe(_settle, found, addresses, failure)

        threading.Thread(target=look_up, name="dns", daemon=True).start()
        return await found


def _settle(
    found: asyncio.Future[list[Any]], addresses: list[Any], failure: Exception | None
) -> None:
    if found.done():
        return
    if failure is not None:
        found.set_exception(failure)
    else:
        found.set_result(addresses)
