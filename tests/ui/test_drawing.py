"""How transcripts and their scrollbars are drawn: as Textual would, but without what that costs."""

from pathlib import Path

from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.core.conversation import node_of
from chat_tui.core.messages import ChatMessage
from chat_tui.ui.widgets.transcript import Transcript
from tests.fakes import eventually
from tests.ui.columns import comparison
from tests.ui.rig import running


def _drawn(strips: list[Strip]) -> list[object]:
    """What reaches the terminal: texts and styles, however they are cut into pieces."""
    return [[*strip.simplify().discard_meta()] for strip in strips]


def _same_as_textual(widget: Widget) -> bool:
    """Whether all lines of a widget, and a part of them, are what Textual would draw."""
    whole = widget.size.region
    part = Region(whole.width // 3, 2, whole.width // 2, 5)
    return all(
        _drawn(widget.render_lines(region)) == _drawn(Widget.render_lines(widget, region))
        for region in (whole, part)
        if region
    )


def _bar(transcript: Transcript) -> ScrollBar:
    return transcript.vertical_scrollbar


async def test_lines_and_scrollbars_are_what_textual_would_draw(tmp_path: Path) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        await comparison(rig, 3)
        seen = [pane.transcript for pane in rig.screen.panes.panes]

        async def check() -> None:
            await rig.pilot.pause()
            for transcript in seen:
                assert _same_as_textual(transcript)
                assert _same_as_textual(_bar(transcript))

        await check()
        before = rig.drawn()
        await rig.pilot.press("escape", "ctrl+u")
        await check()
        assert rig.drawn() != before
        await rig.pilot.press("v", "j", "j")
        await check()
        rig.app.action_toggle_dark()
        await check()
        await rig.pilot.resize_terminal(140, 20)
        await check()
        # A narrower view is drawn before its lines are laid out for it.
        widths = {strip.cell_length for strip in seen[0].render_lines(Region(0, 0, 9, 9))}
        assert widths == {9}


async def test_lines_stand_between_columns_wherever_these_are(tmp_path: Path) -> None:
    def between() -> list[set[str]]:
        """What stands left of each column but the first one, from its heading down."""
        rows = rig.drawn().splitlines()
        panes = [pane for pane in rig.screen.panes.panes if pane.widget.seen]
        headers = [pane.widget.header.region for pane in panes[1:]]
        bottom = panes[0].transcript.region.bottom
        return [{row[each.x - 1 : each.x] for row in rows[each.y : bottom]} for each in headers]

    async with running(tmp_path, size=(120, 30)) as rig:
        chat = await comparison(rig, 4)
        assert between() == [{"│"}] * 2
        await rig.pilot.resize_terminal(170, 30)
        await eventually(lambda: between() == [{"│"}] * 3)
        await rig.pilot.press("f9")
        await eventually(lambda: chat.conversation.board.zoomed == 0 and not between())
        assert "│ " not in rig.drawn().splitlines()[5]
        await rig.pilot.press("f9")
        await eventually(lambda: between() == [{"│"}] * 3)


async def test_streaming_lays_nothing_out_and_a_scrollbar_is_drawn_where_it_moves(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, size=(120, 30)) as rig:
        chat, panes = await comparison(rig, 2, rounds=8), rig.screen.panes
        reply = ChatMessage("r", "assistant", parent="p7", turn="t7", slot=0, status="streaming")
        await rig.backend.store.add_messages(chat.conversation, [reply])
        chat.tree.add(node_of(reply))
        panes.started(chat, [reply])
        await rig.pilot.pause()
        transcript, layouts = panes.panes[0].transcript, list[object]()
        bar, lines = _bar(transcript), transcript.column.total
        rig.screen.screen_layout_refresh_signal.subscribe(rig.screen, layouts.append)
        for number in range(12):
            transcript.append("r", f"line {number}\n\n")
        await eventually(lambda: "line 11" in rig.drawn())
        assert transcript.following
        assert transcript.column.total > lines
        assert layouts == []
        assert _same_as_textual(bar)
        # What is to be drawn of it: nothing while it looks the same, then the ends that moved.
        bar._exchange_repaint_regions()
        bar.refresh()
        assert not bar._exchange_repaint_regions()
        bar.position -= bar.window_virtual_size / bar.size.height
        moved = Region.from_union([*bar._exchange_repaint_regions()])
        assert 0 < moved.height <= bar.size.height // 2
