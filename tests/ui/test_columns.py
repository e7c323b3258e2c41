"""Columns side by side: which are seen, how wide, marked, zoomed, scrolled; streaming into them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest
from rich.cells import cell_len

from chat_tui.core.conversation import node_of
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.settings import Settings
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.widgets.columns import HeadFacts
from chat_tui.ui.widgets.columns.row import fitting
from chat_tui.ui.widgets.columns.tabs import Tab, shared, tab_widths
from chat_tui.ui.widgets.columns.words import first_line, second_line, tab_words
from chat_tui.ui.widgets.frames import FramePacer
from tests.fakes import eventually
from tests.ui.columns import MODELS, comparison
from tests.ui.rig import Rig, running

FULL = HeadFacts(
    number=2,
    title="gpt-4.1-mini",
    hint="t=0.2",
    state="done",
    seconds=12.34,
    first_token=0.8,
    rate=84.2,
    tokens=1312,
    cost=0.00123,
    chosen=True,
    cheapest=True,
)


# Words


def test_header_tells_all_there_is_room_for_and_the_least_goes_first() -> None:
    wide, narrow, tiny = (second_line(FULL, width).plain for width in (90, 36, 12))
    assert wide.split("  ")[0] == "first 0.8 s · 84 tok/s · 1.3k tok · ★ $0.0012"
    assert wide.endswith("chosen")
    assert narrow.startswith("0.8 s · 84/s · ★ $0.0012")
    assert narrow.endswith("chosen")
    assert tiny.strip() == "★ $0.0012"
    lines = [first_line(FULL, width, marked=True).plain for width in (60, 36, 20)]
    assert lines[0].startswith(" 2  gpt-4.1-mini t=0.2 ")
    assert lines[1].startswith(" 2  gpt-4.1-mini t=0.2")
    assert lines[2].startswith(" 2  gpt-4")
    assert all(line.endswith("✓ 12.3 s") for line in lines)
    for width in range(8, 90):
        assert first_line(FULL, width, marked=False).cell_length == width
        assert second_line(FULL, width).cell_length <= max(width, 9)
    alone = first_line(FULL, 83, marked=True, alone=True).plain
    assert "gpt-4.1-mini t=0.2  chosen · 0.8 s · 84 tok/s · 1.3k tok · ★ $0.0012" in alone


def test_header_cuts_a_long_reason_and_keeps_the_name() -> None:
    failed = replace(FULL, state="failed", told="The server is overloaded (503)", title="模型" * 9)
    line = first_line(failed, 38, marked=False)
    assert line.cell_length == 38
    assert line.plain.startswith(" 2  模型")
    assert "✗ The server is" in line.plain


def test_header_and_tab_tell_only_the_letter_while_blind() -> None:
    blind = replace(FULL, hidden="A")
    words = first_line(blind, 60, marked=True, alone=True).plain + second_line(blind, 60).plain
    assert words.split() == ["2", "A", "✓"]
    assert tab_words(blind, 40) == " 2 A ✓ "


def test_what_tells_columns_of_one_model_apart_is_cut_last() -> None:
    twin = HeadFacts(2, "claude-sonnet-4-5", "", "t=0.2", "done", seconds=12.34, twin=True)
    lines = [first_line(twin, width, marked=True).plain for width in (32, 22, 16)]
    assert lines == [
        " 2  claude…et-4-5 t=0.2 ✓ 12.3 s",
        " 2  claud…-4-5 t=0.2 ✓",
        " 2  cla… t=0.2 ✓",
    ]
    for width in range(12, 60):
        line = first_line(twin, width, marked=False)
        assert "t=0.2" in line.plain
        assert "✓" in line.plain
        assert line.cell_length == width
    elsewhere = replace(twin, hint="", provider="Groq")
    assert first_line(elsewhere, 20, marked=False).plain == " 2  clau…-4-5 Groq ✓"
    assert tab_words(twin, 20) == " 2 clau…4-5 t=0.2 ✓ "
    # Of others the name tells more.
    other = first_line(replace(twin, twin=False), 26, marked=False).plain
    assert other == " 2  claude…et-4-5 ✓ 12.3 s"


def test_not_told_stands_in_all_headings_of_a_width_or_in_none() -> None:
    plain = HeadFacts(1, "a", left_out=True)
    full = replace(FULL, chosen=False, left_out=True)
    for width in range(10, 60):
        told = ["not told" in second_line(facts, width).plain for facts in (plain, full)]
        assert told[0] == told[1] == (width >= 20)


def test_header_and_tab_tell_what_was_voted() -> None:
    won = replace(FULL, vote="win")
    assert second_line(won, 60).plain.endswith("won · chosen")
    assert second_line(won, 20).plain.endswith("won")
    assert "  won · chosen · " in first_line(won, 83, marked=True, alone=True).plain
    assert second_line(replace(FULL, vote="tie", chosen=False), 60).plain.endswith("tie")
    assert second_line(replace(FULL, vote="bad", chosen=False), 60).plain.endswith("bad")
    assert tab_words(won, 12).split()[-1] == "✓★"
    assert len(tab_words(won, 12)) == 12
    assert tab_words(replace(won, hidden="A"), 12) == " 2 A ✓ "


def test_tabs_share_the_room_and_keep_number_and_state() -> None:
    assert shared([10, 30, 30], 50) == [10, 20, 20]
    assert tab_words(FULL, 12) == " 2 gpt-4… ✓ "
    assert tab_words(FULL, 5).split() == ["2", "✓"]
    assert tab_words(FULL, 0) == " 2✓ "
    tabs = [Tab(replace(FULL, number=number), number == 3, number == 3) for number in range(1, 7)]
    whole = cell_len(tab_words(FULL, 99))
    assert tab_widths(tabs, whole * 6) == [whole] * 6
    assert tab_widths(tabs, whole + 80) == [16, 16, whole, 16, 16, 16]
    assert tab_widths(tabs, whole + 30) == [5, 5, whole, 5, 5, 5]
    assert tab_widths(tabs, whole + 24) == [0, 0, whole, 0, 0, 0]
    assert tab_widths(tabs, 30) == [0, 0, 10, 0, 0, 0]


@pytest.mark.parametrize(
    ("width", "count"), [(200, 5), (120, 3), (80, 2), (78, 2), (77, 1), (12, 1)]
)
def test_columns_fit_as_the_design_says(width: int, count: int) -> None:
    assert fitting(width, 38) == count


# On the screen


async def _board(rig: Rig, chat: OpenConversation, board: Board) -> None:
    chat.conversation = replace(chat.conversation, board=board)
    await rig.screen.branches.follow(chat)
    await rig.pilot.pause()


def _seen(rig: Rig) -> list[int]:
    """The numbers of the columns on the screen."""
    panes = rig.screen.panes.panes
    return [place + 1 for place, pane in enumerate(panes) if pane.widget.seen]


def _top(rig: Rig, place: int) -> str:
    transcript = rig.screen.panes.panes[place].transcript
    return transcript.column.id_at(transcript.line_at(0)[0])


async def test_columns_stand_beside_each_other_and_the_list_makes_room(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 40)) as rig:
        single = rig.screen.transcript
        assert rig.screen.query_one("#side").display
        chat = await comparison(rig, 3)
        panes = rig.screen.panes
        drawn = rig.drawn()
        assert all(model in drawn.splitlines()[0] for model in MODELS[:3])
        assert [pane.transcript.column.id_at(3) for pane in panes.panes] == [
            "a1-0",
            "a1-1",
            "a1-2",
        ]
        assert rig.screen.has_class("-no-list")
        assert all(38 <= pane.transcript.size.width <= 40 for pane in panes.panes)
        assert rig.screen.transcript is panes.panes[0].transcript
        assert not single.display
        assert panes.panes[0].head.chosen
        assert not panes.panes[1].head.chosen
        assert panes.panes[1].head.left_out
        # Who wants the list has it, beside fewer columns.
        rig.screen.chats.toggle_list()
        await rig.pilot.pause()
        assert _seen(rig) == [1, 2]
        assert "1–2 of 3" in rig.drawn().splitlines()[0]
        await _board(rig, chat, replace(chat.conversation.board, slots=(0, 2)))
        assert not rig.screen.has_class("-no-list")
        # One model again: the transcript of before, with the active path.
        await _board(rig, chat, Board())
        assert rig.screen.transcript is single
        assert not panes.on
        assert single.column.id_at(3) == "a1-0"
        assert "claude" not in rig.drawn()
        await eventually(lambda: not rig.screen.query("ColumnHeader"))
        # Another conversation has none either, and they come back with this one.
        await _board(rig, chat, Board((0, 1)))
        await rig.screen.show_chat(rig.screen.session.new_chat())
        await rig.pilot.pause()
        assert not panes.on
        await rig.screen.show_chat(chat)
        await rig.pilot.pause()
        assert _seen(rig) == [1, 2]


async def test_marking_goes_by_key_leader_click_and_tab_and_turns_pages(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 24)) as rig:
        await comparison(rig, 6)
        screen, panes, press = rig.screen, rig.screen.panes, rig.pilot.press
        assert _seen(rig) == [1, 2]
        # From the prompt the focus stays there.
        await press("ctrl+g", ")")
        assert (panes.place, rig.app.focused) == (1, screen.prompt)
        await press("escape", ")")
        await rig.pilot.pause()
        assert _seen(rig) == [3, 4]
        assert rig.app.focused is panes.panes[2].transcript is screen.transcript
        assert panes.marked_slot == 2
        await press("(")
        await rig.pilot.pause()
        assert _seen(rig) == [1, 2]
        await press("6")
        await rig.pilot.pause()
        assert _seen(rig) == [5, 6]
        assert rig.app.focused is panes.panes[5].transcript
        await press(")")
        assert panes.place == 0
        await press("tab")
        assert panes.place == 1
        # A click on a tab, on a heading, into a column.
        await rig.pilot.click("ColumnTabs", offset=(45, 0))
        assert panes.place > 1
        await rig.pilot.click(panes.panes[panes.place - 1].widget.header)
        await rig.pilot.pause()
        place = panes.place
        shown = [panes.panes[number - 1] for number in _seen(rig)]
        other = next(pane for pane in shown if pane is not panes.panes[place])
        await rig.pilot.click(other.transcript, offset=(5, 3))
        assert panes.marked is other
        assert screen.stage is other.stage
        # Reading goes on in the marked column: copying, the mark.
        await press("c")
        await eventually(lambda: bool(rig.app.clipboard))
        assert f"of {other.column.slot}." in rig.app.clipboard
        await press("9")
        assert panes.marked is other


async def test_narrow_rooms_show_one_column_below_tabs(tmp_path: Path) -> None:
    async with running(tmp_path, size=(40, 12)) as rig:
        await comparison(rig, 3)
        lines = rig.drawn().splitlines()
        assert _seen(rig) == [1]
        assert [mark in lines[0] for mark in (" 1 ", " 2 ", " 3 ", "1 of 3")] == [True] * 4
        assert MODELS[0] in lines[0]
        assert "…" not in lines[0]
        await rig.pilot.resize_terminal(70, 24)
        await rig.pilot.pause()
        # With more lines the heading of the column comes below them.
        assert rig.drawn().splitlines()[1].startswith(f" 1  {MODELS[0]}")
        await rig.pilot.resize_terminal(160, 24)
        await rig.pilot.pause()
        assert _seen(rig) == [1, 2, 3]
        assert "of 3" not in rig.drawn().splitlines()[0]
        await rig.screen.preferences.apply(Settings(column_width=60))
        await rig.pilot.pause()
        assert _seen(rig) == [1, 2]


async def test_scrolling_goes_together_by_message_and_share(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        chat = await comparison(rig, 3, rounds=6)
        panes, press = rig.screen.panes, rig.pilot.press
        await press("escape", "g", "g")
        await rig.pilot.pause()
        assert [_top(rig, place) for place in range(3)] == ["p0"] * 3
        for _ in range(2):
            await press("ctrl+d")
        await rig.pilot.pause()
        turns = {chat.tree[_top(rig, place)].turn for place in range(3)}
        assert len(turns) == 1
        panes.panes[2].transcript.scroll_lines(40)
        await rig.pilot.pause()
        turns = {chat.tree[_top(rig, place)].turn for place in range(3)}
        assert turns == {chat.tree[_top(rig, 2)].turn}
        await press("G")
        await rig.pilot.pause()
        assert all(pane.transcript.following for pane in panes.panes)
        # Each by itself.
        chat.conversation = replace(
            chat.conversation, board=replace(chat.conversation.board, synced=False)
        )
        await press("g", "g")
        await rig.pilot.pause()
        assert [pane.transcript.following for pane in panes.panes] == [False, True, True]


async def test_columns_that_are_not_seen_cost_nothing_and_have_their_text(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 24)) as rig:
        chat = await comparison(rig, 4)
        panes = rig.screen.panes
        replies = [_reply(slot) for slot in range(4)]
        prompt = ChatMessage("p9", "user", (TextPart("Next?"),), parent="a1-0", turn="t9")
        await rig.backend.store.add_messages(chat.conversation, [prompt, *replies])

        chat.tree.add(node_of(prompt))
        for reply in reversed(replies):
            chat.tree.add(node_of(reply))
        heads = {reply.slot: reply.id for reply in replies}
        chat.conversation = replace(chat.conversation, heads=heads)
        panes.started(chat, [prompt, *replies])
        for pane in panes.panes:
            for number in range(5):
                pane.transcript.append(f"r{pane.column.slot}", f"word {number}\n\n")
        hidden = panes.panes[3].transcript
        before = hidden.column.renders
        await rig.pilot.pause(0.1)
        assert hidden.asleep
        assert hidden.column.renders == before
        assert "word 4" in rig.drawn()
        await rig.pilot.press("escape", "4")
        await eventually(lambda: "word 4" in _text(rig, 3))
        for pane in panes.panes:
            done = replace(replies[pane.column.slot], status="complete", parts=_words(5))
            panes.finish(chat, done)
        await rig.pilot.pause()
        assert [_text(rig, place).count("word 4") for place in range(4)] == [1] * 4


def _reply(slot: int) -> ChatMessage:
    return ChatMessage(
        f"r{slot}", "assistant", parent="p9", turn="t9", slot=slot, model="m", status="streaming"
    )


def _words(count: int) -> tuple[TextPart, ...]:
    return (TextPart("".join(f"word {number}\n\n" for number in range(count))),)


def _text(rig: Rig, place: int) -> str:
    """The text of the last message of a column as it is laid out."""
    column = rig.screen.panes.panes[place].transcript.column
    rendered = column.rendered(len(column) - 1)
    return "" if rendered is None else rendered.snapshot().text


async def test_columns_come_and_go_and_those_that_stay_keep_their_place(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        models = (
            Target("fake", "same", {"temperature": 0}),
            Target("fake", "same", {"temperature": 1.5}),
            Target("other", "same", {"temperature": 1.5}),
        )
        chat = await comparison(rig, 3, rounds=4, models=models, board=Board((0, 1)))
        panes = rig.screen.panes
        assert [(pane.head.hint, pane.head.provider) for pane in panes.panes] == [
            ("t=0", ""),
            ("t=1.5", ""),
        ]
        first = panes.panes[0].transcript
        await rig.pilot.press("escape", "g", "g", "2")
        first.toggle_message(0)
        await _board(rig, chat, replace(chat.conversation.board, slots=(2, 0, 1)))
        assert [pane.column.slot for pane in panes.panes] == [2, 0, 1]
        assert [pane.head.provider for pane in panes.panes] == ["Other", "Fake", "Fake"]
        assert panes.panes[1].transcript is first
        assert first.scroll_offset.y == 0
        assert first.column.folds.of("p0", "user").brief
        assert panes.marked_slot == 1
        assert [pane.transcript.region.x for pane in panes.panes] == sorted(
            pane.transcript.region.x for pane in panes.panes
        )
        # The marked one goes: the mark, and the focus, go to one that is there.
        await _board(rig, chat, replace(chat.conversation.board, slots=(2, 0)))
        assert panes.marked_slot == 0
        assert rig.app.focused is first is rig.screen.transcript
        await _board(rig, chat, replace(chat.conversation.board, zoomed=2))
        assert len(panes.panes) == 2
        rig.app.action_toggle_dark()
        await rig.pilot.pause()
        shown = first.column.rendered(first.line_at(3)[0])
        assert shown is not None
        assert shown.look == rig.screen.look()


async def test_an_empty_conversation_shows_headings_and_whom_one_talks_to(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        chat = rig.chat
        models: Sequence[Target] = (Target("fake", "one"), Target("fake", "two"))
        chat.conversation = replace(chat.conversation, targets=tuple(models), board=Board((0, 1)))
        await rig.screen.show_chat(chat)
        await rig.pilot.pause()
        drawn = rig.drawn()
        assert "one" in drawn.splitlines()[0]
        assert "two" in drawn.splitlines()[0]
        assert "2 models answer side by side" in drawn


async def test_zoom_shows_one_alone_is_kept_and_moves_with_the_mark(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        chat = await comparison(rig, 3)
        panes, press = rig.screen.panes, rig.pilot.press
        kept = [pane.transcript for pane in panes.panes]
        await press("ctrl+g", ")", "f9")
        await eventually(lambda: _seen(rig) == [2])
        assert chat.conversation.board.zoomed == 1
        assert rig.app.focused is rig.screen.prompt
        await rig.pilot.pause()
        assert "2 of 3 zoomed" in rig.drawn().splitlines()[0]
        await press("escape", ")")
        await eventually(lambda: chat.conversation.board.zoomed == 2)
        assert _seen(rig) == [3]
        stored = await rig.backend.store.conversation(chat.id)
        assert stored is not None
        assert stored.board.zoomed == 2
        # It is as it was left when it is opened again.
        await rig.screen.show_chat(rig.screen.session.new_chat())
        await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
        await rig.pilot.pause()
        assert (_seen(rig), panes.marked_slot) == ([3], 2)
        rig.screen.set_focus(rig.screen.transcript)
        await press("0")
        await eventually(lambda: _seen(rig) == [1, 2, 3])
        assert not set(kept) & {pane.transcript for pane in panes.panes}
        await press("ctrl+g", "%")
        await eventually(lambda: not rig.chat.conversation.board.synced)


async def test_words_at_the_top_stay_there_when_columns_get_another_width(tmp_path: Path) -> None:
    """Zoomed and back, narrower and wider; where all has room once, the place is not lost."""

    def words() -> str:
        transcript = rig.screen.transcript
        index, line = transcript.line_at(0)
        rendered = transcript.column.render(index)
        return "" if rendered is None else rendered.line(line).text

    async def settled(width: int) -> None:
        await eventually(lambda: rig.screen.transcript.size.width == width)
        await rig.pilot.pause()

    text = "\n\n".join(" ".join(f"p{part}w{at}" for at in range(60)) for part in range(12))
    async with running(tmp_path, size=(160, 30)) as rig:
        await comparison(rig, 2, rounds=2, texts=[text, text])
        press, transcript = rig.pilot.press, rig.screen.transcript
        narrow = transcript.size.width
        near_end = transcript.column.total - transcript.size.height - 8
        for start, ends in ((41, False), (near_end, True)):
            top = start
            transcript.scroll_still(top)
            while not (before := words()):
                top += 1
                transcript.scroll_still(top)
            first = before.split()[0]
            await press("f9")
            await eventually(lambda: transcript.size.width > narrow)
            await rig.pilot.pause()
            # Of the second all that follows has room then.
            assert (first in words(), transcript.following) == (not ends, ends)
            await rig.pilot.resize_terminal(150, 30)
            await rig.pilot.pause()
            assert (first in words(), transcript.following) == (not ends, ends)
            await rig.pilot.resize_terminal(160, 30)
            await press("f9")
            await settled(narrow)
            assert words() == before
        # At the end it stays at the end.
        transcript.jump_to_end()
        await press("f9")
        await eventually(lambda: transcript.size.width > narrow)
        await press("f9")
        await settled(narrow)
        assert transcript.following


async def test_the_find_line_says_which_column_is_searched(tmp_path: Path) -> None:
    async with running(tmp_path, size=(160, 24)) as rig:
        await comparison(rig, 3)
        press = rig.pilot.press
        await press("ctrl+f", *"stable")
        await eventually(lambda: f"in column 1: {MODELS[0]}" in rig.drawn())
        rig.screen.panes.mark(1)
        await eventually(lambda: f"in column 2: {MODELS[1]}" in rig.drawn())
        await rig.pilot.resize_terminal(80, 24)
        await eventually(lambda: "in column 2" in rig.drawn())


async def test_versions_of_a_column_are_its_own_and_go_by_the_usual_keys(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        chat = await comparison(rig, 2)
        again = ChatMessage(
            "again", "assistant", (TextPart("Once more."),), parent="p1", turn="t1", slot=1
        )
        await rig.backend.store.add_messages(
            replace(chat.conversation, heads={0: "a1-0", 1: "again"}), [again]
        )
        rig.screen.session.manager.close(chat)
        chat = await rig.screen.session.open_chat("c1")
        await rig.screen.show_chat(chat)
        columns = [pane.transcript.column for pane in rig.screen.panes.panes]
        assert [column.id_at(3) for column in columns] == ["a1-0", "again"]
        await rig.pilot.press("escape", "2")
        await rig.pilot.pause()
        assert "2/2" in rig.drawn()
        await rig.pilot.press("[")
        await eventually(lambda: columns[1].id_at(3) == "a1-1")
        await rig.pilot.pause()
        assert "1/2" in rig.drawn()
        assert columns[0].id_at(3) == "a1-0"
        assert chat.tree.head == "a1-0"


def test_a_frame_leaves_what_takes_too_long_for_the_next_which_begins_with_it() -> None:
    drawn: list[int] = []
    timers: list[Callable[[], None]] = []
    pacer = FramePacer(_Timers(timers))
    panes = [partial(_draw_slowly, drawn, number) for number in range(4)]
    for pane in panes:
        pacer.request(pane)
    while timers:
        first = not drawn
        timers.pop()()
        if first:
            # One that is drawn wants more at once; the others come before it all the same.
            assert drawn == [0, 1]
            pacer.request(panes[0])
    assert drawn == [0, 1, 2, 3, 0]


class _Timers:
    def __init__(self, timers: list[Callable[[], None]]) -> None:
        self._timers = timers

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        self._timers.append(callback)
        return None


def _draw_slowly(drawn: list[int], number: int) -> None:
    drawn.append(number)
    end = perf_counter() + 0.02
    while perf_counter() < end:
        pass
