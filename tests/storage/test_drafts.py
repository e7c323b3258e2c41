"""What is written and not sent: kept at once, through restarts and other windows."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.storage import Paths, Store, paths_under
from tests.storage.conftest import tracing
from tests.storage.samples import chat

FULL = Draft(
    "text \ud83d\ude00 [1]",
    ("a long paste",),
    queued=(Prompt("next"), Prompt("then")),
    editing="message",
)


async def test_a_draft_is_there_at_once_and_an_empty_one_is_forgotten(any_store: Store) -> None:
    assert await any_store.draft("c") == Draft()
    any_store.save_draft("c", FULL)
    any_store.save_draft(OF_A_NEW_CONVERSATION, Draft("new"))
    kept = await any_store.draft("c")
    assert kept == replace(FULL, text="text \U0001f600 [1]")
    assert await any_store.draft(OF_A_NEW_CONVERSATION) == Draft("new")
    any_store.save_draft("c", Draft(pastes=("no text names it",)))
    assert await any_store.draft("c") == Draft()


async def test_the_conversations_in_which_prompts_wait_are_told(any_store: Store) -> None:
    assert await any_store.queued_drafts() == frozenset()
    any_store.save_draft("c", FULL)
    any_store.save_draft("d", Draft('"queued": ["in the text"]', queued=(Prompt("next"),)))
    any_store.save_draft("e", Draft('{"queued": ["only in the text"]}'))
    any_store.save_draft(OF_A_NEW_CONVERSATION, FULL)
    assert await any_store.queued_drafts() == {"c", "d"}
    any_store.save_draft("c", Draft("text"))
    assert await any_store.queued_drafts() == {"d"}


async def test_drafts_survive_a_restart_and_the_last_one_counts(paths: Paths) -> None:
    lines: list[str] = []
    async with Store(paths, connect=tracing(lines)) as store:
        await store.summaries()
        lines.clear()
        for number in range(1000):
            store.save_draft("c", Draft(f"draft {number}"))
        store.save_draft("d", FULL)
    writes = [line for line in lines if line.startswith("INSERT INTO drafts")]
    assert 1 <= len(writes) < 100
    assert "PRAGMA synchronous = FULL" not in lines
    async with Store(paths) as store:
        assert (await store.draft("c")).text == "draft 999"
        assert (await store.draft("d")).queued == FULL.queued
    # A store that is closed swallows them.
    store.save_draft("c", Draft("too late"))


async def test_a_draft_that_cannot_be_read_is_none(paths: Paths) -> None:
    async with Store(paths) as store:
        store.save_draft("a", Draft("x"))
        await store.draft("a")
    for data, expected in (
        ("nonsense", Draft()),
        ("[1]", Draft()),
        ('{"text": 1, "queued": ["q", 2], "editing": ""}', Draft(queued=(Prompt("q"),))),
    ):
        with closing(sqlite3.connect(paths.database)) as connection, connection:
            connection.execute("UPDATE drafts SET data = ?", (data,))
        async with Store(paths) as store:
            assert await store.draft("a") == expected


async def test_drafts_go_with_the_conversations_of_a_session_into_another_database(
    paths: Paths, tmp_path: Path
) -> None:
    conversation, messages = chat(1)
    other = paths_under(tmp_path / "other")
    async with Store(other) as store:
        await store.add_messages(*chat(1))
        store.save_draft(OF_A_NEW_CONVERSATION, Draft("theirs, older"))
        store.save_draft("theirs", Draft("theirs"))
        await store.draft("theirs")
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        await store.mark_messages(conversation.id, {messages[1].id: "message"}, 5.0)
        store.save_draft(conversation.id, FULL)
        store.save_draft(OF_A_NEW_CONVERSATION, Draft("ours"))
        await store.draft(conversation.id)
        other.database.rename(paths.database)
        assert await store.changed_elsewhere()
        assert (await store.draft(conversation.id)).queued == FULL.queued
        assert (await store.draft(OF_A_NEW_CONVERSATION)).text == "ours"
        assert (await store.draft("theirs")).text == "theirs"
        assert [node.deleted for node in await store.nodes(conversation.id)] == ["", "message"]
        assert await store.purge(6.0) == (0, 1)
