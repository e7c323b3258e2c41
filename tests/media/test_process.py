"""The process that decodes: one job after another, with limits, and gone when it is not needed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.media.process import Worker
from tests.fakes import eventually

CHILD = """
import os, socket, sys, time
from chat_tui.media.worker.frames import receive, send
channel = socket.socket(fileno=os.dup(0))
with open({log!r}, "a") as file:
    print(os.getpid(), file=file)
send(channel, {{"ready": True}})
while (frame := receive(channel, 1 << 20, 1 << 28)) is not None:
    job, arguments = frame.head["job"], frame.head["arguments"]
    if job == "echo":
        body = os.pread(frame.descriptor, 99, 0) if frame.descriptor >= 0 else frame.body
        send(channel, {{"variables": list(os.environ)}}, body)
    elif job == "broken":
        send(channel, {{"error": "It is too large.", "hint": "Less.", "broken": True}})
    elif job == "refuse":
        send(channel, {{"error": "No.", "hint": "Yes."}})
    elif job == "garbage":
        channel.sendall(bytes(range(200)) * 9)
    elif job == "huge":
        channel.sendall((9).to_bytes(4, "big") + (1 << 40).to_bytes(8, "big"))
    elif job == "half":
        channel.sendall((9).to_bytes(4, "big") + bytes(8) + b"{{")
        sys.exit()
    elif job == "file":
        send(channel, {{}}, frame.descriptor)
    elif job == "forever":
        time.sleep(60)
    elif job == "forked":
        if os.fork() == 0:
            os.setsid()  # out of reach, and the socket is open to it
        time.sleep(5)
    if frame.descriptor >= 0:
        os.close(frame.descriptor)
open({log!r} + ".ended", "x").close()
"""

Make = Callable[..., Worker]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "started"


@pytest.fixture
async def make(log: Path) -> AsyncIterator[Make]:
    """Makes workers whose process is cheap; they are closed at the end."""
    workers: list[Worker] = []

    def one(**options: float) -> Worker:
        workers.append(Worker(("-S", "-c", CHILD.format(log=str(log))), **options))
        return workers[-1]

    yield one
    for worker in workers:
        await worker.aclose()


def pids(log: Path) -> list[int]:
    return [int(pid) for pid in log.read_text().split()] if log.exists() else []


def gone(pid: int) -> bool:
    """Whether a process has ended, and is no zombie either."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/dev/fd").iterdir()))


async def said(worker: Worker, job: str, name: str = "cat.png") -> UsageError:
    with pytest.raises(UsageError) as error:
        await worker.run(job, {"name": name})
    return error.value


