"""Comparing answers on the screen: differences, figures, blind votes, standings, merging, files."""

import asyncio
import stat
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from chat_tui.core.errors import ServerError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.messages import ChatMessage, Cost, Timings, Usage
from chat_tui.core.settings import Settings
from chat_tui.core.side_by_side.board import MERGED, Board
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.targets import Target
from chat_tui.ui.screens.comparing.diff import DiffScreen
from chat_tui.ui.screens.comparing.export import FormatDialog, SaveComparisonDialog
from chat_tui.ui.screens.comparing.figures import FiguresScreen
from chat_tui.ui.screens.comparing.merge import MergeDialog
from chat_tui.ui.screens.comparing.standings import StandingsScreen
from chat_tui.ui.screens.comparing.vote import TagDialog, VoteDialog
from chat_tui.ui.screens.dialogs import ConfirmDialog
from tests.fakes import ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.columns import MODELS, comparison, is_laid_out
from tests.ui.rig import Rig, running

_ONE = "The tides follow the moon.\n\nTwice [red]a[/] day \x1b[31mor so.\n"
_OTHER = "The tides follow the moon and the sun.\n\nTwice [red]a[/] day \x1b[31mor so.\n"


async def _open(rig: Rig, command: Callable[[], object], screen: type[Screen[Any]]) -> Screen[Any]:
    """Run a command, and wait for the screen that it opens."""
    command()
    await eventually(lambda: isinstance(rig.app.screen, screen))
    await rig.pilot.pause()
    return rig.app.screen


async def _diff(rig: Rig) -> DiffScreen:
    screen = await _open(rig, rig.screen.comparing.diff, DiffScreen)
    assert isinstance(screen, DiffScreen)
    await eventually(lambda: is_laid_out(screen))
    await rig.pilot.pause()
    return screen


async def _leave(rig: Rig) -> None:
    await rig.pilot.press("escape")
    await eventually(lambda: len(rig.app.screen_stack) == 1)


def _words(screen: Screen[Any], id_: str) -> str:
    return str(screen.query_one(id_, Static).render())


def _names_shown(rig: Rig) -> list[str]:
    """The models that are named on the screen."""
    drawn = rig.drawn()
    return [model for model in MODELS if model in drawn]


async def test_differences_of_versions_are_shown_inline_or_in_columns(tmp_path: Path) -> None:
    async with running(tmp_path, answer(_ONE), answer(_OTHER), size=(80, 24)) as rig:
        rig.screen.comparing.diff()
        await eventually(lambda: any("no two finished answers" in each for each in rig.toasts))
        await rig.ask("Why tides?")
        await rig.pilot.press("ctrl+r")
        await rig.idle()
        screen = await _diff(rig)
        assert "1 change · 8" in _words(screen, "#diff-title")
        assert "- model-1 · 1   + model-1 · 2" in _words(screen, "#diff-names")
        drawn = rig.drawn()
        assert "moon and the sun." in drawn
        assert "Twice [red]a[/] day ␛[31mor so." in drawn
        await rig.pilot.press("n")
        assert "change 1 of 1" in rig.drawn()
        await rig.pilot.resize_terminal(120, 30)
        await eventually(lambda: screen.view.in_columns and is_laid_out(screen))
        await rig.pilot.pause()
        assert screen.view.marked == 0
        assert rig.drawn().count("The tides follow the moon") == 2
        assert "≠" in rig.drawn()
        # Where there are no colours, marks tell.
        rig.app.no_color = True
        await rig.pilot.press("v")
        await eventually(lambda: not screen.view.in_columns)
        await rig.pilot.pause()
        assert "moon{+ and the sun+}." in rig.drawn()
        rig.app.no_color = False
        # Two change places.
        await rig.pilot.press("[")
        await eventually(lambda: is_laid_out(screen) and screen.view.changes == 1)
        await rig.pilot.pause()
        assert "- model-1 · 2   + model-1 · 1" in _words(screen, "#diff-names")
        await _leave(rig)
        assert not rig.backend.reports


