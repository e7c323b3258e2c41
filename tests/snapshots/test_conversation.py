"""How the conversation screen looks. Look at the SVG files before you commit them."""

import asyncio

import pytest

from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    InterruptedReplyError,
    RateLimitError,
)
from chat_tui.core.events import (
    ReasoningDelta,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from chat_tui.core.messages import Usage
from tests.fakes import answer, eventually
from tests.snapshots.studio import SIZES, Act, Shoot, shoot
from tests.ui.conftest import plain_surroundings
from tests.ui.rig import Rig

__all__ = ["plain_surroundings", "shoot"]

MARKDOWN = """\
# A heading

A paragraph with **bold**, *emphasis*, `code` and a [link](https://example.org), long enough.

1. first
2. second
   - nested

- [x] done
- [ ] open

| Name | Count | 说明 |
|:-----|------:|------|
| one  | 1 | 第一行<br>second line |
| two  | 22 | **你好：**世界 |

```python
def greet(name: str) -> str:
    return f"Hello, {name}"
```

> A quotation, ~~struck~~ out.

Euler: $e^{i\\pi} + 1 = 0$
"""
USAGE = UsageReported(Usage(20, 180, 200, reasoning_tokens=64))


def _ask(*prompts: str) -> Act:
    async def act(rig: Rig) -> None:
        for prompt in prompts:
            await rig.ask(prompt)
        await eventually(lambda: prompts[0][:10] in rig.drawn() or rig.app.size.width < 90)

    return act


@SIZES
def test_empty(shoot: Shoot, size: tuple[int, int]) -> None:
    """Nothing was said yet: whom one talks to, and what to press."""

    async def act(rig: Rig) -> None:
        await rig.pilot.pause()

    assert shoot(answer("x"), act=act, size=size)


@SIZES
@pytest.mark.parametrize("theme", ["chat-tui-dark", "chat-tui-light"])
def test_markdown(shoot: Shoot, size: tuple[int, int], theme: str) -> None:
    """Every kind of formatting."""
    script = [*answer(MARKDOWN)[:-1], USAGE, ReplyFinished("stop")]
    assert shoot(script, act=_ask("Show me everything"), size=size, theme=theme)


def test_small(shoot: Shoot) -> None:
    """40 columns and 12 rows are enough."""
    assert shoot(answer("A short answer, but long enough to wrap."), act=_ask("Hi"), size=(40, 12))


@SIZES
def test_streaming(shoot: Shoot, size: tuple[int, int]) -> None:
    """An answer on its way: the state in the status line, a mark in the list."""

    async def act(rig: Rig) -> None:
        await rig.send("Tell me a story")
        await eventually(lambda: "upon a time" in rig.drawn())
        rig.clock.advance(3)
        rig.screen.update_status()

    script = [TextDelta("Once **upon a time** there was"), asyncio.Event(), ReplyFinished("stop")]
    assert shoot(script, act=act, size=size)


@SIZES
def test_error(shoot: Shoot, size: tuple[int, int]) -> None:
    """A refused key is a card with the next step."""
    refused = AuthError(
        "OpenAI refused the key from OPENAI_API_KEY (401): Incorrect API key provided.",
        hint="Check the key, or set another and start again.",
        status=401,
    )
    assert shoot([refused], act=_ask("Hello"), size=size)


def test_interrupted(shoot: Shoot) -> None:
    """What came before the connection broke stays, with the cause."""
    script = [
        TextDelta("The first half of the answer"),
        InterruptedReplyError("The server closed the connection.", hint="Try again."),
    ]
    assert shoot(script, act=_ask("Hello"))


@SIZES
def test_refused_parameter(shoot: Shoot, size: tuple[int, int]) -> None:
    """A card with all that can be done, in as many rows as it needs."""
    refused = BadRequestError(
        "model-1 refuses temperature (400): only the default of 1 is supported.",
        hint="Leave it out, or choose another model.",
        status=400,
        param="temperature",
    )
    assert shoot([refused], act=_ask("Hello"), size=size)


@SIZES
def test_retry(shoot: Shoot, size: tuple[int, int]) -> None:
    """The countdown before a retry, with what can be done meanwhile."""

    async def act(rig: Rig) -> None:
        await rig.send("Hello")
        await eventually(lambda: "Attempt 2 of 3" in rig.drawn())

    busy = RateLimitError("Fake has too many requests (429).").info
    assert shoot([RetryScheduled(2, 3, 3.0, busy), asyncio.Event()], act=act, size=size)


def test_cut_off(shoot: Shoot) -> None:
    """A reply that reached its limit, with its sources and a picture."""
    cited = [{"url": f"https://example.org/{name}", "title": name} for name in ("Tides", "Moon")]
    end = ReplyFinished(
        "length",
        annotations=tuple({"type": "url_citation", "url_citation": each} for each in cited),
        raw={"images": [{"image_url": {"url": "data:image/png;base64," + "A" * 45_332}}]},
    )
    assert shoot([TextDelta("The moon pulls at the sea [1][2], and"), end], act=_ask("Tides?"))


def test_reasoning_unfolded(shoot: Shoot) -> None:
    """The reasoning whole, the message marked by the keyboard."""

    async def act(rig: Rig) -> None:
        await rig.ask("Think")
        await rig.pilot.press("escape", "j", "space")

    script = [ReasoningDelta("First I look at *both* sides.\n\nThen I decide."), *answer("Yes.")]
    assert shoot([*script[:-1], USAGE, ReplyFinished("stop")], act=act)


def test_tool_call(shoot: Shoot) -> None:
    """A call that the model asks for: name and arguments, clean."""
    script = [
        ToolCallDelta(0, "call_1", "get_weather", '{"city": "Ber'),
        ToolCallDelta(0, arguments='lin\\u001b[31m"}'),
        ReplyFinished("tool_calls"),
    ]
    assert shoot(script, act=_ask("Weather?"))


def test_versions_and_scrolled_up(shoot: Shoot) -> None:
    """The second of two versions, and a reader who has moved up while text comes below."""

    async def act(rig: Rig) -> None:
        await rig.ask("Count")
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await eventually(lambda: "line 59" in rig.drawn())
        await rig.pilot.press("pageup")
        rig.screen.transcript.append(rig.chat.tree.path()[-1], "\n\nmore")
        await eventually(lambda: rig.screen.transcript.unseen)

    long = "\n\n".join(f"line {number}" for number in range(60))
    assert shoot(answer("short"), [TextDelta(long), asyncio.Event()], act=act)


@SIZES
def test_list(shoot: Shoot, size: tuple[int, int]) -> None:
    """The list has the focus; where it is narrow, it takes the screen."""

    async def act(rig: Rig) -> None:
        for prompt in (
            "First topic",
            "为什么天空是蓝色的",
            "A third one with a title that is long",
        ):
            await rig.ask(prompt)
            await rig.pilot.press("ctrl+n")
            await eventually(lambda: len(rig.chat.tree) == 0)
        await rig.pilot.press("ctrl+o", "down")

    assert shoot(answer("ok"), act=act, size=size)


@pytest.mark.parametrize("keys", [("f1",), ("ctrl+g",), ("f2",)], ids=["help", "leader", "rename"])
def test_dialog(shoot: Shoot, keys: tuple[str, ...]) -> None:
    """The screens over the conversation."""

    async def act(rig: Rig) -> None:
        await rig.ask("Hello")
        await rig.pilot.press(*keys)
        await rig.pilot.pause()

    assert shoot(answer("Hi."), act=act)


def test_selection(shoot: Shoot) -> None:
    """Lines selected with the keyboard."""

    async def act(rig: Rig) -> None:
        await rig.ask("Hello")
        await rig.pilot.press("escape", "j", "shift+down", "shift+down", "shift+down")

    assert shoot(answer("One\n\nTwo\n\nThree"), act=act)
