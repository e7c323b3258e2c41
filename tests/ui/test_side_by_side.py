"""Rounds on the screen: several models answer beside each other."""

import asyncio
from dataclasses import replace
from pathlib import Path

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.errors import RateLimitError, ServerError
from chat_tui.core.events import ReplyFinished, TextDelta, UsageReported
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import Usage
from chat_tui.core.targets import Prices
from chat_tui.ui.screens.request import messages_of
from tests.fakes import Step, TableFacts, WordCounter, eventually
from tests.ui.rig import running
from tests.ui.sides import NAMES, Models, begin, last_texts, says, states


async def test_all_models_answer_and_are_told_what_the_sharing_says(tmp_path: Path) -> None:
    models = Models(*(says(f"{name} 1", f"{name} 2", f"{name} 3") for name in NAMES[:3]))
    async with running(tmp_path, clients=models.source) as rig:
        await begin(rig, models.targets)
        await eventually(lambda: "3 models · one answer for all" in rig.drawn())
        await rig.ask("first")
        assert last_texts(rig) == ["alpha 1", "beta 1", "gamma 1"]
        assert states(rig) == ["done"] * 3
        await eventually(lambda: all(f"{name} 1" in rig.drawn() for name in NAMES[:3]))
        assert [models.told(name) for name in NAMES[:3]] == [["first"]] * 3
        # The answer of the second column is gone on with: all are told it.
        rig.screen.columns.go_to(2)
        await rig.screen.sides.answers.use()
        assert [pane.head.chosen for pane in rig.screen.panes.panes] == [False, True, False]
        await rig.ask("second")
        assert models.told("alpha") == models.told("gamma") == ["first", "beta 1", "second"]
        await rig.screen.sides.settings.next_sharing()
        await eventually(lambda: "each its own thread" in rig.drawn())
        await rig.ask("third")
        for name in NAMES[:3]:
            own = ["first", f"{name} 1", "second", f"{name} 2", "third"]
            assert models.told(name) == own
        assert last_texts(rig) == ["alpha 3", "beta 3", "gamma 3"]
        # The inspector tells what the marked column's model would be told.
        rig.screen.columns.go_to(3)
        view = await rig.screen.context.screens.view(rig.chat)
        sent = [each.text for each in await messages_of(rig.chat, view)]
        assert sent == [*models.told("gamma"), "gamma 3"]
        assert view.target == models.targets[2]
    again = Models(*(says("then") for _ in NAMES[:3]))
    async with running(tmp_path, clients=again.source, resume="", size=(200, 50)) as rig:
        await eventually(lambda: len(rig.screen.panes.panes) == 3)
        await rig.pilot.pause()
        assert last_texts(rig) == ["alpha 3", "beta 3", "gamma 3"]
        assert states(rig) == ["done"] * 3
        await rig.screen.sides.settings.next_sharing()
        await rig.ask("fourth")
        several = again.told("alpha")
        assert several[-1] == "fourth"
        assert all(f"{name} 3" in several[-2] for name in NAMES[:3])


async def test_one_that_fails_or_is_stopped_leaves_the_others_alone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    waits: list[Step] = [TextDelta("gamma"), gate, ReplyFinished("stop")]
    down: list[Step] = [ServerError("Down.", status=500)]
    models = Models(says("alpha 1", "alpha 2"), [down, *says("beta 2", "beta 3")], [waits])
    async with running(tmp_path, clients=models.source, size=(200, 50)) as rig:
        await begin(rig, models.targets)
        await rig.send("first")
        await eventually(lambda: states(rig) == ["done", "failed", "running"])
        await eventually(lambda: "2 of 3 done" in rig.drawn())
        assert rig.screen.panes.panes[1].head.told == "server error"
        # What is written meanwhile waits for the end of all.
        rig.screen.prompt.put("second")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.queued == ["second"])
        # Only the failed one is asked again, while another one runs.
        await rig.screen.sides.answers.retry_failed()
        await eventually(lambda: states(rig) == ["done", "done", "running"])
        assert [models.asked(name) for name in NAMES[:3]] == [1, 2, 1]
        assert last_texts(rig)[1] == "beta 2"
        # In its column, the key that stops stops that one; the others stay.
        rig.screen.columns.go_to(3)
        rig.screen.set_focus(rig.screen.transcript)
        await rig.pilot.press("escape")
        await rig.idle()
        assert states(rig) == ["done", "done", "stopped"]
        assert rig.queued == ["second"]
        # In the prompt it stops all.
        gate.clear()
        rig.screen.set_focus(rig.screen.prompt)
        await rig.pilot.press("enter")
        await eventually(lambda: states(rig) == ["done", "done", "running"])
        await rig.pilot.press("escape")
        await rig.idle()
        assert states(rig)[2] == "stopped"
        path = await rig.path()
        assert [each.text for each in path if each.role == "user"] == ["first", "second"]


