"""The conversation as a tree, by keyboard: versions, deleting, forks, undo, the outline."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.manager import ConversationManager
from chat_tui.core.targets import Target
from chat_tui.storage import open_store, paths_under
from chat_tui.storage.drafts import draft_from_text, draft_to_text
from chat_tui.ui.screens.branches import BranchesScreen
from chat_tui.ui.screens.conversation.drafts import joined
from chat_tui.ui.screens.conversation.editing import EditingLine
from tests.fakes import ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.rig import Rig, running

SIZE = (88, 30)
"""Without the list: less to draw."""


def said(rig: Rig) -> list[str]:
    """The first line of each message on the screen, by the transcript's own account."""
    column = rig.screen.transcript.column
    messages = [column.message(at) for at in range(len(column))]
    return [message.text.partition("\n")[0] if message else "?" for message in messages]


async def read(rig: Rig, place: int) -> None:
    """Go to the messages, with the mark on one of them."""
    rig.screen.set_focus(rig.screen.transcript)
    rig.screen.transcript.move_to(place)
    await rig.pilot.pause()


async def told(rig: Rig, words: str) -> str:
    await eventually(lambda: any(words in toast for toast in rig.toasts))
    found = next(toast for toast in rig.toasts if words in toast)
    rig.app.clear_notifications()
    return found


async def ask_again(rig: Rig) -> None:
    before = len(rig.chat.tree)
    await rig.pilot.press("ctrl+r")
    await eventually(lambda: len(rig.chat.tree) > before)
    await rig.idle()


async def outline_of(rig: Rig, key: str = "t") -> BranchesScreen:
    await rig.pilot.press(key)
    await eventually(lambda: isinstance(rig.app.screen, BranchesScreen))
    await rig.pilot.pause()
    screen = rig.app.screen
    assert isinstance(screen, BranchesScreen)
    return screen


async def test_prompts_and_answers_are_edited_as_other_versions(tmp_path: Path) -> None:
    client = ScriptedClient(answer("one"), answer("two"), answer("three"))
    async with running(tmp_path, clients=SimpleClientSource(client), size=SIZE) as rig:
        await rig.ask("first")
        await rig.ask("second")
        rig.screen.prompt.put("a draft")
        await read(rig, 0)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.branches.editing is not None)
        await rig.pilot.pause()
        assert rig.screen.prompt.text == "first"
        assert "Editing message 1 · Enter sends another version · Esc leaves" in rig.drawn()
        await rig.pilot.press("escape")
        assert rig.screen.branches.editing is None
        assert rig.screen.prompt.text == "a draft"
        await rig.pilot.pause()
        assert not rig.screen.query(EditingLine)

        await read(rig, 0)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.branches.editing is not None)
        await rig.type(" again")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 6)
        await rig.idle()
        assert said(rig) == ["first again", "three"]
        assert "‹ 2/2 ›" in rig.drawn()
        assert rig.screen.prompt.text == "a draft"
        assert [message.text for message in client.requests[-1].messages] == ["first again"]

        await read(rig, 0)
        await rig.pilot.press("left_square_bracket")
        await eventually(lambda: said(rig) == ["first", "one", "second", "two"])
        await rig.pilot.press("u")
        await told(rig, "Undone: going to another branch.")
        assert said(rig) == ["first again", "three"]
        await rig.pilot.press("u")
        await told(rig, "Undone: another version of a prompt.")
        assert said(rig) == ["first", "one", "second", "two"]
        await rig.pilot.press("U")
        await told(rig, "Done again: another version of a prompt.")
        assert said(rig) == ["first again", "three"]

        await read(rig, 1)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.branches.editing is not None)
        await rig.pilot.pause()
        assert "Editing answer 2" in rig.drawn()
        await rig.type(" more")
        await rig.pilot.press("enter")
        await told(rig, "Your version stands beside the answer")
        assert said(rig) == ["first again", "three more"]
        assert "‹ 2/2 ›" in rig.drawn()
        assert len(client.requests) == 3
        await rig.ask("go on")
        sent = [message.text for message in client.requests[-1].messages]
        assert sent == ["first again", "three more", "go on"]


