"""What the scenarios of the actions are played with: keys by the action's name, and a provider."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual import events
from textual.keys import _character_to_key, key_to_character
from textual.screen import Screen
from textual.widget import Widget

from chat_tui.core.errors import BadRequestError, RateLimitError
from chat_tui.core.events import ReasoningDelta, ReplyEvent, TextDelta
from chat_tui.core.requests import ChatRequest
from chat_tui.ui.actions import action_called
from tests.fakes import Step, answer, eventually
from tests.ui.rig import Rig

CODE = "First:\n\n```python\nprint(1)\n```\n\nthen:\n\n```sh\nls -l\n```\n"
LINKS = "See [one](https://one.example/a) and [two](https://two.example/b)."
LONG = "\n\n".join(f"Line {number} of a long answer." for number in range(60))
WIDE = "| " + " | ".join(["a long heading"] * 12) + " |\n" + "|---" * 12 + "|\n"

_QUIET = 8
"""Turns of the event loop without a message after which nothing more is expected."""

SCRIPTS: dict[str, list[Step]] = {
    "code": answer(CODE),
    "links": answer(LINKS),
    "long": answer(LONG),
    "wide": answer(WIDE),
    "think": [ReasoningDelta("A thought.\nAnd another one."), *answer("Thought.")],
    "cut": answer("Half of", finish_reason="length"),
    "refuse": [BadRequestError("No temperature.", status=400, param="temperature")],
    "limit": [RateLimitError("Too many requests.", status=429, retry_after=125)],
}
"""What is answered to a prompt that begins with a word; to all others, what they say."""


class Obliging:
    """A `ChatClient` that answers as the prompt asks: `wait` goes on until it is stopped."""

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        self.requests.append(request)
        prompt = next(each for each in reversed(request.messages) if each.role == "user").text
        word = prompt.partition(" ")[0]
        if word == "wait":
            yield TextDelta("Begun.")
            await asyncio.Event().wait()
        if word == "cut" and request.messages[-1].role == "assistant":
            word = ""
        for step in SCRIPTS.get(word, answer(f"To {prompt}: answer {len(self.requests)}.")):
            if isinstance(step, BaseException):
                raise step
            assert not isinstance(step, asyncio.Event)
            yield step


@dataclass
class Hands:
    """A person at the keyboard."""

    rig: Rig
    folder: Path
    """For files."""
    pressed: set[str] = field(default_factory=set)
    """The ids of the actions whose keys were pressed."""

    async def press(self, *ids: str) -> None:
        """Press the keys of actions, as they are in force: a sequence first, where there is one."""
        for id_ in ids:
            await self.strike(*self.keys(id_))
            self.pressed.add(id_)

    async def strike(self, *keys: str) -> None:
        """Press keys, whatever they mean."""
        for key in keys:
            name, mark = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            self.rig.app.post_message(events.Key(name, mark or key_to_character(name)))
            await self.settle()

    async def settle(self) -> None:
        """Let the app handle what it was sent. A pilot waits for 20 ms and more instead."""
        quiet = 0
        while quiet < _QUIET:
            await asyncio.sleep(0)
            app = self.rig.app
            assert app._exception is None  # its end would be waited for in vain
            near = app.focused.ancestors_with_self if app.focused is not None else [app.screen]
            busy = app.message_queue_size or any(node.message_queue_size for node in near)
            quiet = 0 if busy else quiet + 1

    def keys(self, id_: str) -> list[str]:
        """The keys of an action that are heard where the focus is."""
        action, keys = action_called(id_), self.rig.app.active_keys
        for key in sorted(keys.of(action), key=lambda key: " " not in key):
            first = key.partition(" ")[0]
            focused = self.rig.app.focused
            if focused is None or not focused.check_consume_key(first, key_to_character(first)):
                return key.split(" ")
        leader = keys.of(action_called("leader"))[0]
        return [leader, *keys.leader_keys_of(action)[0].split(" ")]

    async def write(self, words: str) -> None:
        """Type words."""
        await self.strike(*({" ": "space"}.get(letter, letter) for letter in words))

    async def ask(self, *prompts: str) -> None:
        """Send prompts, one after the other, and wait for the end of each answer."""
        for prompt in prompts:
            await self.say(prompt)
            await self.idle()

    async def idle(self) -> None:
        """Wait until no answer is on its way."""
        await self.until(lambda: not self.rig.screen.turns.running)

    async def say(self, prompt: str) -> None:
        """Send a prompt and wait until its answer has begun."""
        self.rig.screen.set_focus(self.rig.screen.prompt)
        before = len(self.rig.chat.tree)
        self.rig.screen.prompt.put(prompt)
        await self.strike(*self.keys("send"))
        await self.until(lambda: len(self.rig.chat.tree) > before)

    async def read(self, index: int | None = None) -> None:
        """Go to the transcript; mark a message there."""
        screen = self.rig.screen
        screen.set_focus(screen.transcript)
        if index is not None:
            screen.transcript.move_to(index)
        await self.settle()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what a key does."""
        await eventually(true)
        await self.settle()

    async def on(self, screen: type[Screen[Any]] | str) -> Screen[Any]:
        """Wait until a screen (its type, or the name of that) is open and can take keys."""
        name = screen if isinstance(screen, str) else screen.__name__
        await eventually(lambda: type(self.rig.app.screen).__name__ == name)
        await self.settle()
        return self.rig.app.screen

    async def back(self) -> None:
        """Wait until only the conversation is there."""
        await eventually(lambda: len(self.rig.app.screen_stack) == 1)
        await self.settle()

    def focuses(self, widget: Widget) -> bool:
        """Whether a widget has the focus."""
        return self.rig.app.focused is widget

    def told(self, words: str) -> bool:
        """Whether a toast holds some words."""
        return any(words in toast for toast in self.rig.toasts)

    async def path_texts(self) -> list[str]:
        """The texts on the screen's path."""
        return [message.text for message in await self.rig.path()]

    async def begin_anew(self) -> None:
        """Close what is open, stop what runs, and begin a new conversation."""
        rig = self.rig
        while len(rig.app.screen_stack) > 1:
            top = rig.app.screen
            top.dismiss(None)
            await eventually(lambda top=top: rig.app.screen is not top)  # type: ignore[misc]
        rig.screen.turns.stop_all()
        await self.idle()
        rig.app.clear_notifications()
        chat = rig.screen.session.new_chat()
        await rig.screen.show_chat(chat)
        rig.screen.set_focus(rig.screen.prompt)
        rig.screen.prompt.put("")
        await self.settle()
        self.pressed.clear()


Scenario = Callable[[Hands], Awaitable[None]]

SCENARIOS: dict[str, dict[Scenario, tuple[str, ...]]] = {}
"""Group → scenario → the ids of the actions that it plays. A group shares one run of the app."""


def scenario(group: str, *ids: str) -> Callable[[Scenario], Scenario]:
    """Put a scenario into the table."""

    def put(play: Scenario) -> Scenario:
        SCENARIOS.setdefault(group, {})[play] = ids
        return play

    return put
