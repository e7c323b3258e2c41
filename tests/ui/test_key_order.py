"""Keys that come faster than they are heard: none is lost, none overtakes another."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.widgets import TextArea

from chat_tui.ui import key_order
from chat_tui.ui.key_order import KeyOrder
from chat_tui.ui.screens.library import LibraryScreen
from chat_tui.ui.widgets.clean_input import CleanInput
from tests.fakes import ScriptedClient, SimpleClientSource, answer, eventually
from tests.ui.rig import running

_NAMES = {" ": "space", "/": "slash"}

_KEYS = ("enter", "escape", "backspace", "left", "home", "delete", "up")


def burst(app: App[None], *keys: str | Event) -> None:
    """Press keys without waiting in between; a text that is no key's name is typed."""
    for key in keys:
        if isinstance(key, Event):
            app.post_message(key)
        elif len(key) > 1 and (key.startswith("ctrl+") or key in _KEYS):
            app.post_message(Key(key, None))
        else:
            for letter in key:
                app.post_message(Key(_NAMES.get(letter, letter), letter))


async def test_keys_in_a_burst_do_what_they_do_one_by_one(tmp_path: Path) -> None:
    client = ScriptedClient(answer("ok"), answer("ok"), answer("ok"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        for keys, left in (
            (("hello wor", "ctrl+u", "/"), "/"),
            (("teh", "backspace", "backspace", "he end"), "the end"),
            (("abc", "left", "left", "X", "home", "Y", "delete", "Z"), "YZXbc"),
            (("ab", "ctrl+j", "cd", "home", "X"), "ab\nXcd"),
        ):
            prompt.put("")
            burst(rig.app, *keys)
            await eventually(lambda left=left: prompt.text == left)  # type: ignore[misc]

        prompt.put("")
        burst(rig.app, "abc", "ctrl+u", "def", "enter", "ghi")
        await eventually(lambda: prompt.text == "ghi")
        await eventually(lambda: bool(client.requests))
        assert client.requests[0].messages[-1].text == "def"
        await rig.idle()

        # A command, and what is typed behind it; what is written is another conversation's then.
        chat = rig.chat
        burst(rig.app, "ctrl+u", "/title Mine", "enter", "draft", "ctrl+n", "new")
        await eventually(lambda: rig.chat is not chat and prompt.text == "new")
        burst(rig.app, "ctrl+g", "u", "X")
        await eventually(lambda: prompt.text == "newX")
        burst(rig.app, "ctrl+u", "up", "ctrl+u", "Y")
        await eventually(lambda: prompt.text == "Y")
        await rig.screen.show_chat(await rig.screen.session.open_chat(chat.id))
        assert prompt.text == "draft"
        assert rig.chat.conversation.title == "Mine"
        # What follows a command waits for it: it may be meant for another model, or elsewhere.
        burst(rig.app, "ctrl+u", "/model other", "enter", "hello", "enter")
        await eventually(lambda: len(client.requests) == 2)
        assert client.requests[1].target.model == "other"
        await rig.idle()
        burst(rig.app, "/new", "enter", "ctrl+u", "hello again", "enter", "/title Yours", "enter")
        await eventually(lambda: rig.chat.conversation.title == "Yours")
        assert rig.chat.id != chat.id
        await rig.idle()
        assert (await rig.path())[0].text == "hello again"
        burst(rig.app, "home", "a", Paste("PASTE"), "c", "backspace", "b", "ctrl+j", "d")
        await eventually(lambda: prompt.text == "aPASTEb\nd")


async def test_what_is_typed_before_a_screen_is_there_is_for_that_screen(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt = rig.screen.prompt
        burst(rig.app, "ab", "ctrl+l", "/short")
        await eventually(
            lambda: [field.value for field in rig.app.screen.query(CleanInput)] == ["short"]
        )
        assert isinstance(rig.app.screen, LibraryScreen)
        assert rig.app.screen.written == "ab"
        # And what is typed before it has gone is for the one below.
        burst(rig.app, "escape", "escape", "cd")
        await eventually(lambda: prompt.text == "abcd")
        burst(rig.app, "ctrl+p", "parameters", "escape", "ef")
        await eventually(lambda: prompt.text == "abcdef")
        burst(rig.app, "ctrl+t", "model-1", "enter", "gh")
        await eventually(lambda: prompt.text == "abcdefgh")


class _OrderedApp(App[None]):
    """Two fields, of which the first may be busy with a letter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "note", priority=True),
        Binding("ctrl+r", "remove"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.free.set()
        self.notes: list[str] = []
        self._order = KeyOrder(self, super().on_event, lambda: False, lambda _: False)

    def compose(self) -> ComposeResult:
        yield _BusyArea(id="first")
        yield TextArea(id="second")

    async def on_event(self, event: Event) -> None:
        if not await self._order.take(event):
            await super().on_event(event)
            await self._order.came_up(event)

    def action_note(self) -> None:
        self.notes.append(self.query(TextArea).first().text)

    def action_remove(self) -> None:
        self.query_one("#first").remove()


class _BusyArea(TextArea):
    async def on_key(self) -> None:
        app = self.app
        assert isinstance(app, _OrderedApp)
        await app.free.wait()


async def test_part_that_is_busy_or_gone_holds_no_key_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = _OrderedApp()
    async with app.run_test() as pilot:
        app.free.clear()
        burst(app, "ab", "ctrl+t")
        await pilot.pause()
        assert app.notes == []
        app.free.set()
        await eventually(lambda: app.notes == ["ab"])

        # The keys that stop and quit are among those that wait.
        monkeypatch.setattr(key_order, "_PATIENCE", 1)
        app.free.clear()
        burst(app, "cd", "ctrl+t")
        await eventually(lambda: app.notes == ["ab", "ab"])
        app.free.set()

        burst(app, "ctrl+r", "xy", "ctrl+t")
        await eventually(lambda: app.notes[2:] == ["xy"])
