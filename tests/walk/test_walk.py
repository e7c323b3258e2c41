"""Whatever is done by keyboard, app, database and a reopened app agree at the end."""

from pathlib import Path

import pytest

from tests.ui.conftest import plain_surroundings
from tests.walk.walker import WalkError
from tests.walk.whole import walk

__all__ = ["plain_surroundings"]


async def _walk(home: Path, seed: int, steps: int) -> None:
    try:
        await walk(home, seed, steps)
    except WalkError as error:
        again = f"python -m tests.walk --seed {seed} --steps {steps}"
        pytest.fail(f"Seed {seed} ({again}):\n{error}", pytrace=False)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_short_walk_agrees(tmp_path: Path, seed: int) -> None:
    await _walk(tmp_path, seed, 40)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
async def test_long_walk_agrees(tmp_path: Path, seed: int) -> None:
    """2,000 actions in all."""
    await _walk(tmp_path, seed, 100)
