"""The Providers screen: looked at, tested, edited, added, taken away; by keyboard."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, OptionList, TextArea

from chat_tui.core.checks import CheckStep
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.models import ModelCard
from chat_tui.core.picking.rows import row_of
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, Target
from chat_tui.ui.desk import ProviderRow
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.providers.connection import ConnectionTest
from chat_tui.ui.screens.providers.details import price_told, shown_url
from chat_tui.ui.screens.providers.form import ProviderForm
from chat_tui.ui.screens.providers.screen import ProvidersScreen
from chat_tui.ui.widgets.action_hints import ActionHints
from tests.fakes import TARGET, answer, eventually
from tests.ui.desk import FAKE, FakeDesk
from tests.ui.host import Host, hosting
from tests.ui.models import FakeChoices, FakeSource
from tests.ui.rig import running

KEY = "sk-canary-abcdefghijklmnop0123456789"
WORK = ProviderProfile(
    "work",
    "https://gateway.example.com/v1?api-version=3",
    "WORK_KEY",
    "gpt-5-mini",
    "Work gateway",
    {"X-Team": "blue", "X-Token": "canary-secret"},
    proxy="http://me:canary-secret@proxy.example.com:3128",
    quirks=Quirks(stream_options=False, left_out=frozenset({"seed"})),
    prices={"gpt-5-mini": Prices(0.25, 2, 0.025)},
)
ROWS = [
    ProviderRow(WORK, own=True, ready=True, key="from WORK_KEY"),
    ProviderRow(FAKE, own=False, ready=True, key="none needed"),
    ProviderRow(
        ProviderProfile("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", label="OpenAI"),
        own=False,
        ready=False,
        key="missing: OPENAI_API_KEY is not set",
    ),
]
STEPS = [
    CheckStep("dns", "ok", "gateway.example.com is 10.0.0.7.", seconds=0.01),
    CheckStep("tcp", "ok", "Connected."),
    CheckStep("tls", "skipped", "Plain http."),
    CheckStep("auth", "failed", "The key was refused.", hint="Paste another one with e."),
]


def _screen(*, rows: list[ProviderRow] | None = None) -> tuple[ProvidersScreen, FakeDesk]:
    desk = FakeDesk(ROWS if rows is None else rows)
    return ProvidersScreen(TARGET, desk, FakeSource(), FakeChoices()), desk


async def _top(host: Host, kind: type[object]) -> Any:
    await eventually(lambda: type(host.app.screen) is kind)
    await host.pilot.pause()
    return host.app.screen


async def _mark(host: Host, name: str) -> None:
    rows = host.app.screen.query_one(OptionList)
    rows.highlighted = [option.id for option in rows.options].index(name)
    await host.pilot.pause()


async def _fill(host: Host, name: str, words: str) -> None:
    form = host.app.screen
    assert isinstance(form, ProviderForm)
    field = form._rows[name].field
    if isinstance(field, TextArea):
        field.text = words
    else:
        field.value = words
    await host.pilot.pause()


async def test_next_prompts_go_to_the_chosen_provider(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        rig.desk.rows = list(ROWS)
        await rig.screen.session.manager.conversations.set_parameters(rig.chat, {"seed": 1})
        await rig.pilot.press("ctrl+g", "k")
        await eventually(lambda: isinstance(rig.app.screen, ProvidersScreen))
        await eventually(lambda: isinstance(rig.app.focused, OptionList))
        await rig.pilot.press("k", "enter")
        await eventually(lambda: rig.app.screen is rig.screen)
        await eventually(lambda: rig.chat.target == Target("work", "gpt-5-mini", {"seed": 1}))
        assert rig.backend.target == Target("work", "gpt-5-mini")
        await eventually(lambda: any("gpt-5-mini" in toast for toast in rig.toasts))


async def test_details_tell_all_but_secrets() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        await _mark(host, "work")
        drawn = host.drawn()
        for words in (
            "Work gateway",
            "from WORK_KEY",
            "gpt-5-mini",
            "X-Team, X-Token",
            "stream options: false; left out: seed",
            "$0.25/$2 ($0.025 cached)",
        ):
            assert words in drawn
        assert "canary-secret" not in drawn
        assert "api-version" not in drawn
        await _mark(host, "openai")
        assert "missing: OPENAI_API_KEY is not set" in host.drawn()
        assert "where a key can be pasted" in host.drawn()


async def test_provider_without_a_key_is_not_used_and_the_way_is_told() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        await _mark(host, "openai")
        await host.pilot.press("enter")
        await eventually(lambda: any("OpenAI has no key yet" in toast for toast in host.toasts))
        assert host.results == []


async def test_provider_in_use_keeps_its_model() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("enter")
        await eventually(lambda: host.results == [TARGET])


async def test_steps_of_a_test_appear_as_they_finish() -> None:
    screen, desk = _screen()
    held = asyncio.Event()
    desk.steps = [*STEPS[:2], held, *STEPS[2:]]
    async with hosting(screen) as host:
        await _mark(host, "work")
        await host.pilot.press("t")
        await _top(host, ConnectionTest)
        await eventually(lambda: "✓ Connection" in host.drawn())
        assert "… Security" in host.drawn()
        assert "· Key" in host.drawn()
        held.set()
        await eventually(lambda: "It does not work yet." in host.drawn())
        assert "✗ Key" in host.drawn()
        assert "– Security" in host.drawn()
        assert "Paste another one with e." in host.drawn()
        assert desk.checked == [(WORK, "gpt-5-mini")]
        desk.steps = [CheckStep("dns", "ok", "Fine.")]
        await host.pilot.press("r")
        await eventually(lambda: "It works." in host.drawn())
        await host.pilot.press("escape")
        await _top(host, ProvidersScreen)


async def test_test_that_is_left_is_ended() -> None:
    screen, desk = _screen()
    desk.steps = [asyncio.Event()]
    async with hosting(screen) as host:
        await host.pilot.press("t")
        await _top(host, ConnectionTest)
        await host.pilot.press("escape")
        await _top(host, ProvidersScreen)
        await eventually(lambda: not [w for w in host.app.workers if w.name == "check"])
        assert host.app.failures == []


async def test_provider_in_use_is_tested_with_its_model() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("t")
        await _top(host, ConnectionTest)
        assert desk.checked == [(FAKE, TARGET.model)]


async def test_provider_is_added_from_an_address_and_a_pasted_key() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        rig_url = "https://api.example.com/v1"
        host.app.post_message(events.Paste(rig_url + "\n"))
        await eventually(lambda: form._rows["base_url"].value == rig_url)
        await host.pilot.press("tab", "tab")
        host.app.post_message(events.Paste(KEY))
        await eventually(lambda: form._rows["key"].value == KEY)
        await host.pilot.pause()
        assert KEY not in host.drawn()
        await host.pilot.press("ctrl+s")
        await _top(host, ProvidersScreen)
        saved = ProviderProfile("example", rig_url, key_file="/keys/example")
        assert desk.saved == [(saved, "")]
        assert desk.keys == [KEY]
        assert form._rows["key"].value == ""
        assert KEY not in repr(form) + repr(form._rows["key"].field.__dict__)
        assert "› " in host.drawn()
        assert "example" in host.drawn()
        await eventually(lambda: any("example is saved" in toast for toast in host.toasts))


async def test_errors_of_the_form_stand_at_their_fields_all_at_once() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://me:secret@api.example.com")
        await _fill(host, "key_env", KEY)
        await _fill(host, "stall", "soon")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: "There is a key or a password in this address" in host.drawn())
        assert "This is no name of a variable" in host.drawn()
        await eventually(lambda: host.app.focused is form._rows["base_url"].field)
        assert form._rows["stall"].has_class("-wrong")
        assert desk.saved == []
        await _fill(host, "base_url", "https://api.example.com")
        assert not form._rows["base_url"].has_class("-wrong")
        assert form._rows["key_env"].has_class("-wrong")


async def test_key_that_cannot_be_one_is_told_at_its_field() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://api.example.com")
        await _fill(host, "key", "short key")
        desk.failure = UsageError("The key has a space at 6.", hint="Copy it again.")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: "The key has a space at 6." in host.drawn())
        assert form._rows["key"].has_class("-wrong")
        assert desk.saved == []


async def test_refusal_of_the_settings_is_told_at_the_field_that_it_names() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://api.example.com")
        desk.failure = UsageError("providers.my-name.quirks.auth is expected to be a word")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: form._rows["auth"].has_class("-wrong"))
        assert "providers.my-name.quirks.auth is expected to be a word" in host.drawn()
        assert not form._rows["name"].has_class("-wrong")


async def test_what_comes_at_once_after_enter_or_tab_goes_into_the_next_field() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        for key in ("h", "enter", "n", "tab"):
            host.app.post_message(events.Key(key, key if len(key) == 1 else None))
        host.app.post_message(events.Paste(KEY))
        await eventually(lambda: form._rows["key"].value == KEY)
        assert form._rows["base_url"].value == "h"
        assert form._rows["name"].value == "n"


async def test_arrows_and_enter_stay_in_a_field_of_several_lines() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await host.pilot.press("up", "down", *["down"] * 5)
        assert host.app.focused is form._rows["headers"].field
        await host.pilot.press("a", "enter", "b", "up", "c")
        await eventually(lambda: form._rows["headers"].value == "ac\nb")


async def test_form_stays_when_the_disk_refuses() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://api.example.com")
        desk.failure = error = StorageError("The settings file cannot be written.")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: host.app.failures == [error])
        assert isinstance(host.app.screen, ProviderForm)
        assert form._rows["base_url"].value == "https://api.example.com"


async def test_provider_is_tested_before_it_is_saved_with_the_key_that_was_pasted() -> None:
    screen, desk = _screen()
    desk.steps = STEPS
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://api.example.com")
        await _fill(host, "key", KEY)
        await _fill(host, "default_model", "small")
        await host.pilot.press("ctrl+t")
        await _top(host, ConnectionTest)
        await eventually(lambda: bool(desk.checked))
        profile, model = desk.checked[0]
        assert (profile.key_file, profile.default_model, model) == (
            "/keys/example",
            "small",
            "small",
        )
        assert desk.saved == []
        await host.pilot.press("escape")
        await _top(host, ProviderForm)
        assert form._rows["key"].value == ""
        assert "pasted; ^s saves it" in host.drawn()
        await host.pilot.press("ctrl+s")
        await _top(host, ProvidersScreen)
        assert desk.saved == [(profile, "")]
        assert desk.keys == [KEY]


async def test_provider_is_edited_and_its_secrets_stay() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await _mark(host, "work")
        await host.pilot.press("e")
        await _top(host, ProviderForm)
        assert "canary-secret" not in host.drawn()
        await _fill(host, "name", "office")
        await host.pilot.press("ctrl+s")
        await _top(host, ProvidersScreen)
        (saved, was), *_ = desk.saved
        assert (saved.name, was) == ("office", "work")
        assert saved.headers == WORK.headers
        assert saved.proxy == WORK.proxy


async def test_key_goes_to_another_server_only_after_that_was_told() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await _mark(host, "work")
        await host.pilot.press("e")
        form = await _top(host, ProviderForm)
        await _fill(host, "base_url", "https://elsewhere.example.com/v1")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: "https://elsewhere.example.com:443" in host.drawn())
        assert form._rows["key_env"].has_class("-wrong")
        assert desk.saved == []
        await host.pilot.press("ctrl+s")
        await _top(host, ProvidersScreen)
        assert [saved.base_url for saved, _ in desk.saved] == ["https://elsewhere.example.com/v1"]


async def test_form_that_is_left_saves_nothing() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await host.pilot.press("a")
        form = await _top(host, ProviderForm)
        await _fill(host, "key", KEY)
        await host.pilot.press("escape")
        await _top(host, ProvidersScreen)
        assert desk.saved == []
        assert desk.keys == []
        assert form._rows["key"].value == ""


async def test_own_provider_is_deleted_after_a_question() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await _mark(host, "work")
        await host.pilot.press("d")
        await _top(host, ConfirmDialog)
        await host.pilot.press("enter")
        await _top(host, ProvidersScreen)
        assert desk.deleted == []
        await host.pilot.press("d")
        await _top(host, ConfirmDialog)
        await host.pilot.press("y")
        await _top(host, ProvidersScreen)
        await eventually(lambda: desk.deleted == ["work"])
        await eventually(lambda: "Work gateway is out of the settings." in host.toasts)


@pytest.mark.parametrize("built_in", [True, False])
async def test_what_shows_again_after_deleting_is_told_where_there_is_such(built_in: bool) -> None:
    row = ProviderRow(WORK, own=True, ready=True, key="from WORK_KEY", built_in=built_in)
    screen, _ = _screen(rows=[row])
    async with hosting(screen) as host:
        await host.pilot.press("d")
        await _top(host, ConfirmDialog)
        assert ("What is built in" in host.drawn().replace("│", " ")) == built_in


async def test_conversation_whose_provider_was_deleted_goes_to_another(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        own = ProviderRow(FAKE, own=True, ready=True, key="none needed")
        rig.desk.rows = [own, *ROWS[2:], ROWS[0]]
        await rig.pilot.press("ctrl+g", "k")
        await eventually(lambda: isinstance(rig.app.focused, OptionList))
        await rig.pilot.press("d")
        await eventually(lambda: isinstance(rig.app.screen, ConfirmDialog))
        await rig.pilot.press("y")
        await eventually(lambda: rig.desk.deleted == [FAKE.name])
        rig.backend.target = Target("work", "gpt-5-mini")
        await rig.pilot.press("escape")
        await eventually(lambda: rig.chat.target == Target("work", "gpt-5-mini"))
        assert "New prompts go to gpt-5-mini at Work." in rig.toasts


async def test_prompts_follow_a_provider_that_is_renamed() -> None:
    screen, _ = _screen(rows=[ProviderRow(FAKE, own=True, ready=True, key="none needed")])
    async with hosting(screen) as host:
        await host.pilot.press("e")
        await _top(host, ProviderForm)
        await _fill(host, "name", "office")
        await host.pilot.press("ctrl+s")
        await _top(host, ProvidersScreen)
        await host.pilot.press("escape")
        await eventually(lambda: host.results == [Target("office", TARGET.model)])


async def test_signs_tell_who_has_a_key_and_who_needs_none() -> None:
    screen, _ = _screen()
    async with hosting(screen) as host:
        drawn = host.drawn()
        assert "  ✓ Work gateway" in drawn
        assert "› · Fake" in drawn
        assert "✓ OpenAI" not in drawn
        assert "· OpenAI" not in drawn
        assert "needs no key" in drawn


async def test_provider_in_use_is_in_view_in_a_low_terminal() -> None:
    screen, _ = _screen()
    async with hosting(screen, size=(40, 12)) as host:
        await eventually(lambda: "› · Fake" in host.drawn())


async def test_toast_over_a_form_leaves_its_first_rows_and_its_keys_and_is_read_whole() -> None:
    screen, _ = _screen()
    async with hosting(screen, size=(40, 12)) as host:
        await host.pilot.press("a")
        await _top(host, ProviderForm)
        host.app.notify("Work gateway is saved. t tests it, Enter sends prompts there.")
        await eventually(lambda: "Work gateway is saved." in host.drawn())
        drawn = host.drawn()
        for words in ("Base URL", "Short name", "Key", "^s Save", "Esc", "sends", "there."):
            assert words in drawn


async def test_details_of_the_one_in_use_show_its_model() -> None:
    bare = ProviderProfile(TARGET.provider, "http://127.0.0.1:9/v1")
    screen, _ = _screen(rows=[ProviderRow(bare, own=True, ready=True, key="none needed")])
    async with hosting(screen) as host:
        assert f"{TARGET.model} (in use)" in host.drawn()
        assert "Enter lets you choose" not in host.drawn()


async def test_built_in_provider_is_not_deleted() -> None:
    screen, desk = _screen()
    async with hosting(screen) as host:
        await _mark(host, "openai")
        await host.pilot.press("d")
        await eventually(lambda: any("OpenAI is built in" in toast for toast in host.toasts))
        assert desk.deleted == []


async def test_model_of_the_marked_provider_is_used() -> None:
    rows = [row_of(ModelCard(*each)) for each in (("work", "one"), ("fake", "x"), ("work", "two"))]
    source = FakeSource(rows)
    screen = ProvidersScreen(TARGET, FakeDesk(ROWS), source, FakeChoices())
    async with hosting(screen) as host:
        await _mark(host, "work")
        await host.pilot.press("m")
        await _top(host, ModelPicker)
        await eventually(lambda: "2 of 4" in host.drawn())
        assert source.asked == [("work", False)]
        await host.pilot.press("down", "enter")
        await eventually(lambda: host.results == [Target("work", "two")])


async def test_screen_works_with_no_provider_at_all() -> None:
    desk = FakeDesk()
    desk.rows = []
    async with hosting(ProvidersScreen(TARGET, desk, FakeSource(), FakeChoices())) as host:
        await host.pilot.press("e", "t", "m", "d", "enter", "j", "k")
        await host.pilot.pause()
        assert "a Add" in host.drawn()
        await host.pilot.press("a")
        await _top(host, ProviderForm)
        assert isinstance(host.app.focused, Input)


async def test_hostile_names_are_shown_clean() -> None:
    profile = ProviderProfile("x", "http://a/\x1b]0;t\x07", "K", "m\x9b", "l\x1b[2J[/]\u202e")
    screen, _ = _screen(rows=[ProviderRow(profile, own=True, ready=True, key="\x1b[1m")])
    async with hosting(screen) as host:
        assert "l␛[2J[/]<U+202E>" in host.drawn()
        assert "\x1b" not in host.drawn()
        await host.pilot.press("t")
        await _top(host, ConnectionTest)
        assert "Testing l␛[2J[/]" in host.drawn()


async def test_hints_show_the_way_out_in_any_width() -> None:
    screen, _ = _screen()
    async with hosting(screen, size=(40, 12)) as host:
        assert host.drawn().splitlines()[-1].strip() == "Enter Use  a Add  e Edit  Esc Back"
        await host.pilot.resize_terminal(120, 40)
        await eventually(lambda: "d Delete  Esc Back" in host.drawn())
        hints = host.app.screen.query_one(ActionHints)
        at = str(hints.render()).index("a Add") + 1
        assert await host.pilot.click(hints, offset=(at + 1, 0))
        await _top(host, ProviderForm)


@pytest.mark.parametrize(
    ("prices", "told"),
    [((None, None), ""), ((0, 0), "free"), ((0.15, None), "$0.15/?"), ((3, 15), "$3/$15")],
)
def test_price_is_told_short(prices: tuple[float | None, float | None], told: str) -> None:
    assert price_told(*prices) == told


def test_address_is_shown_without_what_may_be_secret() -> None:
    assert shown_url("https://me:pw@a.example/v1?key=abc#x") == "https://[kept]@a.example/v1?…"
