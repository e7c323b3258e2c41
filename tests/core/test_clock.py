"""The machine's clock, and the one of the tests."""

import asyncio
import time

import pytest

from chat_tui.core.clock import Clock, SystemClock
from tests.fakes import FakeClock, eventually


def test_system_clock_tells_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT_TUI_NOW", raising=False)
    clock: Clock = SystemClock()

    assert time.time() - 60 < clock.now() <= time.time()


@pytest.mark.parametrize("frozen", ["1700000000", "1700000000.0"])
def test_system_clock_is_frozen_when_asked(monkeypatch: pytest.MonkeyPatch, frozen: str) -> None:
    monkeypatch.setenv("CHAT_TUI_NOW", frozen)
    clock = SystemClock()

    assert clock.now() == clock.now() == 1_700_000_000.0


def test_system_clock_goes_on_when_what_freezes_it_is_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAT_TUI_NOW", "yesterday")

    assert SystemClock().now() > 1_700_000_000.0


async def test_durations_are_measured_while_the_time_is_frozen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAT_TUI_NOW", "1700000000")
    clock = SystemClock()
    before = clock.monotonic()

    await clock.sleep(0.002)

    assert clock.monotonic() > before


async def test_fake_clock_wakes_sleepers_at_their_time() -> None:
    clock = FakeClock(10.0)
    short = asyncio.ensure_future(clock.sleep(1))
    long = asyncio.ensure_future(clock.sleep(5))
    await eventually(lambda: clock.sleeping == 2)

    clock.advance(2)
    await short

    assert not long.done()
    assert (clock.now(), clock.monotonic(), clock.sleeping) == (12.0, 12.0, 1)
    clock.advance(3)
    await long
