"""Row 20 of the fault table: the disk refuses, and nothing is lost."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import text_parts
from chat_tui.storage import Paths, Store
from chat_tui.storage.alarm import Alarm
from chat_tui.storage.importers.own_json import import_file
from chat_tui.storage.records import LISTED_TITLE
from tests.storage.conftest import until
from tests.storage.faulty import (
    FULL,
    IO_ERROR,
    NEVER,
    SOON,
    Faulty,
    all_texts,
    faulty_store,
    files,
    rescued,
    well,
)
from tests.storage.samples import chat, message


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


async def test_what_waits_for_the_disk_brings_a_deleted_conversation_back(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store, Store(paths) as other:
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        await other.update_conversation(conversation.id, {"deleted": 5.0})
        faulty.fault = IO_ERROR
        prompt = message("while it fails", parent=messages[-1])
        await store.add_messages(replace(conversation, head=prompt.id), [prompt])
        assert [row.id for row in await store.summaries()] == [conversation.id]
        seen = await store.conversation(conversation.id)
        assert seen is not None
        assert seen.deleted is None
        faulty.fault = None
        await until(lambda: well(store))
        assert [row.id for row in await other.summaries()] == [conversation.id]


async def test_a_conversation_deleted_while_the_disk_failed_stays_deleted(paths: Paths) -> None:
    faulty = Faulty()
    conversation, messages = chat(1)
    store = faulty_store(paths, faulty, NEVER)
    await store.add_messages(conversation, messages)
    faulty.fault = IO_ERROR
    prompt = message("while it fails", parent=messages[-1])
    await store.add_messages(replace(conversation, head=prompt.id), [prompt])
    await store.update_conversation(conversation.id, {"deleted": 5.0})
    assert await store.summaries() == []
    await store.aclose()
    async with Store(paths) as store:
        assert await store.summaries() == []
        assert "while it fails" in await all_texts(store, conversation.id)


async def test_the_list_cuts_huge_titles_while_the_disk_fails(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        faulty.fault = IO_ERROR
        await store.add_messages(Conversation("x", title="t" * 300_000), [])
        (row,) = await store.summaries()
        assert row.title == "t" * LISTED_TITLE
        faulty.fault = None
        await until(lambda: well(store))


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


async def test_a_value_that_the_database_refuses_is_told_and_does_not_block(store: Store) -> None:
    conversation, messages = chat(1)
    with pytest.raises(StorageError):
        await store.add_messages(conversation, [replace(message("odd"), slot=2**70)])
    assert store.trouble is None
    await store.add_messages(conversation, messages)
    assert await all_texts(store, conversation.id) == [each.text for each in messages]
