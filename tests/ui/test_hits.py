"""What is found, as it is marked on the lines of a message."""

from collections.abc import Iterator
from functools import cache

import pytest
from rich.style import Style

from chat_tui.core.finding import Finder, Hit, find_all
from chat_tui.core.messages import ChatMessage, Role, ToolCall, text_parts
from chat_tui.core.ports import MessageText
from chat_tui.core.searchable import SectionName, prepare, query_of
from chat_tui.ui.themes import load_themes, theme_folder
from chat_tui.ui.widgets.transcript import TranscriptLook, look_from_theme
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.hits import HitMarks
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage
from tests.benchmarks.corpus import deltas

LOOK = look_from_theme(
    {
        **dict.fromkeys(("foreground", "surface", "panel", "primary", "accent"), "#ffffff"),
        "background": "#000000",
        "warning": "#ffaa00",
        "error": "#ff0000",
    },
    dark=True,
)


def rendered(
    text: str,
    *,
    width: int = 60,
    role: Role = "assistant",
    reasoning: str = "",
    calls: tuple[ToolCall, ...] = (),
) -> RenderedMessage:
    message = ChatMessage("1", role, text_parts(text), reasoning=reasoning, tool_calls=calls)
    return RenderedMessage(message, LOOK, width, Folding(details=True), Around())


@cache
def corpus(width: int) -> RenderedMessage:
    """Markdown of every kind."""
    return rendered("".join(deltas(500)), width=width)


def marks(words: str, hit: Hit | None = None) -> HitMarks:
    query = query_of(words)
    assert query is not None
    return HitMarks(query, None if hit is None else ("1", hit))


def marked(message: RenderedMessage, marker: HitMarks, style: Style = LOOK.hit) -> list[str]:
    """The pieces of the drawn lines that are marked, one a line and style."""
    return list(_marked(message, marker, style))


def _marked(message: RenderedMessage, marker: HitMarks, style: Style) -> Iterator[str]:
    for line in range(message.height):
        plain = message.strip(line)
        strip = marker.over(plain, message, line, LOOK)
        assert strip.text == plain.text
        assert strip.cell_length == plain.cell_length
        piece = ""
        for segment in strip:
            if segment.style is not None and _has(segment.style, style):
                piece += segment.text
            elif piece:
                yield piece
                piece = ""
        if piece:
            yield piece


def _has(style: Style, wanted: Style) -> bool:
    return style.bgcolor == wanted.bgcolor and bool(style.reverse) == bool(wanted.reverse)


@pytest.mark.parametrize(
    ("words", "text", "pieces"),
    [
        ("river", "A **river**, a ri**ver** and `river`", ["river"] * 3),
        ("bold river", "A **bold** *river*", ["bold river"]),
        ("river", "# The river\n\n- river\n\n> river", ["river"] * 3),
        ("river = 1", "```py\n    river = 1\n```", ["river = 1"]),
        ("river", "| river | x |\n|---|---|\n| the river | y |", ["river"] * 2),
        ("测试", "这是**测试**，再测试", ["测试"] * 2),
        ("👩‍👧 x", "a 👩‍👧 x", ["👩‍👧 x"]),
        ("river", "[the river](https://river.org)", ["river"]),
        ("nothing", "A river", []),
    ],
)
def test_words_are_marked_wherever_they_are_drawn(words: str, text: str, pieces: list[str]) -> None:
    assert marked(rendered(text), marks(words)) == pieces


def test_words_are_marked_over_the_ends_of_lines() -> None:
    message = rendered("word " * 9 + "long river " + "word " * 9, width=54)
    assert marked(message, marks("long river")) == ["long", "river"]
    torn = rendered("```\n" + "x" * 50 + "river" + "y" * 50 + "\n```", width=62)
    assert "".join(marked(torn, marks("xriver"))) == "xriver"
    chinese = rendered("这是一个测试" * 12, width=33)
    assert "".join(marked(chinese, marks("测试这是"))) == "测试这是" * 11


def test_a_prompt_is_marked_as_it_was_written() -> None:
    message = rendered("a\t**river**  bank", role="user")
    assert marked(message, marks("**river** bank")) == ["**river**  bank"]


