"""The context inspector, the card of what is too large, and the policy dialog."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import Input

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.context.budget import Window, budget_for
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import DRAFT, ContextPlan
from chat_tui.core.context.planner import ContextPlanner, Outlook
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TextDelta
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Role, TextPart, ToolCall
from chat_tui.core.targets import Prices, Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.context import ContextScreen
from chat_tui.ui.screens.context_head import HeadFacts, head_lines, shared, window_pieces
from chat_tui.ui.screens.context_list import facts_of
from chat_tui.ui.screens.context_work import ContextView
from chat_tui.ui.screens.policy import CountDialog, PolicyDialog
from chat_tui.ui.screens.too_large import TooLargeDialog
from chat_tui.ui.screens.too_large_words import what_must_be_sent
from chat_tui.ui.widgets.context_table import ContextTable, context_rows
from tests.fakes import (
    TARGET,
    ScriptedClient,
    SimpleClientSource,
    TableFacts,
    WordCounter,
    answer,
    eventually,
)
from tests.memory_store import MemoryStore
from tests.ui.host import Host, hosting
from tests.ui.rig import Rig, running

GPT = Target("openai", "gpt-4o")


def _plan(
    items: Sequence[ContextItem], window: int | None = 4096, policy: ContextPolicy = ContextPolicy()
) -> ContextPlan:
    budget = budget_for(Window(window, "list" if window else ""), {})
    return plan_context(items, system=40, budget=budget, policy=policy)


def _items(count: int, tokens: int) -> list[ContextItem]:
    """Prompts and answers in turn, a prompt last."""
    roles = ("user", "assistant")
    return [ContextItem(f"m{at}", roles[at % 2], tokens) for at in range(count)]  # type: ignore[arg-type]


def _outlook(plan: ContextPlan, **changes: object) -> Outlook:
    outlook = Outlook(plan, plan.tokens, 0, True, Calibration(1.31, 0.021, 7), 0.031)
    return replace(outlook, **changes)  # type: ignore[arg-type]


def _head(outlook: Outlook, width: int = 118, rows: int = 6) -> list[str]:
    facts = HeadFacts(GPT, "OpenAI", outlook, Prices(2.5, 10.0), "w")
    return [line.plain for line in head_lines(facts, width, rows)]


# The figures


def test_head_tells_window_figures_cost_calibration_and_policy() -> None:
    plan = _plan(_items(11, 100), policy=ContextPolicy("compact", max_history=20))
    model, bar, legend, expected, calibrated, policy = _head(_outlook(plan))
    assert model == "gpt-4o · OpenAI   window 4,096 tokens, from the provider's list"
    assert len(bar) == 118
    assert legend == "█ used 1,140  ░ free 1,728  ▒ reply 1,024  ╌ margin 204"
    assert expected == (
        "The next request: ≈1,140 ±2 % tokens, 40 % of the room · ≈$0.031 at $2.50 a million tokens"
    )
    assert calibrated == "This model counts 1.31 × ours, learnt from 7 answers."
    assert policy.startswith("Where it does not fit: compact.")
    assert policy.endswith("Messages at most: 20.")


def test_head_says_that_the_window_is_unknown_and_how_to_set_it() -> None:
    told = _head(_outlook(_plan(_items(3, 100), None), approximate=False, cost=None))
    assert told[1].startswith("Window unknown: w sets it.")
    assert told[2:4] == ["The next request: 340 tokens", "Counted with the model's own vocabulary."]


def test_server_that_reads_a_part_is_not_believed_in_the_head_either() -> None:
    told = _head(_outlook(_plan(_items(3, 100)), doubted=True))
    assert told[4] == "Its own counts are not believed: it reads only a part of the prompt."


def test_head_says_by_how_much_it_is_too_much() -> None:
    plan = _plan(_items(3, 2000), policy=ContextPolicy("warn"))
    pieces = {piece.name: piece.tokens for piece in window_pieces(_outlook(plan))}
    assert pieces["over"] == plan.over == 6040 + 1024 + 204 - 4096
    assert "free" not in pieces
    assert any("too much: 3,172" in line for line in _head(_outlook(plan)))


@given(st.integers(20, 140), st.integers(1, 6), st.integers(0, 10**7), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_head_fits_into_its_width(width: int, rows: int, used: int, draft: int) -> None:
    outlook = _outlook(_plan(_items(3, 100)), used=used, draft=draft)
    lines = _head(outlook, width, rows)
    assert len(lines) == rows
    assert all(cell_len(line) <= width for line in lines)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(8, 200))
@settings(max_examples=60)
def test_cells_are_shared_out_without_rest(amounts: list[int], cells: int) -> None:
    given_ = shared(amounts, cells)
    assert sum(given_) == cells
    assert min(given_) >= 1


# The rows


def test_cut_stands_between_what_is_not_sent_and_what_is() -> None:
    rows = context_rows(_plan(_items(41, 100)))
    place = next(at for at, row in enumerate(rows) if row.message is None)
    messages = [(at, row.message) for at, row in enumerate(rows) if row.message and row.id]
    assert all((each.decision == "left-out") == (at < place) for at, each in messages)
    lost = [each.full for at, each in messages if at < place]
    told = f"not sent: {len(lost)} messages, {sum(lost):,} tokens"
    assert told in rows[place].words
    heaviest = context_rows(_plan([*_items(4, 100), ContextItem("x", "user", 900)]), by_weight=True)
    assert heaviest[0].id == "x"


@pytest.mark.parametrize(
    ("message", "kind", "who", "words"),
    [
        (ChatMessage("a", "user", (TextPart("**hi**\n\x1b[31mthere"),)), "user", "You", "**hi** "),
        (ChatMessage("a", "assistant", (TextPart("**hi**"),), model="m"), "model", "m", "hi"),
        (
            ChatMessage("a", "assistant", tool_calls=(ToolCall("1", "weather", "{}"),)),
            *("model", "Assistant", "calls weather"),
        ),
        (ChatMessage("a", "user", (ImagePart("ab"), ImagePart("cd"))), "user", "You", "2 pictures"),
        (ChatMessage("a", "tool", (TextPart("9"),), tool_call_id="1"), "tool", "Result", "9"),
        (
            ChatMessage("a", "system", (TextPart("All of it."),), covers=("b", "c")),
            *("summary", "Summary", "All of it."),
        ),
    ],
)
def test_row_tells_who_and_what_and_is_clean(
    message: ChatMessage, kind: str, who: str, words: str
) -> None:
    facts = facts_of(message)
    assert (facts.kind, facts.who) == (kind, who)
    assert facts.words.startswith(words)
    assert "\x1b" not in facts.words


def test_card_names_what_a_request_cannot_do_without() -> None:
    items = [replace_item(item, pinned=at in (0, 1)) for at, item in enumerate(_items(5, 1500))]
    plan = _plan(items)
    assert plan.refused
    told = what_must_be_sent(plan)
    assert told == "the system prompt, 2 pinned messages and the new prompt"


def replace_item(item: ContextItem, *, pinned: bool) -> ContextItem:
    return item._replace(pinned=pinned)


# The inspector alone, with much in it


class StillWork:
    """A `ContextWork` of a plan that never changes."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook = outlook

    async def view(self, chat: OpenConversation) -> ContextView:
        return ContextView(self.outlook, Prompt("a draft"), "OpenAI", None)

    def changed_since(self, chat: OpenConversation, view: ContextView) -> bool:
        return False

    async def weigh(
        self, view: ContextView, parts: Sequence[ImagePart | FilePart]
    ) -> Sequence[str]:
        return [part.name for part in parts]

    async def toggle_pinned(self, chat: OpenConversation, id_: str) -> None: ...

    async def toggle_excluded(self, chat: OpenConversation, id_: str) -> None: ...

    async def compact(self) -> None: ...

    async def show_request(self, chat: OpenConversation) -> None: ...

    async def next_policy(self, chat: OpenConversation) -> None: ...

    async def ask_history(self, chat: OpenConversation) -> None: ...

    async def ask_window(self, chat: OpenConversation) -> None: ...

    def show_raw(self) -> None: ...


