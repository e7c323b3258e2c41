"""The wait before a retry."""

import asyncio

import pytest

from chat_tui.core.clock import SystemClock
from chat_tui.core.requests import RetryGate
from tests.fakes import DEADLINE


async def test_gate_lets_go_when_it_is_opened() -> None:
    gate = RetryGate()
    wait = asyncio.create_task(gate.wait(SystemClock(), 3600))
    await asyncio.sleep(0)
    gate.open()
    async with asyncio.timeout(DEADLINE):
        await wait


async def test_gate_that_was_opened_while_nothing_waited_is_closed() -> None:
    gate = RetryGate()
    gate.open()
    wait = asyncio.create_task(gate.wait(SystemClock(), 3600))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not wait.done()
    wait.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wait