def test_headings_of_messages_and_other_parts_are_not_marked() -> None:
    message = rendered("river", reasoning="a river", calls=(ToolCall("1", "map", '{"r":"river"}'),))
    assert marked(message, marks("river")) == ["river"] * 3
    assert marked(message, marks("model")) == []


@pytest.mark.parametrize(
    ("section", "ordinal", "line"), [("reasoning", 1, "b river"), ("text", 0, "c river")]
)
def test_the_current_place_is_marked_differently(
    section: SectionName, ordinal: int, line: str
) -> None:
    message = rendered("c river", reasoning="a river\n\nb river")
    hit = Hit(0, section, ordinal, 2 if section == "reasoning" else 1, 0.5)
    marker = marks("river", hit)
    assert marked(message, marker, LOOK.current_hit) == ["river"]
    assert len(marked(message, marker)) == 2
    [span] = marker.place(message, hit)
    assert line in message.strip(span.line).text
    assert message.strip(span.line).crop(span.start, span.end).text == "river"


@pytest.mark.parametrize("width", [24, 90])
@pytest.mark.parametrize("words", ["the", "first", "fibonacci_2", "return numbers", "测试", "a"])
def test_what_is_counted_is_what_is_drawn(words: str, width: int) -> None:
    message = corpus(width)
    text = MessageText("1", message.message.text, "", "")
    hits = find_all(words, [prepare(text, markdown=True)])
    marker = marks(words)
    spans = [marker.place(message, hit) for hit in hits]
    assert all(spans)
    assert [each[0] for each in spans] == sorted({each[0] for each in spans})
    drawn = [line for line in range(message.height) if marked_on(message, marker, line)]
    assert drawn == sorted({span.line for each in spans for span in each})


def marked_on(message: RenderedMessage, marker: HitMarks, line: int) -> bool:
    plain = message.strip(line)
    return marker.over(plain, message, line, LOOK) is not plain


def test_words_that_are_drawn_otherwise_are_gone_to_by_their_place() -> None:
    text = "\n\n".join(f"line {number} [label](https://example.org)" for number in range(20))
    message = rendered(text)
    finder = Finder()
    finder.show(["1"])
    finder.supply([prepare(MessageText("1", text, "", ""), markdown=True)])
    finder.look_for("](https://ex")
    assert (finder.total, finder.by_source) == (20, True)
    hit = finder.hit(10)
    assert finder.query is not None
    marker = HitMarks(finder.query, ("1", hit), source=True)
    assert marker.place(message, hit) == []
    assert "line 10" in "".join(
        message.strip(marker.line_about(message, hit) + near).text for near in (-1, 0, 1)
    )
    finder.look_for("[label]")
    assert finder.query is not None
    assert set(marked(message, HitMarks(finder.query, source=True))) <= {"label", "[label]"}


def test_places_above_a_line_are_counted() -> None:
    message = rendered("river\n\nx\n\nriver river\n\nriver", reasoning="a river")
    marker, start = marks("river"), message.body_start
    assert [marker.above(message, start + line, "text") for line in (0, 1, 2, 3, 6, 9)] == [
        *(0, 1, 1, 1, 3, 4)
    ]
    assert marker.above(message, start, "reasoning") == 1
    assert marker.above(message, 0, "reasoning") == 0


def test_marks_follow_a_text_that_grows() -> None:
    message = ChatMessage("1", "assistant", status="streaming")
    streaming = RenderedMessage(message, LOOK, 60, Folding(), Around())
    marker = marks("river", Hit(0, "text", 1, 2, 0.9))
    for delta in ("a ri", "ver\n\nanother ", "river and more", " river"):
        streaming.append(delta)
        streaming.refresh()
    assert marked(streaming, marker) == ["river"] * 2
    assert marked(streaming, marker, LOOK.current_hit) == ["river"]


@pytest.mark.parametrize("theme", load_themes(theme_folder())[0], ids=lambda theme: theme.name)
def test_marks_are_seen_in_every_theme_and_without_colours(theme: object) -> None:
    variables = theme.to_color_system().generate()  # type: ignore[attr-defined]
    look: TranscriptLook = look_from_theme(variables, dark=True)
    assert look.hit.underline
    assert look.current_hit.reverse
    assert not look.current_hit.underline
    assert look.hit.bgcolor not in (look.base.bgcolor, look.prompt_base.bgcolor)
