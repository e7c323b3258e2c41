"""The process that counts: started when needed, ended with the app, started again if it dies."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.core.child_environment import child_environment
from chat_tui.core.errors import UsageError
from chat_tui.tokens.helper import CountingHelper
from tests.fakes import eventually

LENGTHS = """
import json, os, sys
def serve(answer):
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)["texts"])), flush=True)
started = {log!r}
with open(started, "a") as file:
    print(os.getpid(), file=file)
times = len(open(started).read().split())
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "started"


@pytest.fixture
def helper(log: Path) -> Callable[..., CountingHelper]:
    """A helper whose process is cheap: by default it tells how long texts are."""

    def make(
        code: str = "serve(lambda texts: [len(text) for text in texts])", seconds: float = 30.0
    ) -> CountingHelper:
        return CountingHelper(("-S", "-c", LENGTHS.format(log=str(log)) + code), seconds=seconds)

    return make


def pids(log: Path) -> list[int]:
    return [int(pid) for pid in log.read_text().split()] if log.exists() else []


def gone(pid: int) -> bool:
    """Whether a process has ended, and is no zombie either."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_many_ask_at_once_and_one_may_leave(
    helper: Callable[..., CountingHelper], log: Path
) -> None:
    counting = helper()
    ready = counting.ready
    assert (ready, pids(log)) == (False, [])
    calls = [
        asyncio.create_task(counting.count("any", texts))
        for texts in (["a", "bb"], ["left"], ["ccc"], [])
    ]
    await asyncio.sleep(0)
    calls[0].cancel()
    calls[1].cancel()

    assert await asyncio.gather(*calls[2:]) == [[3], []]
    assert calls[0].cancelled()
    assert calls[1].cancelled()
    assert counting.ready
    assert await counting.count("any", ["x" * 300_000, "é\ud800\n"]) == [300_000, 3]
    assert len(pids(log)) == 1

    os.kill(pids(log)[0], signal.SIGKILL)
    assert await counting.count("any", ["dddd"]) == [4]
    assert len(pids(log)) == 2

    waiting = asyncio.create_task(counting.count("any", ["eeeee"]))
    await asyncio.sleep(0)
    await counting.aclose()
    await counting.aclose()

    with pytest.raises(UsageError, match="cannot be counted exactly"):
        await waiting
    with pytest.raises(UsageError):
        await counting.count("any", ["f"])
    assert all(map(gone, pids(log)))


async def test_closing_while_it_starts_leaves_nothing(
    helper: Callable[..., CountingHelper], log: Path
) -> None:
    counting = helper()
    waiting = [asyncio.create_task(counting.count("any", ["a"])) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await counting.aclose()

    assert [isinstance(each.exception(), UsageError) for each in waiting] == [True] * 3
    assert all(map(gone, pids(log)))
    await CountingHelper().aclose()


APP = """
import asyncio
from chat_tui.tokens.helper import CountingHelper

async def main():
    await CountingHelper(("-S", "-c", {code!r})).count("any", ["a"])
    print("counted", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_it_ends_with_an_app_that_is_killed(log: Path) -> None:
    told = "serve(lambda texts: [1])\nwith open(started, 'a') as file: print('ended', file=file)"
    app = APP.format(code=LENGTHS.format(log=str(log)) + told)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", app, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"counted\n"
    process.kill()
    await process.communicate()

    await eventually(lambda: log.read_text().endswith("ended\n"))


async def test_a_cancelled_event_loop_ends_the_process(
    helper: Callable[..., CountingHelper], log: Path
) -> None:
    counting = helper("serve(lambda texts: [1] if texts[0] else sys.stdin.read())")
    assert await counting.count("any", ["answer"]) == [1]
    waiting = asyncio.create_task(counting.count("any", [""]))
    for _ in range(3):  # it asks, it is served, and what serves waits
        await asyncio.sleep(0)
    assert counting._serving is not None
    counting._serving.cancel()
    await asyncio.wait([counting._serving])

    with pytest.raises(UsageError):
        await waiting
    assert all(map(gone, pids(log)))


@pytest.mark.parametrize(
    "code", ["sys.exit(1)", "serve(lambda texts: 'words')", "serve(lambda texts: [1, 2, 3])"]
)
async def test_what_gives_no_answer_is_tried_twice_and_then_given_up(
    helper: Callable[..., CountingHelper], log: Path, code: str
) -> None:
    counting = helper(code)
    for started in (2, 4, 4):
        with pytest.raises(UsageError):
            await counting.count("any", ["a"])

        assert len(pids(log)) == started
    assert all(map(gone, pids(log)))
    await counting.aclose()


async def test_a_death_is_forgotten_with_the_next_answer(
    helper: Callable[..., CountingHelper], log: Path
) -> None:
    counting = helper("times % 2 or serve(lambda texts: [times])")

    assert await counting.count("any", ["a"]) == [2]
    for times in (4, 6):
        os.kill(pids(log)[-1], signal.SIGKILL)
        with pytest.raises(UsageError):
            await counting.count("any", ["a"])  # it finds the old one dead, and then another
        assert await counting.count("any", ["a"]) == [times]
    await counting.aclose()


async def test_one_that_hangs_is_ended(helper: Callable[..., CountingHelper], log: Path) -> None:
    counting = helper("sys.stdin.read()", 0.2)

    with pytest.raises(UsageError):
        await counting.count("any", ["a"])
    assert all(map(gone, pids(log)))
    await counting.aclose()


async def test_one_that_cannot_be_started(
    helper: Callable[..., CountingHelper], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    counting = helper()

    with pytest.raises(UsageError):
        await counting.count("any", ["a"])
    await counting.aclose()


def test_keys_stay_here() -> None:
    given = {"PATH": "/bin", "OPENAI_API_KEY": "secret", "LANG": "C", "PYTHONSTARTUP": "x"}
    passed_on = child_environment(given)

    assert set(passed_on) == {"PATH", "LANG", "PYTHONPATH"}
    assert passed_on["PYTHONPATH"].split(os.pathsep) == [path for path in sys.path if path]


def test_the_counter_loads_no_tokenizer() -> None:
    """It is imported before anything is counted, and mostly nothing is."""
    code = "import sys, chat_tui.tokens.counter; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"tiktoken", "regex", "requests", "gzip"} & set(done.stdout.split()) == set()
