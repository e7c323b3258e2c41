"""Scenes of the real app with the built-in demo, for the pictures of README and tests."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from chat_tui.cli.backend import AppBackend
from chat_tui.cli.choosing import choose
from chat_tui.cli.compose import load_setup
from chat_tui.cli.options import TargetOptions
from chat_tui.core.clock import SystemClock
from chat_tui.core.conversation import Conversation
from chat_tui.core.ids import IdSource
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.targets import DEMO, Target
from chat_tui.storage import open_store
from chat_tui.ui.app import ChatApp
from chat_tui.ui.screens.conversation import ConversationScreen
from tests.snapshots.compared import comparison

NOW = 1_767_258_000.0
"""1 January 2026, 09:00 UTC."""

_TITLES = (
    ("Sourdough that rises in a cold kitchen", 3_600),
    ("为什么天空是蓝色的", 7_200),
    ("Rename many files safely in zsh", 90_000),
    ("Letter to the landlord", 180_000),
    ("Explain Raft like I am five", 400_000),
    ("Regex for dates in logs", 2_000_000),
)


def prepare_environment(home: Path) -> None:
    """Fix all that would make two pictures differ."""
    os.environ.update(
        CHAT_TUI_HOME=str(home),
        CHAT_TUI_NOW=str(NOW),
        CHAT_TUI_DISCOVERY="0",
        CHAT_TUI_DEMO_SEED="1",
        CHAT_TUI_DEMO_RATE="0",
        TEXTUAL_ANIMATIONS="none",
        TZ="UTC",
    )
    os.environ.pop("NO_COLOR", None)
    time.tzset()


@asynccontextmanager
async def scene(
    home: Path,
    prompts: Sequence[str] = (),
    *,
    size: tuple[int, int] = (120, 40),
    theme: str = "chat-tui-dark",
    library: bool = True,
    models: int = 0,
    keys: Sequence[str] = (),
    attached: Sequence[Path] = (),
) -> AsyncGenerator[tuple[ChatApp, Pilot[None]], None]:
    """Run the app with some conversations in its list, and have some prompts answered.

    Args:
        home: an empty folder; see `prepare_environment`.
        prompts: sent one after another.
        size: columns and rows.
        theme: the colours.
        library: whether there are earlier conversations.
        models: how many there are side by side, in a conversation that was stored before.
        attached: pictures and documents that go with the first prompt.
        keys: the variables of providers that seem to have a key; nothing is sent to them.
    """
    setup = load_setup({"CHAT_TUI_HOME": str(home), **dict.fromkeys(keys, "none")})
    if library:
        async with open_store(setup.paths) as store:
            for title, age in _TITLES:
                await store.add_messages(*_earlier(title, NOW - age))
    if models:
        async with open_store(setup.paths) as store:
            await store.add_messages(*comparison(models, now=NOW))
    choice = choose(TargetOptions(demo=True), setup.settings, setup.profiles, {})
    clock = SystemClock()
    backend = AppBackend(setup, choice, clock)
    app = ChatApp(backend, replace(setup.settings, theme=theme), clock)
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            screen = app.screen
            assert isinstance(screen, ConversationScreen)
            await _until(lambda: screen.session.chat is not None)
            if models:
                await screen.show_chat(await screen.session.open_chat("c1"))
            if attached:
                await screen.attaching.attach(await screen.session.ready(), attached)
                app.clear_notifications()
            for prompt in prompts:
                screen.prompt.insert(prompt)
                count = 0 if screen.session.chat is None else len(screen.session.chat.tree)
                await pilot.press("enter")
                await _until(
                    lambda count=count: (
                        screen.session.chat is not None
                        and len(screen.session.chat.tree) > count
                        and not screen.turns.running
                    )
                )
            await _until(lambda: screen.context.settled)
            await pilot.pause(0.2)
            yield app, pilot
    finally:
        await backend.close()


def _earlier(title: str, when: float) -> tuple[Conversation, list[ChatMessage]]:
    new_id = IdSource(lambda: when)
    message = ChatMessage(new_id(), "user", text_parts(title), turn="1", created=when)
    conversation = Conversation(
        new_id(),
        title=title,
        created=when,
        updated=when,
        targets=(Target(DEMO, DEMO),),
        head=message.id,
    )
    return conversation, [message]


async def _until(true) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - polls with a deadline
            await asyncio.sleep(0.005)


def fresh_home() -> tempfile.TemporaryDirectory[str]:
    """An empty folder for one scene."""
    return tempfile.TemporaryDirectory(prefix="chat-tui-scene-")
