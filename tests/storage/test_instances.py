"""Several instances, live and dead, on one database; all of them real processes."""

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.ids import new_id
from chat_tui.core.messages import text_parts
from chat_tui.storage import Paths, Store
from chat_tui.storage.instances import Instance, is_alive
from tests.storage.samples import chat, message

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def process(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writer", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def kill_while_streaming(home: Path, after: float) -> tuple[str, str, int]:
    """Kill a streaming process; gives its ids and the last number it had 100 ms before."""
    with process("stream", str(home)) as child:
        assert child.stdout is not None
        _, conversation, reply = child.stdout.readline().split()
        lines = [child.stdout.readline()]
        reader = threading.Thread(target=lambda: lines.extend(child.stdout or ()))
        reader.start()
        time.sleep(after)  # the moment of death is what is varied
        child.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        child.wait()
        reader.join()
    told = [line.split() for line in lines if line.endswith("\n")]
    old = [int(number) for number, at in told if float(at) < killed - 0.1]
    return conversation, reply, max(old, default=-1)


async def check_after_kill(paths: Paths, conversation: str, reply: str, number: int) -> None:
    async with Store(paths) as store:
        nodes = await store.nodes(conversation)
        assert len(nodes) == 7
        *finished, broken = await store.messages([node.id for node in nodes])
        assert [each.text for each in finished] == [
            text for turn in range(3) for text in (f"question {turn}", f"answer {turn}\n" * 3)
        ]
        assert {each.status for each in finished} == {"complete"}
        assert (broken.id, broken.status) == (reply, "interrupted")
        assert broken.error is not None
        assert broken.error.kind == "interrupted"
        words = broken.text.split()
        assert words == [str(count) for count in range(len(words))]
        assert len(words) > number
        assert len(broken.reasoning.split()) == len(words)
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM chunks").fetchone() == (0,)
    assert os.listdir(paths.instances) == []  # noqa: PTH208 - blocking is fine here


async def kill_and_check(home: Path, paths: Paths, runs: int) -> None:
    chance = random.Random(19)
    for _ in range(runs):
        after = chance.uniform(0.0, 0.25)
        killed = await asyncio.to_thread(kill_while_streaming, home, after)
        await check_after_kill(paths, *killed)


async def test_a_kill_loses_at_most_100_ms_and_no_finished_turn(
    tmp_path: Path, paths: Paths
) -> None:
    await kill_and_check(tmp_path / "home", paths, 3)


async def test_a_kill_keeps_what_came_of_each_of_several_answers(
    tmp_path: Path, paths: Paths
) -> None:
    with process("answers", str(tmp_path / "home")) as child:
        assert child.stdout is not None
        told = await asyncio.to_thread(child.stdout.readline)
    async with Store(paths) as store:
        prompt, first, second = await store.messages(
            [node.id for node in await store.nodes(told.strip())]
        )
    assert (first.parent, first.choice) == (prompt.id, 0)
    assert (second.parent, second.choice) == (prompt.id, 1)
    assert [each.status for each in (first, second)] == ["interrupted"] * 2
    numbers, others = ([*map(int, each.text.split())] for each in (first, second))
    assert numbers == [*range(len(numbers))]
    assert others == [-number for number in range(len(others))]
    assert min(len(numbers), len(others)) > 10
    assert len(second.reasoning.split()) == len(others)
    assert first.reasoning == ""


@pytest.mark.slow
async def test_a_hundred_kills_lose_at_most_100_ms_and_no_finished_turn(
    tmp_path: Path, paths: Paths
) -> None:
    await kill_and_check(tmp_path / "home", paths, 100)


async def test_a_live_instance_keeps_its_streaming_reply(paths: Paths) -> None:
    conversation, _ = chat(0)
    reply = message("", role="assistant", status="streaming")
    async with Store(paths) as first:
        await first.add_messages(conversation, [reply])
        first.append_chunk(reply.id, "so far", "")
        await first.summaries()  # its thread has written the chunk when it comes to this
        async with Store(paths) as second:
            (seen,) = await second.messages([reply.id])
            await second.add_messages(chat(1)[0], [])
            assert (seen.status, seen.text) == ("streaming", "so far")
        first.append_chunk(reply.id, " so good", "")
        (still,) = await first.messages([reply.id])
        assert (still.status, still.text) == ("streaming", "so far so good")


async def test_a_reply_left_by_a_closed_instance_becomes_interrupted_at_the_next_start(
    paths: Paths,
) -> None:
    conversation, _ = chat(0)
    reply = message("begun ", role="assistant", status="streaming")
    async with Store(paths) as first:
        await first.add_messages(conversation, [reply])
        first.append_chunk(reply.id, "text", "thought")
    async with Store(paths) as second:
        (seen,) = await second.messages([reply.id])
        assert (seen.status, seen.text, seen.reasoning) == ("interrupted", "begun text", "thought")
        (node,) = await second.nodes(conversation.id)
        assert node.cells == len("begun text")


async def test_two_processes_write_to_one_conversation_and_nothing_is_lost(
    tmp_path: Path, paths: Paths
) -> None:
    count = 40
    shared = new_id()
    async with Store(paths) as store:
        await store.add_messages(Conversation(shared, title="shared"), [])
        home = str(tmp_path / "home")
        with (
            process("write", home, shared, "a", str(count)) as one,
            process("write", home, shared, "b", str(count)) as other,
        ):
            assert one.stdout
            assert other.stdout
            both = ((one, one.stdout), (other, other.stdout))
            for _, output in both:
                assert await asyncio.to_thread(output.readline) == "ready\n"
            for child, _ in both:
                assert child.stdin is not None
                child.stdin.write("\n")
                child.stdin.flush()
            for _, output in both:
                assert await asyncio.to_thread(output.readline) == "done None\n"
        conversation = await store.conversation(shared)
        assert conversation is not None
        assert conversation.title == f"title {count - 1}"
        assert conversation.folder == f"folder {count - 1}"
        nodes = await store.nodes(shared)
        texts = {each.text for each in await store.messages([node.id for node in nodes])}
        assert texts == {
            f"{name} {word}{number}"
            for name in "ab"
            for number in range(count)
            for word in ("", "answer ")
        }


async def test_what_another_instance_wrote_is_noticed_once(paths: Paths) -> None:
    async with Store(paths) as first, Store(paths) as second:
        conversation, messages = chat(1)
        assert not await first.changed_elsewhere()
        await first.add_messages(conversation, messages)
        assert not await first.changed_elsewhere()
        await second.add_messages(replace(conversation, updated=3.0), [])
        assert await first.changed_elsewhere()
        assert not await first.changed_elsewhere()


async def test_a_prompt_to_a_conversation_that_another_window_deleted_does_not_vanish(
    paths: Paths,
) -> None:
    async with Store(paths) as first, Store(paths) as second:
        conversation, messages = chat(1)
        await first.add_messages(conversation, messages)
        held = await second.conversation(conversation.id)
        assert held is not None
        await first.update_conversation(conversation.id, {"deleted": 5.0})
        assert await second.summaries() == []
        prompt = message("and then?", parent=messages[-1])
        reply = message("", parent=prompt, role="assistant", status="streaming")
        await second.add_messages(replace(held, head=reply.id), [prompt, reply])
        for store in (first, second):
            assert [row.id for row in await store.summaries()] == [conversation.id]
            stored = await store.conversation(conversation.id)
            assert stored is not None
            assert (stored.deleted, stored.head) == (None, reply.id)


async def test_a_reply_can_be_saved_by_the_instance_that_streams_it_after_others_opened(
    paths: Paths,
) -> None:
    async with Store(paths) as first:
        conversation, _ = chat(0)
        reply = message("", role="assistant", status="streaming")
        await first.add_messages(conversation, [reply])
        async with Store(paths) as second:
            await second.summaries()
        final = replace(reply, status="complete", parts=text_parts("done"))
        await first.save_message(final)
        assert await first.messages([reply.id]) == [final]


def test_an_instance_is_alive_until_it_is_closed(tmp_path: Path) -> None:
    first = Instance(tmp_path, "a")
    assert is_alive(tmp_path, "a")
    first.close()
    first.close()
    assert not is_alive(tmp_path, "a")
    assert not is_alive(tmp_path, "../a")


def test_the_lock_file_of_a_dead_instance_is_removed(tmp_path: Path) -> None:
    (tmp_path / "b.lock").touch()
    assert not is_alive(tmp_path, "b")
    assert list(tmp_path.iterdir()) == []