async def test_figures_stand_beside_each_other_with_the_best_marked(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(120, 30)) as rig:
        chat = await comparison(rig, 3, rounds=1)
        for slot, seconds in enumerate((4.0, 2.0, 3.0)):
            (reply,) = await chat.messages([f"a0-{slot}"])
            reply = _measured(reply, seconds, cost=0.01 * (3 - slot))
            await rig.backend.store.save_message(reply)
        screen = await _open(rig, rig.screen.comparing.figures, FiguresScreen)
        assert isinstance(screen, FiguresScreen)
        table = screen.table
        assert [row.cells[0] for row in table.rows] == list(MODELS[:3])
        totals = screen.query_one("#table-heading", Static)
        assert "Total" in str(totals.render())
        best = {row.cells[0]: len(row.best) for row in table.rows}
        assert best == {MODELS[0]: 0, MODELS[1]: 2, MODELS[2]: 1}
        assert "★ 2.00 s" in rig.drawn()
        while "Total" not in _words(screen, "#table-title"):
            await rig.pilot.press("s")
        assert [row.cells[0] for row in table.rows] == [MODELS[1], MODELS[2], MODELS[0]]
        assert table.marked is not None
        assert table.marked.cells[0] == MODELS[0]
        await rig.pilot.press("y")
        await eventually(lambda: "| gpt-4.1-mini" in rig.app.clipboard)
        for size in ((80, 24), (40, 12)):
            await rig.pilot.resize_terminal(*size)
            await rig.pilot.pause()
            assert "gpt-4.1-mini" in rig.drawn()
            assert "$" in rig.drawn()
        await _leave(rig)


def _measured(reply: ChatMessage, seconds: float, cost: float) -> ChatMessage:
    return replace(
        reply,
        usage=Usage(10, 100, 110),
        timings=Timings(1.0, 1.0 + seconds / 2, 1.0 + seconds),
        cost=Cost(cost),
        finish_reason="stop",
    )


async def test_blind_names_come_with_the_vote_and_go_with_the_next_prompt(tmp_path: Path) -> None:
    clients = SimpleClientSource(ScriptedClient(answer("Short."), answer("Another one.")))
    async with running(tmp_path, clients=clients, size=(120, 40)) as rig:
        screen, comparing = rig.screen, rig.screen.comparing
        comparing.order = lambda slots: slots.reverse()
        chat = await comparison(rig, 2)
        assert _names_shown(rig) == list(MODELS[:2])
        await screen.run_command("comparing.toggle_blind")
        await rig.pilot.pause()
        assert _names_shown(rig) == []
        assert chat.conversation.board.blind == (1, 0)
        assert [pane.head.hidden for pane in screen.panes.panes] == ["A", "B"]
        comparing.figures()
        await eventually(lambda: any("Figures are hidden" in each for each in rig.toasts))
        # What would tell asks first.
        await screen.action_do("branches.show")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("n")
        diff = await _diff(rig)
        assert "A" in _words(diff, "#diff-names")
        assert _names_shown(rig) == []
        await _leave(rig)
        await _vote(rig, "1")
        (vote,) = await screen.session.choices.votes()
        assert (vote.turn, vote.verdict, vote.winner) == ("t1", "win", "fake/claude-opus-4-1")
        assert vote.models == ("fake/claude-opus-4-1", "fake/gpt-4.1-mini")
        await eventually(lambda: chat.tree.head == "a1-1")
        await rig.pilot.pause()
        assert _names_shown(rig) == list(MODELS[:2])
        assert any("A: claude-opus-4-1" in each for each in rig.toasts)
        assert [pane.head.vote for pane in screen.panes.panes] == ["win", ""]
        # The next prompt hides them again, the earlier answers too.
        rig.app.clear_notifications()
        comparing.order = lambda slots: None
        assert [pane.column.slot for pane in screen.panes.panes] == [1, 0]
        assert screen.panes.place == 0
        await rig.ask("Once more")
        await rig.pilot.pause()
        assert comparing.hides
        assert _names_shown(rig) == []
        # Nothing that was known goes along: not the mark, not the earlier answers, no figures.
        assert [pane.column.slot for pane in screen.panes.panes] == [0, 1]
        assert screen.panes.place == 0
        first, second = (pane.stage.path(chat) for pane in screen.panes.panes)
        assert first[:-1] == second[:-1]
        assert "a1-1" in first
        drawn = rig.drawn()
        assert "tok" not in drawn
        assert "chosen" not in drawn
        assert not rig.backend.reports
        assert [pane.head.vote for pane in screen.panes.panes] == ["", ""]


