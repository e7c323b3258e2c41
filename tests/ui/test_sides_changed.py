"""Models side by side: others in their place, saved ones, what does not fit or was cut off."""

import asyncio
from pathlib import Path

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.model_choices import ModelSet
from chat_tui.ui.screens.model_sets import ModelSetsScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.too_large import TooLargeDialog
from tests.fakes import Step, TableFacts, WordCounter, answer, eventually
from tests.ui.rig import running
from tests.ui.sides import NAMES, Models, begin, last_texts, says, states


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
    facts = TableFacts({str(each): 600 for each in models.targets})
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