async def test_refused_edit_comes_back_with_its_state(tmp_path: Path) -> None:
    clients = {"fake": ScriptedClient(answer("one"))}
    async with running(tmp_path, clients=SimpleClientSource(clients), size=SIZE) as rig:
        await rig.ask("first")
        rig.screen.prompt.put("a draft")
        await rig.pilot.press("ctrl+g", "E")
        await eventually(lambda: rig.screen.branches.editing is not None)
        id_ = rig.screen.branches.editing
        rig.screen.prompt.put("   ")
        await rig.pilot.press("enter")
        await told(rig, "Type a message first.")
        assert rig.screen.branches.editing == id_
        await rig.screen.answering.switch_to(Target("gone", "model-9"))
        rig.screen.prompt.put("other words")
        await rig.pilot.press("enter")
        await told(rig, "There is no provider gone.")
        assert rig.screen.branches.editing == id_
        assert rig.screen.prompt.text == "other words"
        await rig.pilot.pause()
        assert "Editing message 1" in rig.drawn()

        # Another conversation has another prompt; coming back, all is as it was.
        edited = rig.chat.id
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat.id != edited and rig.screen.branches.editing is None)
        assert rig.screen.prompt.text == ""
        await rig.pilot.press("ctrl+o", "enter")
        await eventually(lambda: rig.screen.branches.editing == id_)
        assert rig.screen.prompt.text == "other words"
    # And after the app was closed.
    async with running(tmp_path, answer("two"), resume="", size=SIZE) as rig:
        await eventually(lambda: rig.screen.branches.editing == id_)
        await rig.pilot.pause()
        assert rig.screen.prompt.text == "other words"
        assert "Editing message 1" in rig.drawn()
        await rig.pilot.press("escape")
        assert rig.screen.prompt.text == "a draft"


def test_what_is_set_aside_is_kept_with_the_draft() -> None:
    aside = Draft("a draft", ("pasted",))
    sent = Draft("another version", editing="message")
    waits = (Prompt("waits"),)
    kept = joined(sent, replace(aside, queued=waits))
    assert kept == replace(sent, queued=waits, set_aside=aside)
    assert draft_from_text(draft_to_text(kept)) == kept
    assert joined(Draft("refused"), Draft("typed")).text == "refused\ntyped"
    assert Draft(set_aside=aside)


async def test_paging_keeps_the_place_of_the_version_on_the_screen(tmp_path: Path) -> None:
    long = "\n\n".join(f"line {number}" for number in range(60))
    scripts = [answer("start"), answer("A " + long), answer("B " + long), answer("after")]
    async with running(tmp_path, *scripts, size=SIZE) as rig:
        await rig.ask("first")
        await rig.ask("second")
        await ask_again(rig)
        await rig.ask("third")
        transcript = rig.screen.transcript
        await read(rig, 3)
        transcript.place(3, 5)
        await rig.pilot.pause()
        assert rig.screen.stage.line_of(3) == 5
        await rig.pilot.press("left_square_bracket")
        await eventually(lambda: len(transcript.column) == 4)
        await rig.pilot.pause()
        assert said(rig)[3] == "A line 0"
        assert rig.screen.stage.line_of(3) == 5
        assert transcript.current == 3
        assert "‹ 1/2 ›" in rig.drawn()
        await rig.pilot.press("right_square_bracket")
        await eventually(lambda: len(transcript.column) == 6)
        assert rig.screen.stage.line_of(3) == 5
        await rig.pilot.press("i", "ctrl+g", "left_square_bracket")
        await eventually(lambda: len(transcript.column) == 4)
        await read(rig, 0)
        await rig.pilot.press("right_square_bracket")
        await told(rig, "no other version")


