"""The port, on disk and in memory alike."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.messages import ChatMessage, Role, TextPart, text_parts
from chat_tui.core.targets import Target
from chat_tui.storage import Paths, Store, find_paths, open_store
from chat_tui.storage.records import LISTED_TITLE
from chat_tui.storage.schema import APPLICATION_ID, VERSION
from tests.examples import examples
from tests.storage.samples import chat, full_conversation, full_message, message, trees


async def test_everything_comes_back_as_it_was_written(any_store: Store) -> None:
    reply = full_message()
    conversation = replace(
        full_conversation(), head=reply.id, heads={1: reply.id}, favourite=reply.id
    )
    await any_store.add_messages(conversation, [reply])
    assert await any_store.conversation(conversation.id) == conversation
    assert await any_store.messages([reply.id]) == [reply]
    assert await any_store.nodes(conversation.id) == [node_of(reply)]


@settings(max_examples=examples(40), deadline=None, derandomize=True)
@given(trees())
def test_any_tree_comes_back_as_it_was_written(
    tree: tuple[Conversation, list[ChatMessage]],
) -> None:
    conversation, messages = tree

    async def scenario() -> None:
        async with Store(None) as store:
            await store.add_messages(conversation, messages)
            assert await store.conversation(conversation.id) == conversation
            assert await store.messages([each.id for each in messages]) == messages
            assert await store.nodes(conversation.id) == [node_of(each) for each in messages]

    asyncio.run(scenario())


async def test_messages_come_in_the_order_asked_for_without_unknown_ones(store: Store) -> None:
    conversation, messages = chat(400)
    await store.add_messages(conversation, messages)
    wanted = [messages[700], messages[3], messages[3], messages[799]]
    ids = [wanted[0].id, "unknown", *(each.id for each in wanted[1:])]
    assert await store.messages(ids) == wanted
    everything = [each.id for each in reversed(messages)]
    assert [each.id for each in await store.messages(everything)] == everything
    assert await store.messages([]) == []


async def test_nodes_make_a_tree_with_the_same_siblings(any_store: Store) -> None:
    conversation, messages = chat(2)
    other = message("another answer", parent=messages[0], role="assistant")
    await any_store.add_messages(conversation, messages)
    await any_store.add_messages(replace(conversation, head=other.id), [other])
    stored = await any_store.conversation(conversation.id)
    assert stored is not None
    tree = ConversationTree(await any_store.nodes(conversation.id), stored.head)
    assert tree.path() == [messages[0].id, other.id]
    assert tree.siblings(other.id) == (messages[1].id, other.id)


async def test_adding_again_changes_neither_messages_nor_fields_set_elsewhere(
    any_store: Store,
) -> None:
    conversation, messages = chat(1)
    await any_store.add_messages(conversation, messages)
    await any_store.update_conversation(conversation.id, {"title": "By hand", "tags": ("x",)})
    changed = replace(messages[1], parts=(TextPart("something else"),))
    stale = replace(conversation, title="Stale", updated=9.0, head=messages[0].id)
    await any_store.add_messages(stale, [changed])
    stored = await any_store.conversation(conversation.id)
    assert stored == replace(
        conversation, title="By hand", tags=("x",), updated=9.0, head=messages[0].id
    )
    assert await any_store.messages([messages[1].id]) == [messages[1]]


async def test_a_message_whose_parent_is_not_there_becomes_a_root(store: Store) -> None:
    conversation, _ = chat(0)
    orphan = replace(message("hello"), parent="nowhere")
    await store.add_messages(conversation, [orphan])
    assert [node.parent for node in await store.nodes(conversation.id)] == [None]
    assert (await store.messages([orphan.id]))[0].parent is None


async def test_chunks_are_part_of_a_streaming_message_until_it_is_saved(any_store: Store) -> None:
    conversation, messages = chat(1)
    reply = message("", parent=messages[0], role="assistant", status="streaming")
    await any_store.add_messages(conversation, [*messages, reply])
    any_store.append_chunk(reply.id, "Hel", "thi")
    any_store.append_chunk(reply.id, "lo \ud83d", "")
    any_store.append_chunk(reply.id, "\ude00", "nk")
    (streaming,) = await any_store.messages([reply.id])
    assert (streaming.text, streaming.reasoning) == ("Hello \U0001f600", "think")
    assert streaming.status == "streaming"
    final = replace(reply, parts=text_parts("Hello there"), status="complete", finish_reason="stop")
    await any_store.save_message(final)
    any_store.append_chunk(reply.id, " too late", "")
    assert await any_store.messages([reply.id]) == [final]
    assert (await any_store.nodes(conversation.id))[-1].cells == len("Hello there")


async def test_lone_surrogates_are_replaced_and_pairs_joined(any_store: Store) -> None:
    conversation, _ = chat(0)
    odd = replace(
        message("a\ud800b \ud83d\ude00", reasoning="\udfff"), raw={"\ud800": ["\ud83d", "x"]}
    )
    await any_store.add_messages(replace(conversation, title="\ud800"), [odd])
    (stored,) = await any_store.messages([odd.id])
    assert (stored.text, stored.reasoning) == ("a\ufffdb \U0001f600", "\ufffd")
    assert stored.raw == {"\ufffd": ["\ufffd", "x"]}
    assert any_store.trouble is None


async def test_fields_that_json_cannot_hold_do_not_cost_the_message(any_store: Store) -> None:
    deep: dict[str, object] = {}
    for _ in range(3000):
        deep = {"deeper": deep}
    odd = replace(message("kept"), raw={"deep": deep, "nan": float("nan"), "set": {1}})
    conversation, _ = chat(0)
    await any_store.add_messages(conversation, [odd])
    (stored,) = await any_store.messages([odd.id])
    assert stored.text == "kept"
    assert stored.raw["nan"] == "nan"


async def test_saving_a_message_that_was_never_added_raises(store: Store) -> None:
    with pytest.raises(StorageError):
        await store.save_message(message("lost"))
    assert store.trouble is None


async def test_summaries_come_by_pages_pinned_first_then_newest(any_store: Store) -> None:
    for number in range(25):
        conversation = Conversation(
            f"id-{number:02}",
            title=f"Chat {number}",
            updated=float(number // 2),
            pinned=number % 10 == 0,
            targets=(Target("p", f"model-{number}"),),
            deleted=1.0 if number == 24 else None,
        )
        await any_store.add_messages(conversation, [])
    everything = await any_store.summaries(limit=100)
    assert [row.id for row in everything[:4]] == ["id-20", "id-10", "id-00", "id-23"]
    assert everything[3].model == "model-23"
    assert len(everything) == 24
    pages, after = [], None
    while page := await any_store.summaries(limit=7, after=after):
        pages += page
        after = page[-1]
    assert pages == everything


async def test_the_list_has_only_the_beginning_of_a_huge_title(any_store: Store) -> None:
    title = "\u4f60b" * 150_000
    await any_store.add_messages(Conversation("x", title=title), [])
    (row,) = await any_store.summaries()
    assert row.title == title[:LISTED_TITLE]
    stored = await any_store.conversation("x")
    assert stored is not None
    assert stored.title == title


async def test_a_time_that_no_calendar_has_is_read_as_unknown(any_store: Store) -> None:
    far = Conversation("x", created=1e15, updated=-5.0, deleted=1e300)
    await any_store.add_messages(far, [])
    stored = await any_store.conversation("x")
    assert stored == replace(far, created=0.0, updated=0.0, deleted=0.0)


@pytest.mark.parametrize("role", ["user", "assistant"])
async def test_a_prompt_or_an_own_version_brings_a_deleted_conversation_back(
    any_store: Store, role: Role
) -> None:
    conversation, messages = chat(1)
    await any_store.add_messages(conversation, messages)
    await any_store.update_conversation(conversation.id, {"deleted": 5.0})
    more = message("more", parent=messages[-1], role=role)
    await any_store.add_messages(replace(conversation, head=more.id), [more])
    assert [row.id for row in await any_store.summaries()] == [conversation.id]


async def test_no_further_choice_of_a_reply_brings_a_deleted_conversation_back(
    any_store: Store,
) -> None:
    conversation, messages = chat(1)
    await any_store.add_messages(conversation, messages)
    await any_store.update_conversation(conversation.id, {"deleted": 5.0})
    # Done again, and the further choices of a reply that ended after the deletion.
    await any_store.add_messages(conversation, messages)
    choice = message("another", parent=messages[0], role="assistant", choice=1)
    await any_store.add_messages(conversation, [choice])
    await any_store.add_messages(conversation, [])
    assert await any_store.summaries() == []
    assert len(await any_store.nodes(conversation.id)) == 3


async def test_a_conversation_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    for id_ in ("abc1", "abc2", "abc", "xyz"):
        await store.add_messages(Conversation(id_), [])
    await store.update_conversation("xyz", {"deleted": 1.0})
    found = await store.find_conversation("abc1")
    assert found is not None
    assert found.id == "abc1"
    exact = await store.find_conversation("abc")
    assert exact is not None
    assert exact.id == "abc"
    assert await store.find_conversation("xy") is None
    assert await store.find_conversation("") is None
    assert await store.find_conversation("%") is None
    with pytest.raises(UsageError):
        await store.find_conversation("ab")


@contextmanager
def tracing(lines: list[str]) -> Iterator[object]:
    def connect(address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        connection.set_trace_callback(lines.append)
        return connection

    yield connect


async def test_the_start_reads_one_page_one_tree_and_the_texts_asked_for(
    paths: Paths, tmp_path: Path
) -> None:
    conversation, messages = chat(50)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        for _ in range(80):
            await store.add_messages(chat(1)[0], [])
    lines: list[str] = []
    with tracing(lines) as connect:
        async with Store(paths, connect=connect) as store:  # type: ignore[arg-type] # a Connect
            assert len(await store.summaries()) == 50
            await store.conversation(conversation.id)
            await store.nodes(conversation.id)
            await store.messages([each.id for each in messages[-20:]])
    reads = [line for line in lines if line.lstrip().startswith("SELECT")]
    tables = [line for line in reads if "sqlite_master" not in line]
    assert len(tables) == 5  # dead instances, the page, the conversation, its nodes, the texts
    assert sum(" text," in line for line in tables) == 1
    with closing(sqlite3.connect(paths.database)) as connection:
        for line in tables[1:4:2]:
            plan = str(connection.execute(f"EXPLAIN QUERY PLAN {line}").fetchall())
            assert "COVERING INDEX" in plan
            assert "TEMP B-TREE" not in plan


async def test_nothing_is_read_or_made_before_the_first_call(paths: Paths) -> None:
    store = open_store(paths)
    store.close()
    assert not paths.data.exists()


def test_importing_the_store_loads_nothing_heavy() -> None:
    code = (
        "import sys, chat_tui.storage.store, chat_tui.storage.settings.file; "
        "print({'sqlite3', 'pydantic', 'platformdirs', 'tomllib', 'tempfile'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert result.stdout == b"set()\n"


async def test_files_are_private_whatever_the_umask(paths: Paths) -> None:
    before = os.umask(0)
    try:
        async with Store(paths) as store:
            await store.add_messages(*chat(1))
            names = {file.name: file.stat().st_mode & 0o777 for file in paths.data.iterdir()}
            assert names == dict.fromkeys(
                ("chat-tui.db", "chat-tui.db-wal", "chat-tui.db-shm"), 0o600
            )
    finally:
        os.umask(before)
    for folder in (paths.data, paths.state, paths.instances, paths.data.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_the_file_is_marked_as_ours_and_journals_ahead(store: Store, paths: Paths) -> None:
    await store.add_messages(*chat(1))
    with closing(sqlite3.connect(paths.database)) as connection:
        for pragma, value in (
            ("application_id", APPLICATION_ID),
            ("user_version", VERSION),
            ("journal_mode", "wal"),
            ("integrity_check", "ok"),
        ):
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)


async def test_durable_writes_are_full_and_chunks_are_not(paths: Paths) -> None:
    lines: list[str] = []
    with tracing(lines) as connect:
        async with Store(paths, connect=connect) as store:  # type: ignore[arg-type] # a Connect
            conversation, _ = chat(0)
            reply = message("", role="assistant", status="streaming")
            await store.add_messages(conversation, [reply])
            lines.clear()
            store.append_chunk(reply.id, "x", "")
            await store.messages([reply.id])
            assert lines[:2] == ["PRAGMA synchronous = NORMAL", "BEGIN IMMEDIATE"]
            lines.clear()
            await store.save_message(replace(reply, status="complete"))
            assert lines[:2] == ["PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"]


async def test_a_cancelled_write_is_done_all_the_same(store: Store) -> None:
    conversation, messages = chat(1)
    task = asyncio.create_task(store.add_messages(conversation, messages))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await store.nodes(conversation.id)) == 2


async def test_a_closed_store_refuses_calls_and_swallows_chunks(store: Store) -> None:
    await store.aclose()
    store.append_chunk("any", "text", "")
    with pytest.raises(StorageError):
        await store.summaries()


async def test_memory_touches_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Store(None) as store:
        await store.add_messages(*chat(1))
        assert len(await store.summaries()) == 1
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - blocking is fine here


def test_one_variable_moves_all_folders(tmp_path: Path) -> None:
    paths = find_paths({"CHAT_TUI_HOME": str(tmp_path / "home")})
    home = tmp_path / "home"
    assert paths.config_file == home / "config" / "config.toml"
    assert paths.database == home / "data" / "chat-tui.db"
    assert (paths.state, paths.cache) == (home / "state", home / "cache")
    paths.create()
    assert paths.cache.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        find_paths({"CHAT_TUI_HOME": str(tmp_path / "file")}).create()


def test_without_the_variable_the_platform_decides() -> None:
    assert find_paths({"CHAT_TUI_HOME": ""}).data.name == "chat-tui"


@pytest.mark.benchmark
async def test_figures(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    conversation, messages = chat(5000)
    messages = [replace(each, parts=text_parts("words " * 200)) for each in messages]
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        for number in range(10_000):
            if number % 1000 == 0:
                await store.summaries()
            await store.add_messages(replace(chat(0)[0], updated=float(number)), [])
    ids = [each.id for each in messages[-30:]]
    async with Store(paths) as store:
        await store.summaries()
        figures = {}
        for name, call, most in (
            ("nodes of 10,000", lambda: store.nodes(conversation.id), 0.05),
            ("30 messages", lambda: store.messages(ids), 0.004),
            ("50 of 10,001 titles", store.summaries, 0.004),
        ):
            taken = []
            for _ in range(7):
                start = time.perf_counter()
                await call()
                taken.append(time.perf_counter() - start)
            figures[name] = sorted(taken)[3]
            assert figures[name] < most
    with capsys.disabled():
        print({name: f"{value * 1000:.2f} ms" for name, value in figures.items()})
