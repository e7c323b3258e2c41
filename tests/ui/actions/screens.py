"""What can be done on the screens over the conversation."""

import json
from dataclasses import replace

from textual.widgets import OptionList, TextArea

from chat_tui.core.checks import CheckStep
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.model_choices import ModelSet
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.ui.desk import ProviderRow
from chat_tui.ui.screens.dialogs import ConfirmDialog, LineDialog
from chat_tui.ui.screens.lines_editor import LinesEditor
from chat_tui.ui.screens.model_sets import ModelSetsScreen, choose_set
from chat_tui.ui.screens.parameters import ParametersScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.providers.connection import ConnectionTest
from chat_tui.ui.screens.providers.form import ProviderForm
from chat_tui.ui.screens.providers.screen import ProvidersScreen
from chat_tui.ui.screens.raw.screen import RawScreen
from chat_tui.ui.widgets.model_table import ModelTable
from chat_tui.ui.widgets.parameter_row import ParameterRow
from chat_tui.ui.widgets.text_lines import TextLines
from tests.fakes import TARGET
from tests.ui.actions.hands import Hands, scenario
from tests.ui.desk import FAKE

WORK = ProviderProfile("work", "https://work.example.com/v1", "WORK_KEY", "gpt-5-mini")
ROWS = [
    ProviderRow(WORK, own=True, ready=True, key="from WORK_KEY"),
    ProviderRow(FAKE, own=False, ready=True, key="none needed"),
]


async def _parameters(hands: Hands) -> ParametersScreen:
    await hands.press("parameters")
    screen = await hands.on(ParametersScreen)
    assert isinstance(screen, ParametersScreen)
    await hands.until(lambda: hands.rig.app.focused is not None)
    return screen


def _row(hands: Hands, name: str) -> ParameterRow:
    rows = hands.rig.app.screen.query(ParameterRow)
    return next(row for row in rows if row.definition.name == name)


@scenario("screens", "parameters", "parameters-apply", "parameters-clear", "parameters-default")
async def _parameter_values(hands: Hands) -> None:
    rig = hands.rig
    await _parameters(hands)
    _row(hands, "max_tokens").field.focus()
    await hands.write("64")
    await hands.press("parameters-apply")
    await hands.back()
    await hands.until(lambda: rig.chat.target.parameters == {"max_tokens": 64})
    await _parameters(hands)
    _row(hands, "max_tokens").field.focus()
    await hands.settle()
    await hands.press("parameters-clear")
    await hands.press("parameters-default")
    await hands.back()
    await hands.until(lambda: rig.chat.target.parameters == {})
    await hands.until(lambda: rig.desk.parameters[-1:] == [{}])


@scenario(
    "screens",
    *("parameters-send-again", "parameters-lines", "value-keep", "value-leave"),
    "parameters-leave",
)
async def _values_in_lines(hands: Hands) -> None:
    rig = hands.rig
    rig.desk.leave_out(rig.chat.target, "temperature")
    await _parameters(hands)
    _row(hands, "temperature").field.focus()
    await hands.settle()
    await hands.press("parameters-send-again")
    await hands.until(lambda: not rig.desk.learnt(rig.chat.target).left_out)
    _row(hands, "tools").field.focus()
    await hands.settle()
    for leave in ("value-leave", "value-keep"):
        await hands.press("parameters-lines")
        await hands.on(LinesEditor)
        assert isinstance(hands.rig.app.focused, TextArea)
        hands.rig.app.focused.text = "[]"
        await hands.press(leave)
        if leave == "value-leave":
            await hands.on(ConfirmDialog)
            await hands.strike("y")
        await hands.on(ParametersScreen)
    await hands.press("parameters-leave")
    if isinstance(hands.rig.app.screen, ConfirmDialog):
        await hands.strike("y")
    await hands.back()
    assert hands.rig.chat.target.parameters == {}


async def _providers(hands: Hands) -> OptionList:
    hands.rig.desk.rows = list(ROWS)
    await hands.press("providers")
    await hands.on(ProvidersScreen)
    await hands.until(lambda: isinstance(hands.rig.app.focused, OptionList))
    rows = hands.rig.app.focused
    assert isinstance(rows, OptionList)
    return rows


@scenario(
    "screens",
    *("providers", "provider-next", "provider-previous", "provider-use", "providers-back"),
)
async def _choose_provider(hands: Hands) -> None:
    rig = hands.rig
    rows = await _providers(hands)
    at = rows.highlighted
    await hands.press("provider-previous")
    await hands.until(lambda: rows.highlighted != at)
    await hands.press("provider-next")
    await hands.until(lambda: rows.highlighted == at)
    await hands.press("providers-back")
    await hands.back()
    rows = await _providers(hands)
    await hands.press("provider-previous")
    await hands.press("provider-use")
    await hands.back()
    await hands.until(lambda: rig.chat.target.provider == "work")
    rig.backend.target = TARGET


