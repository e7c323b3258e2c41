"""The fixtures that the tests of the command line share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forking import ForkedProgram, Forker
from tests.cli.helpers import Program


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """Runs the program in forks."""
    with Forker() as forker:
        yield forker


@pytest.fixture
def program(tmp_path: Path, forker: Forker) -> Iterator[Program]:
    """What runs to its end is a fork; what is started, or reads from a pipe, is the real one."""
    program = ForkedProgram(tmp_path / "home", forker=forker)
    yield program
    program.close()