async def test_what_was_deleted_or_sent_is_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two"), answer("three"), size=SIZE) as rig:
        await rig.ask("first")
        await rig.ask("second")
        await read(rig, 1)
        await rig.pilot.press("d")
        assert await told(rig, "Deleted") == "Deleted 1 message. u brings back what was deleted."
        assert said(rig) == ["first", "second", "two"]
        assert rig.screen.transcript.current == 1
        await rig.pilot.press("D")
        assert "Deleted 2 messages." in await told(rig, "Deleted")
        assert said(rig) == ["first"]
        await rig.pilot.press("u")
        await told(rig, "Undone: deletion of 2 messages.")
        await rig.pilot.press("u")
        await told(rig, "Undone: deletion of 1 message.")
        assert said(rig) == ["first", "one", "second", "two"]
        await rig.pilot.press("U", "U")
        await eventually(lambda: said(rig) == ["first"])
        rig.app.clear_notifications()
        await read(rig, 0)
        await rig.pilot.press("d")
        await told(rig, "Deleted 1 message.")
        assert rig.screen.has_class("-empty")
        assert "What is on your mind?" in rig.drawn()
        assert rig.screen.focused is rig.screen.prompt
        await rig.pilot.press("ctrl+g", "u")
        await told(rig, "Undone: deletion of 1 message.")
        assert not rig.screen.has_class("-empty")
        rows = await rig.backend.store.summaries()
        assert [row.title for row in rows] == ["First"]

        await rig.pilot.press("ctrl+n", "ctrl+g", "u")
        await told(rig, "There is nothing to undo.")
        await rig.ask("once more")
        await rig.pilot.press("ctrl+g", "u")
        await told(rig, "Undone: a prompt.")
        assert rig.screen.prompt.text == "once more"
        assert rig.screen.has_class("-empty")
        await rig.pilot.press("ctrl+g", "U")
        await told(rig, "Done again: a prompt.")
        assert said(rig) == ["once more", "three"]
        assert rig.screen.prompt.text == ""
        await rig.pilot.press("ctrl+g", "U")
        await told(rig, "nothing to do again")


async def test_one_undo_takes_back_deletions_changes_and_forks(tmp_path: Path) -> None:
    scripts = [answer(words) for words in ("one", "two", "three", "four", "five")]
    async with running(tmp_path, *scripts, size=SIZE) as rig:
        await rig.ask("older")
        rig.clock.advance(1)
        await rig.pilot.press("ctrl+n")
        await rig.ask("newer")
        newer = rig.chat.id
        rig.clock.advance(1)
        await rig.pilot.press("ctrl+o", "down", "d")
        await told(rig, "Deleted “Older”.")
        rig.clock.advance(1)
        await read(rig, 1)
        await rig.pilot.press("d")
        await told(rig, "Deleted 1 message.")
        await rig.pilot.press("u")
        await told(rig, "Undone: deletion of 1 message.")
        assert rig.chat.id == newer
        await rig.pilot.press("u")
        await told(rig, "“Older” is back.")
        assert rig.chat.id != newer
        assert said(rig) == ["older", "one"]
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.screen.stage.empty)
        await rig.ask("first")
        await rig.ask("second")
        source = rig.chat.id
        await read(rig, 1)
        await rig.pilot.press("F")
        assert "First (2)" in await told(rig, "This goes on as")
        assert rig.chat.id != source
        assert said(rig) == ["first", "three"]
        assert rig.screen.focused is rig.screen.prompt
        fork = rig.chat.id
        await rig.pilot.press("ctrl+g", "u")
        await told(rig, "Undone: the fork.")
        assert rig.chat.id == source
        assert len(await rig.backend.store.summaries()) == 3
        await rig.pilot.press("ctrl+g", "U")
        await told(rig, "Done again: the fork.")
        assert rig.chat.id == fork
        await rig.ask("elsewhere")
        assert said(rig) == ["first", "three", "elsewhere", "five"]


async def test_outline_shows_all_branches_and_jumps(tmp_path: Path) -> None:
    scripts = [answer("one"), answer("deep"), answer("another", model="model-2")]
    async with running(tmp_path, *scripts, size=(80, 24)) as rig:
        await rig.pilot.press("ctrl+g", "T")
        await told(rig, "There are no branches here yet.")
        await rig.ask("first")
        await rig.ask("second [/x] \x1b[31m")
        await read(rig, 1)
        await rig.pilot.press("r")
        await eventually(lambda: len(rig.chat.tree) == 5)
        await rig.idle()
        screen = await outline_of(rig)
        await eventually(lambda: "deep" in rig.drawn())
        drawn = rig.drawn()
        assert "Messages: 5 · branches: 2" in drawn
        lines = [line.strip(" ▎") for line in drawn.splitlines()]
        body = [line for line in lines if "○" in line or "●" in line]
        assert [line[: line.index(next(c for c in line if c in "○●")) + 1] for line in body] == [
            "●",
            "├ ○",
            "│ ○",
            "│ ○",
            "●",
        ]
        assert "second [/x]" in drawn
        assert "‹ 1/2 ›" in body[1]
        # What goes on another branch moves nothing on this one.
        mark = rig.screen.transcript.current
        await rig.pilot.press("g", "j", "d")
        await told(rig, "Deleted 1 message.")
        assert rig.screen.transcript.current == mark
        await rig.pilot.press("u")
        await told(rig, "Undone: deletion of 1 message.")
        await rig.pilot.press("g", "j", "j", "j")
        marked = screen.view.marked
        assert marked is not None
        assert not marked.active
        await rig.pilot.press("enter")
        await eventually(lambda: rig.app.screen is rig.screen)
        await eventually(lambda: len(rig.screen.transcript.column) == 4)
        assert rig.screen.focused is rig.screen.transcript
        assert rig.screen.transcript.current == 3
        assert said(rig)[3] == "deep"