@scenario("screens", "provider-add", "form-leave", "provider-edit", "form-save", "form-test")
async def _form(hands: Hands) -> None:
    rig = hands.rig
    rig.desk.steps = [CheckStep("dns", "ok", "Found.")]
    await _providers(hands)
    await hands.press("provider-previous")
    await hands.press("provider-add")
    await hands.on(ProviderForm)
    await hands.press("form-leave")
    await hands.on(ProvidersScreen)
    await hands.press("provider-edit")
    form = await hands.on(ProviderForm)
    await hands.press("form-test")
    await hands.on(ConnectionTest)
    await hands.press("test-back")
    await hands.until(lambda: rig.app.screen is form)
    await hands.press("form-save")
    await hands.until(lambda: bool(rig.desk.saved))
    await hands.press("providers-back")
    await hands.back()


@scenario("screens", "provider-test", "test-again", "test-back")
async def _test(hands: Hands) -> None:
    rig = hands.rig
    rig.desk.steps = [CheckStep("dns", "ok", "Found.")]
    rig.desk.checked.clear()
    await _providers(hands)
    await hands.press("provider-test")
    await hands.on(ConnectionTest)
    await hands.until(lambda: "It works" in rig.drawn() or "does not" in rig.drawn())
    await hands.press("test-again")
    await hands.until(lambda: len(rig.desk.checked) == 2)
    await hands.until(lambda: "being tried" not in rig.drawn())
    await hands.press("test-back")
    await hands.on(ProvidersScreen)


@scenario("screens", "provider-delete")
async def _delete_provider(hands: Hands) -> None:
    await _providers(hands)
    await hands.press("provider-previous")
    await hands.press("provider-delete")
    await hands.on(ConfirmDialog)
    await hands.write("y")
    await hands.until(lambda: hands.rig.desk.deleted == ["work"])


@scenario("screens", "provider-models", "models-refresh", "models-leave", "models-take")
async def _models_of_a_provider(hands: Hands) -> None:
    rig = hands.rig
    rig.backend.listed = [TARGET, Target("work", "other"), Target(TARGET.provider, "model-2")]
    rig.backend.refreshed.clear()
    await _providers(hands)
    await hands.press("provider-models")
    table = await _table(hands)
    await hands.until(lambda: len(table.rows) == 2)
    await hands.press("models-refresh")
    await hands.until(lambda: rig.backend.refreshed == [TARGET.provider])
    await hands.press("models-leave")
    await hands.on(ProvidersScreen)
    await hands.press("provider-models")
    table = await _table(hands)
    await hands.until(lambda: len(table.rows) == 2)
    await hands.write("2")
    await hands.press("models-take")
    await hands.back()
    await hands.until(lambda: rig.chat.target.model == "model-2")
    rig.backend.target = TARGET


async def _table(hands: Hands) -> ModelTable:
    picker = await hands.on(ModelPicker)
    return picker.query_one(ModelTable)


async def _pick(hands: Hands) -> ModelTable:
    """The picker, over thirty models of one provider and one of another."""
    models = [Target(TARGET.provider, f"model-{number:02}") for number in range(30)]
    hands.rig.backend.listed = [TARGET, *models, Target("work", "other")]
    await hands.press("switch-model")
    table = await _table(hands)
    await hands.until(lambda: len(table.rows) == 32)
    return table


@scenario(
    "screens",
    *("models-next", "models-previous", "models-page-down", "models-page-up"),
    *("models-mark", "models-favourite", "models-details"),
)
async def _choose_among_models(hands: Hands) -> None:
    table = await _pick(hands)
    for there, back in (
        ("models-next", "models-previous"),
        ("models-page-down", "models-page-up"),
    ):
        at = table.at
        await hands.press(there)
        assert table.at > at
        await hands.press(back)
        assert table.at == at
    await hands.press("models-mark")
    await hands.until(lambda: "1 marked" in hands.rig.drawn())
    await hands.press("models-mark")
    await hands.until(lambda: "marked" not in hands.rig.drawn())
    await hands.press("models-favourite")
    await hands.until(lambda: "★" in hands.rig.drawn())
    uses = await hands.rig.screen.session.choices.uses()
    assert [place for place, use in uses.items() if use.favourite]
    await hands.press("models-details")
    await hands.until(lambda: "Last used" in hands.rig.drawn())


@scenario(
    "screens",
    *("models-suited", "models-effort", "models-ability", "models-provider", "models-sort"),
)
async def _narrow_the_models(hands: Hands) -> None:
    table = await _pick(hands)
    await hands.press("models-provider")
    await hands.until(lambda: len(table.rows) == 31)
    await hands.press("models-provider")
    await hands.until(lambda: len(table.rows) == 1)
    await hands.press("models-provider")
    await hands.until(lambda: len(table.rows) == 32)
    for id_, words in (
        ("models-suited", "for text"),
        ("models-effort", "effort: high"),
        ("models-ability", "can see pictures"),
        ("models-sort", "by name"),
    ):
        assert words not in hands.rig.drawn()
        await hands.press(id_)
        await hands.until(lambda words=words: words in hands.rig.drawn())  # type: ignore[misc]


