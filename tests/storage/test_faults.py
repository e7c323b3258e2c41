"""Row 20 of the fault table: the disk refuses, and nothing is lost."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import text_parts
from chat_tui.storage import Paths, Store, paths_under
from chat_tui.storage.alarm import Alarm
from chat_tui.storage.importers.own_json import import_file
from tests.storage.conftest import until
from tests.storage.samples import chat, message

SOON = (0.02,)
"""Delays between attempts."""
NEVER = (3600.0,)


class Faulty:
    """Opens connections that fail while `fault` is set: an error code and its words."""

    def __init__(self) -> None:
        self.fault: tuple[int, str] | None = None

    def __call__(self, address: str) -> sqlite3.Connection:
        self.check("BEGIN")
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, factory=FaultyConnection
        )
        connection.faulty = self
        return connection

    def check(self, statement: str) -> None:
        if self.fault is not None and statement.startswith(("BEGIN", "SELECT")):
            code, words = self.fault
            error = sqlite3.OperationalError(words)
            error.sqlite_errorcode = code
            raise error


class FaultyConnection(sqlite3.Connection):
    faulty: Faulty

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        self.faulty.check(sql)
        return super().execute(sql, *args)  # type: ignore[arg-type] # passed through


IO_ERROR = (sqlite3.SQLITE_IOERR, "disk I/O error")
FULL = (sqlite3.SQLITE_FULL, "database or disk is full")


def faulty_store(paths: Paths, faulty: Faulty, delays: tuple[float, ...] = SOON) -> Store:
    return Store(paths, connect=faulty, retry_delays=delays, busy_timeout=0.2)


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def rescued(paths: Paths) -> list[Path]:
    return files(paths.state, "rescue-*.json")


def well(store: Store) -> bool:
    return store.trouble is None


async def all_texts(store: Store, conversation: str) -> list[str]:
    nodes = await store.nodes(conversation)
    return [each.text for each in await store.messages([node.id for node in nodes])]


@pytest.mark.parametrize("fault", [IO_ERROR, FULL])
async def test_a_failing_disk_loses_nothing_and_is_told(
    paths: Paths, fault: tuple[int, str]
) -> None:
    faulty = Faulty()
    heard: list[StorageError | None] = []
    async with faulty_store(paths, faulty) as store:
        store.on_trouble(heard.append)
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        faulty.fault = fault
        prompt = message("while it fails", parent=messages[-1])
        reply = message("", parent=prompt, role="assistant", status="streaming")
        await store.add_messages(replace(conversation, head=reply.id), [prompt, reply])
        store.append_chunk(reply.id, "streamed ", "")
        store.append_chunk(reply.id, "on", "thought")
        await store.update_conversation(conversation.id, {"title": "new title", "pinned": True})
        assert store.trouble is not None
        assert str(paths.database) in store.trouble.message
        assert str(rescued(paths)[0]) in store.trouble.hint
        await until(lambda: bool(heard))
        streaming = await store.messages([prompt.id, reply.id])
        assert [each.text for each in streaming] == ["while it fails", "streamed on"]
        (row,) = await store.summaries()
        assert (row.title, row.pinned) == ("new title", True)

        faulty.fault = None
        await until(lambda: store.trouble is None)
        await until(lambda: heard[-1] is None)
        assert rescued(paths) == []
        final = replace(reply, parts=text_parts("streamed on."), status="complete")
        await store.save_message(final)
    async with Store(paths) as store:
        assert await all_texts(store, conversation.id) == [
            *(each.text for each in messages),
            "while it fails",
            "streamed on.",
        ]
        stored = await store.conversation(conversation.id)
        assert stored is not None
        assert (stored.title, stored.head) == ("new title", reply.id)


async def test_chunks_are_written_once_when_the_disk_recovers(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        conversation, _ = chat(0)
        reply = message("", role="assistant", status="streaming")
        await store.add_messages(conversation, [reply])
        store.append_chunk(reply.id, "one ", "")
        await store.messages([reply.id])
        faulty.fault = IO_ERROR
        store.append_chunk(reply.id, "two ", "")
        store.append_chunk(reply.id, "three ", "")
        await until(lambda: store.trouble is not None)
        faulty.fault = None
        await until(lambda: store.trouble is None)
        store.append_chunk(reply.id, "four", "")
        assert (await store.messages([reply.id]))[0].text == "one two three four"


async def test_the_rescue_file_has_the_whole_reply_and_can_be_imported(paths: Paths) -> None:
    faulty = Faulty()
    store = faulty_store(paths, faulty, NEVER)
    conversation, messages = chat(1)
    await store.add_messages(conversation, messages)
    reply = message("", parent=messages[-1], role="assistant", status="streaming")
    await store.add_messages(replace(conversation, head=reply.id), [reply])
    store.append_chunk(reply.id, "before ", "")
    await store.messages([reply.id])
    faulty.fault = IO_ERROR
    store.append_chunk(reply.id, "and after", "")
    await until(lambda: bool(rescued(paths)))
    (rescue,) = rescued(paths)
    assert rescue.stat().st_mode & 0o777 == 0o600
    async with Store(None) as other:
        report = await import_file(rescue, other)
        assert report.messages == 1
        assert await all_texts(other, conversation.id) == ["before and after"]
    await store.aclose()


async def test_what_was_never_saved_is_put_back_at_the_next_start(paths: Paths) -> None:
    faulty = Faulty()
    conversation, messages = chat(1)
    store = faulty_store(paths, faulty, NEVER)
    await store.add_messages(conversation, messages[:1])
    faulty.fault = FULL
    await store.add_messages(conversation, messages[1:])
    changed = replace(messages[0], parts=text_parts("edited"), pinned=True)
    await store.save_message(changed)
    await store.update_conversation(conversation.id, {"title": "renamed"})
    await store.aclose()
    assert len(rescued(paths)) == 1

    async with Store(paths) as again:
        assert await again.messages([each.id for each in messages]) == [changed, messages[1]]
        stored = await again.conversation(conversation.id)
        assert stored is not None
        assert (stored.title, stored.head) == ("renamed", messages[-1].id)
        assert "put back" in again.notices[0]
        assert rescued(paths) == []


async def test_a_change_of_title_alone_is_put_back_too(paths: Paths) -> None:
    faulty = Faulty()
    conversation, messages = chat(1)
    async with faulty_store(paths, faulty, NEVER) as store:
        await store.add_messages(conversation, messages)
    store = faulty_store(paths, faulty, NEVER)
    await store.conversation(conversation.id)
    faulty.fault = FULL
    await store.update_conversation(conversation.id, {"title": "renamed"})
    await store.aclose()
    async with Store(paths) as again:
        assert await again.conversation(conversation.id) == replace(conversation, title="renamed")


async def test_trouble_is_told_to_who_asks_later(paths: Paths) -> None:
    faulty = Faulty()
    faulty.fault = FULL
    async with faulty_store(paths, faulty, NEVER) as store:
        await store.summaries()
        heard: list[StorageError | None] = []
        store.on_trouble(heard.append)
        assert heard == [store.trouble]
        assert store.trouble is not None


def test_failures_do_not_put_off_the_next_attempt() -> None:
    told: list[StorageError | None] = []
    alarm = Alarm((3600.0,), told.append)
    alarm.begin(StorageError("first"))
    at = alarm.retry_at
    alarm.begin(StorageError("second"))
    assert (alarm.retry_at, alarm.due) == (at, False)
    alarm.end()
    alarm.end()
    assert [each and each.message for each in told] == ["first", "second", None]


async def test_the_rescue_file_of_a_live_instance_is_left_alone(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty, NEVER) as store:
        await store.add_messages(*chat(1))
        faulty.fault = FULL
        await store.add_messages(*chat(2))
        async with Store(paths) as other:
            assert len(await other.summaries()) == 1
            assert other.notices == ()
        assert len(rescued(paths)) == 1
        faulty.fault = None


async def test_without_any_database_the_app_goes_on_in_memory(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    paths.data.parent.mkdir()
    paths.data.write_text("a file where a folder should be")
    paths.state.write_text("here too")
    conversation, messages = chat(2)
    async with Store(paths, retry_delays=SOON) as store:
        assert await store.summaries() == []
        assert store.trouble is not None
        await store.add_messages(conversation, messages)
        assert await all_texts(store, conversation.id) == [each.text for each in messages]
        assert await store.conversation(conversation.id) == conversation
        with pytest.raises(StorageError):
            await store.conversation("another one")
        (rescue,) = files(tmp_path, "chat-tui-rescue-*/rescue-*.json")
        assert str(rescue) in store.trouble.hint
        paths.data.unlink()
        paths.state.unlink()
        await until(lambda: store.trouble is None)
        assert not rescue.exists()
    async with Store(paths) as store:
        assert await all_texts(store, conversation.id) == [each.text for each in messages]


async def test_a_database_locked_for_long_is_waited_for_without_blocking_the_loop(
    paths: Paths,
) -> None:
    conversation, messages = chat(1)
    async with Store(paths, busy_timeout=0.1, retry_delays=SOON) as store:
        await store.add_messages(conversation, messages)
        with closing(sqlite3.connect(paths.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            prompt = message("locked out", parent=messages[-1])
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    await asyncio.sleep(0.005)
                    ticks += 1

            ticking = asyncio.create_task(tick())
            await store.add_messages(conversation, [prompt])
            ticking.cancel()
            assert ticks > 5
            assert store.trouble is not None
            assert "locked" in store.trouble.message
            assert (await all_texts(store, conversation.id))[-1] == "locked out"
            other.execute("ROLLBACK")
        await until(lambda: store.trouble is None)
        assert (await all_texts(store, conversation.id))[-1] == "locked out"


async def test_the_next_operation_tries_again_at_once(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty, NEVER) as store:
        conversation, messages = chat(2)
        await store.add_messages(conversation, messages[:1])
        faulty.fault = FULL
        await store.add_messages(conversation, messages[1:2])
        assert store.trouble is not None
        faulty.fault = None
        await store.add_messages(conversation, messages[2:])
        assert well(store)
        async with Store(paths) as other:
            assert len(await other.nodes(conversation.id)) == 4


async def test_pages_of_summaries_hold_together_in_bad_times(paths: Paths) -> None:
    faulty = Faulty()

    async def pages(store: Store) -> list[str]:
        found, after = [], None
        while page := await store.summaries(limit=4, after=after):
            found += page
            after = page[-1]
        return [row.title for row in found]

    async with faulty_store(paths, faulty, NEVER) as store:
        for number in range(10):
            await store.add_messages(
                Conversation(f"id-{number}", title=f"{number}", updated=float(number)), []
            )
        faulty.fault = FULL
        await store.add_messages(Conversation("id-new", title="new", updated=4.5), [])
        await store.update_conversation("id-3", {"pinned": True})
        await store.update_conversation("id-8", {"deleted": 1.0})
        faulty.fault = None
        expected = ["3", "9", "7", "6", "5", "new", "4", "2", "1", "0"]
        assert store.trouble is not None
        assert await pages(store) == expected
        await store.update_conversation("id-9", {"title": "nine"})
        assert well(store)
        assert await pages(store) == ["3", "nine", *expected[2:]]


def remove(path: Path) -> None:
    path.unlink()


def remove_all(path: Path) -> None:
    shutil.rmtree(path.parent)


def rename(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


@pytest.mark.parametrize("away", [remove, remove_all, rename])
async def test_a_removed_database_is_written_back_whole(
    paths: Paths, away: Callable[[Path], None]
) -> None:
    conversation, messages = chat(3)
    older = chat(1)
    async with Store(paths) as store:
        await store.add_messages(*older)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        reply = message("", parent=messages[-1], role="assistant", status="streaming")
        await store.add_messages(replace(conversation, head=reply.id), [reply])
        store.append_chunk(reply.id, "one ", "")
        await store.messages([reply.id])
        away(paths.database)
        store.append_chunk(reply.id, "two", "")
        assert (await store.messages([reply.id]))[0].text == "one two"
        prompt = message("next", parent=messages[-1])
        await store.add_messages(replace(conversation, head=prompt.id), [prompt])
        assert "removed" in store.notices[0]
        assert store.trouble is None
        assert await store.changed_elsewhere()
        await store.save_message(replace(reply, status="complete", parts=text_parts("one two.")))
    async with Store(paths) as store:
        assert await all_texts(store, older[0].id) == [each.text for each in older[1]]
        assert await all_texts(store, conversation.id) == [
            *(each.text for each in messages),
            "one two.",
            "next",
        ]
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_two_instances_survive_the_removal_together(paths: Paths) -> None:
    one, other = chat(1), chat(1)
    async with Store(paths) as first, Store(paths) as second:
        await first.add_messages(*one)
        await second.add_messages(*other)
        paths.database.unlink()
        more = message("more", parent=one[1][-1])
        await first.add_messages(one[0], [more])
        changed = replace(other[1][-1], parts=text_parts("edited"))
        await second.save_message(changed)
        assert await all_texts(first, other[0].id) == [other[1][0].text, "edited"]
        assert (await all_texts(second, one[0].id))[-1] == "more"


async def test_a_replaced_database_is_kept_and_gets_what_this_session_wrote(
    paths: Paths, tmp_path: Path
) -> None:
    elsewhere = paths_under(tmp_path / "elsewhere")
    foreign, own = chat(1, title="foreign"), chat(2, title="own")
    async with Store(elsewhere) as store:
        await store.add_messages(*foreign)
    async with Store(paths) as store:
        await store.add_messages(own[0], own[1][:2])
        elsewhere.database.rename(paths.database)
        await store.add_messages(own[0], own[1][2:])
        assert "replaced" in store.notices[0]
        assert await all_texts(store, own[0].id) == [each.text for each in own[1]]
        assert await all_texts(store, foreign[0].id) == [each.text for each in foreign[1]]
    (kept,) = paths.data.glob("chat-tui.db.replaced-*")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (4,)
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


CAPPED = """
import asyncio, resource, sys
from pathlib import Path
from chat_tui.core.messages import text_parts
from chat_tui.storage import Store, paths_under
from tests.storage.samples import chat, message