class AskedStore(MemoryStore):
    """Counts the messages that were read."""

    read = 0

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        self.read += len(ids)
        texts = ("你好 " * 60, "plain **words** " * 20, "\t\x9b[31m[red]markup[/]" * 9)
        return [
            ChatMessage(id_, "user" if len(id_) % 2 else "assistant", (TextPart(texts[at % 3]),))
            for at, id_ in enumerate(ids)
        ]


def _chat(store: MemoryStore, count: int = 0) -> OpenConversation:
    conversation = Conversation(
        "c", created=0.0, updated=0.0, title="[/] a title", system_prompt="Be [b]brief.",
        targets=(GPT,),
    )  # fmt: skip
    tree = ConversationTree()
    for at in range(count):
        role: Role = "assistant" if at % 2 else "user"
        tree.add(node_of(ChatMessage(f"m{at}", role, parent=f"m{at - 1}" if at else None)))
    return OpenConversation(conversation, tree, store)


def _widths(host: Host) -> set[int]:
    """The cells of the lines of the table that is shown."""
    table = host.app.screen.query_one(ContextTable)
    return {table.render_line(y).cell_length for y in range(table.size.height)}


async def test_ten_thousand_messages_open_at_once_and_only_those_in_view_are_read() -> None:
    items = [*_items(10_000, 30), ContextItem(DRAFT, "user", 12)]
    store, plan = AskedStore(), _plan(items, 128_000)
    before = process_time()
    context_rows(plan)
    assert process_time() - before < 0.2
    screen = ContextScreen(_chat(store), StillWork(_outlook(plan, draft=12)))
    async with hosting(screen) as host:
        await eventually(lambda: store.read > 0)
        await host.pilot.pause()
        assert len(screen.table.rows) == 10_003
        assert store.read < 100
        assert "a draft" in host.drawn()
        assert "[/] a title" in host.drawn()
        await host.pilot.press("g", "s", "G", "s")
        await host.pilot.pause()
        assert store.read < 400
        assert not host.app.failures


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (58, 18), (40, 12), (22, 9)])
async def test_table_is_drawn_within_any_terminal(size: tuple[int, int]) -> None:
    items = [*_items(60, 90), ContextItem(DRAFT, "user", 12)]
    items[58] = items[58]._replace(excluded=True)
    plan = _plan(items)
    screen = ContextScreen(_chat(AskedStore()), StillWork(_outlook(plan, draft=12)))
    async with hosting(screen, size=size) as host:
        await eventually(lambda: screen.table.facts_of("m58") is not None)
        await host.pilot.press("k", "k")
        assert _widths(host) == {screen.table.scrollable_content_region.width}
        await host.pilot.press("g")
        assert screen.table.at == 0
        if size[0] >= 40:
            assert "Esc Back" in host.drawn()
            assert "always sent" in host.drawn()
            assert "used" in host.drawn()
            assert f"{len(plan.trimmed)} not sent" in host.drawn()
        if size[0] >= 58:
            assert " · 1 left out" in host.drawn()
            assert "not sent · no room" in host.drawn() or size[0] < 80
        assert "w Window" in host.drawn() or size[0] < 58
        assert not host.app.failures


