"""A client that reads one reply and tells what it took.

python -m tests.faults.hungry URL

Prints one JSON object: the error's kind and message, characters of text, MB of memory gained.
"""

import asyncio
import json
import resource
import sys

from chat_tui.core.errors import ChatError
from chat_tui.core.events import ReplyEvent, TextDelta
from tests.providers.helpers import connected, gather_into, prompt
from tests.servers import LoopbackServer, stream


def peak() -> float:
    """The most that was resident so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(url: str) -> None:
    # What the first request of all loads is not the reply's.
    async with LoopbackServer([stream("x")]) as server, connected(server.base_url) as client:
        await gather_into([], client)
    before = peak()
    got: list[ReplyEvent] = []
    error: ChatError | None = None
    async with connected(url) as client:
        try:
            await gather_into(got, client, prompt())
        except ChatError as failure:
            error = failure
    told = {
        "kind": error.kind if error else None,
        "message": error.message if error else "",
        "text": sum(len(event.text) for event in got if isinstance(event, TextDelta)),
        "memory": round(peak() - before, 1),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