async def main():
    async with Store(paths_under(Path(sys.argv[1])), retry_delays=(3600.0,)) as store:
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
        big = [message("x" * 50_000, parent=messages[-1]) for _ in range(8)]
        for each in big:
            await store.add_messages(conversation, [each])
        ids = [node.id for node in await store.nodes(conversation.id)]
        texts = [each.text for each in await store.messages(ids)]
        print(len(texts), sum(map(len, texts)), store.trouble is not None)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

asyncio.run(main())
"""


async def test_files_that_may_not_grow_lose_nothing(tmp_path: Path, paths: Paths) -> None:
    """A real limit of the kernel, in a process of its own."""
    result = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", CAPPED, str(tmp_path / "home")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    count, characters, trouble = result.stdout.split()
    assert (count, trouble) == ("10", "True")
    assert int(characters) > 400_000
    async with Store(paths) as store:
        (row,) = await store.summaries()
        assert sum(map(len, await all_texts(store, row.id))) == int(characters)


def system(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Paths]:
    """A real file system of 1 MB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if not shutil.which("mount") or not system(
        "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)
    ):
        pytest.skip("no file system may be mounted here")
    yield paths_under(place)
    system("umount", "-l", str(place))


@pytest.fixture
def other_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for the folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


async def test_a_full_disk_is_told_and_survived(small_disk: Paths, other_folder: Path) -> None:
    async with Store(small_disk, retry_delays=NEVER) as store:
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        big = message("y" * 1_200_000, parent=messages[-1])
        await store.add_messages(conversation, [big])
        assert store.trouble is not None
        assert "full" in store.trouble.message
        assert (await all_texts(store, conversation.id))[-1] == big.text
        (rescue,) = files(other_folder, "chat-tui-rescue-*/rescue-*.json")
        assert str(rescue) in store.trouble.hint
        async with Store(None) as other:
            assert (await import_file(rescue, other)).messages == 1


