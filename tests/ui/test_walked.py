"""What the random walk (tests/walk) found, each on its own."""

from pathlib import Path

from tests.fakes import answer, eventually
from tests.ui.rig import Rig, running


async def _mark(rig: Rig, at: int) -> None:
    rig.screen.set_focus(rig.screen.transcript)
    rig.screen.transcript.move_to(at)
    await rig.pilot.pause()


async def test_version_that_is_sent_from_another_branch_shows_its_own_path(tmp_path: Path) -> None:
    async with running(tmp_path, answer("an answer")) as rig:
        await rig.ask("one")
        await rig.ask("two")
        await _mark(rig, 2)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.prompt.text == "two")
        await _mark(rig, 1)
        await rig.pilot.press("r")
        await eventually(lambda: len(rig.chat.tree) >= 5)
        await rig.idle()
        assert rig.screen.branches.editing is not None

        await rig.pilot.press("i")
        await rig.type("!")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 7)
        await rig.idle()

        column = rig.screen.transcript.column
        assert [message.text for message in await rig.path()][::2] == ["one", "two!"]
        assert [column.id_at(at) for at in range(len(column))] == rig.chat.tree.path()


async def test_own_version_and_deletion_are_seen_beside_the_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("an answer")) as rig:
        await rig.ask("older")
        older = rig.chat.id
        rig.clock.advance(10)
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat.id != older)
        await rig.ask("newer")
        newer = rig.chat.id
        rig.clock.advance(10)

        def rows() -> list[str]:
            return [option.id for option in rig.screen.list_of_conversations.options if option.id]

        await rig.pilot.press("ctrl+pagedown")
        await eventually(lambda: rig.chat.id == older)
        await _mark(rig, 1)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.prompt.text == "an answer")
        await rig.pilot.press("enter")
        await eventually(lambda: rows() == [older, newer])

        await rig.pilot.press("ctrl+g", "m", "ctrl+g", "d")
        await eventually(lambda: rows() == [newer])
        assert rig.app.focused is rig.screen.prompt


async def test_temporary_conversation_in_which_nothing_was_said_leaves_no_row(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, answer("an answer")) as rig:
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.type("a draft")
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.press("k")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        await eventually(lambda: rig.screen.prompt.text == "a draft")
        assert not rig.chat.temporary
        assert await rig.backend.store.summaries() == []
