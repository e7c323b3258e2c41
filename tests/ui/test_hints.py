"""The keys at the bottom say what they do now, and toasts what is so now."""

import asyncio
from pathlib import Path

from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.settings import Settings
from chat_tui.ui.screens.settings import SettingsScreen
from tests.fakes import Step, answer, eventually
from tests.ui.rig import Rig, running


def _hints(rig: Rig) -> str:
    return str(rig.screen.hints.content)


async def test_hint_of_escape_says_where_it_leads_now(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [TextDelta("a"), TextDelta("b"), gate, ReplyFinished("stop")]
    async with running(tmp_path, answer("one"), steps, size=(80, 24)) as rig:
        # Nothing to read, nowhere to go.
        assert "Esc" not in _hints(rig)
        await rig.ask("first")
        assert "Esc Read" in _hints(rig)
        await rig.pilot.press("escape")
        assert "Esc Write" in _hints(rig)
        assert "i Write" not in _hints(rig)
        await rig.pilot.press("i")
        await rig.send("second")
        assert _hints(rig).startswith("Esc Stop  Enter Send")
        # What Esc closes first it does not stop.
        await rig.pilot.press("ctrl+f")
        assert "Esc Back" in _hints(rig)
        await rig.pilot.press("escape")
        rig.screen.reading.focus_transcript()
        await rig.pilot.pause()
        assert _hints(rig).startswith("Esc Stop  j Next")
        await rig.pilot.press("escape")
        await rig.idle()
        assert "Esc Write" in _hints(rig)
        # What leads to all other keys is there at any width; a click does what the key does.
        for width in (120, 80, 40):
            await rig.pilot.resize_terminal(width, 24)
            await rig.pilot.pause()
            assert "^g More" in rig.drawn()
            assert "F1 Help" in rig.drawn()
        at = _hints(rig).index("F1 Help")
        await rig.pilot.click("#hints", offset=(2 + at, 0))
        await eventually(lambda: len(rig.app.screen_stack) == 2)


async def test_keymap_in_which_escape_stays_in_reading_says_so(tmp_path: Path) -> None:
    settings = Settings(keys={"leave-reading": "q"})
    async with running(tmp_path, answer("one"), settings=settings) as rig:
        await rig.ask("first")
        await rig.pilot.press("escape")
        assert "Esc" not in _hints(rig)
        assert "i Write" in _hints(rig)


async def test_toasts_of_information_do_not_pile_up_and_go_with_what_they_tell(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, answer("one"), size=(40, 12)) as rig:
        await rig.ask("first")
        rig.screen.warn("Look after this.")
        for number in range(4):
            rig.app.notify(f"told {number}")
        rig.app.notify("told 3")
        await eventually(lambda: rig.toasts == ["Look after this.", "told 2", "told 3"])
        await rig.screen.session.manager.conversations.rename(rig.chat.id, "A long title " * 15)
        await rig.pilot.press("ctrl+g", "d")
        await eventually(lambda: "Deleted" in rig.toasts[-1])
        # Of a terminal of 12 lines a toast takes three at the most.
        await eventually(lambda: "brings it back." in rig.drawn())
        assert [line[:10] for line in rig.drawn().splitlines()[:5]] == [
            "▌ Look aft",
            "▌ told 3",
            "▌ Deleted ",
            "▌ A long t",
            "▌ brings i",
        ]
        # The menu of keys may be how one follows what a toast says.
        await rig.pilot.press("ctrl+g", "u")
        await eventually(lambda: rig.toasts[-1].endswith("is back."))
        assert rig.toasts[0] == "Look after this."
        assert len(rig.toasts) == 2
        await rig.pilot.press("f6")
        await eventually(lambda: isinstance(rig.app.screen, SettingsScreen))
        await eventually(lambda: rig.toasts == ["Look after this."])
        await rig.pilot.press("escape")
        rig.app.notify("told again")
        await eventually(lambda: len(rig.toasts) == 2)
        await rig.pilot.press("ctrl+p")
        await eventually(lambda: rig.toasts == ["Look after this."])
