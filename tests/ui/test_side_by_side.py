"""Rounds on the screen: several models answer beside each other."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.errors import RateLimitError, ServerError
from chat_tui.core.events import ReplyFinished, TextDelta, UsageReported
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import Usage
from chat_tui.core.model_choices import ModelSet
from chat_tui.core.targets import Prices, Target
from chat_tui.ui.screens.conversation.pane_row import Pane
from chat_tui.ui.screens.model_sets import ModelSetsScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.request import messages_of
from chat_tui.ui.screens.too_large import TooLargeDialog
from tests.fakes import (
    TARGET,
    ScriptedClient,
    SimpleClientSource,
    Step,
    TableFacts,
    WordCounter,
    answer,
    eventually,
)
from tests.ui.rig import Rig, running

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")


class Models:
    """Models, each at a provider of its own with a script of its own."""

    def __init__(self, *scripts: Sequence[Iterable[Step]]) -> None:
        self.targets = [Target(f"at-{name}", name) for name in NAMES[: len(scripts)]]
        self.clients = {
            target.provider: ScriptedClient(*script)
            for target, script in zip(self.targets, scripts, strict=True)
        }
        everybody = {**self.clients, TARGET.provider: ScriptedClient(answer("alone"))}
        self.source = SimpleClientSource(everybody)

    def told(self, name: str) -> list[str]:
        """What the newest request to a model holds, without its system prompt."""
        request = self.clients[f"at-{name}"].requests[-1]
        return [each.text for each in request.messages if each.role != "system"]

    def asked(self, name: str) -> int:
        """How often a model was asked."""
        return len(self.clients[f"at-{name}"].requests)


def says(*texts: str) -> list[list[Step]]:
    """One answer after the other, in two deltas each."""
    return [answer(text[:2], text[2:]) for text in texts]


def last_texts(rig: Rig) -> list[str]:
    """The text that each column ends with."""
    return [_text(pane) for pane in rig.screen.panes.panes]


def _text(pane: Pane) -> str:
    column = pane.transcript.column
    message = column.message(len(column) - 1) if len(column) else None
    return message.text if message is not None else ""


def states(rig: Rig) -> list[str]:
    return [pane.head.state for pane in rig.screen.panes.panes]


async def begin(rig: Rig, targets: Sequence[Target]) -> None:
    await rig.screen.sides.start(targets)
    await eventually(lambda: len(rig.screen.panes.panes) == len(targets))
    await rig.pilot.pause()


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
        await eventually(lambda: rig.chat.queued == ["second"])
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
        assert rig.chat.queued == ["second"]
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
        await rig.screen.sides.models.remove()
        assert len(rig.screen.panes.panes) == 5
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


async def test_column_is_gone_on_with_and_asks_another_model_beside_others(tmp_path: Path) -> None:
    gate = asyncio.Event()
    waits: list[Step] = [TextDelta("alpha"), gate, ReplyFinished("stop")]
    cut = answer("One two", finish_reason="length")
    models = Models([waits], [cut, answer(" three"), waits], says("gamma 1"))
    async with running(tmp_path, clients=models.source, size=(200, 50)) as rig:
        rig.backend.listed = models.targets
        await begin(rig, models.targets[:2])
        await rig.send("first")
        await eventually(lambda: states(rig) == ["running", "done"])
        rig.screen.columns.go_to(2)
        assert rig.screen.answering.can_continue
        await rig.screen.answering.continue_reply()
        await eventually(lambda: last_texts(rig)[1] == "One two three")
        await eventually(lambda: states(rig) == ["running", "done"])
        # Parameters are those of the marked column, wherever they are set.
        rig.screen.prompt.put("/temp 0.5")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.conversation.targets[1].parameters != {})
        assert rig.chat.conversation.targets[0].parameters == {}
        # What is asked there is stopped first; the other one goes on.
        await rig.screen.answering.regenerate()
        await eventually(lambda: states(rig) == ["running", "running"])
        rig.screen.answering.retry_other_model()
        await eventually(lambda: isinstance(rig.app.screen, ModelPicker))
        await rig.type("gamma")
        await rig.pilot.press("enter")
        await eventually(lambda: last_texts(rig)[1] == "gamma 1")
        assert rig.chat.conversation.board.slots == (0, 2)
        assert models.clients["at-gamma"].requests[-1].target.parameters == {"temperature": 0.5}
        assert "gamma answers in this column from now on." in rig.toasts
        gate.set()
        await rig.idle()
        assert states(rig) == ["done", "done"]


async def test_too_large_a_prompt_is_about_the_column_that_refused_it(tmp_path: Path) -> None:
    models = Models(says("alpha 1"), says("beta 1"), says("gamma 1"))
    facts = TableFacts()
    planner = ContextPlanner(WordCounter(), facts, ForgetfulMemory())
    async with running(tmp_path, clients=models.source, planner=planner, size=(200, 50)) as rig:
        rig.backend.listed = models.targets
        await begin(rig, models.targets[:2])
        await rig.ask("word " * 90)
        facts.windows |= {"at-beta/beta": 60, "at-gamma/gamma": 300}
        rig.screen.sides.answers.ask(rig.chat, [1])
        await eventually(lambda: isinstance(rig.app.screen, TooLargeDialog))
        assert rig.screen.panes.marked_slot == 1
        await eventually(lambda: "beta has a window of 60 tokens" in rig.drawn())
        await rig.pilot.press("a")
        await eventually(lambda: isinstance(rig.app.screen, ModelPicker))
        await rig.type("gamma")
        await rig.pilot.press("enter")
        await eventually(lambda: "gamma has a window of 300 tokens" in rig.drawn())
        await rig.pilot.press("enter")
        await eventually(lambda: last_texts(rig) == ["alpha 1", "gamma 1"])
        await rig.idle()
        assert [models.asked(name) for name in NAMES[:3]] == [1, 1, 1]


async def test_oldest_turns_are_summed_up_when_all_have_answered(tmp_path: Path) -> None:
    long = "word " * 40
    models = Models(says(*[long] * 9), says(*[long] * 9))
    facts = TableFacts({str(each): 800 for each in models.targets})
    planner = ContextPlanner(WordCounter(ready=True), facts, ForgetfulMemory())
    async with running(tmp_path, clients=models.source, planner=planner) as rig:
        await begin(rig, models.targets)
        await planner.set_policy(rig.chat, ContextPolicy("compact"))
        for _ in range(8):
            await rig.ask(long)
            newest = rig.chat.tree[rig.chat.tree.head or ""]
            if newest.role == "system":
                break
        assert newest.role == "system"
        assert states(rig) == ["done", "done"]
        assert len(rig.screen.panes.panes) == 2


async def test_saved_models_begin_as_they_were_saved(tmp_path: Path) -> None:
    gate = asyncio.Event()
    waits: list[Step] = [TextDelta("alpha"), gate, ReplyFinished("stop")]
    models = Models([waits], says("beta 1"))
    kept = ModelSet("mine", tuple(models.targets), "own", at_once=1)
    async with running(tmp_path, clients=models.source) as rig:
        await rig.screen.session.choices.save_set(kept)
        await rig.ask("first")
        rig.screen.sides.models.show_sets()
        await eventually(lambda: isinstance(rig.app.screen, ModelSetsScreen))
        await eventually(lambda: "mine" in rig.drawn())
        await rig.pilot.press("enter")
        # The prompt that was there already is answered one after the other, too.
        await eventually(lambda: states(rig)[:2] == ["running", "queued"])
        assert models.asked("beta") == 0
        assert rig.chat.conversation.board.sharing == "own"
        gate.set()
        await rig.idle()
        # What was said alone is what is gone on with, until another answer is chosen.
        assert last_texts(rig) == ["alpha", "beta 1", "alone"]
