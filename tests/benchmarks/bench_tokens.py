"""What counting costs: the first count, a long draft at each key, a long history.

The vocabularies are in a process of their own; what counts for the app is the CPU of its thread.
"""

import time

import pytest

from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.tokens.counter import TiktokenCounter
from tests.tokens.corpus import CORPUS

pytestmark = pytest.mark.benchmark

KEYS = 20
DRAFT = "The quick brown fox jumps over the lazy dog. " * 2_300
ALL = "\n".join(CORPUS.values())
HISTORY = [ChatMessage(str(n), "user", (TextPart(f"{n} {ALL}"),)) for n in range(2_000)]


async def test_counting_is_quick_and_costs_the_app_little() -> None:
    counter = TiktokenCounter()
    began, worked = time.perf_counter(), time.thread_time()
    await counter.count_text("hello world", "gpt-4o")
    first, work = time.perf_counter() - began, time.thread_time() - worked
    print(f"first count {first * 1e3:.0f} ms, {work * 1e3:.1f} ms of the app's CPU")
    assert first < 1
    assert work < 0.05

    waits, works = [], []
    for key in range(KEYS):
        began, worked = time.perf_counter(), time.thread_time()
        await counter.count_text(DRAFT + "x" * key, "gpt-4o")
        waits.append(time.perf_counter() - began)
        works.append(time.thread_time() - worked)
    wait, work = sorted(waits)[KEYS // 2], sorted(works)[KEYS // 2]
    print(f"{len(DRAFT):,} letters: {wait * 1e3:.1f} ms, {work * 1e3:.2f} ms of the app's CPU")
    assert work < 0.016

    began, worked = time.perf_counter(), time.thread_time()
    await counter.count(HISTORY, "gpt-4o")
    wait, work = time.perf_counter() - began, time.thread_time() - worked
    size = len(ALL.encode()) * len(HISTORY) / 1e6
    print(f"{size:.1f} MB: {size / wait:.1f} MB/s, {work / size * 1e3:.1f} ms of CPU a MB")
    assert size / wait > 1
    await counter.aclose()


async def test_ten_thousand_weights_take_no_time() -> None:
    counter = TiktokenCounter()
    message = ChatMessage("1", "user", (TextPart(ALL),), tokens={"o200k_base": 900})
    began = time.thread_time()
    for _ in range(10_000):
        counter.weigh(message, "gpt-4o")
    taken = time.thread_time() - began
    print(f"10,000 weights from stored counts: {taken * 1e3:.1f} ms")
    assert taken < 0.1
