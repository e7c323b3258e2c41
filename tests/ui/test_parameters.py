"""The parameters screen loses nothing, says what is wrong, and applies what is right."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, TextArea

from chat_tui.core.errors import StorageError
from chat_tui.core.memory import Learnt
from chat_tui.core.parameters import PARAMETERS, check_parameter, definition, parse_parameter
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.lines_editor import LinesEditor
from chat_tui.ui.screens.parameters import ParametersScreen
from chat_tui.ui.widgets.parameter_row import ParameterRow, form_text
from tests.fakes import TARGET, answer, eventually
from tests.ui.desk import FakeDesk
from tests.ui.host import Host, hosting
from tests.ui.rig import running


@asynccontextmanager
async def opened(
    parameters: Mapping[str, Any] | None = None,
    *,
    desk: FakeDesk | None = None,
    size: tuple[int, int] = (120, 40),
) -> AsyncGenerator[Host, None]:
    """The screen, for a model with some parameters set."""
    target = replace(TARGET, parameters=parameters or {})
    async with hosting(ParametersScreen(target, desk or FakeDesk()), size=size) as host:
        await eventually(lambda: isinstance(host.app.focused, Input))
        yield host


def _row(host: Host, name: str) -> ParameterRow:
    rows = host.app.screen.query(ParameterRow)
    return next(row for row in rows if row.definition.name == name)


async def _write(host: Host, name: str, words: str) -> None:
    row = _row(host, name)
    row.field.focus()
    row.put(words)
    await host.pilot.pause()


async def _given(host: Host) -> Any:
    """What the screen gave when it was closed."""
    await eventually(lambda: bool(host.results))
    return host.results[0]


async def test_values_typed_by_keyboard_are_set_for_the_conversation(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.pilot.press("ctrl+g", "p")
        await eventually(lambda: isinstance(rig.app.screen, ParametersScreen))
        await eventually(lambda: isinstance(rig.app.focused, Input))
        await rig.pilot.press("6", "4", "tab", "0", ".", "2", "down", "0", ".", "5", "enter")
        await eventually(lambda: rig.app.screen is rig.screen)
        wanted = {"max_tokens": 64, "temperature": 0.2, "top_p": 0.5}
        await eventually(lambda: rig.chat.target.parameters == wanted)
        await eventually(
            lambda: "Set for this conversation: max_tokens, temperature, top_p." in rig.toasts
        )
        assert rig.desk.parameters == []


async def test_every_definition_has_a_row_with_its_default() -> None:
    async with opened() as host:
        rows = list(host.app.screen.query(ParameterRow))
        assert [row.definition for row in rows] == list(PARAMETERS)
        assert [row.field.placeholder for row in rows] == [each.default for each in PARAMETERS]


async def test_details_tell_of_the_row_with_the_focus() -> None:
    async with opened() as host:
        for row in host.app.screen.query(ParameterRow):
            row.field.focus()
            await host.pilot.pause()
            assert row.definition.help.split(";")[0][:40] in host.drawn()


async def test_wrong_value_is_told_while_it_is_typed_and_stays_written() -> None:
    async with opened() as host:
        await _write(host, "temperature", "2.5")
        assert "✗ a number from 0 to 2" in host.drawn()
        assert "temperature cannot be 2.5." in host.drawn()
        await _write(host, "seed", "7")
        await host.pilot.press("ctrl+s")
        await host.pilot.pause()
        assert isinstance(host.app.screen, ParametersScreen)
        assert host.app.focused is _row(host, "temperature").field
        assert _row(host, "temperature").field.value == "2.5"
        await host.pilot.press("2", "enter")
        assert await _given(host) == {"temperature": 2, "seed": 7}


async def test_values_that_do_not_go_together_are_told() -> None:
    async with opened() as host:
        await _write(host, "top_logprobs", "3")
        await host.pilot.press("ctrl+s")
        await host.pilot.pause()
        assert "top_logprobs is given without logprobs." in host.drawn()
        await _write(host, "logprobs", "true")
        await host.pilot.press("ctrl+s")
        assert await _given(host) == {"top_logprobs": 3, "logprobs": True}


async def test_escape_changes_nothing_and_says_so() -> None:
    async with opened() as host:
        await _write(host, "seed", "7")
        await host.pilot.press("escape")
        assert await _given(host) is None
        assert "Parameters stay as they were." in host.toasts


async def test_row_that_is_cleared_is_left_out() -> None:
    async with opened({"seed": 7, "temperature": 1}) as host:
        assert _row(host, "seed").field.value == "7"
        _row(host, "seed").field.focus()
        await host.pilot.press("ctrl+l", "ctrl+s")
        assert await _given(host) == {"temperature": 1}


async def test_space_goes_through_the_words_of_a_choice() -> None:
    async with opened() as host:
        row = _row(host, "logprobs")
        row.field.focus()
        seen = []
        for _ in range(4):
            await host.pilot.press("space")
            seen.append(row.field.value)
        assert seen == ["true", "false", "", "true"]
        _row(host, "reasoning_effort").field.focus()
        await host.pilot.press("space", "space", "enter")
        assert await _given(host) == {"logprobs": True, "reasoning_effort": "minimal"}


async def test_defaults_are_kept_and_applied() -> None:
    desk = FakeDesk()
    async with opened(desk=desk) as host:
        await _write(host, "seed", "7")
        await host.pilot.press("ctrl+d")
        assert desk.parameters == [{"seed": 7}]
        assert await _given(host) == {"seed": 7}


async def test_defaults_that_cannot_be_kept_leave_the_form_as_it_is() -> None:
    desk = FakeDesk()
    async with opened(desk=desk) as host:
        desk.failure = error = StorageError(
            "The settings file is not writable.", hint="Look at it."
        )
        await _write(host, "seed", "7")
        await host.pilot.press("ctrl+d")
        await eventually(lambda: host.app.failures == [error])
        assert isinstance(host.app.screen, ParametersScreen)
        assert _row(host, "seed").field.value == "7"
        desk.failure = None
        await host.pilot.press("ctrl+s")
        assert await _given(host) == {"seed": 7}


async def test_refused_parameter_is_marked_and_taken_back_with_a_key() -> None:
    desk = FakeDesk()
    learnt = Learnt(frozenset({"seed"}), {"max_tokens": "max_completion_tokens"})
    desk.memory.learn(TARGET.provider, TARGET.model, learnt)
    async with opened(desk=desk) as host:
        assert "left out: it was refused" in host.drawn()
        assert "sent as max_completion_tokens" in host.drawn()
        assert "^r Send it again" not in host.drawn()
        await host.pilot.press("ctrl+r")
        assert desk.learnt(TARGET).left_out == {"seed"}
        _row(host, "seed").field.focus()
        await host.pilot.pause()
        assert "model-1 refused seed" in host.drawn()
        assert "^r Send it again" in host.drawn()
        await host.pilot.press("ctrl+r")
        await host.pilot.pause()
        assert "^r Send it again" not in host.drawn()
        assert desk.learnt(TARGET).left_out == frozenset()
        assert "left out: it was refused" not in host.drawn()


async def test_long_value_is_written_in_lines() -> None:
    async with opened() as host:
        await _write(host, "extra", '{"a": [1, 2]}')
        await host.pilot.press("enter")
        await eventually(lambda: isinstance(host.app.screen, LinesEditor))
        await host.pilot.pause()
        area = host.app.screen.query_one(TextArea)
        assert area.text.splitlines()[:2] == ["{", '  "a": [']
        area.text = '{"a":\n "red\\u202e"'
        await host.pilot.pause()
        assert "extra cannot be" in host.drawn()
        area.text += "}"
        await host.pilot.press("ctrl+s")
        await eventually(lambda: isinstance(host.app.screen, ParametersScreen))
        assert _row(host, "extra").field.value == r'{"a": "red\u202e"}'
        await host.pilot.press("ctrl+s")
        assert await _given(host) == {"extra": {"a": "red\u202e"}}


async def test_paste_into_the_lines_is_cleaned() -> None:
    async with opened() as host:
        _row(host, "tools").field.focus()
        await host.pilot.press("enter")
        await eventually(lambda: isinstance(host.app.screen, LinesEditor))
        await host.pilot.pause()
        host.app.post_message(events.Paste("[\x1b]0;x\x07\r\n]"))
        area = host.app.screen.query_one(TextArea)
        await eventually(lambda: area.text == "[␛]0;x␇\n]")
        await host.pilot.press("escape")
        await eventually(lambda: isinstance(host.app.screen, ConfirmDialog))
        await host.pilot.press("y")
        await eventually(lambda: isinstance(host.app.screen, ParametersScreen))
        assert _row(host, "tools").field.value == ""


async def test_hint_that_is_clicked_does_what_its_key_does() -> None:
    async with opened() as host:
        await host.pilot.press("8")
        assert await host.pilot.click("ActionHints", offset=(3, 0))
        assert await _given(host) == {"max_tokens": 8}


@pytest.mark.parametrize("size", [(40, 12), (80, 24)], ids=["40x12", "80x24"])
async def test_form_works_where_there_is_little_room(size: tuple[int, int]) -> None:
    async with opened(size=size) as host:
        await host.pilot.press("up")
        await eventually(lambda: "extra" in host.drawn())
        assert "^s Apply" in host.drawn()
        assert "Esc" in host.drawn()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stop", "\n\n"),
        ("stop", "42"),
        ("stop", "null"),
        ("stop", ' "quoted" '),
        ("stop", "END"),
        ("stop", ["\x1b", "a"]),
        ("extra", {"a": "\u202e", "b": {"为": None}}),
        ("temperature", 0.5),
        ("logprobs", False),
        ("tool_choice", "auto"),
        ("tool_choice", {"type": "function", "function": {"name": "f"}}),
        ("reasoning_effort", "high"),
    ],
)
def test_value_in_its_field_is_read_as_the_same_value(name: str, value: Any) -> None:
    shown = form_text(definition(name), value)
    assert shown.isprintable()
    assert parse_parameter(name, shown) == check_parameter(name, value)


async def test_value_that_is_shown_clean_stays_as_it_was() -> None:
    async with opened({"user": "a\tb\x7f"}) as host:
        assert _row(host, "user").field.value.isprintable()
        await _write(host, "seed", "1")
        await host.pilot.press("ctrl+s")
        assert await _given(host) == {"user": "a\tb\x7f", "seed": 1}