# In the app


def _planner(window: int = 400, policy: ContextPolicy = ContextPolicy()) -> ContextPlanner:
    """Knows of a model with that window; the other one has a large one."""
    facts = TableFacts({str(TARGET): window, "fake/large": 100_000})
    return ContextPlanner(WordCounter(ready=True), facts, ForgetfulMemory(), lambda: policy)


async def _inspector(rig: Rig) -> ContextScreen:
    await rig.pilot.press("f7")
    await eventually(lambda: isinstance(rig.app.screen, ContextScreen))
    screen = rig.app.screen
    assert isinstance(screen, ContextScreen)
    await eventually(lambda: screen.view is not None)
    await rig.pilot.pause()
    return screen


async def test_inspector_follows_an_empty_conversation_a_draft_and_an_answer(
    tmp_path: Path,
) -> None:
    client = ScriptedClient(answer("One two."), answer("word " * 30))
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=_planner()) as rig:
        chat = rig.screen.session.new_chat(temporary=True)
        await rig.screen.show_chat(chat)
        screen = await _inspector(rig)
        assert "Nothing is said here yet" in rig.drawn()
        assert "temporary" in rig.drawn().lower()
        await rig.pilot.press("escape")
        rig.screen.prompt.put("three words here")
        screen = await _inspector(rig)
        assert [row.id for row in screen.table.rows] == [DRAFT]
        assert "three words here" in rig.drawn()
        await rig.pilot.press("p")
        assert rig.toasts[-1] == "This is not sent yet: it goes out whole, or not at all."
        await rig.pilot.press("enter")
        await eventually(lambda: rig.app.screen is rig.screen)
        assert rig.app.focused is rig.screen.prompt
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
        screen = await _inspector(rig)
        assert len(screen.table.rows) == 2
        # An answer to a prompt of the queue comes while one looks.
        manager = rig.screen.session.manager
        rig.screen.turns.start(rig.chat, partial(manager.send, rig.chat, "more"))
        await eventually(lambda: len(screen.table.rows) == 4)
        await rig.idle()
        assert "sent" in rig.drawn()