async def test_models_come_and_go_while_others_answer(tmp_path: Path) -> None:
    gate = asyncio.Event()
    waits: list[Step] = [TextDelta("alpha"), gate, ReplyFinished("stop")]
    models = Models([waits], *(says(f"{name} 1", f"{name} 2") for name in NAMES[1:]))
    async with running(tmp_path, clients=models.source, size=(80, 24)) as rig:
        await begin(rig, models.targets[:2])
        await rig.send("first")
        await eventually(lambda: states(rig) == ["running", "done"])
        for place, target in enumerate(models.targets[2:], 2):
            await rig.screen.session.manager.sides.add(rig.chat, target)
            await rig.screen.branches.follow(rig.chat)
            rig.screen.sides.answers.ask_missing(rig.chat)
            await eventually(lambda place=place: len(states(rig)) == place + 1)  # type: ignore[misc]
        await eventually(lambda: states(rig) == ["running", *["done"] * 5])
        assert last_texts(rig)[1:] == [f"{name} 1" for name in NAMES[1:]]
        assert models.asked("alpha") == models.asked("beta") == 1
        rig.screen.columns.go_to(6)
        await eventually(lambda: "zeta 1" in rig.drawn())
        # Nothing answers any more in the place of one that is taken away.
        rig.screen.turns.waits.begin(rig.chat, rig.chat.conversation.heads[5], 99.0)
        await rig.screen.sides.models.remove()
        assert len(rig.screen.panes.panes) == 5
        assert len(rig.screen.turns.waits) == 0
        gate.set()
        await rig.idle()
        assert states(rig) == ["done"] * 5
        # The marked one alone is asked again.
        rig.screen.columns.go_to(2)
        await rig.screen.answering.regenerate()
        await rig.idle()
        assert last_texts(rig)[1] == "beta 2"
        assert [models.asked(name) for name in NAMES] == [1, 2, 1, 1, 1, 1]
        await rig.screen.sides.models.leave()
        assert not rig.screen.panes.on
        assert (rig.chat.target.model, (await rig.path())[-1].text) == ("beta", "beta 2")


async def test_headings_and_status_line_tell_figures(tmp_path: Path) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    usage = UsageReported(Usage(prompt_tokens=10, completion_tokens=40))
    scripts: list[list[list[Step]]] = [
        [[TextDelta("word " * 40), gate, usage, ReplyFinished("stop")]] for gate in gates
    ]
    models = Models(*scripts, says("tiny"))
    facts = TableFacts(
        {"at-gamma/gamma": 30},
        {"at-alpha/alpha": Prices(1.0, 2.0), "at-beta/beta": Prices(100.0, 200.0)},
    )
    planner = ContextPlanner(WordCounter(), facts, ForgetfulMemory())
    async with running(tmp_path, clients=models.source, planner=planner, size=(200, 50)) as rig:
        await begin(rig, models.targets)
        rig.screen.prompt.put("word " * 100)
        await eventually(lambda: "gamma: does not fit" in rig.drawn())
        await eventually(lambda: "prompt ≈$0.01" in rig.drawn())
        rig.screen.prompt.put("short")
        await eventually(lambda: "does not fit" not in rig.drawn())
        await rig.send("a prompt")
        await eventually(lambda: states(rig) == ["running", "running", "done"])
        rig.clock.advance(2.0)
        rig.screen.sides.show_heads()
        first, second, _ = (pane.head for pane in rig.screen.panes.panes)
        assert (first.told, first.about, first.rate) == ("2 s", True, second.rate)
        assert first.rate is not None
        assert 20 < first.rate < 30
        gates[0].set()
        await eventually(lambda: states(rig)[0] == "done")
        rig.clock.advance(2.0)
        gates[1].set()
        await rig.idle()
        first, second, third = (pane.head for pane in rig.screen.panes.panes)
        assert (first.seconds, second.seconds) == (2.0, 4.0)
        assert (first.rate, first.tokens, first.about) == (20.0, 40, False)
        assert first.cheapest
        assert not second.cheapest
        assert third.fastest


