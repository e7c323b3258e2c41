"""The transcript as a widget: little work, no jumps, clean text."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from chat_tui.core.conversation import Node, node_of
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.ui.themes import load_themes, theme_folder
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript import Transcript, TranscriptOptions, look_from_theme
from chat_tui.ui.widgets.transcript.cache import KEPT
from chat_tui.ui.widgets.transcript.selection import position


class TranscriptApp(App[None]):
    """A transcript and nothing else, without the focus; it notes which texts were asked for."""

    AUTO_FOCUS = None

    def __init__(self, messages: Sequence[ChatMessage], loaded: int | None = None) -> None:
        super().__init__()
        for theme in load_themes(theme_folder())[0]:
            self.register_theme(theme)
        self.theme = "chat-tui-dark"
        self.messages = {message.id: message for message in messages}
        self._loaded = len(messages) if loaded is None else loaded
        self.wanted: list[str] = []
        self.links: list[str] = []

    def compose(self) -> ComposeResult:
        yield Transcript(look_from_theme(self.theme_variables, dark=True), FramePacer(self))

    def on_mount(self) -> None:
        messages = list(self.messages.values())
        last = messages[len(messages) - self._loaded :]
        self.transcript.show_path([node_of(message) for message in messages], last)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def on_transcript_texts_wanted(self, event: Transcript.TextsWanted) -> None:
        self.wanted += event.ids
        self.transcript.supply([self.messages[id_] for id_ in event.ids])

    def on_transcript_link_activated(self, event: Transcript.LinkActivated) -> None:
        self.links.append(event.url)


def _message(number: int, text: str, **fields: object) -> ChatMessage:
    role = "assistant" if number % 2 else "user"
    return ChatMessage(f"m{number:05}", role, text_parts(text), model="m", **fields)  # type: ignore[arg-type]


def _conversation(count: int) -> list[ChatMessage]:
    return [
        _message(number, f"message {number} " + "words " * (number % 60)) for number in range(count)
    ]


@asynccontextmanager
async def _shown(
    messages: Sequence[ChatMessage], loaded: int | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncGenerator[tuple[TranscriptApp, Transcript, Pilot[None]], None]:
    app = TranscriptApp(messages, loaded)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, app.transcript, pilot


def _lines(transcript: Transcript) -> list[str]:
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


async def test_opening_10000_messages_renders_only_what_is_seen() -> None:
    async with _shown(_conversation(10_000), loaded=30) as (app, transcript, _):
        assert transcript.column.renders <= 24
        assert app.wanted == []
        assert "message 9999" in "\n".join(_lines(transcript))


async def test_a_streamed_frame_renders_no_other_message() -> None:
    messages = _conversation(10_000)
    live = _message(10_001, "", status="streaming")
    async with _shown([*messages, live], loaded=30) as (_, transcript, pilot):
        before = transcript.column.renders
        for _ in range(20):
            transcript.append(live.id, "more text\n\n")
            await pilot.pause(0.06)
        assert transcript.column.renders == before
        assert _lines(transcript)[-3:].count("  more text") >= 1


async def test_many_deltas_are_few_frames() -> None:
    live = _message(1, "", status="streaming")
    async with _shown([live]) as (_, transcript, pilot):
        refreshes = 0
        refresh = transcript.column.refresh

        def counted(deadline: float) -> int | None:
            nonlocal refreshes
            refreshes += 1
            return refresh(deadline)

        transcript.column.refresh = counted  # type: ignore[method-assign,assignment]
        for _ in range(5_000):
            transcript.append(live.id, "x ")
        await pilot.pause(0.2)
        assert 1 <= refreshes <= 6


async def test_view_follows_the_end_until_the_reader_moves_up() -> None:
    live = _message(101, "", status="streaming")
    async with _shown([*_conversation(100), live]) as (_, transcript, pilot):
        transcript.append(live.id, "first line\n\n" * 30)
        await pilot.pause(0.1)
        assert transcript.scroll_offset.y == transcript.max_scroll_y
        transcript.scroll_pages(-1)
        await pilot.pause()
        assert not transcript.following
        top = _lines(transcript)
        transcript.append(live.id, "new line\n\n" * 30)
        await pilot.pause(0.1)
        assert _lines(transcript) == top
        before = transcript.unseen
        transcript.jump_to_end()
        await pilot.pause()
        assert (before, transcript.unseen) == (True, False)
        assert "new line" in "\n".join(_lines(transcript))


async def test_scrolling_up_through_unloaded_texts_does_not_jump() -> None:
    async with _shown(_conversation(400), loaded=20) as (app, transcript, pilot):
        for _ in range(25):
            before = _lines(transcript)
            transcript.scroll_pages(-1)
            await pilot.pause()
            await pilot.pause()
            after = _lines(transcript)
            if transcript.scroll_offset.y == 0:
                break
            # The line that was on top is now the lowest, as a page overlaps by one line.
            kept = [line for line in before if line and line in after]
            assert kept, (before, after)
        assert app.wanted
        assert len(set(app.wanted)) == len(app.wanted)


async def test_all_texts_come_when_the_beginning_is_shown() -> None:
    async with _shown(_conversation(2_000), loaded=20) as (_, transcript, pilot):
        transcript.scroll_lines(-99_999)
        await pilot.pause()
        await pilot.pause()
        assert _lines(transcript)[:2] == ["▌ You", "▌ message 0"]


@pytest.mark.parametrize("width", [40, 60, 120])
async def test_resize_stays_at_the_same_message(width: int) -> None:
    async with _shown(_conversation(500)) as (_, transcript, pilot):
        transcript.move_to(250)
        await pilot.pause()
        await pilot.resize_terminal(width, 24)
        await pilot.pause()
        indices = {transcript.line_at(y)[0] for y in range(transcript.size.height)}
        assert 250 in indices


async def test_kept_lines_are_bounded() -> None:
    async with _shown(_conversation(1_000)) as (_, transcript, _pilot):
        for index in range(KEPT + 50):
            transcript.move_to(index)
        assert transcript.column.renders > KEPT
        assert len(transcript.column._rendered) <= KEPT


async def test_text_that_is_loaded_late_does_not_replace_what_has_come_since() -> None:
    messages = [_message(0, "hello"), _message(1, "", status="streaming")]
    async with _shown(messages) as (_, transcript, pilot):
        transcript.finish(replace(messages[1], parts=text_parts("whole"), status="complete"))
        transcript.supply([messages[1]])
        await pilot.resize_terminal(60, 24)
        await pilot.pause()
        shown = transcript.column.message(1)
        assert shown is not None
        assert shown.text == "whole"


async def test_width_of_every_line_is_that_of_the_view() -> None:
    messages = [
        _message(0, "hi"),
        _message(1, "# T\n\n| a | b |\n|---|---|\n| 中文 | x |\n\n```py\nx = 1\n```"),
    ]
    async with _shown(messages, size=(50, 30)) as (_, transcript, _pilot):
        widths = {transcript.render_line(y).cell_length for y in range(transcript.size.height)}
        assert widths == {transcript.size.width}


async def test_selection_gives_the_text_without_its_decoration() -> None:
    source = (
        "Some words that are wrapped over lines because they are long enough for it.\n\n"
        "- one\n- two\n\n```python\nx = 1\n```"
    )
    async with _shown([_message(1, source)], size=(40, 30)) as (_, transcript, pilot):
        height = transcript.column.span(0)[1]
        transcript.screen.selections = {
            transcript: Selection(Offset(0, position(0, 1)), Offset(99, position(0, height - 1)))
        }
        await pilot.pause()
        assert transcript.screen.get_selected_text() == (
            "Some words that are wrapped over lines because they are long enough for it.\n\n"
            "• one\n• two\n\nx = 1"
        )


async def test_part_of_a_line_is_selected() -> None:
    async with _shown([_message(0, "alpha beta gamma")]) as (_, transcript, pilot):
        transcript.screen.selections = {
            transcript: Selection(Offset(8, position(0, 1)), Offset(12, position(0, 1)))
        }
        await pilot.pause()
        assert transcript.screen.get_selected_text() == "beta"


async def test_number_of_a_code_block_is_not_selected() -> None:
    source = "```\nalpha beta\n```\n\n```\ngamma\n```"
    async with _shown([_message(1, source)]) as (_, transcript, pilot):
        assert _lines(transcript)[1].split() == ["alpha", "beta", "1"]
        transcript.screen.selections = {
            transcript: Selection(Offset(10, position(0, 1)), Offset(99, position(0, 3)))
        }
        await pilot.pause()
        assert transcript.screen.get_selected_text() == "beta\n\ngamma"


async def test_line_above_new_messages_is_not_selected() -> None:
    async with _shown([_message(0, "first"), _message(1, "second")]) as (_, transcript, pilot):
        transcript.mark_new(1)
        transcript.screen.selections = {
            transcript: Selection(Offset(0, position(0, 1)), Offset(99, position(1, 2)))
        }
        await pilot.pause()
        assert "── new ──" in "\n".join(_lines(transcript))
        assert transcript.screen.get_selected_text() == "first\n\nm\nsecond"


async def test_mouse_selects_text() -> None:
    async with _shown([_message(0, "alpha beta gamma")]) as (app, _transcript, pilot):
        await pilot.mouse_down(Transcript, offset=(8, 1))
        await pilot.hover(Transcript, offset=(12, 1))
        await pilot.mouse_up(Transcript, offset=(12, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() in ("beta", "beta ")


async def test_keyboard_selects_lines() -> None:
    async with _shown([_message(0, "first\n\nsecond\n\nthird")]) as (_, transcript, pilot):
        transcript.move_to(0)
        transcript.selecting.by(1)
        transcript.selecting.by(1)
        transcript.selecting.by(1)
        await pilot.pause()
        assert transcript.screen.get_selected_text() == "first\n\nsecond"


async def test_times_do_not_move_what_is_read() -> None:
    messages = [_message(0, "q"), _message(1, "line\n\n" * 100), _message(3, "line\n\n" * 100)]
    async with _shown(messages) as (_, transcript, pilot):
        transcript.move_to(1)
        for lines in (90, 200):
            transcript.scroll_lines(lines)
            await pilot.pause()
            top = transcript.scroll_offset.y
            transcript.use(options=TranscriptOptions(timestamps=lines == 90))
            await pilot.pause()
            assert transcript.scroll_offset.y == top


async def test_message_that_is_unfolded_at_the_end_stays_where_it_is() -> None:
    reply = _message(1, "answer", reasoning="thought\n\n" * 60)
    async with _shown([_message(0, "ask"), reply]) as (_, transcript, pilot):
        before = _lines(transcript)
        transcript.toggle_fold(1)
        await pilot.pause()
        assert _lines(transcript)[:5] == [*before[:4], "  ▾ Reasoning"]
        assert not transcript.following
        transcript.toggle_fold(1)
        await pilot.pause()
        assert (_lines(transcript), transcript.following) == (before, True)


async def test_thinking_that_is_unfolded_while_it_streams_is_followed() -> None:
    live = _message(1, "", reasoning="thought\n\n" * 60, status="streaming")
    async with _shown([_message(0, "ask"), live]) as (_, transcript, pilot):
        transcript.toggle_fold(1)
        transcript.append(live.id, "", "the latest")
        await pilot.pause(0.1)
        assert transcript.following
        assert "  │ the latest" in _lines(transcript)


async def test_link_that_is_clicked_is_told_and_not_opened_by_the_widget() -> None:
    async with _shown([_message(1, "[here](https://example.org/x)")]) as (app, _transcript, pilot):
        await pilot.click(Transcript, offset=(3, 1))
        await pilot.pause()
        assert app.links == ["https://example.org/x"]


async def test_click_puts_the_mark_on_a_message() -> None:
    async with _shown(_conversation(4)) as (_, transcript, pilot):
        await pilot.click(Transcript, offset=(20, 0))
        assert transcript.current == 0
        assert _lines(transcript)[0].startswith("┃")


async def test_theme_change_draws_anew_in_other_colours() -> None:
    async with _shown(_conversation(50)) as (app, transcript, pilot):
        before = transcript.render_line(0)
        app.theme = "chat-tui-light"
        await pilot.pause()
        transcript.restyle(look_from_theme(app.theme_variables, dark=False))
        await pilot.pause()
        after = transcript.render_line(0)
        assert after.text == before.text
        assert next(iter(after)).style != next(iter(before)).style


async def test_message_that_streamed_before_it_was_laid_out_is_whole() -> None:
    live = _message(1, "", status="streaming")
    app = TranscriptApp([live])
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.append(live.id, "begun ")
        await pilot.resize_terminal(70, 20)
        app.transcript.append(live.id, "ended")
        await pilot.pause(0.1)
        assert "  begun ended" in _lines(app.transcript)


def test_nodes_are_measured_as_they_are_stored() -> None:
    assert node_of(_message(0, "one\ntwo 中")) == Node("m00000", None, "", "user", 0, 2, 9)


async def test_flood_of_text_is_laid_out_in_slices() -> None:
    live = _message(1, "", status="streaming")
    async with _shown([live]) as (_, transcript, _pilot):
        transcript.append(live.id, "- a list item with **words**\n" * 4_000)
        transcript._draw_frame()
        shown, behind = transcript.column.total, transcript.column.behind
        assert (behind, 0 < shown < 4_000) == (True, True)
        transcript.finish(_message(1, "- a list item with **words**\n" * 4_000))
        for _ in range(200):
            transcript._draw_frame()
            if not transcript.column.behind:
                break
        assert transcript.column.total == 4_000 + 2