async def test_a_read_only_disk_is_read_and_told(small_disk: Paths, other_folder: Path) -> None:
    place = str(small_disk.data.parent)
    conversation, messages = chat(1)
    async with Store(small_disk) as store:
        await store.add_messages(conversation, messages)
    assert system("mount", "-o", "remount,ro", place)
    async with Store(small_disk, retry_delays=SOON) as store:
        assert len(await store.summaries()) == 1
        assert store.trouble is not None
        await store.add_messages(conversation, [message("new", parent=messages[-1])])
        assert (await all_texts(store, conversation.id))[-1] == "new"
        assert len(files(other_folder, "chat-tui-rescue-*/rescue-*.json")) == 1
        assert system("mount", "-o", "remount,rw", place)
        await until(lambda: store.trouble is None)
    async with Store(small_disk) as store:
        assert (await all_texts(store, conversation.id))[-1] == "new"


async def test_a_value_that_the_database_refuses_is_told_and_does_not_block(store: Store) -> None:
    conversation, messages = chat(1)
    with pytest.raises(StorageError):
        await store.add_messages(conversation, [replace(message("odd"), slot=2**70)])
    assert store.trouble is None
    await store.add_messages(conversation, messages)
    assert await all_texts(store, conversation.id) == [each.text for each in messages]
