"""The n answers of one model on the screen: columns while they come, or one at a time."""

import asyncio
from pathlib import Path

from chat_tui.core.events import ReasoningDelta, ReplyFinished, TextDelta
from chat_tui.ui.screens.conversation.pane_row import Pane
from tests.fakes import Step, eventually
from tests.ui.rig import Rig, running


def _steps(gate: asyncio.Event, *names: str) -> list[Step]:
    """Answers side by side, each in two pieces with a wait in between."""
    return [
        *(TextDelta(f"{name} begins", at) for at, name in enumerate(names)),
        gate,
        *(TextDelta(f" and {name} ends", at) for at, name in enumerate(names)),
        *(ReplyFinished("stop", at) for at in range(len(names))),
    ]


def _last(pane: Pane) -> str:
    column = pane.transcript.column
    message = column.message(len(column) - 1)
    return message.text if message is not None else ""


def _texts(rig: Rig) -> list[str]:
    return [_last(pane) for pane in rig.screen.panes.panes]


def _are_drawn(rig: Rig, *texts: str) -> bool:
    drawn = rig.drawn()
    return all(text in drawn for text in texts)


def _states(rig: Rig) -> list[str]:
    return [pane.head.state for pane in rig.screen.panes.panes]


async def _ask_for(rig: Rig, count: int) -> None:
    await rig.screen.session.manager.conversations.set_parameters(rig.chat, {"n": count})


async def test_answers_of_one_model_are_columns_while_they_come(tmp_path: Path) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    scripts = [
        _steps(gates[0], "one", "two", "three"),
        [ReasoningDelta("hm", 1), *_steps(gates[1], "four", "five", "six")],
        _steps(gates[2], "seven", "eight", "nine"),
    ]
    async with running(tmp_path, *scripts) as rig:
        await _ask_for(rig, 3)
        await rig.send("first")
        await eventually(lambda: len(rig.screen.panes.panes) == 3)
        await rig.pilot.pause()
        assert _texts(rig) == ["one begins", "two begins", "three begins"]
        rig.screen.sides.show_heads()
        assert _states(rig) == ["running"] * 3
        assert [pane.head.hint for pane in rig.screen.panes.panes] == [
            f"answer {number}" for number in (1, 2, 3)
        ]
        assert "Its answers stand side by side" in rig.toasts[-1]
        gates[0].set()
        await rig.idle()
        await eventually(lambda: _states(rig) == ["done"] * 3)
        ended = [f"{name} begins and {name} ends" for name in ("one", "two", "three")]
        assert _texts(rig) == ended
        drawn = rig.drawn()
        assert "three begins and three ends" in drawn
        assert "‹" not in drawn

        # The next ones take their places; one that is stopped keeps all that came.
        rig.screen.columns.go_to(2)
        await rig.screen.sides.answers.use()
        await rig.send("second")
        await eventually(lambda: _are_drawn(rig, "four begins", "five begins", "six begins"))
        assert rig.screen.panes.panes[1].transcript.column.id_at(1) == rig.chat.tree.path()[1]
        rig.screen.sides.answers.stop_all()
        await rig.idle()
        await eventually(lambda: _states(rig) == ["stopped"] * 3)
        assert _texts(rig) == ["four begins", "five begins", "six begins"]

        # They can be left while they come; then they stay one behind the other.
        await rig.send("third")
        await eventually(lambda: _are_drawn(rig, "seven begins", "eight begins", "nine begins"))
        rig.screen.columns.go_to(3)
        await rig.screen.sides.models.leave()
        assert not rig.screen.panes.on
        await rig.pilot.pause()
        assert "‹ 3/3 ›" in rig.drawn()
        assert "nine begins" in rig.drawn()
        gates[2].set()
        await rig.idle()
        assert "nine begins and nine ends" in rig.drawn()
        assert (await rig.path())[-1].text == "nine begins and nine ends"


async def test_answers_one_at_a_time_are_counted_as_they_come_and_shown_by_a_key(
    tmp_path: Path,
) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    gates[0].set()
    scripts = [_steps(gates[0], "one", "two"), _steps(gates[1], "three", "four", "five")]
    async with running(tmp_path, *scripts) as rig:
        await _ask_for(rig, 3)
        await rig.ask("first")
        await eventually(lambda: rig.screen.panes.on)
        await rig.screen.sides.models.leave()
        await rig.pilot.pause()
        assert "one at a time" in rig.toasts[-1]
        await rig.send("second")
        await eventually(lambda: "‹ 1/3 ›" in rig.drawn())
        assert not rig.screen.panes.on
        await rig.pilot.press("f8")
        await eventually(lambda: len(rig.screen.panes.panes) == 3)
        await rig.pilot.pause()
        assert _texts(rig) == ["three begins", "four begins", "five begins"]
        gates[1].set()
        await rig.idle()
        assert _texts(rig)[2] == "five begins and five ends"
    async with running(tmp_path, resume="", size=(200, 50)) as rig:
        await eventually(lambda: len(rig.screen.panes.panes) == 3)
        await rig.pilot.pause()
        assert _texts(rig)[2] == "five begins and five ends"
        # Now the key is for models.
        await rig.pilot.press("f8")
        await eventually(lambda: type(rig.app.screen).__name__ == "ModelPicker")


async def test_a_server_that_gives_one_answer_makes_no_columns(tmp_path: Path) -> None:
    async with running(tmp_path, [TextDelta("only"), ReplyFinished("stop")]) as rig:
        await _ask_for(rig, 3)
        await rig.ask("first")
        assert (len(rig.chat.tree), rig.screen.panes.on) == (2, False)
        assert "‹" not in rig.drawn()