async def _pinned(rig: Rig) -> None:
    """A conversation with two long pinned messages, and a prompt that does not fit beside them."""
    await rig.ask("first " + "long " * 100)
    await rig.ask("second")
    await rig.screen.context.mark(rig.chat, rig.chat.tree.path()[:2], pinned=True)


def _editing(rig: Rig) -> str | None:
    """The message whose other version stands in the prompt."""
    return rig.screen.branches.editing


async def _card(rig: Rig) -> TooLargeDialog:
    await eventually(lambda: isinstance(rig.app.screen, TooLargeDialog))
    card = rig.app.screen
    assert isinstance(card, TooLargeDialog)
    await rig.pilot.pause()
    return card


async def test_refused_prompt_is_never_lost_and_each_remedy_sends_it(tmp_path: Path) -> None:
    client = ScriptedClient(answer("word " * 150))
    words = "third " + "word " * 80 + "\n" + "and a second line"
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=_planner()) as rig:
        await _pinned(rig)
        rig.screen.prompt.put(words)
        await rig.pilot.press("enter")
        card = await _card(rig)
        assert len(client.requests) == 2
        drawn = " ".join(rig.drawn().split())
        assert "(2 pinned messages and the new prompt); there is room for" in drawn
        # What is new cannot be left out.
        card.table.move_to([row.id in rig.chat.tree for row in card.table.rows].index(False))
        await rig.pilot.press("x")
        assert "Shorten it: Esc goes back to it." in rig.toasts[-1]
        # What cannot be done with the marked message is not hinted at.
        assert "x Leave out" not in rig.drawn()
        assert "p Unpin" not in rig.drawn()
        assert "must be sent · newest" in rig.drawn()
        await rig.pilot.press("w")
        await eventually(lambda: isinstance(rig.app.screen, CountDialog))
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is card)
        await rig.pilot.press("s")
        await eventually(lambda: len(rig.chat.tree) == 6)
        assert rig.screen.prompt.text == ""
        await rig.idle()
        assert len(client.requests[-1].messages) == 5

        # Another version of a prompt is refused as it was being written, and sent as such.
        await rig.screen.branches.edit_with(rig.chat.tree.path()[2], "")
        rig.screen.prompt.put(words)
        before = len(rig.chat.tree)
        await rig.pilot.press("enter")
        card = await _card(rig)
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is rig.screen)
        assert _editing(rig) is not None
        assert rig.screen.prompt.text == words
        await rig.pilot.press("enter")
        card = await _card(rig)
        heaviest = next(row.id for row in card.table.rows if row.id in rig.chat.tree)
        card.table.move_to([row.id for row in card.table.rows].index(heaviest))
        await rig.pilot.pause()
        assert "p Unpin" in rig.drawn()
        assert "must be sent · pinned" in rig.drawn()
        for _ in range(2):
            await rig.pilot.press("x")
            await eventually(lambda: card.can_send)
            await rig.pilot.pause()
            # It stays where it is, and can be taken back.
            assert card.table.marked is not None
            assert card.table.marked.id == heaviest
            assert "▫" in rig.drawn()
            await rig.pilot.press("x")
            await rig.pilot.pause()
        await rig.pilot.press("x")
        await eventually(lambda: card.table.message is not None)
        await eventually(lambda: "It fits now" in rig.drawn())
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == before + 2)
        await rig.idle()
        assert _editing(rig) is None
        assert rig.screen.prompt.text == ""
        assert (await rig.path())[-2].text == words


async def test_other_model_makes_room_and_what_was_typed_meanwhile_stays(tmp_path: Path) -> None:
    client = ScriptedClient(answer("word " * 150))
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=_planner()) as rig:
        rig.backend.listed = [TARGET, Target("fake", "large")]
        await _pinned(rig)
        rig.screen.prompt.put("third " + "word " * 80)
        await rig.pilot.press("enter")
        card = await _card(rig)
        rig.screen.prompt.insert("\nnot meant yet")
        await rig.pilot.press("a")
        await eventually(lambda: bool(rig.app.screen.query(Input)))
        await rig.pilot.pause()
        await rig.type("large")
        await rig.pilot.press("enter")
        await eventually(lambda: card.can_send)
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 6)
        await rig.idle()
        assert client.requests[-1].target.model == "large"
        assert rig.screen.prompt.text.strip() == "not meant yet"


