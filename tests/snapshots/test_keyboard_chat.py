"""How the tree, reading, writing and waiting look. Look at the SVG files before you commit them."""

import asyncio

from textual.widgets import Input

from chat_tui.core.events import ReasoningDelta, ReplyFinished, TextDelta, ToolCallDelta
from chat_tui.core.prompt_library import SavedPrompt
from tests.fakes import Step, answer, eventually
from tests.snapshots.studio import SIZES, Shoot, shoot
from tests.ui.conftest import plain_surroundings
from tests.ui.rig import Rig

__all__ = ["plain_surroundings", "shoot"]

TRIP = (
    answer("Take the train to Bergen and stay for **three days**: the harbour, Fløyen, a fjord."),
    answer("Begin in Tromsø. In winter there are northern lights, in summer the sun stays up."),
    answer("About 900 € for a week, if you book the train early."),
    answer("Wool, a rain coat, and shoes that stand water."),
    answer("北欧的夏天很凉快，带一件外套。"),
)
CODE = """\
Read the file:

```python
from pathlib import Path

text = Path("notes.txt").read_text(encoding="utf-8")
```

then count, see [the manual](https://docs.example.org/wc) and [a tour](https://example.org/tour):

```sh
wc -w notes.txt
```
"""


def _stalled() -> list[Step]:
    """An answer that has begun and does not end."""
    begun = TextDelta("A fjord is a long, narrow inlet of the sea between high cliffs")
    return [begun, asyncio.Event(), ReplyFinished("stop")]


async def _travel(rig: Rig) -> None:
    """A conversation with two answers to its first prompt and two versions of its last one."""
    await rig.ask("Plan a trip to Norway")
    await rig.pilot.press("ctrl+r")
    await eventually(lambda: len(rig.chat.tree) == 3)
    await rig.idle()
    await rig.ask("What does it cost?")
    await rig.ask("What do I pack?")
    await rig.pilot.press("escape", "k", "e")
    await eventually(lambda: rig.screen.branches.editing is not None)
    rig.screen.prompt.put("去北欧要带什么？")
    await rig.pilot.press("enter")
    await eventually(lambda: len(rig.chat.tree) == 9)
    await rig.idle()
    rig.app.clear_notifications()


@SIZES
def test_branches(shoot: Shoot, size: tuple[int, int]) -> None:
    """All branches as an outline: the path on the screen, versions, the favourite."""

    async def act(rig: Rig) -> None:
        await _travel(rig)
        await rig.pilot.press("ctrl+g", "*")
        await eventually(lambda: rig.chat.conversation.favourite is not None)
        rig.app.clear_notifications()
        await rig.pilot.press("ctrl+g", "T")
        await eventually(lambda: "Begin in Troms" in rig.drawn())

    assert shoot(*TRIP, act=act, size=size)


def test_versions_and_favourite(shoot: Shoot) -> None:
    """A path through second versions, marked as the favourite one."""

    async def act(rig: Rig) -> None:
        await _travel(rig)
        await rig.pilot.press("ctrl+g", "*")
        await eventually(lambda: rig.chat.conversation.favourite is not None)
        rig.app.clear_notifications()
        await rig.pilot.press("escape")

    assert shoot(*TRIP, act=act)


def test_deleted(shoot: Shoot) -> None:
    """What was deleted, shown in the outline to be brought back."""

    async def act(rig: Rig) -> None:
        await _travel(rig)
        await rig.pilot.press("ctrl+g", "T")
        await eventually(lambda: "Begin in Troms" in rig.drawn())
        await rig.pilot.press("k", "d", "x")
        await eventually(lambda: rig.chat.tree.shown == 8)
        rig.app.clear_notifications()
        await rig.pilot.pause()

    assert shoot(*TRIP, act=act, size=(80, 24))


def test_editing(shoot: Shoot) -> None:
    """Another version of an earlier prompt is being written: a line says so, and the way out."""

    async def act(rig: Rig) -> None:
        await rig.ask("Plan a trip to Norway")
        await rig.pilot.press("escape", "k", "e")
        await eventually(lambda: rig.screen.branches.editing is not None)
        await rig.type(" by train")

    assert shoot(*TRIP, act=act, size=(80, 24))


@SIZES
def test_folded(shoot: Shoot, size: tuple[int, int]) -> None:
    """Reasoning, a tool call and a long prompt, each folded into a line."""
    script: list[Step] = [
        ReasoningDelta("The user gives many lines.\n\nI count them, and look at the weather too."),
        TextDelta("You wrote sixty lines. I look at the weather for you."),
        ToolCallDelta(0, "call_1", "get_weather", '{"city": "Bergen", "days": 3}'),
        ReplyFinished("tool_calls"),
    ]

    async def act(rig: Rig) -> None:
        await rig.ask("\n".join(f"line {number} of a long list" for number in range(1, 61)))
        await rig.pilot.press("escape")

    assert shoot(script, act=act, size=size)


