"""Row 20 of the fault table: the database is removed or replaced while it is open."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.messages import text_parts
from chat_tui.storage import Paths, Store, paths_under
from tests.storage.faulty import (
    all_texts,
)
from tests.storage.samples import chat, message


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