async def test_prompt_that_waited_is_refused_and_sent_from_its_card(tmp_path: Path) -> None:
    wait = asyncio.Event()
    client = ScriptedClient(answer("word " * 150), answer("b"), [wait, *answer("c")], answer("d"))
    planner = _planner()
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=planner) as rig:
        await _pinned(rig)
        await rig.send("go on")
        long = "word " * 120
        for words in (long, "and then this"):
            rig.screen.prompt.put(words)
            await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.queued) == 2)
        wait.set()
        card = await _card(rig)
        # It is kept where it was, and all of it is weighed.
        await eventually(lambda: rig.queued == [long, "and then this"])
        assert rig.screen.prompt.text == ""
        new = next(at for at, row in enumerate(card.table.rows) if row.id not in rig.chat.tree)
        card.table.move_to(new)
        await rig.pilot.press("x")
        assert "This prompt waits to be sent. Go back; ^g Q leads to it" in rig.toasts[-1]
        await rig.pilot.press("p")
        assert rig.toasts[-1] == "This message is not pinned."
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is rig.screen)
        assert "Held 2" in rig.drawn()
        assert len(client.requests) == 3

        # Sent again, it is refused again; one pin less, and it goes out with what comes after it.
        await rig.pilot.press("enter")
        card = await _card(rig)
        heaviest = [row.id for row in card.table.rows].index(rig.chat.tree.path()[1])
        card.table.move_to(heaviest)
        await rig.pilot.press("p")
        await eventually(lambda: card.can_send)
        assert [each.pinned for each in (await rig.path())[:2]] == [True, False]
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 10)
        await rig.idle()
        assert [message.text for message in (await rig.path())[6::2]] == [long, "and then this"]
        assert rig.chat.queued == []


async def test_card_of_an_answer_anew_weighs_its_prompt_and_sends_anyway(tmp_path: Path) -> None:
    client = ScriptedClient(answer("word " * 5))
    planner = _planner(1_000)
    async with running(tmp_path, clients=SimpleClientSource(client), planner=planner) as rig:
        rig.backend.listed = [TARGET, Target("fake", "other")]
        await rig.ask("first")
        await rig.ask("word " * 500)
        planner.facts = TableFacts({str(TARGET): 400, "fake/other": 500})
        await rig.pilot.press("ctrl+r")
        card = await _card(rig)
        # With a window that is only a little larger its own prompt does not fit either.
        await rig.pilot.press("a")
        await eventually(lambda: bool(rig.app.screen.query(Input)))
        await rig.pilot.pause()
        await rig.type("other")
        await rig.pilot.press("enter")
        await eventually(lambda: "has a window of 500 tokens" in rig.drawn())
        assert not card.can_send
        await rig.pilot.press("enter")
        assert rig.toasts[-1] == "It does not fit yet."
        await rig.pilot.press("s")
        await eventually(lambda: len(rig.chat.tree) == 5)
        await rig.idle()
        assert client.requests[-1].target.model == "other"
        assert len(client.requests[-1].messages) == 3


async def test_what_hangs_together_is_marked_and_unmarked_as_one(tmp_path: Path) -> None:
    wait = asyncio.Event()
    script = [TextDelta("Begun"), wait, *answer("done")]
    async with running(tmp_path, script, planner=_planner(100_000)) as rig:
        calls = (ToolCall("1", "a", "{}"), ToolCall("2", "b", "{}"))
        messages = [
            ChatMessage("m0", "user", (TextPart("hi"),)),
            ChatMessage("m1", "assistant", tool_calls=calls, parent="m0"),
            ChatMessage("m2", "tool", (TextPart("x"),), tool_call_id="1", parent="m1"),
            ChatMessage("m3", "tool", (TextPart("y"),), tool_call_id="2", parent="m2"),
            ChatMessage("m4", "assistant", (TextPart("so"),), parent="m3"),
        ]
        conversation = Conversation("c1", targets=(TARGET,), head="m4")
        await rig.backend.store.add_messages(conversation, messages)
        await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
        screens = rig.screen.context.screens
        await screens.toggle_pinned(rig.chat, "m2")
        assert [each.pinned for each in await rig.path()] == [False, False, True, False, False]
        # All of it goes for that pin; the mark can be taken away wherever it is seen.
        await screens.toggle_pinned(rig.chat, "m1")
        assert not any(each.pinned for each in await rig.path())
        await screens.toggle_excluded(rig.chat, "m3")
        await screens.toggle_excluded(rig.chat, "m2")
        assert not any(each.excluded for each in await rig.path())

        # A draft that is only estimated, or was counted since, makes no view out of date for good.
        rig.screen.prompt.put("some words that are written")
        await rig.idle()
        screen = await _inspector(rig)
        await rig.idle()
        screen.reload()
        await eventually(
            lambda: screen.view is not None and not screens.changed_since(rig.chat, screen.view)
        )
        await rig.pilot.press("escape")
        await rig.send("more")
        screen = await _inspector(rig)
        await rig.pilot.press("G", "p")
        await eventually(lambda: any("on its way" in each for each in rig.toasts))
        assert not (await rig.path())[-1].pinned
        wait.set()
        await rig.idle()
        await eventually(lambda: screens.changed_since(rig.chat, screen.view))  # type: ignore[arg-type]