async def test_blind_headings_tell_who_has_ended_when_all_have(tmp_path: Path) -> None:
    gate = asyncio.Event()
    slow: list[Step] = [TextDelta("Slow"), gate, ReplyFinished("stop")]
    down: list[Step] = [ServerError("Down.", status=500)]
    one, other = Target("one", "fast"), Target("other", "slow")
    clients = {one.provider: ScriptedClient(down), other.provider: ScriptedClient(slow)}
    async with running(tmp_path, clients=SimpleClientSource(clients)) as rig:
        await rig.screen.sides.start((one, other))
        rig.screen.comparing.order = lambda slots: None
        await rig.screen.run_command("comparing.toggle_blind")
        await rig.send("Which one?")
        panes = rig.screen.panes.panes
        await eventually(lambda: len(rig.screen.turns.runs.live(rig.chat.id)) == 1)
        rig.screen.sides.show_heads()
        assert [pane.head.state for pane in panes] == ["awaited", "awaited"]
        gate.set()
        await rig.idle()
        assert [pane.head.state for pane in rig.screen.panes.panes] == ["failed", "done"]


async def _vote(rig: Rig, row: str) -> None:
    await _open(rig, rig.screen.comparing.vote, VoteDialog)
    await rig.pilot.press(row)
    await eventually(lambda: len(rig.app.screen_stack) == 1)
    await rig.pilot.pause()


async def test_a_vote_is_kept_replaced_and_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(120, 40)) as rig:
        choices, comparing = rig.screen.session.choices, rig.screen.comparing
        blind = Board((0, 1), blind=(1, 0))
        chat = await comparison(rig, 2, board=blind)
        await rig.pilot.pause()
        assert _names_shown(rig) == []
        dialog = await _open(rig, comparing.vote, VoteDialog)
        await rig.pilot.press("t")
        await eventually(lambda: isinstance(rig.app.screen, TagDialog))
        await rig.type("code [x]")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.app.screen is dialog)
        await rig.pilot.press("3")
        await eventually(lambda: not comparing.hides)
        await rig.pilot.pause()
        (vote,) = await choices.votes()
        assert (vote.verdict, vote.winner, vote.tags) == ("tie", "", ("code [x]",))
        assert chat.tree.head == "a1-0"
        # It is as it was when the conversation comes back.
        await rig.screen.show_chat(rig.screen.session.new_chat())
        await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
        await eventually(lambda: not comparing.hides)
        await rig.pilot.pause()
        assert _names_shown(rig) == list(MODELS[:2])
        dialog = await _open(rig, comparing.vote, VoteDialog)
        assert dialog.query_one(OptionList).highlighted == 2
        await rig.pilot.press("4")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        await rig.pilot.pause()
        assert [each.verdict for each in await choices.votes()] == ["bad"]
        await _vote(rig, "5")
        await eventually(lambda: comparing.hides)
        await rig.pilot.pause()
        assert list(await choices.votes()) == []
        assert _names_shown(rig) == []
        # Who looks all the same ends it.
        await rig.screen.action_do("branches.show")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("y")
        await eventually(lambda: type(rig.app.screen).__name__ == "BranchesScreen")
        assert not rig.chat.conversation.board.blind
        assert not rig.backend.reports