async def test_jobs_wait_for_one_process_that_knows_no_keys(
    make: Make, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    worker = make()
    assert (worker.process, pids(log)) == (0, [])
    large = os.urandom(3_000_000)

    several = await asyncio.gather(*(worker.run("echo", {}, bytes([each])) for each in range(5)))
    answer, body = await worker.run("echo", {}, large)

    assert [content for _, content in several] == [bytes([each]) for each in range(5)]
    assert body == large
    assert "OPENAI_API_KEY" not in answer["variables"]
    assert pids(log) == [worker.process]
    (tmp_path / "file").write_bytes(b"of a file")
    with (tmp_path / "file").open("rb") as file:
        assert (await worker.run("echo", {}, file.fileno()))[1] == b"of a file"
        assert file.read() == b"of a file"
    refusal = await said(worker, "refuse")
    assert (refusal.message, refusal.hint) == ("No.", "Yes.")
    assert pids(log) == [worker.process]


async def test_whatever_goes_wrong_the_next_job_has_a_new_process(make: Make, log: Path) -> None:
    worker = make(seconds=5)
    damaged = "a␛b.png cannot be decoded here: it is damaged, or would need too much memory."
    for number, job in enumerate(("garbage", "huge", "half"), 1):
        assert (await said(worker, job, "a\x1bb.png")).message == damaged
        assert len(pids(log)) == number
    assert (await said(worker, "broken")).told == "It is too large. Less."
    asking = asyncio.create_task(worker.run("forever", {"name": "cat.png"}))
    await eventually(lambda: len(pids(log)) == 5 and worker.process > 0)
    os.kill(worker.process, signal.SIGKILL)
    with pytest.raises(UsageError, match=r"^cat\.png cannot be decoded here"):
        await asking
    assert (await worker.run("echo", {}, b"again"))[1] == b"again"
    await worker.aclose()
    assert all(gone(pid) for pid in pids(log))
    assert len(pids(log)) == 6


async def test_a_process_that_ended_between_jobs_is_replaced(make: Make, log: Path) -> None:
    worker = make()
    await worker.run("echo", {})
    os.kill(worker.process, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, worker.process, os.WEXITED | os.WNOWAIT)
    assert (await worker.run("echo", {}, b"of a new one"))[1] == b"of a new one"
    assert len(pids(log)) == 2


async def test_what_a_process_leaves_behind_holds_nothing_up(make: Make, log: Path) -> None:
    worker = make(seconds=0.3)
    assert "more than 0.3 seconds" in (await said(worker, "forked")).message
    begun = time.monotonic()
    await worker.aclose()
    assert time.monotonic() - begun < 2

    worker = make()
    before = open_files()
    with log.open("rb") as file, pytest.raises(UsageError, match="cannot be decoded here"):
        await worker.run("file", {}, file.fileno())
    await worker.aclose()
    assert open_files() == before


async def test_jobs_that_take_too_long_or_are_left_end_their_process(make: Make, log: Path) -> None:
    worker = make(seconds=0.3)
    slow = await said(worker, "forever")
    assert slow.message == "cat.png cannot be read here: it took more than 0.3 seconds."
    await eventually(lambda: gone(pids(log)[0]))

    patient = make(seconds=30)
    leaving = asyncio.create_task(patient.run("forever", {}))
    await eventually(lambda: patient.process > 0)
    waiting = asyncio.create_task(patient.run("echo", {}, b"next"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await waiting)[1] == b"next"
    assert leaving.cancelled()
    await eventually(lambda: gone(pids(log)[1]))
    starting = asyncio.create_task(make().run("echo", {}, b"left while it starts"))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting


async def test_processes_end_when_nothing_comes_and_when_the_app_ends(
    make: Make, log: Path
) -> None:
    worker = make(idle=0.05)
    await worker.run("echo", {})
    await eventually(lambda: worker.process == 0 and gone(pids(log)[0]))
    assert (await worker.run("echo", {}, b"back"))[1] == b"back"
    busy = asyncio.create_task(worker.run("forever", {"name": "a"}))
    later = asyncio.create_task(worker.run("echo", {"name": "b"}))
    await asyncio.sleep(0)
    await worker.aclose()
    await worker.aclose()
    assert all(gone(pid) for pid in pids(log))
    for task in (busy, later):
        with pytest.raises(UsageError):
            await task
    assert (await said(worker, "echo")).message == "cat.png is not read: the app is closing."


async def test_a_process_that_does_not_start_is_told() -> None:
    worker = Worker(("-S", "-c", "1"))
    assert "does not start" in (await said(worker, "echo")).message
    await worker.aclose()


async def test_the_process_ends_with_an_app_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "started"
    code = (
        "import asyncio\nfrom chat_tui.media.process import Worker\n"
        f"async def main():\n    worker = Worker(('-S', '-c', {CHILD.format(log=str(log))!r}))\n"
        "    await worker.run('echo', {})\n    print('idle', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    app = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert app.stdout is not None
        assert await app.stdout.readline() == b"idle\n"
    finally:
        app.kill()
        await app.wait()
    # Nobody of ours may ask for its end: it is not our child.
    await eventually(tmp_path.joinpath("started.ended").exists)


def test_memory_and_time_of_a_job_are_limited() -> None:
    code = (
        "from chat_tui.media.worker.limits import limit_job, limit_process\n"
        "limit_process()\nlimit_job(5, 60 << 20)\nsmall = bytearray(40 << 20)\n"
        "try:\n    large = bytearray(90 << 20)\n"
        "except MemoryError:\n    print('no memory')\n"
        "limit_job(5, 99 << 20)\nprint(len(bytearray(90 << 20)) >> 20)\n"
        "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=20
    )
    lines = done.stdout.splitlines()
    if sys.platform == "linux":  # others heed no limit of memory
        assert lines[:2] == ["no memory", "90"]
    assert 7 <= int(lines[-2]) <= 9
    assert lines[-1] == "0"
