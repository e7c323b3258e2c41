"""Who looks elsewhere is told when a long answer ends."""

import asyncio
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App

from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.settings import Notify, Settings
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.notifying import Notifier, notification
from tests.fakes import MemoryStore, answer, eventually
from tests.ui.rig import running


@pytest.mark.parametrize(
    ("how", "in_tmux", "sequence"),
    [
        ("bell", False, "\a"),
        ("bell", True, "\a"),
        ("osc9", False, "\x1b]9;Done, all\x1b\\"),
        ("osc9", True, "\x1bPtmux;\x1b\x1b]9;Done, all\x1b\x1b\\\x1b\\"),
        ("osc777", False, "\x1b]777;notify;chat-tui;Done, all\x1b\\"),
        ("off", False, ""),
    ],
)
def test_sequence_follows_the_setting(how: Notify, in_tmux: bool, sequence: str) -> None:
    assert notification("Done; all", how, in_tmux=in_tmux) == sequence


@pytest.mark.parametrize("words", ["x" * 200, "中文" * 100, "a\x1b]0;t\x07\nb\u202e\x9c;" * 9])
def test_words_are_one_short_line_without_controls(words: str) -> None:
    for how in ("osc9", "osc777"):
        sequence = notification(words, how, in_tmux=False)
        told = re.fullmatch(r"\x1b\](?:9|777;notify;chat-tui);([^;]*)\x1b\\", sequence)
        assert told is not None
        assert told[1].isprintable()
        assert 0 < cell_len(told[1]) <= 80


def _chat(title: str) -> OpenConversation:
    return OpenConversation(Conversation("id", title=title), ConversationTree(), MemoryStore())


async def test_only_long_answers_nobody_looks_at_are_told_and_several_as_one(
    tmp_path: Path,
) -> None:
    sent: list[str] = []
    settings = Settings(notify="osc9", notify_after=10)
    app: App[None] = App()
    async with app.run_test() as pilot:
        notifier = Notifier(app, lambda: settings, write=sent.append, environ={}, together=0.01)

        async def told() -> list[str]:
            await eventually(lambda: not notifier.busy)
            taken = sent.copy()
            sent.clear()
            return taken

        app.app_focus = True
        notifier.notify_end(_chat("seen"), 60, "complete")
        assert await told() == []

        app.app_focus = False
        notifier.notify_end(_chat("short"), 9.9, "complete")
        notifier.notify_end(_chat("by hand"), 60, "stopped")
        assert not notifier.busy
        notifier.notify_end(_chat("Trees"), 10, "complete")
        assert await told() == ["\x1b]9;Answered: Trees\x1b\\"]
        notifier.notify_end(_chat("Trees"), 60, "error")
        assert await told() == ["\x1b]9;No answer: Trees\x1b\\"]
        for title in ("A", "B", "C"):
            notifier.notify_end(_chat(title), 60, "length")
        assert await told() == ["\x1b]9;3 answers have ended\x1b\\"]

        settings = Settings(notify="off")
        notifier.notify_end(_chat("off"), 60, "complete")
        assert not notifier.busy

        # tmux hands on no focus events by default: it knows which pane is shown.
        settings = Settings()
        app.app_focus = True
        tmux = tmp_path / "tmux"
        environ = {"TMUX": "x", "TMUX_PANE": "%1", "PATH": f"{tmp_path}:/bin:/usr/bin"}
        notifier = Notifier(
            app, lambda: settings, write=sent.append, environ=environ, together=0.01
        )
        for state, expected in (("011", ["\a"]), ("111", []), ("110", ["\a"])):
            tmux.write_text(f'#!/bin/sh\n[ "$4" = %1 ] && echo {state}\n')
            tmux.chmod(0o755)
            notifier.notify_end(_chat("tmux"), 60, "complete")
            assert await told() == expected, state
        await pilot.pause()


async def test_end_of_an_answer_is_told_by_the_app(tmp_path: Path) -> None:
    go = asyncio.Event()
    settings = Settings(notify="osc9", notify_after=10)
    async with running(tmp_path, [go, *answer("Hi.")], settings=settings) as rig:
        sent: list[str] = []
        rig.screen.turns.events._notifier = Notifier(
            rig.app,
            lambda: rig.screen.session.settings,
            write=sent.append,
            environ={},
            together=0.01,
        )
        await rig.send("Trees")
        rig.app.app_focus = False
        rig.clock.advance(11)
        go.set()
        await rig.idle()
        await eventually(lambda: bool(sent))
        assert sent == ["\x1b]9;Answered: Trees\x1b\\"]