async def test_standings_count_votes_by_tag_and_say_how_to_begin(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), size=(80, 24)) as rig:
        choices, standings = rig.screen.session.choices, rig.screen.comparing.standings
        await _open(rig, standings, StandingsScreen)
        assert "There are no votes yet" in rig.drawn()
        await rig.pilot.press("y", "t")
        await _leave(rig)
        await choices.save_vote(Vote("1", "c", 1.0, ("a/x", "b/[y]"), "win", "b/[y]", ("code",)))
        await choices.save_vote(Vote("2", "c", 2.0, ("a/x", "c/z"), "tie"))
        screen = await _open(rig, standings, StandingsScreen)
        assert isinstance(screen, StandingsScreen)
        assert [row.cells[0] for row in screen.table.rows] == ["b/[y]", "c/z", "a/x"]
        assert "2 votes" in _words(screen, "#table-title")
        await rig.pilot.press("t")
        assert [row.cells[0] for row in screen.table.rows] == ["b/[y]", "a/x"]
        assert "1 vote · tag: code" in _words(screen, "#table-title")
        await rig.pilot.press("t")
        assert len(screen.table.rows) == 3
        for size in ((40, 12), (120, 40)):
            await rig.pilot.resize_terminal(*size)
            await rig.pilot.pause()
            assert "100 %" in rig.drawn()


async def test_answers_are_merged_by_words_of_ones_own(tmp_path: Path) -> None:
    client = ScriptedClient(*[answer("Merged.")] * 3)
    async with running(tmp_path, clients=SimpleClientSource(client), size=(120, 40)) as rig:
        chat = await comparison(rig, 3, rounds=1)
        dialog = await _open(rig, rig.screen.comparing.merge, MergeDialog)
        assert isinstance(dialog, MergeDialog)
        await eventually(lambda: "tokens" in _words(dialog, "#merge-size"))
        # The answers follow the four recipes; two are the least.
        await rig.pilot.press(*["down"] * 4, "space", "down", "enter", "ctrl+s")
        assert "two answers at least" in rig.drawn()
        await rig.pilot.press("enter", *["up"] * 2, "space", "ctrl+s")
        assert "Write what is to be made of them." in rig.drawn()
        await eventually(lambda: isinstance(rig.app.focused, Input))
        await rig.type("Rhyme them")
        await rig.pilot.press("enter")
        await eventually(
            lambda: chat.tree.head is not None and chat.tree[chat.tree.head].slot == MERGED
        )
        await rig.idle()
        reply = (await rig.path())[-1]
        assert (reply.text, reply.model) == ("Merged.", MODELS[0])
        asked = client.requests[-1].messages[-1].text
        assert "Rhyme them" in asked
        assert "Answer 0 of 0" not in asked
        assert "Answer 0 of 1" in asked
        assert "Merged." in rig.drawn()
        # It stands there as ended, also when it was taken back and brought again.
        for _ in range(2):
            await eventually(lambda: rig.screen.panes.panes[-1].head.state == "done")
            assert rig.screen.panes.panes[-1].column.slot == MERGED
            await rig.screen.branches.undo()
            await eventually(lambda: len(rig.screen.panes.panes) == 3)
            await rig.screen.branches.redo()
            await eventually(lambda: len(rig.screen.panes.panes) == 4)
        for number in range(2):
            merging = rig.screen.session.manager.merging
            merge = partial(merging.merge, chat, ["a0-0", "a0-1"], "fuse")
            rig.screen.turns.start(chat, merge)
            await rig.idle()
            await eventually(lambda: rig.screen.panes.panes[-1].head.state == "done")
            assert len(client.requests) == 2 + number


