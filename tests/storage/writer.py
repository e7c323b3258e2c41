"""A process of its own that writes to a store until it is killed or done.

`stream`: adds finished turns, then streams a reply, printing what it has handed to the store.
`answers`: has a prompt answered twice at once, by the app's own loop, and says when it began.
`write`: adds messages to one conversation and changes one of its fields, then ends.
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from chat_tui.core.clock import SystemClock
from chat_tui.core.conversation import Conversation
from chat_tui.core.events import ReasoningDelta, ReplyEvent, TextDelta
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Target
from chat_tui.storage import Store, paths_under
from tests.storage.samples import chat, message


def say(*words: object) -> None:
    print(*words, flush=True)


async def stream(store: Store) -> None:
    conversation, messages = chat(3)
    await store.add_messages(conversation, messages)
    reply = message("", parent=messages[-1], role="assistant", status="streaming")
    await store.add_messages(replace(conversation, head=reply.id), [reply])
    say("started", conversation.id, reply.id)
    number = 0
    while True:
        store.append_chunk(reply.id, f"{number} ", f"r{number} ")
        say(number, time.monotonic())
        number += 1
        await asyncio.sleep(0.01)


class Endless:
    """A client whose two answers never end."""

    def client_for(self, target: Target) -> "Endless":
        return self

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        number = 0
        while True:
            yield TextDelta(f"{number} ")
            yield ReasoningDelta(f"r{number} ", 1)
            yield TextDelta(f"{-number} ", 1)
            number += 1
            await asyncio.sleep(0.01)


async def answers(store: Store) -> None:
    manager = ConversationManager(store, Endless(), clock=SystemClock())
    conversation = manager.start(Target("p", "m", {"n": 2}))
    async with aclosing(manager.send(conversation, "Hi?")) as events:
        async for event in events:
            if isinstance(event, TextDelta) and event.choice and event.text == "-20 ":
                say(conversation.id)


async def write(store: Store, conversation: str, name: str, count: int) -> None:
    say("ready")
    sys.stdin.readline()
    for number in range(count):
        new = message(f"{name} {number}")
        await store.add_messages(Conversation(conversation, title="shared"), [new])
        reply = message("", parent=new, role="assistant", status="streaming")
        await store.add_messages(Conversation(conversation, title="shared"), [reply])
        store.append_chunk(reply.id, f"{name} ", "")
        await store.save_message(
            replace(reply, parts=text_parts(f"{name} answer {number}"), status="complete")
        )
        if name == "a":
            await store.update_conversation(conversation, {"title": f"title {number}"})
        else:
            await store.update_conversation(conversation, {"folder": f"folder {number}"})
    say("done", store.trouble)


async def main() -> None:
    kind, home, *rest = sys.argv[1:]
    async with Store(paths_under(Path(home))) as store:
        if kind == "stream":
            await stream(store)
        elif kind == "answers":
            await answers(store)
        else:
            await write(store, rest[0], rest[1], int(rest[2]))


if __name__ == "__main__":
    asyncio.run(main())
