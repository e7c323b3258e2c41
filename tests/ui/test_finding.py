"""Finding words in the open conversation, by keyboard, in the real app."""

import asyncio
from pathlib import Path

from chat_tui.core.events import ReasoningDelta, ReplyFinished, TextDelta, ToolCallDelta
from chat_tui.ui.widgets.find_bar import FindBar
from tests.benchmarks.library import fill_library
from tests.fakes import Step, answer, eventually
from tests.ui.rig import Rig, running


def bar(rig: Rig) -> FindBar:
    return rig.screen.query_one(FindBar)


def told(rig: Rig) -> str:
    """What the line of finding says, without its hints."""
    row = bar(rig).region.y
    return rig.drawn().split("\n")[row]


def focused(rig: Rig) -> str | None:
    """The id of what hears the keys."""
    return rig.app.focused.id if rig.app.focused is not None else None


def row_of(rig: Rig, words: str) -> int:
    """Where in the transcript's view words stand; -1 where they do not."""
    transcript = rig.screen.transcript
    rows = [transcript.render_line(y).text for y in range(transcript.size.height)]
    return next((y for y, row in enumerate(rows) if words in row), -1)


def current_hit(rig: Rig) -> str:
    """The words that are marked as the place that was gone to, with what follows them."""
    transcript = rig.screen.transcript
    found = ""
    for y in range(transcript.size.height):
        for segment in transcript.render_line(y):
            if segment.style is not None and segment.style.reverse:
                found += segment.text
    return found


def marked(rig: Rig) -> int:
    """How many pieces in view are marked, the current one not counted."""
    transcript = rig.screen.transcript
    return sum(
        segment.style is not None and bool(segment.style.underline and segment.style.bgcolor)
        for y in range(transcript.size.height)
        for segment in transcript.render_line(y)
    )


async def test_words_are_found_while_typing_and_gone_through(tmp_path: Path) -> None:
    text = "River one.\n\n" + "filler\n\n" * 60 + "**river** two\n\nthe end"
    async with running(tmp_path, answer(text), answer("No water here.")) as rig:
        await rig.ask("Tell me of a river")
        await rig.ask("And of the sea")
        rig.screen.prompt.put("a draft")
        await rig.pilot.press("ctrl+f")
        await rig.type("riv")
        await eventually(lambda: "3 of 3" in told(rig))
        # The last one above: the view stands at the end.
        assert "two" in rig.drawn()
        assert current_hit(rig) == "riv"
        await rig.pilot.press("enter")
        assert "1 of 3" in told(rig)
        assert "from the top" in told(rig)
        assert row_of(rig, "Tell me of a river") >= 0
        assert marked(rig) == 1
        await rig.pilot.press("up")
        assert "3 of 3" in told(rig)
        assert "from the end" in told(rig)
        assert 3 <= row_of(rig, "river two") < rig.screen.transcript.size.height - 3

        # Esc leaves the line for the transcript, where n and N go on.
        await rig.pilot.press("escape")
        assert focused(rig) == "transcript"
        assert current_hit(rig) == "riv"
        await rig.pilot.press("N", "N")
        assert "1 of 3" in told(rig)
        await rig.pilot.press("n")
        assert "2 of 3" in told(rig)
        top = rig.screen.transcript.scroll_offset
        await rig.pilot.press("escape")
        assert not bar(rig).display
        assert focused(rig) == "prompt"
        assert rig.screen.prompt.text == "a draft"
        assert (current_hit(rig), marked(rig)) == ("", 0)
        assert rig.screen.transcript.scroll_offset == top

        # The words are kept, selected, and replaced by what is typed; capital letters matter.
        await rig.pilot.press("ctrl+f")
        assert bar(rig).field.value == "riv"
        await rig.type("River")
        await eventually(lambda: "1 of 1" in told(rig))
        await rig.type("x")
        await eventually(lambda: "nothing found" in told(rig))
        await rig.pilot.press("enter")
        assert "nothing found" in told(rig)
        await rig.pilot.press("escape")
        assert not bar(rig).display
        assert rig.toasts == []


async def test_the_first_place_is_looked_for_from_the_view_on(tmp_path: Path) -> None:
    text = "\n\n".join(f"river {number}" for number in range(100))
    async with running(tmp_path, answer(text), size=(100, 30)) as rig:
        await rig.ask("go")
        rig.screen.transcript.scroll_lines(-99_999)
        rig.screen.transcript.scroll_pages(2)
        await rig.pilot.pause()
        first = (
            rig.screen.transcript.render_line(0).text + rig.screen.transcript.render_line(1).text
        )
        number = int(first.split()[-1])
        await rig.pilot.press("ctrl+f")
        await rig.type("river")
        await eventually(lambda: f"{number + 1} of 100" in told(rig))
        # What is typed now is looked for from there too, until another place was gone to.
        await rig.pilot.press("backspace", "r")
        assert f"{number + 1} of 100" in told(rig)
        await rig.pilot.press("down", "down", "backspace")
        assert f"{number + 3} of 100" in told(rig)
        rig.screen.transcript.scroll_lines(-99_999)
        await rig.pilot.press("r")
        assert "1 of 100" in told(rig)
        # A key of reading opens it too; without anything looked for, n asks for the words.
        await rig.pilot.press("escape", "escape")
        rig.screen.set_focus(rig.screen.transcript)
        await rig.pilot.press("n")
        assert "1 of 100" in told(rig) or "2 of 100" in told(rig)
        assert focused(rig) == "transcript"
        await rig.pilot.press("slash")
        assert focused(rig) == "find-field"
        assert bar(rig).field.selected_text == "river"


