"""Row 22 of the fault table: damaged, newer and foreign files; none is ever overwritten."""

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import Conversation, ConversationTree
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.storage import Paths, Store
from chat_tui.storage.schema import APPLICATION_ID, MIGRATIONS, PAGE_SIZE, VERSION
from tests.storage.samples import chat, full_conversation, full_message, message

LONG = "long text " * 2000
"""More than a page: it lies in overflow pages."""


async def filled(paths: Paths) -> list[tuple[Conversation, list[ChatMessage]]]:
    """A database of 40 conversations, one with long texts, one with every field set."""
    chats = [chat(5, title=f"Chat {number}") for number in range(38)]
    conversation, messages = chat(3, title="Long")
    chats.append((conversation, [replace(each, parts=text_parts(LONG)) for each in messages]))
    reply = full_message()
    chats.append((replace(full_conversation(), head=reply.id, deleted=None), [reply]))
    async with Store(paths) as store:
        for each in chats:
            await store.add_messages(*each)
    return chats


def zero_page(number: int) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek((number - 1) * PAGE_SIZE)
            file.write(bytes(PAGE_SIZE))

    return damage


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def random_bytes(path: Path) -> None:
    chance = random.Random(22)
    pages = path.stat().st_size // PAGE_SIZE
    with path.open("r+b") as file:
        for number in chance.sample(range(1, pages), pages // 3):
            file.seek(number * PAGE_SIZE + chance.randrange(8))
            file.write(chance.randbytes(PAGE_SIZE // 2))


def cut_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"garbage " * 12)


def root_page(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    return int(page)


def zero_root_of_messages(path: Path) -> None:
    zero_page(root_page(path, "messages"))(path)


def zero_root_of_index(path: Path) -> None:
    zero_page(root_page(path, "conversations_listed"))(path)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def aside(paths: Paths, label: str = "damaged") -> list[Path]:
    found = paths.data.glob(f"chat-tui.db.{label}-*")
    return [path for path in found if not path.name.endswith(("-wal", "-shm"))]


async def browse(store: Store) -> None:
    """Read until the damage is met, wherever it is; what is lost by then is not found."""
    for row in await store.summaries(limit=1000):
        await store.conversation(row.id)
        await store.messages([node.id for node in await store.nodes(row.id)])


async def read_all(store: Store) -> dict[str, list[ChatMessage]]:
    """Everything, as the app would read it."""
    found = {}
    for row in await store.summaries(limit=1000):
        nodes = await store.nodes(row.id)
        conversation = await store.conversation(row.id)
        assert conversation is not None
        ConversationTree(nodes, conversation.head)
        found[row.id] = await store.messages([node.id for node in nodes])
    return found


@pytest.mark.parametrize(
    ("damage", "least"),
    [
        (zero_page(1), 1.0),
        (cut_header, 1.0),
        (zero_root_of_messages, 1.0),
        (zero_root_of_index, 1.0),
        (zero_page(23), 0.85),
        (truncate, 0.3),
        (random_bytes, 0.3),
    ],
    ids=["page 1", "header", "root", "index", "page 23", "truncated", "random"],
)
async def test_a_damaged_database_is_moved_aside_and_salvaged(
    paths: Paths, damage: Callable[[Path], None], least: float
) -> None:
    chats = await filled(paths)
    damage(paths.database)
    before = digest(paths.database)
    async with Store(paths) as store:
        await browse(store)
        found = await read_all(store)
        assert store.trouble is None
        (kept,) = aside(paths)
        assert digest(kept) == before
        assert str(kept) in store.notices[0]
        assert str(sum(map(len, found.values()))) in store.notices[0]
        originals = {each.id: each for _, messages in chats for each in messages}
        saved = [each for messages in found.values() for each in messages]
        whole = [
            each for each in saved if replace(each, parent=None) == _bare(originals.get(each.id))
        ]
        assert len(whole) >= least * len(originals)
        if least == 1.0:
            assert found == {conversation.id: messages for conversation, messages in chats}
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
    async with Store(paths) as store:
        assert store.notices == ()
        assert (await read_all(store))[conversation.id] == messages
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchone() is None


def _bare(original: ChatMessage | None) -> ChatMessage | None:
    return replace(original, parent=None) if original else None


async def test_a_damaged_database_with_a_log_beside_it_is_salvaged_with_the_log(
    paths: Paths, tmp_path: Path
) -> None:
    conversation, messages = chat(4)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        reply = message("", parent=messages[-1], role="assistant", status="streaming")
        await store.add_messages(conversation, [reply])
        store.append_chunk(reply.id, "journalled", "")
        await store.messages([reply.id])
        shutil.copytree(paths.data, tmp_path / "crashed")  # as a crash would leave it
    shutil.rmtree(paths.data)
    (tmp_path / "crashed").rename(paths.data)
    cut_header(paths.database)
    async with Store(paths) as store:
        found = (await read_all(store))[conversation.id]
        assert found[:-1] == messages
        assert (found[-1].text, found[-1].status) == ("journalled", "interrupted")
        (kept,) = aside(paths)
        assert kept.with_name(kept.name + "-wal").exists()


async def test_damage_met_while_the_app_runs_costs_nothing_that_was_just_said(
    paths: Paths,
) -> None:
    await filled(paths)
    zero_root_of_messages(paths.database)
    conversation, messages = chat(1)
    reply = message("", parent=messages[-1], role="assistant", status="streaming")
    async with Store(paths) as store:
        await store.summaries()
        await store.add_messages(replace(conversation, head=reply.id), [*messages, reply])
        store.append_chunk(reply.id, "so far", "")
        final = replace(reply, parts=text_parts("so far and on"), status="complete")
        await store.save_message(final)
        assert (await read_all(store))[conversation.id] == [*messages, final]
        assert len(aside(paths)) == 1
        assert store.trouble is None


async def test_two_instances_find_the_damage_and_one_salvages(paths: Paths) -> None:
    chats = await filled(paths)
    zero_root_of_messages(paths.database)
    async with Store(paths) as first, Store(paths) as second:
        for store in (first, second, first):
            await browse(store)
        for number, store in enumerate((first, second)):
            await store.add_messages(*chat(1, title=f"after {number}"))
        assert len(await read_all(first)) == len(await read_all(second)) == len(chats) + 2
        assert len(aside(paths)) == 1
        assert (first.trouble, second.trouble) == (None, None)


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 500, b"x", b"\0" * 8192])
async def test_a_file_that_is_no_database_is_moved_aside(paths: Paths, content: bytes) -> None:
    paths.create()
    paths.database.write_bytes(content)
    async with Store(paths) as store:
        await store.add_messages(*chat(1))
        assert len(await store.summaries()) == 1
    (kept,) = aside(paths)
    assert kept.read_bytes() == content


@pytest.mark.parametrize("application", [0, 0x47504B47])
async def test_another_programs_database_is_moved_aside(paths: Paths, application: int) -> None:
    paths.create()
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute("CREATE TABLE recipes (name)")
        connection.commit()
    before = digest(paths.database)
    async with Store(paths) as store:
        await store.add_messages(*chat(1))
        assert "not a database of chat-tui" in store.notices[0]
    (kept,) = aside(paths, "other")
    assert digest(kept) == before


async def test_a_newer_database_is_read_and_never_written(paths: Paths) -> None:
    conversation, messages = chat(2)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = digest(paths.database)
    async with Store(paths, retry_delays=(0.01,)) as store:
        assert len(await store.summaries()) == 1
        assert store.trouble is not None
        assert "newer chat-tui" in store.trouble.message
        new = message("unsaved", parent=messages[-1])
        await store.add_messages(replace(conversation, head=new.id), [new])
        await store.update_conversation(conversation.id, {"title": "unsaved"})
        assert (await read_all(store))[conversation.id] == [*messages, new]
        assert str(next(iter(paths.state.glob("rescue-*.json")))) in store.trouble.hint
    assert digest(paths.database) == before
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    async with Store(paths) as store:
        assert (await read_all(store))[conversation.id] == [*messages, new]


def write_version_1(path: Path) -> tuple[str, ...]:
    """A database as version 1 wrote it: its statements are never changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO conversations VALUES (1, 'c', 'Old', 0, 1.0, 2.0, 0, 0, NULL, 'm', 'b', "
            "'{}', '', '', '[]', '[{\"provider\":\"p\",\"model\":\"m\"}]', 'Be old.', '{}')"
        )
        for seq, id_, parent, role in ((1, "a", None, "user"), (2, "b", "a", "assistant")):
            connection.execute(
                "INSERT INTO messages VALUES (?, ?, 'c', ?, 't', ?, 0, 0, 'complete', NULL, 1.0, "
                "1, 5, 'words', '', '{}')",
                (seq, id_, parent, role),
            )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        return tuple(
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            )
        )


async def test_version_1_is_migrated_after_a_backup(paths: Paths) -> None:
    assert "messages_of_conversation" in write_version_1(paths.database)
    async with Store(paths) as store:
        assert [row.title for row in await store.summaries()] == ["Old"]
        assert [each.text for each in await store.messages(["a", "b"])] == ["words", "words"]
        assert [node.parent for node in await store.nodes("c")] == [None, "a"]
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert {"messages_as_nodes", "conversations_listed"} <= names
        assert "messages_of_conversation" not in names
    (backup,) = paths.backups.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (2,)


def write_version_2(path: Path) -> None:
    """A database as version 2 wrote it."""
    write_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in MIGRATIONS[1]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 2")


async def test_version_2_is_migrated_after_a_backup(paths: Paths) -> None:
    write_version_2(paths.database)
    async with Store(paths) as store:
        assert [node.deleted for node in await store.nodes("c")] == ["", ""]
        stored = await store.conversation("c")
        assert stored is not None
        assert (stored.title, stored.favourite) == ("Old", None)
        assert await store.draft("c") == Draft()
        store.save_draft("c", Draft("new"))
        await store.update_conversation("c", {"favourite": "b"})
        await store.mark_messages("c", {"a": "message"}, 5.0)
        assert await store.recent_prompts() == []
    async with Store(paths) as store:
        assert [node.deleted for node in await store.nodes("c")] == ["message", ""]
        assert await store.draft("c") == Draft("new")
        stored = await store.conversation("c")
        assert stored is not None
        assert stored.favourite == "b"
    (backup,) = paths.backups.iterdir()
    assert ".v2-" in backup.name
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


@pytest.mark.parametrize("page", [1, 0])
async def test_a_damaged_version_2_is_salvaged(paths: Paths, page: int) -> None:
    write_version_2(paths.database)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    zero_page(page or root_page(paths.database, "messages_as_nodes"))(paths.database)
    async with Store(paths) as store:
        await browse(store)
        assert await store.summaries()
        (texts,) = (await read_all(store)).values()
        assert [each.text for each in texts] == ["words", "words"]
        stored = await store.conversation("c")
        assert stored is not None
        assert (stored.title, stored.system_prompt) == ("Old", "Be old.")


@pytest.mark.parametrize("page", [1, 0])
async def test_marks_favourites_and_drafts_are_salvaged(paths: Paths, page: int) -> None:
    # Written by version 2 and changed since, so that rows of both sizes are in the file.
    write_version_2(paths.database)
    conversation, messages = chat(2)
    conversation = replace(conversation, favourite=messages[3].id)
    draft = Draft("unsent", queued=(Prompt("next"),))
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        await store.mark_messages(conversation.id, {messages[2].id: "branch"}, 5.0)
        await store.mark_messages("c", {"a": "message"}, 6.0)
        store.save_draft(conversation.id, draft)
    zero_page(page or root_page(paths.database, "conversations_listed"))(paths.database)
    async with Store(paths) as store:
        await store.summaries()
        assert len(aside(paths)) == 1
        nodes = await store.nodes(conversation.id)
        assert [node.deleted for node in nodes] == ["", "", "branch", ""]
        assert [node.deleted for node in await store.nodes("c")] == ["message", ""]
        assert await store.conversation(conversation.id) == conversation
        assert await store.draft(conversation.id) == draft
        assert await store.purge(5.5) == (0, 2)


async def test_a_migrated_database_has_the_tables_of_a_new_one(
    paths: Paths, tmp_path: Path
) -> None:
    def statements(path: Path) -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            return sorted(sql for (sql,) in rows)

    new = replace(paths, data=tmp_path / "new")
    write_version_1(paths.database)
    for each in (paths, new):
        async with Store(each) as store:
            await store.summaries()
    assert statements(paths.database) == statements(new.database)


async def test_three_backups_are_kept(paths: Paths) -> None:
    for number in range(5):
        paths.database.unlink(missing_ok=True)
        write_version_1(paths.database)
        async with Store(paths) as store:
            await store.update_conversation("c", {"title": f"{number}"})
    assert len(list(paths.backups.iterdir())) == 3


async def test_a_migration_that_fails_leaves_the_old_version(paths: Paths) -> None:
    write_version_1(paths.database)
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE conversations_listed (taken)")
    async with Store(paths, retry_delays=(3600.0,)) as store:
        await store.add_messages(*chat(1))
        assert store.trouble is not None
        assert len(await store.summaries()) == 1
    with closing(sqlite3.connect(paths.database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert "messages_of_conversation" in names
