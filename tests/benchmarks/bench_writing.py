"""What writing costs: a paste of a megabyte, a key in a long draft.

The CPU of the event loop's thread, by callback: between two of them frames are drawn and keys are
heard.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.events import Paste

from tests.fakes import answer, eventually
from tests.ui.rig import running

pytestmark = pytest.mark.benchmark

PASTES = {
    "lines": "a line of a log file, as it is pasted\n" * 27_000,
    "one line": "word " * 205_000,
    "Chinese": "今天天气很好，我们去公园吧。\n" * 70_000,
    "escapes": "\x1b[31mred\x1b[0m text\r\n" * 50_000,
}

KEYS = 20


@contextmanager
def callbacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The CPU of each callback of the event loop, in seconds."""
    taken: list[float] = []
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        taken.append(time.thread_time() - began)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", timed)
        yield taken


@pytest.mark.parametrize("kind", PASTES)
async def test_paste_of_a_megabyte_holds_no_frame_up(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt = rig.screen.prompt
        await rig.pilot.pause()
        with callbacks(monkeypatch) as taken:
            prompt.post_message(Paste(PASTES[kind]))
            await eventually(lambda: prompt.text.startswith("[Paste 1:"))
            await rig.pilot.pause()
            await rig.type("x")
            rig.screen.writing.drafts.save()
            await rig.pilot.pause()
        print(f"\npaste of 1 MB ({kind}): longest {max(taken) * 1e3:.0f} ms of CPU, all of it")
        print(f"{sum(taken) * 1e3:.0f} ms")
        assert max(taken) < 0.1


@pytest.mark.parametrize("paste", ["", "x" * 30_000], ids=["plain", "with a chip"])
async def test_key_in_a_draft_of_100_kb(
    paste: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt = rig.screen.prompt
        # What was typed, as it were: a paste of this would become a chip.
        prompt.insert(("some words of a line " * 4 + "\n") * 1_150)
        prompt.move_cursor(prompt.document.end)
        if paste:
            prompt.insert_words(paste)
        await rig.pilot.pause()
        with callbacks(monkeypatch) as taken:
            for _ in range(KEYS):
                await rig.type("x")
        each = sum(taken) / KEYS
        print(f"\na key in a draft of {len(prompt.text):,} characters: {each * 1e3:.1f} ms of CPU")
        assert each < 0.016