async def test_refusal_of_a_conversation_that_is_not_on_the_screen_is_told(tmp_path: Path) -> None:
    client = ScriptedClient(answer("word " * 150))
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=_planner()) as rig:
        await _pinned(rig)
        left = rig.chat
        manager = rig.screen.session.manager
        await rig.screen.show_chat(rig.screen.session.new_chat())
        words = "third " + "word " * 80
        rig.screen.turns.start(left, partial(manager.send, left, words), words)
        await eventually(lambda: bool(rig.toasts))
        assert rig.app.screen is rig.screen
        assert rig.screen.prompt.text == ""
        await rig.idle()
        await rig.screen.show_chat(left)
        await eventually(lambda: rig.screen.prompt.text == words)


async def test_policy_and_history_are_set_in_dialogs_and_by_words(tmp_path: Path) -> None:
    async with running(tmp_path, answer("Hello."), planner=_planner()) as rig:

        def policy() -> str:
            return rig.chat.conversation.policy

        rig.screen.prompt.put("/policy warn")
        await rig.pilot.press("enter")
        await eventually(lambda: policy() == "overflow=warn")
        await eventually(lambda: any("warn" in toast for toast in rig.toasts))
        rig.screen.prompt.put("/history 20")
        await rig.pilot.press("enter")
        await eventually(lambda: policy() == "overflow=warn max_history=20")
        for wrong in ("/policy nonsense", "/history some"):
            rig.screen.prompt.put(wrong)
            await rig.pilot.press("enter")
            await eventually(lambda wrong=wrong: rig.screen.prompt.text == wrong)  # type: ignore[misc]
        assert policy() == "overflow=warn max_history=20"
        rig.screen.prompt.put("/policy ")
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, PolicyDialog))
        await rig.pilot.pause()
        assert rig.drawn().count("now ·") == 1
        await rig.pilot.press("5")
        await eventually(lambda: policy() == "")
        rig.screen.prompt.put("/history")
        await rig.pilot.press("enter")
        await eventually(lambda: isinstance(rig.app.screen, CountDialog))
        await rig.pilot.pause()
        await rig.type("x")
        await rig.pilot.press("enter")
        await eventually(lambda: "no number" in rig.drawn())
        await rig.pilot.press("4", "enter")
        await eventually(lambda: policy() == "max_history=4")


async def test_window_is_set_and_what_is_refused_is_said_in_the_dialog(tmp_path: Path) -> None:
    async with running(tmp_path, answer("Hello."), planner=_planner()) as rig:
        await rig.ask("hi")
        await _inspector(rig)
        await rig.pilot.press("w")
        await eventually(lambda: isinstance(rig.app.screen, CountDialog))
        await rig.pilot.pause()
        rig.app.screen.query_one(Input).value = "12"
        await rig.pilot.press("enter")
        await eventually(lambda: "A window has" in rig.drawn())
        rig.desk.failure = StorageError("The disk is full.")
        rig.app.screen.query_one(Input).value = ""
        await rig.pilot.press("enter")
        # What goes wrong behind a key of the inspector is told like anything else.
        await eventually(lambda: any("The disk is full." in toast for toast in rig.toasts))
        assert isinstance(rig.app.screen, ContextScreen)
        rig.desk.failure = UsageError("This provider is not known any more.")
        await rig.pilot.press("w")
        await eventually(lambda: isinstance(rig.app.screen, CountDialog))
        await rig.pilot.press("enter")
        await eventually(lambda: "not known any more" in rig.drawn())
        rig.desk.failure = None
        rig.app.screen.query_one(Input).value = ""
        await rig.pilot.press("enter")
        await eventually(lambda: rig.desk.windows == {(TARGET.provider, TARGET.model): None})
