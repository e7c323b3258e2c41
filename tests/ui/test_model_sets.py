"""Sets of models: used, saved under a name, deleted."""

from chat_tui.core.model_choices import ModelSet
from chat_tui.core.targets import Target
from chat_tui.ui.screens.dialogs import ConfirmDialog, LineDialog
from chat_tui.ui.screens.model_sets import ModelSetsScreen
from tests.fakes import eventually
from tests.ui.host import Host, hosting
from tests.ui.models import FakeChoices

ONE = Target("fake", "one")
TWO = Target("fake", "two\x1b[2J", {"temperature": 0.2})
FAST = ModelSet("fast", (ONE, ONE))
WISE = ModelSet("wise [/]", (ONE, TWO), "several", 2)
NOW = ModelSet("", (TWO, ONE), "own")


async def _top(host: Host, kind: type[object]) -> None:
    await eventually(lambda: type(host.app.screen) is kind)
    await host.pilot.pause()


async def test_set_is_found_and_used() -> None:
    async with hosting(ModelSetsScreen(FakeChoices(WISE, FAST), NOW), size=(80, 24)) as host:
        await eventually(lambda: "fast  one answer for all" in host.drawn())
        drawn = host.drawn()
        assert "wise [/]  all answers for all" in drawn
        assert "one · two␛[2J (temperature 0.2)" in drawn
        await host.pilot.press("j", "enter")
        assert host.results == [WISE]


async def test_models_are_saved_under_a_name_and_replaced_after_a_question() -> None:
    choices = FakeChoices(FAST)
    async with hosting(ModelSetsScreen(choices, NOW)) as host:
        await eventually(lambda: "fast" in host.drawn())
        await host.pilot.press("s")
        await _top(host, LineDialog)
        await host.type("mine")
        await host.pilot.press("enter")
        await eventually(lambda: "Saved as mine." in host.toasts)
        assert choices.by_name["mine"] == ModelSet("mine", NOW.targets, "own")
        for answer, kept in (("n", FAST), ("y", ModelSet("fast", NOW.targets, "own"))):
            await host.pilot.press("s")
            await _top(host, LineDialog)
            await host.type("fast")
            await host.pilot.press("enter")
            await _top(host, ConfirmDialog)
            assert "There is a set of this name already: one · one." in host.drawn()
            await host.pilot.press(answer)
            await _top(host, ModelSetsScreen)
            await eventually(lambda kept=kept: choices.by_name["fast"] == kept)  # type: ignore[misc]
        await host.pilot.press("s")
        await _top(host, LineDialog)
        await host.pilot.press("escape")
        await _top(host, ModelSetsScreen)
        assert set(choices.by_name) == {"fast", "mine"}


async def test_set_is_deleted_after_a_question_and_how_to_save_is_told() -> None:
    choices = FakeChoices(FAST)
    async with hosting(ModelSetsScreen(choices, None)) as host:
        await eventually(lambda: "fast" in host.drawn())
        assert "s Save these" not in host.drawn()
        await host.pilot.press("s")
        assert host.toasts == ["Go side by side first: a set holds two models or more."]
        for answer in "ny":
            await host.pilot.press("d")
            await _top(host, ConfirmDialog)
            await host.pilot.press(answer)
            await _top(host, ModelSetsScreen)
        await eventually(lambda: "No sets are saved yet. Go side by side" in host.drawn())
        assert choices.by_name == {}
        await host.pilot.press("enter", "d", "j", "escape")
        await eventually(lambda: host.results == [None])