async def test_a_place_is_unfolded_where_it_is_folded(tmp_path: Path) -> None:
    script: list[Step] = [
        ReasoningDelta("First a plan.\n\nThen the salmon."),
        TextDelta("The answer."),
        ToolCallDelta(0, "c1", "lookup", '{"fish":"trout","count":3}'),
        ReplyFinished("stop"),
    ]
    prompt = "\n".join(f"row {number}" for number in range(80)) + "\npike in the last row"
    async with running(tmp_path, script) as rig:
        await rig.ask(prompt)
        for words, seen in (("salmon", "Then the salmon"), ('"fish": "trout"', '"fish": "trout"')):
            assert row_of(rig, seen) < 0
            await rig.pilot.press("ctrl+f")
            bar(rig).field.value = words
            await eventually(lambda: "1 of 1" in told(rig))
            assert row_of(rig, seen) >= 0
            assert current_hit(rig) == words
            rig.screen.transcript.toggle_fold(1)
            await rig.pilot.press("escape", "escape")
        await rig.pilot.press("ctrl+f")
        bar(rig).field.value = "pike"
        await eventually(lambda: "1 of 1" in told(rig))
        assert row_of(rig, "pike in the last row") >= 0


async def test_1000_messages_are_searched_with_little_work_a_key(tmp_path: Path) -> None:
    await asyncio.to_thread(fill_library, tmp_path, messages=1_000)
    async with running(tmp_path, resume="") as rig:
        await eventually(lambda: row_of(rig, "LAST-MESSAGE") >= 0)
        column = rig.screen.transcript.column
        before = column.renders
        await rig.pilot.press("ctrl+f")
        await rig.type("have them")
        await eventually(lambda: "of 6," in told(rig) and "reading" not in told(rig))
        assert current_hit(rig) == "have them"
        # What is gone to stands where nothing is loaded yet.
        await rig.pilot.press("escape", "N", "N", "g", "n")
        await rig.pilot.press("ctrl+f")
        await rig.type("last-message")
        await eventually(lambda: "1 of 1" in told(rig))
        assert current_hit(rig) == "LAST-MESSAGE"
        bar(rig).field.value = "answers have"
        await eventually(lambda: current_hit(rig) == "answers have")
        number = int(told(rig).split(" of 6,")[0].split()[-1].replace(",", ""))
        assert number > 6_000
        await rig.screen.finding.move(1 - number)
        await eventually(lambda: "1 of 6," in told(rig) and current_hit(rig) == "answers have")
        assert rig.screen.transcript.scroll_offset.y == 0
        assert column.renders - before <= 8 * rig.screen.transcript.size.height


async def test_text_that_comes_while_finding_is_found(tmp_path: Path) -> None:
    gate, end = asyncio.Event(), asyncio.Event()
    script: list[Step] = [
        TextDelta("a river\n\n"),
        gate,
        TextDelta("two river\n\n"),
        end,
        TextDelta("a last river"),
        ReplyFinished("stop"),
    ]
    async with running(tmp_path, script, answer("Other."), answer("None.")) as rig:
        await rig.send("Begin")
        await rig.pilot.press("ctrl+f")
        await rig.type("river")
        await eventually(lambda: "1 of 1" in told(rig))
        gate.set()
        await eventually(lambda: row_of(rig, "two river") >= 0)
        assert marked(rig) == 1
        await rig.pilot.press("enter")
        await eventually(lambda: "of 2" in told(rig))
        assert rig.screen.transcript.following is False
        end.set()
        await rig.idle()
        await eventually(lambda: "of 3" in told(rig))
        # A message that goes while one writes: it is found no more.
        await rig.pilot.press("ctrl+f")
        id_ = rig.chat.tree.path()[-1]
        await rig.screen.branches.delete(rig.chat, id_, branch=False)
        await rig.pilot.press("end", "backspace")
        assert "nothing found" in told(rig)
        await rig.screen.branches.restore(rig.chat, id_)
        await rig.type("r")
        await eventually(lambda: "of 3" in told(rig))
        # Another path, and another conversation.
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: "nothing found" in told(rig))
        await rig.idle()
        await rig.screen.show_chat(rig.screen.session.new_chat())
        assert not bar(rig).display
        await rig.ask("A river of its own")
        await rig.pilot.press("ctrl+f")
        await eventually(lambda: "1 found" in told(rig))
        assert marked(rig) == 1
        await rig.pilot.press("enter")
        assert "1 of 1" in told(rig)


async def test_the_line_fits_a_small_terminal(tmp_path: Path) -> None:
    async with running(tmp_path, answer("a river"), size=(40, 12)) as rig:
        await rig.ask("a river")
        await rig.pilot.press("ctrl+f")
        await rig.type("river")
        await eventually(lambda: "2 of 2" in told(rig) or "1 of 2" in told(rig))
        assert "river" in told(rig)
        assert bar(rig).size.height == 1