async def test_outline_filters_deletes_restores_and_marks(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two"), size=(120, 20)) as rig:
        await rig.ask("apples")
        await rig.ask("pears")
        await read(rig, 3)
        screen = await outline_of(rig)
        await rig.pilot.press("slash")
        await rig.type("pear")
        await eventually(lambda: len(screen.view.rows) == 1)
        assert "1 of 4" in rig.drawn()
        await rig.pilot.press("escape")
        assert len(screen.view.rows) == 4
        assert screen.is_current
        marked = screen.view.marked
        assert marked is not None
        assert marked.id == rig.chat.tree.path()[2]

        await rig.pilot.press("d")
        await told(rig, "Deleted 1 message.")
        assert len(screen.view.rows) == 3
        await rig.pilot.press("x")
        assert len(screen.view.rows) == 4
        await rig.pilot.press("g", "j", "j")
        await eventually(lambda: "✕" in rig.drawn())
        assert "Bring back" in rig.drawn()
        await rig.pilot.press("enter")
        await told(rig, "This message is deleted.")
        await rig.pilot.press("r")
        await told(rig, "1 message back in sight.")
        assert rig.chat.tree.shown == 4
        await rig.pilot.press("u", "U")
        await told(rig, "Done again: bringing back 1 message.")
        await rig.pilot.press("asterisk")
        await told(rig, "This path is the favourite now.")
        assert "★" in rig.drawn()
        await rig.pilot.press("q")
        assert rig.app.screen is rig.screen
        assert said(rig) == ["apples", "one", "pears", "two"]


async def test_favourite_path_is_found_again_and_paging_waits_for_the_end_of_an_answer(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    slow: list[Step] = [TextDelta("slow"), gate, ReplyFinished("stop")]
    async with running(tmp_path, answer("one"), answer("two"), slow, size=SIZE) as rig:
        await rig.pilot.press("ctrl+g", "'")
        await told(rig, "No path is the favourite yet.")
        await rig.ask("first")
        await rig.pilot.press("ctrl+g", "*")
        await told(rig, "This path is the favourite now.")
        assert "★" in rig.drawn().splitlines()[-2]
        await rig.pilot.press("ctrl+g", "'")
        await told(rig, "This is the favourite path.")
        await ask_again(rig)
        assert "★" not in rig.drawn()
        await rig.pilot.press("ctrl+g", "'")
        await told(rig, "Back on the favourite path.")
        assert said(rig) == ["first", "one"]
        await rig.pilot.press("ctrl+g", "*")
        await told(rig, "No path is the favourite any more.")

        await rig.pilot.press("ctrl+r")
        await eventually(lambda: "slow" in rig.drawn())
        await read(rig, 1)
        await rig.pilot.press("left_square_bracket")
        await told(rig, "An answer is on its way.")
        await rig.pilot.press("u")
        await told(rig, "An answer is still on its way")
        await rig.pilot.press("d")
        await told(rig, "An answer is still on its way")
        gate.set()
        await rig.idle()
        assert said(rig) == ["first", "slow"]


async def test_changes_of_another_window_are_followed_where_one_reads(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two"), answer("three"), size=SIZE) as rig:
        await rig.ask("first")
        await rig.ask("second")
        other = open_store(paths_under(tmp_path))
        clients = SimpleClientSource(ScriptedClient(answer("other")))
        manager = ConversationManager(other, clients, clock=rig.clock)
        chat = await manager.open(rig.chat.id)
        await manager.branches.delete_messages(chat, chat.tree.path()[1], branch=False)
        async with aclosing(manager.send(chat, "third")) as events:
            assert [event async for event in events]
        await other.aclose()
        await read(rig, 0)
        rig.screen.windows.look()
        await eventually(lambda: "third" in said(rig))
        assert said(rig) == ["first", "second", "two", "third", "other"]
        assert rig.screen.transcript.current == 0
