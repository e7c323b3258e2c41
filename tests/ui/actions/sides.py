"""Models side by side: who is asked, what they are told, stopping and asking again."""

from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from tests.fakes import TARGET
from tests.ui.actions.hands import Hands, scenario

OTHER = Target(TARGET.provider, "model-2")
THIRD = Target(TARGET.provider, "model-3")


async def begin(hands: Hands, *more: Target) -> None:
    """Go side by side: the model that there is, and others."""
    hands.rig.backend.listed = [TARGET, OTHER, THIRD]
    count = len(more) + 1
    await hands.rig.screen.sides.start((TARGET, *more))
    await hands.until(lambda: len(hands.rig.screen.panes.panes) == count)


async def newest(hands: Hands) -> list[ChatMessage]:
    """The newest answer of each model."""
    about = hands.rig.chat.conversation
    return await hands.rig.chat.messages([about.heads[slot] for slot in about.board.slots])


def slots(hands: Hands) -> int:
    """How many models are asked."""
    return len(hands.rig.chat.conversation.board.slots)


@scenario("sides", "side-by-side", "add-model", "remove-model", "leave-side-by-side")
async def _coming_and_going(hands: Hands) -> None:
    rig = hands.rig
    rig.backend.listed = [TARGET, OTHER, THIRD]
    await hands.ask("hello")
    await hands.press("side-by-side")
    await hands.on("ModelPicker")
    for model in ("model-1", "model-2"):
        await hands.write(model)
        await hands.press("models-mark")
        await hands.strike("ctrl+u")
    await hands.strike("enter")
    await hands.back()
    # The one that has not answered yet does so now.
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()
    assert slots(hands) == 2
    await hands.press("add-model")
    await hands.on("ModelPicker")
    await hands.write("model-3")
    await hands.strike("enter")
    await hands.until(lambda: slots(hands) == 3 and len(rig.chat.tree) == 4)
    await hands.idle()
    await hands.press("remove-model")
    await hands.until(lambda: slots(hands) == 2)
    await hands.press("leave-side-by-side")
    await hands.until(lambda: slots(hands) == 0)
    assert len(rig.chat.tree) == 4


@scenario("sides", "model-sets")
async def _sets(hands: Hands) -> None:
    await begin(hands, OTHER)
    await hands.press("model-sets")
    await hands.on("ModelSetsScreen")
    await hands.press("model-sets-back")
    await hands.back()


@scenario("sides", "column-parameters", "column-system-prompt")
async def _of_one(hands: Hands) -> None:
    rig = hands.rig
    await begin(hands, OTHER)
    rig.screen.columns.go_to(2)
    await hands.press("column-parameters")
    await hands.on("ParametersScreen")
    await hands.write("200")
    await hands.press("parameters-apply")
    await hands.back()
    await hands.until(lambda: bool(_targets(hands)[1].parameters))
    assert not _targets(hands)[0].parameters
    await hands.press("column-system-prompt")
    await hands.on("SystemPromptScreen")
    await hands.write("Be brief.")
    await hands.press("system-prompt-keep")
    await hands.back()
    await hands.until(lambda: _targets(hands)[1].system_prompt == "Be brief.")
    assert _targets(hands)[0].system_prompt is None


def _targets(hands: Hands) -> tuple[Target, ...]:
    return hands.rig.chat.conversation.targets


@scenario("sides", "sharing", "sharing-reading", "at-once")
async def _told(hands: Hands) -> None:
    rig = hands.rig
    await begin(hands, OTHER)
    await hands.press("sharing")
    await hands.until(lambda: rig.chat.conversation.board.sharing == "own")
    await hands.ask("hello")
    await hands.read()
    await hands.press("sharing-reading")
    await hands.until(lambda: rig.chat.conversation.board.sharing == "several")
    await hands.press("at-once")
    await hands.on("QuestionDialog")
    await hands.strike("1")
    await hands.until(lambda: rig.chat.conversation.board.at_once == 1)


@scenario("sides", "stop-column", "stop-column-reading", "stop-all", "retry-failed")
async def _stopping(hands: Hands) -> None:
    rig = hands.rig
    await begin(hands, OTHER, THIRD)
    await hands.say("wait")
    await hands.until(lambda: _running(hands) == 3)
    await hands.press("stop-column")
    await hands.until(lambda: _running(hands) == 2)
    rig.screen.columns.go_to(2)
    await hands.read()
    await hands.press("stop-column-reading")
    await hands.until(lambda: _running(hands) == 1)
    await hands.press("stop-all")
    await hands.idle()
    assert [each.status for each in await newest(hands)] == ["stopped"] * 3
    count = len(rig.chat.tree)
    await hands.press("retry-failed")
    await hands.until(lambda: len(rig.chat.tree) == count + 3)


def _running(hands: Hands) -> int:
    return len(hands.rig.chat.rounds)


@scenario("sides", "use-answer", "use-answer-reading")
async def _using(hands: Hands) -> None:
    rig = hands.rig
    await begin(hands, OTHER)
    await hands.ask("hello")
    heads = rig.chat.conversation.heads
    assert rig.chat.tree.head == heads[0]
    rig.screen.columns.go_to(2)
    await hands.press("use-answer")
    await hands.until(lambda: rig.chat.tree.head == heads[1])
    rig.screen.columns.go_to(1)
    await hands.read()
    await hands.press("use-answer-reading")
    await hands.until(lambda: rig.chat.tree.head == heads[0])
