"""Choosing models: found by some letters, narrowed, marked to go side by side, known in detail."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from chat_tui.core.errors import ConnectError
from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import Fact, ModelCard
from chat_tui.core.picking.rows import ModelRow, row_of
from chat_tui.core.targets import Target
from chat_tui.ui.screens.picker.details import details_of
from chat_tui.ui.screens.picker.listing import ModelList
from chat_tui.ui.screens.picker.screen import ModelPicker, Picked
from chat_tui.ui.widgets.model_table import ListedModel, ModelTable
from chat_tui.ui.widgets.text_lines import TextLines
from tests.fakes import TARGET, answer, eventually
from tests.ui.host import Host, hosting
from tests.ui.models import FakeChoices, FakeSource
from tests.ui.rig import running

MINI = ModelCard(
    "openai",
    "gpt-4o-mini",
    name="GPT-4o mini",
    window=Fact(128_000, "list"),
    max_output=Fact(16_384, "catalogue"),
    input_price=Fact(0.15, "settings"),
    output_price=Fact(0.6, "catalogue"),
    abilities={"vision": Fact(True, "catalogue"), "reasoning": Fact(False, "list")},
    tokenizer=Fact("o200k_base", "catalogue"),
    released=Fact("2024-07-18", "catalogue"),
    catalogue_date="2026-01-01",
)
SONNET = ModelCard(
    "router",
    "anthropic/claude-sonnet-4.5",
    window=Fact(1_000_000, "list"),
    input_price=Fact(3.0, "list"),
    output_price=Fact(15.0, "list"),
    abilities={"tools": Fact(True, "list")},
)
SMALL = ModelCard("fake", "model-1", window=Fact(8_192, "server"))
EMBEDDING = ModelCard("openai", "text-embedding-3")
ROWS = [
    row_of(MINI, "OpenAI", ModelUse(favourite=True)),
    row_of(SONNET, "Router", ModelUse(used=1_700_000_000.0, times=12)),
    row_of(SMALL, "Fake"),
    row_of(EMBEDDING, "OpenAI", chat=False),
]
HERE = Target("fake", "model-1", {"seed": 1})


def _picker(
    source: FakeSource | None = None, choices: FakeChoices | None = None, **more: object
) -> ModelPicker:
    source = source or FakeSource(ROWS)
    return ModelPicker(HERE, source, choices or FakeChoices(), **more)  # type: ignore[arg-type]


def _names(host: Host) -> list[str]:
    return [row.place.model for row in host.app.screen.query_one(ModelTable).rows]


def _taken(host: Host) -> list[str]:
    (picked,) = host.results
    assert isinstance(picked, Picked)
    assert all(target.parameters == {"seed": 1} for target in picked.targets)
    return [str(target) for target in picked.targets]


# Opening


async def test_picker_is_there_at_once_and_takes_what_was_typed_when_the_list_comes() -> None:
    source = FakeSource(ROWS)
    source.held = asyncio.Event()
    async with hosting(_picker(source)) as host:
        assert _names(host) == ["model-1"]
        assert "reading the list of Fake" in host.drawn()
        await host.type("g4o")
        await host.pilot.press("enter")
        assert host.results == []
        assert "as soon as the list is there" in host.drawn()
        source.held.set()
        await eventually(lambda: bool(host.results))
        assert _taken(host) == ["openai/gpt-4o-mini"]
        assert source.asked == [("fake", False)]


async def test_model_that_the_list_does_not_bring_can_be_taken_with_another_enter() -> None:
    source = FakeSource(ROWS)
    source.held = asyncio.Event()
    async with hosting(_picker(source)) as host:
        await host.type("mine")
        await host.pilot.press("enter", "enter")
        assert _taken(host) == ["fake/mine"]
        await eventually(lambda: not [w for w in host.app.workers if w.name == "models"])
        assert host.app.failures == []


@pytest.mark.parametrize("foreseen", [True, False])
async def test_list_that_cannot_be_read_is_told_and_a_name_can_be_typed(foreseen: bool) -> None:
    source = FakeSource()
    if foreseen:
        source.fail(ConnectError("Nothing\x1b[1m answers.", hint="Is it running?"))
    else:
        source.failure = RuntimeError("boom")
    async with hosting(_picker(source)) as host:
        told = "could not be read: Nothing␛[1m answers. Is it running?" if foreseen else "no list"
        await eventually(lambda: told in host.drawn())
        assert len(host.app.failures) == (not foreseen)
        await host.type("Mine")
        assert "Mine at Fake, as typed" in host.drawn()
        await host.pilot.press("enter")
        assert _taken(host) == ["fake/Mine"]


async def test_current_model_is_marked_and_known_ones_are_there_before_all_else() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        drawn = host.drawn()
        assert "  ★ gpt-4o-mini" in drawn
        assert "  · …/claude-sonnet-4.5" in drawn
        assert "›   model-1" in drawn
        assert "4 models" in drawn
        # What was used before is an arrow away.
        await host.pilot.press("up", "enter")
        assert _taken(host) == ["router/anthropic/claude-sonnet-4.5"]


# Narrowing


async def test_what_is_listed_is_narrowed_and_told() -> None:
    source = FakeSource(ROWS)
    async with hosting(_picker(source)) as host:
        await eventually(lambda: len(_names(host)) == 4)
        await host.type("son")
        assert _names(host) == ["anthropic/claude-sonnet-4.5", "son"]
        assert "1 of 4" in host.drawn()
        await host.pilot.press("ctrl+u", "ctrl+b")
        assert _names(host) == ["gpt-4o-mini"]
        assert "can see pictures" in host.drawn()
        await host.pilot.press("ctrl+b")
        assert _names(host) == ["anthropic/claude-sonnet-4.5"]
        await host.pilot.press("ctrl+l")
        assert "at Router" in host.drawn()
        await host.pilot.press("ctrl+b", "ctrl+b", "ctrl+b", "ctrl+l", "ctrl+l")
        assert _names(host) == ["gpt-4o-mini", "text-embedding-3"]
        assert "at Openai" in host.drawn()
        # Where it stays, its list is asked for.
        await eventually(lambda: ("openai", False) in source.asked)
        await host.pilot.press("ctrl+l", "ctrl+s")
        assert "by name" in host.drawn()
        assert _names(host)[:3] == ["anthropic/claude-sonnet-4.5", "gpt-4o-mini", "model-1"]
        await host.pilot.press("ctrl+r")
        await eventually(lambda: source.asked[-1] == ("router", True))


async def test_models_for_a_task_are_shown_with_the_reasons() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        assert "^e" not in host.drawn()
        await host.pilot.press("ctrl+o", "ctrl+o")
        drawn = host.drawn()
        assert "for pictures" in drawn
        assert "effort: medium" in drawn
        assert "^e Effort" in drawn
        assert "model-1" not in _names(host)
        await host.pilot.press("ctrl+e", "ctrl+e")
        assert "effort: low" in host.drawn()
        assert "gpt-4o-mini  in pla" in host.drawn()
        # The pieces of the line do what their keys do.
        line = host.app.screen.query_one("#told")
        await host.pilot.click(line, offset=(2, 0))
        await eventually(lambda: "for code" in host.drawn())


async def test_words_that_are_no_condition_are_told() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        await host.type(">many")
        assert "not understood: >many" in host.drawn()
        await host.pilot.press("escape")
        assert host.results == [None]


# Marking and taking


async def test_several_are_marked_and_go_side_by_side_in_their_order() -> None:
    given = Target("router", "anthropic/claude-sonnet-4.5", {"seed": 1})
    async with hosting(_picker(marked=[given])) as host:
        await eventually(lambda: len(_names(host)) == 4)
        assert "1 marked: Enter takes it" in host.drawn()
        await host.type("mini")
        await host.pilot.press("tab")
        await host.type("else")  # takes the place of what was typed before
        await host.pilot.press("tab")
        drawn = host.drawn()
        assert "3 marked: Enter goes side by side" in drawn
        await host.pilot.press("ctrl+u")
        assert "1 · …/claude-sonnet-4.5" in host.drawn()
        assert "2 ★ gpt-4o-mini" in host.drawn()
        await host.type("son")
        await host.pilot.press("tab", "enter")
        assert _taken(host) == ["openai/gpt-4o-mini", "fake/else"]


async def test_it_is_told_that_new_ones_answer_the_newest_prompt() -> None:
    other = Target("router", "anthropic/claude-sonnet-4.5")
    for answered, told in ((None, False), ([str(HERE)], True), ([str(HERE), str(other)], False)):
        async with hosting(_picker(marked=[HERE, other], answered=answered)) as host:
            assert "2 marked: Enter goes side by side" in host.drawn()
            assert ("the new ones answer the newest prompt" in host.drawn()) is told


async def test_no_more_are_marked_than_go_side_by_side() -> None:
    rows = [row_of(ModelCard("fake", f"m{number}")) for number in range(9)]
    async with hosting(_picker(FakeSource(rows))) as host:
        await eventually(lambda: len(_names(host)) == 10)
        picker = host.app.screen
        assert isinstance(picker, ModelPicker)
        for _ in range(7):
            picker.action_mark()
            picker.action_move(1)
        await host.pilot.pause()
        assert "6 marked" in host.drawn()
        assert host.toasts == ["No more than 6 models go side by side."]


async def test_one_alone_is_taken_where_only_one_can_be() -> None:
    async with hosting(_picker(several=False, title="Model that merges")) as host:
        await eventually(lambda: len(_names(host)) == 4)
        assert "Model that merges" in host.drawn()
        assert "Tab Mark" not in host.drawn()
        await host.pilot.press("tab", "down", "enter")
        assert host.toasts == ["Only one model can be taken here."]
        assert _taken(host) == ["openai/text-embedding-3"]


async def test_favourites_are_kept_and_shown() -> None:
    choices = FakeChoices()
    async with hosting(_picker(choices=choices)) as host:
        await eventually(lambda: len(_names(host)) == 4)
        await host.pilot.press("ctrl+f")
        await eventually(lambda: "› ★ model-1" in host.drawn())
        await host.type("fav")
        assert _names(host) == ["gpt-4o-mini", "model-1"]
        await host.pilot.press("ctrl+f")
        await eventually(lambda: _names(host) == ["model-1"])
        await host.type(" new")
        await host.pilot.press("ctrl+f")
        await eventually(lambda: choices.kept[Place("fake", "new")].favourite)
        assert {place.model: use.favourite for place, use in choices.kept.items()} == {
            "model-1": True,
            "gpt-4o-mini": False,
            "new": True,
        }


async def test_favourite_made_while_the_list_is_read_stays_one() -> None:
    source, choices = FakeSource(ROWS), FakeChoices()
    source.held = asyncio.Event()
    async with hosting(_picker(source, choices)) as host:
        await host.pilot.press("ctrl+f")
        await eventually(lambda: "★ model-1" in host.drawn())
        await host.type("new")
        await host.pilot.press("ctrl+f")
        await eventually(lambda: len(choices.kept) == 2)
        source.held.set()
        await host.pilot.press("ctrl+u")
        await host.type("fav")
        await eventually(lambda: sorted(_names(host)) == ["gpt-4o-mini", "model-1", "new"])
        # What the list says of it is there, too; and it can be taken back.
        assert "8.2k" in host.drawn()
        await host.pilot.press("ctrl+u")
        await host.type("model-1")
        await host.pilot.press("ctrl+f", "ctrl+r")
        await eventually(lambda: not choices.kept[Place("fake", "model-1")].favourite)
        await eventually(lambda: "★ model-1" not in host.drawn())


async def test_empty_list_tells_why_and_what_only_a_name_says_comes_last() -> None:
    blind = row_of(ModelCard("fake", "model-vision"), "Fake")
    async with hosting(_picker(FakeSource([blind, *ROWS]))) as host:
        await eventually(lambda: len(_names(host)) == 5)
        await host.type("vision")
        assert _names(host) == ["gpt-4o-mini", "model-vision"]
        assert "model-vision  by its" in host.drawn()
        await host.type(" $<0.1")
        drawn = " ".join(host.drawn().split())
        assert "None of 5 models fits: vision, $<0.1." in drawn
        assert "Nobody says the price of 3." in drawn
        assert "Nobody says of 4 whether they can." in drawn
        await host.type(" zzz @router")
        assert "No model fits: vision, $<0.1, zzz, @router." in " ".join(host.drawn().split())


async def test_mouse_marks_a_row_and_takes_it() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        table = host.app.screen.query_one(ModelTable)
        await host.pilot.click(table, offset=(6, 0))
        assert table.at == 0
        assert "gpt-4o-mini" in host.drawn()
        assert host.results == []
        await host.pilot.click(table, offset=(6, 0))
        assert _taken(host) == ["openai/gpt-4o-mini"]


# Details


async def test_details_stand_at_the_right_or_below_or_in_place_of_the_list() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        assert "8,192" in host.drawn()
        await host.pilot.press("ctrl+d")
        assert "8,192" not in host.drawn()
        for size in ((80, 40), (80, 24), (40, 12)):
            await host.pilot.press("ctrl+d")
            await host.pilot.resize_terminal(*size)
            await eventually(lambda: "8,192" in host.drawn())
            table = host.app.screen.query_one(ModelTable)
            assert (table.size.height > 4) is (size == (80, 40))
            await host.pilot.press("ctrl+d")
            await eventually(lambda: "8,192" not in host.drawn())
            assert "model-1" in host.drawn()
        await host.pilot.press("ctrl+d", "up", "up")
        await eventually(lambda: "128,000" in host.drawn())
        before = host.drawn()
        await host.pilot.press("pagedown")
        assert host.drawn() != before
        # No line is skipped, however few are seen.
        details = host.app.screen.query_one(TextLines)
        assert details.scroll_y == details.size.height - 1
        assert host.app.screen.query_one(ModelTable).at == 0


def test_details_tell_each_value_and_who_says_it() -> None:
    told = [" ".join(line.text.split()) for line in details_of(ListedModel(_place(0), ROWS[0]), 60)]
    for words in (
        "gpt-4o-mini",
        "GPT-4o mini · OpenAI",
        "Window 128,000 list",
        "$ in $0.15 your settings",
        "Pictures yes catalogue",
        "Tools not known",
        "Reasoning no list",
        "Tokenizer o200k_base catalogue",
        "Released 2024-07-18 catalogue",
        "Favourite yes",
        "Last used never",
        "catalogue: what came with the app, as of 2026-01-01",
    ):
        assert words in told
    assert any(line.startswith("Good for text (") for line in told)
    narrow = [line.text for line in details_of(ListedModel(_place(1), ROWS[1]), 30)]
    assert all(len(line) <= 30 for line in narrow[1:])
    assert "12 times" in " ".join(narrow)
    unknown = details_of(ListedModel(Place("fake", "x\x1b[2J")), 60)
    assert unknown[0].text == "x␛[2J"
    assert "No list has this name." in unknown[-1].text
    # Sentences are folded between words, and a server of one's own is said to be one.
    near = details_of(ListedModel(_place(2), replace(ROWS[2], near=True)), 40)
    assert "A server of your own: nothing is assumed" in [line.text for line in near]
    gone = replace(ROWS[3], active=False)
    assert "This is no model to chat with." in [
        line.text for line in details_of(ListedModel(_place(3), gone), 60)
    ]


def _place(at: int) -> Place:
    return ROWS[at].place


# Rows


async def test_rows_show_what_there_is_room_for_and_nothing_hostile() -> None:
    hostile = ModelCard("fake", "red\x1b[31m[/]\u202e")
    free = replace(MINI, model="free", input_price=Fact(0.0, "list"), window=None)
    rows = [*ROWS[:2], row_of(hostile, "l\x1b[1m"), row_of(free, "OpenAI")]
    async with hosting(_picker(FakeSource(rows)), size=(100, 24)) as host:
        await eventually(lambda: "0.60 V     -" in host.drawn())
        drawn = host.drawn()
        assert "$ in   $ out V T J R" in drawn
        # What nobody says is left blank.
        assert "OpenAI                128k    0.15    0.60 V     -" in drawn
        assert "Router                  1M    3.00   15.00   T    " in drawn
        assert "red␛[31m[/]<U+202E>" in drawn
        assert "\x1b" not in drawn
        await host.pilot.resize_terminal(40, 12)
        await eventually(lambda: "Window  " in host.drawn())
        assert "…/claude-son" in host.drawn()
        assert "0.15" not in host.drawn()


class _Counted(ModelTable):
    drawn = 0

    def render_line(self, y: int):  # type: ignore[no-untyped-def]
        _Counted.drawn += 1
        return super().render_line(y)


async def test_only_rows_in_view_are_drawn_of_ten_thousand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up: list[Place] = []

    def row(at: int) -> ModelRow:
        place = Place("fake", f"vendor/model-{at}")

        def read() -> ModelCard:
            looked_up.append(place)
            return ModelCard(*place)

        return ModelRow(place, "Fake", read)

    monkeypatch.setattr("chat_tui.ui.screens.picker.view.ModelTable", _Counted)
    monkeypatch.setattr(ModelPicker, "_read_ahead", lambda _: None)
    async with hosting(_picker(FakeSource([row(at) for at in range(10_000)]))) as host:
        await eventually(lambda: len(_names(host)) == 10_001)
        for key in "9", "backspace", "pagedown":
            _Counted.drawn = 0
            looked_up.clear()
            await host.pilot.press(key)
            height = host.app.screen.query_one(_Counted).size.height
            assert _Counted.drawn <= 2 * height
            assert len(looked_up) <= 2 * height + 4
        assert len(_names(host)) > 200
        # The wheel goes on to the last one.
        table = host.app.screen.query_one(_Counted)
        table.scroll_to(y=9_000, animate=False, immediate=True)
        await host.pilot.pause()
        assert "vendor/model-" in host.drawn()


async def test_letters_that_were_typed_are_bold() -> None:
    async with hosting(_picker()) as host:
        await eventually(lambda: len(_names(host)) == 4)
        await host.type("mini")
        table = host.app.screen.query_one(ModelTable)
        bold = "".join(
            segment.text for segment in table.render_line(0) if segment.style and segment.style.bold
        )
        assert bold.strip() == "mini"


# From the conversation


async def test_model_in_use_is_noted_once_as_long_as_it_stays(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        choices = rig.screen.session.choices

        async def settled() -> None:
            await eventually(lambda: not [w for w in rig.app.workers if w.name == "models used"])

        await rig.ask("one")
        await rig.ask("two")
        await settled()
        for targets in ((TARGET, TARGET), (TARGET, Target("other", "big"))):
            rig.screen.answering.note_used(rig.chat, targets)
            await settled()
        uses = await choices.uses()
        assert {place.model: use.times for place, use in uses.items()} == {"model-1": 2, "big": 1}
        assert {use.used for use in uses.values()} == {rig.clock.now()}
        rig.screen.answering.note_used(
            rig.screen.session.new_chat(temporary=True), [Target("other", "secret")]
        )
        await settled()
        assert len(await choices.uses()) == 2


async def test_several_models_that_are_marked_go_side_by_side(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        rig.backend.listed = [TARGET, Target("other", "big")]
        await rig.pilot.press("ctrl+t")
        await eventually(lambda: "big" in rig.drawn())
        await rig.pilot.press("tab", "down", "tab", "enter")
        await eventually(lambda: rig.chat.conversation.board.slots == (0, 1))
        assert list(map(str, rig.chat.conversation.targets)) == ["fake/model-1", "other/big"]


# What is asked for


def _list(rows: Sequence[ModelRow] = ROWS, provider: str = "") -> ModelList:
    models = ModelList(str.title, provider)
    models.take(rows)
    return models


@pytest.mark.parametrize(
    ("words", "provider", "typed"),
    [
        ("", "", None),
        ("gpt-4o-mini", "", None),
        ("gpt-4o-mini", "router", Place("router", "gpt-4o-mini")),
        ("GPT-9", "", Place("fake", "GPT-9")),
        ("vision New", "", Place("fake", "New")),
        ("@router New", "openai", Place("router", "New")),
        ("two words", "", None),
        ("vision", "", None),
    ],
)
def test_name_that_is_not_listed_is_offered(words: str, provider: str, typed: Place | None) -> None:
    models = _list(provider=provider)
    models.words = words
    listed = models.find("fake")
    assert len(listed) == listed.size + (typed is not None)
    if typed is not None:
        assert listed[-1].place == typed
        assert listed[-1].row is None
        assert listed.place_of(typed) == listed.size
    with pytest.raises(IndexError):
        listed[len(listed)]


def test_demo_is_listed_where_it_is_meant_or_in_use_or_alone() -> None:
    demos = [row_of(ModelCard("demo", name), "Demo") for name in ("demo", "demo-slow")]
    own = [row_of(ModelCard("mine", name), "Mine") for name in ("not-slow", "slow")]

    def found(words: str, models: ModelList) -> list[str]:
        models.words = words
        return [each.place.model for each in models.find("mine") if each.row is not None]

    models = _list([*demos, *own])
    assert found("", models) == ["not-slow", "slow"]
    assert models.find("mine").hidden == 2
    assert found("slow", models) == ["slow", "not-slow"]
    assert found("demo", models) == ["demo", "demo-slow"]
    assert found("@demo slow", models) == ["demo-slow"]
    models.set_favourite(demos[1], True)
    assert found("", models) == ["demo-slow", "not-slow", "slow"]
    models.next_order(1)
    assert models.order == "name"
    # What is called just so is the first in every order.
    assert found("slow", models) == ["slow", "demo-slow", "not-slow"]
    used = ModelList(str.title, in_use={"demo"})
    used.take([*demos, *own])
    assert len(found("", used)) == 4
    assert len(found("", _list(demos))) == 2


def test_way_through_the_providers_begins_at_the_marked_model() -> None:
    models, way = _list(), []
    for _ in range(5):
        models.next_provider("openai", 1)
        way.append(models.provider)
    assert way == ["openai", "router", "fake", "", "openai"]
    models.next_provider("", -1)
    assert models.provider == ""


async def test_key_that_is_bound_otherwise_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosting(_picker(marked=[HERE])) as host:
        host.app.active_keys.change({"models-take": "f3"})
        host.app.post_message(events.Key("tab", None))
        await host.pilot.pause()
        host.app.post_message(events.Key("tab", None))
        await eventually(lambda: "1 marked: F3 takes it" in host.drawn())
