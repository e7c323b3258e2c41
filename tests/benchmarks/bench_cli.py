"""The command line beside the bare interpreter, in CPU time."""

import resource
import statistics
import subprocess
import sys

import pytest

_RUNS = 15


def cpu(*arguments: str) -> float:
    """Seconds of CPU that `python` takes, as the median of some runs."""
    times: list[float] = []
    for _ in range(_RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


@pytest.mark.benchmark
def test_version_costs_little_more_than_the_interpreter() -> None:
    bare, version = cpu("-c", "pass"), cpu("-m", "chat_tui", "--version")
    print(f"\npython -c pass {bare:.3f} s, --version {version:.3f} s: {version / bare:.2f} ×")

    assert version <= 3 * bare