async def test_it_is_told_where_another_answer_is_gone_on_with(tmp_path: Path) -> None:
    nothing: list[Step] = [ServerError("Down.", status=500)]
    models = Models([*says("alpha 0", "alpha 1"), nothing, *says("alpha")], says(*["beta"] * 4))
    async with running(tmp_path, clients=models.source, size=(200, 50)) as rig:
        await rig.ask("zero")
        await rig.screen.sides.start(models.targets)
        await rig.idle()
        told = f"one answer for all: {rig.chat.conversation.targets[0].model} "
        await eventually(lambda: told in rig.drawn())
        # Who was asked alone is in no column any more: the first one that is asked comes next.
        await rig.ask("first")
        assert any("is not asked here any more" in each for each in rig.toasts)
        await eventually(lambda: "one answer for all: alpha" in rig.drawn())
        rig.app.clear_notifications()
        await rig.ask("second")
        assert [pane.head.chosen for pane in rig.screen.panes.panes] == [False, True]
        assert "alpha gave no answer: going on with the one of beta." in rig.toasts
        await eventually(lambda: "one answer for all: beta" in rig.drawn())
        # n of a column is said not to be sent, and does not stand in the heading.
        rig.screen.columns.go_to(1)
        rig.app.clear_notifications()
        await rig.screen.sides.settings.set_parameters({"n": 3, "seed": 1})
        await eventually(lambda: any("not sent while several" in each for each in rig.toasts))
        assert rig.screen.panes.panes[0].head.hint == "seed=1"
        await rig.ask("third")
        assert models.clients["at-alpha"].requests[-1].target.parameters == {"seed": 1}
        # What was gone on with stays that.
        assert [pane.head.chosen for pane in rig.screen.panes.panes] == [False, True]


async def test_first_token_is_told_as_at_the_end_also_of_who_had_to_wait(tmp_path: Path) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    slow: list[Step] = [gates[0], TextDelta("alpha"), ReplyFinished("stop")]
    late: list[Step] = [gates[1], TextDelta("word " * 9), gates[2], ReplyFinished("stop")]
    models = Models([slow], [late])
    async with running(tmp_path, clients=models.source) as rig:
        await begin(rig, models.targets)
        board = rig.chat.conversation.board
        await rig.screen.session.manager.sides.set_board(rig.chat, replace(board, at_once=1))
        await rig.send("first")
        await eventually(lambda: states(rig) == ["waiting", "queued"])
        assert "one by one" in rig.drawn()
        rig.clock.advance(5.0)
        gates[0].set()
        await eventually(lambda: models.asked("beta") == 1)
        rig.clock.advance(2.0)
        gates[1].set()
        await eventually(lambda: states(rig) == ["done", "running"])
        rig.clock.advance(1.0)
        rig.screen.sides.show_heads()
        live = rig.screen.panes.panes[1].head
        assert (live.first_token, live.told) == (2.0, "3 s")
        gates[2].set()
        await rig.idle()
        ended = rig.screen.panes.panes[1].head
        assert (ended.first_token, ended.seconds) == (2.0, 3.0)


async def test_refused_prompts_come_back_and_waiting_ones_are_told(tmp_path: Path) -> None:
    later: list[Step] = [RateLimitError("Slowly.", status=429, retry_after=125)]
    models = Models(says("alpha 1", "alpha 2"), [later, *says("beta 2")])
    async with running(tmp_path, clients=models.source) as rig:
        await begin(rig, models.targets)
        await rig.ask("first")
        assert states(rig) == ["done", "failed"]
        rig.screen.columns.go_to(2)
        await rig.screen.answering.wait_and_retry()
        await eventually(lambda: states(rig) == ["done", "waiting"])
        await eventually(lambda: "Retry in" in rig.drawn())
        await rig.screen.answering.retry_now()
        await rig.idle()
        assert last_texts(rig) == ["alpha 1", "beta 2"]
        # Another version of the prompt goes to all of them.
        await rig.screen.branches.edit_with((await rig.path())[0].id, "other words")
        await rig.pilot.press("enter")
        await eventually(lambda: models.asked("beta") == 3)
        await rig.idle()
        assert models.told("alpha") == models.told("beta") == ["other words"]
        assert last_texts(rig) == ["alpha 2", "beta 2"]
        # Nobody has a client any more: nothing is stored, and the words come back.
        models.source._clients = {}
        before = len(rig.chat.tree)
        rig.screen.prompt.put("second")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.screen.prompt.text == "second")
        await rig.idle()
        assert len(rig.chat.tree) == before
