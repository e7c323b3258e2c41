"""Every change of a text area can be undone."""

from pathlib import Path

from tests.fakes import answer
from tests.ui.rig import running


async def test_undo_takes_many_lines_away_again(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(80, 24)) as rig:
        prompt = rig.screen.prompt
        prompt.insert("a\n" * 40)
        await rig.pilot.pause()
        assert prompt.show_vertical_scrollbar
        await rig.pilot.press("ctrl+z")
        assert (prompt.text, prompt.cursor_location) == ("", (0, 0))
        await rig.pilot.press("ctrl+y")
        assert (prompt.text, prompt.cursor_location) == ("a\n" * 40, (40, 0))
        assert not rig.backend.reports