@SIZES
def test_queue(shoot: Shoot, size: tuple[int, int]) -> None:
    """Prompts that wait for the end of the answer, the keyboard on one of them."""

    async def act(rig: Rig) -> None:
        await rig.send("What is a fjord?")
        for prompt in ("Which is the longest?", "Can one swim there?", "Write a poem about it"):
            rig.screen.prompt.put(prompt)
            await rig.pilot.press("enter")
            await eventually(lambda prompt=prompt: prompt in rig.queued)  # type: ignore[misc]
        await rig.pilot.press("ctrl+g", "Q")
        await eventually(lambda: "cliffs" in rig.drawn())

    assert shoot(_stalled(), act=act, size=size)


def test_held_queue(shoot: Shoot) -> None:
    """After a stop what waits is held, and says how it goes on."""

    async def act(rig: Rig) -> None:
        await rig.send("What is a fjord?")
        await eventually(lambda: "cliffs" in rig.drawn())
        rig.screen.prompt.put("Which is the longest?")
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.chat.queued))
        await rig.pilot.press("ctrl+c")
        await rig.idle()

    assert shoot(_stalled(), act=act, size=(80, 24))


@SIZES
def test_find(shoot: Shoot, size: tuple[int, int]) -> None:
    """What is looked for is marked wherever it is, and counted."""

    async def act(rig: Rig) -> None:
        await _travel(rig)
        await rig.pilot.press("ctrl+f")
        await eventually(lambda: isinstance(rig.app.focused, Input))
        await rig.type("tr")
        await eventually(lambda: " of " in rig.drawn())

    assert shoot(*TRIP, act=act, size=size)


def test_slash(shoot: Shoot) -> None:
    """Commands that go on from what was typed, with their keys."""

    async def act(rig: Rig) -> None:
        await rig.ask("Hello")
        await rig.type("/co")
        await eventually(lambda: rig.screen.writing.popup.display)

    assert shoot(answer("Hi."), act=act, size=(80, 24))


def test_code_blocks(shoot: Shoot) -> None:
    """Several code blocks in an answer: which one to copy."""

    async def act(rig: Rig) -> None:
        await rig.ask("How do I count words?")
        await rig.pilot.press("escape", "Y")
        await eventually(lambda: len(rig.app.screen_stack) == 2)

    assert shoot(answer(CODE), act=act, size=(80, 24))


def test_marked_code(shoot: Shoot) -> None:
    """The keyboard is on a code block, the links of the answer are numbered."""

    async def act(rig: Rig) -> None:
        await rig.ask("How do I count words?")
        await rig.pilot.press("escape", ".", ".")
        await eventually(lambda: rig.screen.transcript.code is not None)

    assert shoot(answer(CODE), act=act, size=(80, 24))


def test_links(shoot: Shoot) -> None:
    """The links of an answer, to be opened or copied."""

    async def act(rig: Rig) -> None:
        await rig.ask("How do I count words?")
        await rig.pilot.press("escape", "L")
        await eventually(lambda: len(rig.app.screen_stack) == 2)

    assert shoot(answer(CODE), act=act, size=(80, 24))


@SIZES
def test_settings(shoot: Shoot, size: tuple[int, int]) -> None:
    """The settings, one of them changed, with the sentence of the row that has the keyboard."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("f6")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        # The file is another one in each run.
        box = rig.app.screen.query_one("SettingsScreen > Vertical")
        box.border_subtitle = "~/.config/chat-tui/config.toml"
        await rig.pilot.press("down", "down", "down", "space")

    assert shoot(answer("Hi."), act=act, size=size)


def test_library(shoot: Shoot) -> None:
    """The saved prompts, and the one that is marked."""

    async def act(rig: Rig) -> None:
        for name, words in (
            ("translate", "Translate this into {{language=Norwegian}}:\n\n{{text}}"),
            ("review", "Review this code. Be brief, name the line."),
            ("解释", "用简单的话解释：{{词}}"),
        ):
            await rig.screen.session.library.save(SavedPrompt(name, words))
        await rig.pilot.press("ctrl+l")
        await eventually(lambda: "Be brief" in rig.drawn())

    assert shoot(answer("Hi."), act=act, size=(80, 24))


def test_temporary(shoot: Shoot) -> None:
    """A conversation that is never written says so wherever one looks."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.ask("Between us")

    assert shoot(answer("It stays here."), act=act, size=(80, 24))


def test_leaving_temporary(shoot: Shoot) -> None:
    """It asks what becomes of it before it is lost."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("ctrl+g", "N")
        await eventually(lambda: rig.chat.temporary)
        await rig.ask("Between us")
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: len(rig.app.screen_stack) == 2)

    assert shoot(answer("It stays here."), act=act, size=(80, 24))


def test_system_prompt(shoot: Shoot) -> None:
    """What the model is told first."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("ctrl+g", "S")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.type("You are a guide in Norway.")

    assert shoot(answer("Hi."), act=act, size=(80, 24))


def test_paste(shoot: Shoot) -> None:
    """A long paste stands in the prompt as a chip."""

    async def act(rig: Rig) -> None:
        rig.screen.prompt.put("Sum this up: ")
        rig.screen.prompt.insert_words("A line of a long paste.\n" * 1_000)
        await rig.pilot.pause()

    assert shoot(answer("Hi."), act=act, size=(80, 24))
