"""What rendering markdown costs while it streams. Ratios of one run; the figures are printed."""

import time
from collections.abc import Callable

import pytest
from textual.theme import BUILTIN_THEMES

from chat_tui.ui.markdown import (
    MarkdownDocument,
    MarkdownStyles,
    render,
    styles_from_theme,
    warm_up,
)
from tests.benchmarks.corpus import deltas

pytestmark = pytest.mark.benchmark

WIDTH = 100
STEP = 50
SMALL = 20_000

GROWING: dict[str, Callable[[int], str]] = {
    "mixed": lambda size: "".join(deltas(size // 3))[:size],
    "one line": lambda size: ("words and **bold** words " * (size // 20))[:size],
    "lines": lambda size: ("a line of **text**\n" * (size // 15))[:size],
    "list": lambda size: ("- an item with some text\n" * (size // 20))[:size],
    "nested list": lambda size: "- top\n" + ("  - a child with text\n" * (size // 20))[:size],
    "quotation": lambda size: ("> quoted text\n>\n" * (size // 10))[:size],
    "code": lambda size: "```python\n" + ("def f(x): return x  # y\n" * (size // 20))[:size],
    "code in a list": lambda size: "1. a\n   ```c\n" + ("   int x = 1;\n" * (size // 10))[:size],
    "table": lambda size: "|a|b|\n|-|-|\n" + ("| one | two words |\n" * (size // 15))[:size],
}


@pytest.fixture(scope="module")
def styles() -> MarkdownStyles:
    warm_up()
    made = styles_from_theme(BUILTIN_THEMES["nord"].to_color_system().generate(), dark=True)
    render(GROWING["mixed"](10_000), made, WIDTH)
    return made


def stream(text: str, styles: MarkdownStyles) -> float:
    """CPU seconds for a text that comes in steps, with a refresh after each."""
    document = MarkdownDocument(styles, WIDTH)
    began = time.process_time()
    for start in range(0, len(text), STEP):
        document.append(text[start : start + STEP])
        document.refresh()
    document.close()
    document.refresh()
    return time.process_time() - began


def test_streaming_costs_little_more_than_rendering_once(styles: MarkdownStyles) -> None:
    text = GROWING["mixed"](75_000)
    began = time.process_time()
    render(text, styles, WIDTH)
    whole = time.process_time() - began

    streamed = stream(text, styles)

    refreshes = len(text) // STEP
    print(f"\nwhole {whole:.3f} s, streamed {streamed:.3f} s ({streamed / refreshes:.2e} s each)")
    assert streamed < 6 * whole


@pytest.mark.parametrize("kind", GROWING)
def test_cost_is_linear(styles: MarkdownStyles, kind: str) -> None:
    small, big = (stream(GROWING[kind](size), styles) for size in (SMALL, 8 * SMALL))

    print(f"\n{kind}: {small:.3f} s, eight times as much {big:.3f} s, ratio {big / small:.1f}")
    assert big < 14 * small
