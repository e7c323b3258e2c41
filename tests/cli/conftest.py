"""The fixture that the tests of the command line share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forking import Forker
from tests.cli.helpers import Program


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """Runs the program in forks."""
    with Forker() as forker:
        yield forker


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path / "home")
    yield program
    program.close()