@scenario(
    "screens",
    *("model-set-use", "model-set-save", "model-set-delete", "model-set-next"),
    *("model-set-previous", "model-sets-back"),
)
async def _sets_of_models(hands: Hands) -> None:
    rig, used = hands.rig, list[ModelSet | None]()
    choices = rig.screen.session.choices
    both = (TARGET, Target("work", "other"))
    await choices.save_set(ModelSet("alpha", both))

    async def choose() -> None:
        used.append(await choose_set(rig.app, choices, ModelSet("beta", both)))

    rig.screen.run_worker(choose())
    rows = (await hands.on(ModelSetsScreen)).query_one(OptionList)
    await hands.until(lambda: rows.option_count == 1)
    await hands.press("model-set-save")
    await hands.on(LineDialog)
    await hands.strike("enter")
    await hands.until(lambda: rows.option_count == 2 and rows.highlighted == 1)
    await hands.press("model-set-next")
    await hands.until(lambda: rows.highlighted == 0)
    await hands.press("model-set-previous")
    await hands.until(lambda: rows.highlighted == 1)
    await hands.press("model-set-delete")
    await hands.on(ConfirmDialog)
    await hands.strike("y")
    await hands.until(lambda: rows.option_count == 1)
    await hands.press("model-set-use")
    await hands.until(lambda: used == [ModelSet("alpha", both)])
    rig.screen.run_worker(choose())
    await hands.on(ModelSetsScreen)
    await hands.press("model-sets-back")
    await hands.until(lambda: used[1:] == [None])


def _record(reply: str, status: int) -> ExchangeRecord:
    body = json.dumps({"model": "m", "messages": [{"content": "x\n" * 3}], "lines": [*range(90)]})
    record = ExchangeRecord("", "POST", "https://raw.example/v1", {}, body, status=status)
    record = replace(record, reply=reply)
    record.receive(b'data: {"a": 1}\n\n')
    return record


async def _raw(hands: Hands) -> RawScreen:
    await hands.ask("hello")
    reply = hands.rig.chat.tree.head
    assert reply is not None
    for status in (429, 200):
        hands.rig.desk.log.add(_record(reply, status))
    await hands.press("raw")
    screen = await hands.on(RawScreen)
    assert isinstance(screen, RawScreen)
    await hands.until(lambda: "https://raw.example" in hands.rig.drawn())
    return screen


@scenario(
    "screens",
    *("raw", "raw-next-page", "raw-previous-page", "raw-request", "raw-answer", "raw-timings"),
    *("raw-stored", "raw-earlier", "raw-later", "raw-back"),
)
async def _raw_pages(hands: Hands) -> None:
    screen = await _raw(hands)
    lines = screen.query_one(TextLines)
    request = lines.lines
    await hands.press("raw-next-page")
    await hands.until(lambda: lines.lines != request)
    await hands.press("raw-previous-page")
    await hands.until(lambda: lines.lines == request)
    for id_ in ("raw-answer", "raw-timings", "raw-stored", "raw-request"):
        before = lines.lines
        await hands.press(id_)
        await hands.until(lambda before=before: lines.lines != before)  # type: ignore[misc]
    await hands.press("raw-earlier")
    await hands.until(lambda: "Attempt 1 of 2" in hands.rig.drawn())
    await hands.press("raw-later")
    await hands.until(lambda: "Attempt 2 of 2" in hands.rig.drawn())
    await hands.press("raw-back")
    await hands.back()


@scenario("screens", "raw-down", "raw-up", "raw-page-down", "raw-start", "raw-end")
async def _raw_lines(hands: Hands) -> None:
    screen = await _raw(hands)
    lines = screen.query_one(TextLines)
    await hands.press("raw-down")
    await hands.until(lambda: lines.scroll_offset.y == 1)
    await hands.press("raw-up")
    await hands.until(lambda: lines.scroll_offset.y == 0)
    await hands.press("raw-page-down")
    await hands.until(lambda: lines.scroll_offset.y > 1)
    await hands.press("raw-start")
    await hands.until(lambda: lines.scroll_offset.y == 0)
    await hands.press("raw-end")
    await hands.until(lambda: lines.scroll_offset.y == lines.max_scroll_y > 0)


@scenario("screens", "raw-curl", "raw-copy-request", "raw-copy-answer", "raw-copy-page")
async def _raw_copies(hands: Hands) -> None:
    await _raw(hands)
    copied = {hands.rig.app.clipboard}
    for id_ in ("raw-curl", "raw-copy-request", "raw-copy-answer", "raw-copy-page"):
        await hands.press(id_)
        await hands.until(lambda: hands.rig.app.clipboard not in copied)
        copied.add(hands.rig.app.clipboard)