async def test_a_comparison_is_written_privately_and_never_over_a_file_unasked(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "home", answer("x"), size=(80, 24)) as rig:
        await comparison(rig, 2)
        path = tmp_path / "tides.md"
        path.write_text("mine")
        path.chmod(0o644)
        await _open(rig, rig.screen.comparing.export, FormatDialog)
        await rig.pilot.press("m")
        await eventually(lambda: isinstance(rig.app.screen, SaveComparisonDialog))
        line = rig.app.screen.query_one(Input)
        assert line.value.endswith(".md")
        line.value = str(path)
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        assert path.read_text() == "mine"
        await rig.pilot.press("y")
        await eventually(lambda: any("Saved to" in each for each in rig.toasts))
        assert "claude-opus-4-1" in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_votes_about_a_temporary_conversation_are_not_stored(tmp_path: Path) -> None:
    clients = SimpleClientSource(ScriptedClient(answer("One."), answer("Two.")))
    async with running(tmp_path, clients=clients, settings=Settings(sidebar=False)) as rig:
        screen = rig.screen
        chat = screen.session.new_chat(temporary=True)
        await screen.show_chat(chat)
        await screen.sides.start([Target("fake", "sun"), Target("fake", "moon")])
        await screen.run_command("comparing.toggle_blind")
        await rig.ask("Why?")
        assert screen.comparing.hides
        await _vote(rig, "4")
        await eventually(lambda: not screen.comparing.hides)
        assert list(await screen.session.choices.votes()) == []


async def test_with_own_threads_it_is_blind_until_the_first_vote(tmp_path: Path) -> None:
    scripts = [[answer(f"{name} {turn}.") for turn in range(3)] for name in ("Sun", "Moon")]
    clients = SimpleClientSource(
        {MODELS[0]: ScriptedClient(*scripts[0]), MODELS[1]: ScriptedClient(*scripts[1])}
    )
    async with running(tmp_path, clients=clients, size=(120, 40)) as rig:
        screen, comparing = rig.screen, rig.screen.comparing
        comparing.order = lambda slots: slots.reverse()
        await screen.sides.start([Target(name, name) for name in MODELS[:2]])
        sides, chat = screen.session.manager.sides, rig.chat
        await sides.set_board(chat, replace(chat.conversation.board, sharing="own"))
        await screen.run_command("comparing.toggle_blind")
        for turn in range(2):
            await rig.ask(f"Prompt {turn}")
            # The letters stay with their threads: who goes on with what is seen anyway.
            assert chat.conversation.board.blind == (1, 0)
            assert comparing.hides
            assert _names_shown(rig) == []
        drawn = rig.drawn()
        assert [drawn.count(words) for words in ("Sun 0.", "Sun 1.", "Moon 0.")] == [1, 1, 1]
        await _vote(rig, "3")
        assert _names_shown(rig) == list(MODELS[:2])
        # Who gave the earlier answers is known: so is who gives the next ones.
        await rig.ask("Prompt 2")
        assert not chat.conversation.board.blind
        await eventually(lambda: any("figures stay shown" in each for each in rig.toasts))
        assert _names_shown(rig) == list(MODELS[:2])
        await screen.run_command("comparing.toggle_blind")
        assert not chat.conversation.board.blind
        await eventually(lambda: any("which tell who it is" in each for each in rig.toasts))
        assert not rig.backend.reports


async def test_a_vote_about_an_earlier_prompt_leaves_what_came_after_it(tmp_path: Path) -> None:
    async with running(tmp_path, answer("Merged."), size=(120, 40)) as rig:
        chat, screen = await comparison(rig, 2), rig.screen
        await screen.run_command("reading.focus_transcript")
        await screen.run_command("reading.jump_to_start")
        await _vote(rig, "2")
        (vote,) = await screen.session.choices.votes()
        assert (vote.turn, vote.winner) == ("t0", f"fake/{MODELS[1]}")
        assert chat.tree.head == "a1-0"
        # What was merged is no model's answer, and nobody judges it.
        await _open(rig, screen.comparing.merge, MergeDialog)
        await rig.pilot.press("ctrl+s")
        await eventually(lambda: len(screen.panes.panes) == 3)
        await rig.idle()
        dialog = await _open(rig, screen.comparing.vote, VoteDialog)
        # Two answers, two other verdicts, and the vote that is there already.
        assert dialog.query_one(OptionList).option_count == 5
        assert not rig.backend.reports
