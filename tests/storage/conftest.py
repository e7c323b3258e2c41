"""Stores in a folder of their own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chat_tui.storage import Paths, Store
from chat_tui.storage.opening import Connect
from tests.storage.samples import paths_in


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return paths_in(tmp_path)


@pytest.fixture
async def store(paths: Paths) -> AsyncIterator[Store]:
    async with Store(paths) as opened:
        yield opened


@pytest.fixture(params=["file", "memory"])
async def any_store(request: pytest.FixtureRequest, paths: Paths) -> AsyncIterator[Store]:
    async with Store(paths if request.param == "file" else None) as opened:
        yield opened


def tracing(lines: list[str]) -> Connect:
    """Open connections whose statements are noted."""

    def connect(address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        connection.set_trace_callback(lines.append)
        return connection

    return connect


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that another thread or process does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
