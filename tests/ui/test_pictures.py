"""Pictures and documents in the transcript: little work, no jumps, words for all that is seen."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from chat_tui.core.attachments.values import Pixels
from chat_tui.core.conversation import node_of
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, Role, TextPart
from chat_tui.ui.themes import load_themes, theme_folder
from chat_tui.ui.widgets.frames import FramePacer
from chat_tui.ui.widgets.transcript import Transcript, TranscriptOptions, look_from_theme
from chat_tui.ui.widgets.transcript.attached import facts_of, words_of
from chat_tui.ui.widgets.transcript.link_list import links_of
from chat_tui.ui.widgets.transcript.pictures import PictureKey, Thumbnails, size_of

CODE = FilePart("e" * 64, "panes.py", "text/x-python", "x = 1\n" * 40, "python")
NOTE = FilePart("f" * 64, "note.md", "text/markdown", "Hello\x1b there.\n")


class PicturesApp(App[None]):
    """A transcript and nothing else; what it asks for is noted."""

    AUTO_FOCUS = None

    def __init__(self, messages: Sequence[ChatMessage]) -> None:
        super().__init__()
        for theme in load_themes(theme_folder())[0]:
            self.register_theme(theme)
        self.theme = "chat-tui-dark"
        self._messages = {message.id: message for message in messages}
        self.wanted = 0
        self.chosen: list[tuple[int, int]] = []
        self.links: list[str] = []

    def compose(self) -> ComposeResult:
        yield Transcript(look_from_theme(self.theme_variables, dark=True), FramePacer(self))

    def on_mount(self) -> None:
        messages = list(self._messages.values())
        self.transcript.show_path([node_of(each) for each in messages], messages[-40:])

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def on_transcript_texts_wanted(self, event: Transcript.TextsWanted) -> None:
        self.transcript.supply([self._messages[id_] for id_ in event.ids])

    def on_transcript_pictures_wanted(self) -> None:
        self.wanted += 1

    def on_transcript_attachment_chosen(self, event: Transcript.AttachmentChosen) -> None:
        self.chosen.append((event.message, event.number))

    def on_transcript_link_activated(self, event: Transcript.LinkActivated) -> None:
        self.links.append(event.url)


@asynccontextmanager
async def _shown(
    *messages: ChatMessage, size: tuple[int, int] = (80, 40)
) -> AsyncGenerator[tuple[PicturesApp, Transcript, Pilot[None]], None]:
    app = PicturesApp(messages)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, app.transcript, pilot


def _picture(letter: str, width: int = 1024, height: int = 768, **fields: object) -> ImagePart:
    part = ImagePart(letter * 64, "", "image/png", f"{letter}.png", "auto", width, height)
    return replace(part, **fields)  # type: ignore[arg-type] # as the fields are


def _message(id_: str, *parts: Part, role: Role = "user") -> ChatMessage:
    return ChatMessage(id_, role, parts, model="m")


def _red(key: PictureKey) -> Pixels:
    return Pixels(key.cells, key.rows * 2, b"\xff\0\0" * (key.cells * key.rows * 2))


def _supply_all(transcript: Transcript) -> int:
    count = 0
    while missing := transcript.missing_pictures():
        transcript.supply_picture(missing[0], _red(missing[0]))
        count += 1
    return count


def _lines(transcript: Transcript) -> list[str]:
    height = transcript.size.height
    return [transcript.render_line(y).text.rstrip() for y in range(height)]


def _reds(transcript: Transcript, y: int) -> int:
    """Cells of a line that are red."""
    strip = transcript.render_line(y)
    reds = (each for each in strip if each.style and each.style.bgcolor)
    return sum(
        each.cell_length
        for each in reds
        if each.style and each.style.bgcolor and each.style.bgcolor.triplet == (255, 0, 0)
    )


async def test_thumbnails_stand_below_the_words_and_nothing_moves_when_they_come() -> None:
    wide, small = _picture("a", detail="high"), _picture("b", 20, 10)
    prompt = _message("1", TextPart("Look at these."), wide, small)
    async with _shown(prompt, _message("2", TextPart("Yes."), role="assistant")) as shown:
        app, transcript, pilot = shown
        before = _lines(transcript)
        assert before[:3] == ["▌ You", "▌ Look at these.", "▌"]
        assert before[3] == "▌ " + "░" * 32
        # They stand on their facts, which stand in one line.
        assert before[10] == "▌ " + "░" * 32 + "  " + "░" * 20
        assert before[15] == "▌ a.png · 1,024×768 · high detail   b.png · 20×10"
        assert before[17].strip() == "m"
        assert app.wanted == 1
        first, second = transcript.missing_pictures()
        assert (first.cells, first.rows) == (32, 12)
        assert (second.cells, second.rows) == (20, 5)
        total, renders = transcript.column.total, transcript.column.renders
        transcript.supply_picture(first, _red(first))
        transcript.supply_picture(second, "its file is damaged")
        assert not transcript.missing_pictures()
        after = _lines(transcript)
        assert (transcript.column.total, transcript.column.renders) == (total, renders)
        assert after[15:] == before[15:]
        assert [_reds(transcript, y) for y in (2, 3, 14, 15)] == [0, 32, 32, 0]
        assert "its file is damaged" in after[14]
        # A click on a thumbnail or on its facts chooses it; one beside them marks the message.
        await pilot.click(offset=(5, 8))
        await pilot.click(offset=(40, 15))
        await pilot.click(offset=(70, 8))
        await pilot.pause()
        assert app.chosen == [(0, 0), (0, 1)]
        # Copied, they are names; a whole prompt is its words and them.
        transcript.selecting.message(0)
        assert transcript.screen.get_selected_text() == (
            "Look at these.\n\n[Picture a.png] [Picture b.png]"
        )
        assert words_of(prompt) == "Look at these.\n\n[Picture a.png]\n[Picture b.png]"


async def test_pictures_are_lines_where_that_is_wanted_or_room_is_scarce() -> None:
    address = ImagePart(url="https://one.example/x.png")
    unknown = ImagePart("c" * 64, name="c[/]\x1b.png")
    prompt = _message("1", TextPart("Look."), _picture("a"), address, unknown)
    async with _shown(prompt) as (app, transcript, pilot):
        assert _lines(transcript)[16:19] == [
            "▌",
            "▌ Picture: https://one.example/x.png",
            "▌ Picture: c(/)␛.png",
        ]
        transcript.use(options=TranscriptOptions(pictures=False))
        assert _lines(transcript)[:4] == [
            *("▌ You", "▌ Look.", "▌"),
            "▌ Picture: a.png · 1,024×768",
        ]
        assert not transcript.missing_pictures()
        # An address is a link as others are, and is never read.
        await pilot.click(offset=(12, 4))
        await pilot.pause()
        assert app.links == ["https://one.example/x.png"]
        rendered = transcript.column.render(0)
        assert rendered is not None
        assert [link.url for link in links_of(prompt, rendered)] == [address.url]
        transcript.use(options=TranscriptOptions())
        await pilot.resize_terminal(29, 40)
        await pilot.pause()
        assert not any("░" in line for line in _lines(transcript))
        # Folded by hand there is a line for all of them.
        transcript.toggle_message(0)
        assert _lines(transcript)[2].startswith("┃ ▸ a.png, https://")
        assert transcript.column.total == 4


async def test_documents_are_lines_that_unfold_in_steps() -> None:
    long = _message("1", TextPart("line\n" * 50), CODE, NOTE)
    async with _shown(long, size=(60, 50)) as (_, transcript, _pilot):
        folded = _lines(transcript)
        assert folded[13:15] == [
            "▌ ▸ panes.py · 40 lines · 240 bytes",
            "▌ ▸ note.md · 1 line · 14 bytes",
        ]
        heights = [transcript.column.total]
        for _ in range(4):
            transcript.toggle_fold(0)
            heights.append(transcript.column.total)
        words, first, whole, again = heights[1:]
        # The rest of the words, the beginnings of the documents, all of them, and back.
        assert again == heights[0] < words < first < whole
        transcript.toggle_fold(0)
        transcript.toggle_fold(0)
        transcript.jump_to_end()
        told = "\n".join(_lines(transcript))
        assert "… 28 more lines · o shows more" in told
        assert "Hello␛ there." in told
        assert told.count("x = 1") == 12
        transcript.selecting.message(0)
        copied = transcript.screen.get_selected_text() or ""
        assert "[Document panes.py]\n" in copied


async def test_pictures_of_a_reply_come_with_its_end() -> None:
    reply = replace(_message("2", role="assistant"), status="streaming")
    async with _shown(_message("1", TextPart("Draw.")), reply) as (_, transcript, pilot):
        transcript.append("2", "Here it is.")
        transcript.finish(
            replace(reply, parts=(TextPart("Here it is."), _picture("d")), status="complete")
        )
        await pilot.pause()
        assert _supply_all(transcript) == 1
        lines = _lines(transcript)
        assert lines[4] == "  Here it is."
        assert [_reds(transcript, y) for y in (5, 6, 17, 18)] == [0, 32, 32, 0]
        # Alone it is no empty reply; and widths come and go without it.
        transcript.finish(replace(reply, parts=(_picture("d"),), status="complete"))
        await pilot.resize_terminal(60, 40)
        await pilot.pause()
        assert not any("empty" in line for line in _lines(transcript))
        transcript.restyle(look_from_theme(transcript.app.theme_variables, dark=False))
        assert _supply_all(transcript) <= 1


async def test_only_pictures_in_view_are_asked_for_and_the_last_ones_kept() -> None:
    count = 2_000
    shas = [f"{at:064x}" for at in range(count)]
    messages = [
        _message(f"m{at:05}", TextPart(f"number {at}"), _picture("a", 64, 64, sha256=sha))
        for at, sha in enumerate(shas)
    ]
    async with _shown(*messages) as (app, transcript, pilot):
        # Three or four of them have room: none but these are drawn, let alone decoded.
        assert transcript.column.renders <= 40
        assert 2 <= len(transcript.missing_pictures()) <= 4
        assert {key.sha256 for key in transcript.missing_pictures()} <= set(shas[-4:])
        asked = app.wanted
        supplied: list[PictureKey] = []
        while len(supplied) < 70:
            supplied += transcript.missing_pictures()
            _supply_all(transcript)
            transcript.scroll_pages(-1)
            await pilot.pause()
        assert app.wanted > asked
        assert sum(key in transcript.column.thumbnails for key in supplied) == 64
        # What made room shows that it is to come, where it comes into view again.
        transcript.jump_to_end()
        await pilot.pause()
        assert transcript.missing_pictures()
        assert any("░" in line for line in _lines(transcript))
        # Somebody who sees nothing wants nothing.
        transcript.asleep = True
        assert not transcript.missing_pictures()


def test_thumbnails_in_view_never_make_room() -> None:
    thumbnails = Thumbnails()
    keys = [PictureKey(str(at), 1, 1, "#000000") for at in range(100)]
    style = Style(color="#ffffff", bgcolor="#000000")
    for key in keys:
        thumbnails.add(key, _red(key), style, keys)
    assert all(key in thumbnails for key in keys)
    other = PictureKey("other", 1, 1, "#000000")
    assert len(thumbnails.add(other, "no", style, [other])) == 100 + 1 - 64
    assert other in thumbnails


@pytest.mark.parametrize(
    ("width", "height", "most", "size"),
    [
        (1024, 768, 80, (32, 12)),
        (768, 1024, 80, (18, 12)),
        (4000, 1, 80, (36, 1)),
        (1, 4000, 80, (1, 12)),
        (10, 5, 80, (10, 3)),
        (1024, 768, 26, (26, 10)),
        (0, 768, 80, None),
    ],
)
def test_size_of_a_thumbnail_follows_from_what_is_known(
    width: int, height: int, most: int, size: tuple[int, int] | None
) -> None:
    assert size_of(_picture("a", width, height), most) == size


@pytest.mark.parametrize(
    ("part", "room", "told"),
    [
        (_picture("a", detail="low"), 80, "a.png · 1,024×768 · low detail"),
        (
            _picture("a", name="holidays-in-the-mountains.jpeg"),
            30,
            "holidays-in…s.jpeg · 1,024×768",
        ),
        (_picture("a", name="一二三四五六七八.png"), 14, "一二三四….png"),
        (_picture("a", name=""), 40, "picture · 1,024×768"),
        (CODE, 80, "panes.py · 40 lines · 240 bytes"),
        (CODE, 9, "panes.py"),
        (replace(CODE, text="é" * 2_500_000), 80, "panes.py · 1 line · 5 MB"),
    ],
)
def test_facts_fit_into_their_room(part: ImagePart | FilePart, room: int, told: str) -> None:
    assert facts_of(part, room) == told
