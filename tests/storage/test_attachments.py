"""Bytes that are stored once: through good and bad times, and gone when nobody names them."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.clock import SystemClock
from chat_tui.core.conversation import Conversation
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.core.manager import ConversationManager
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart
from chat_tui.storage import Paths, Store, paths_under
from chat_tui.storage.drafts import draft_to_text
from chat_tui.storage.exporters.own_json import export
from chat_tui.storage.importers.own_json import import_file
from chat_tui.storage.session import Session
from tests.fakes import TARGET, ScriptedClient, SimpleClientSource, answer
from tests.storage.conftest import tracing
from tests.storage.faulty import FULL, NEVER, Faulty, faulty_store, rescued

PICTURE = attachment_of(b"\x89PNG picture", "image/png")
DOCUMENT = attachment_of(b"Ein Brief.", "text/plain")
OTHER = attachment_of(b"GIF89a other", "image/gif")


def image(of: Attachment = PICTURE) -> ImagePart:
    return ImagePart(of.sha256, media_type=of.media_type, name="a.png", width=3, height=2)


PROMPT = ChatMessage(
    "1", "user", (TextPart("What is it?"), image(), FilePart(DOCUMENT.sha256, "b.txt", text="Ein"))
)
CHAT = Conversation("c", targets=(TARGET,), head="1")


async def sweep(store: Store) -> None:
    """Remove what nobody names, as if all of it had come a long time ago."""

    def age(session: Session) -> None:
        session._holder.writable()._connection.execute("UPDATE attachments SET created = 0")

    await store._call(age)
    await store.purge(1.0)


async def left(store: Store) -> set[str]:
    known = (PICTURE, DOCUMENT, OTHER)
    return {each.media_type for each in known if await store.attachment(each.sha256) == each}


@pytest.fixture
async def store(paths: Paths) -> AsyncIterator[Store]:
    async with Store(paths) as opened:
        yield opened


async def test_what_nobody_names_is_removed_after_a_day(store: Store) -> None:
    await store.save_attachments([PICTURE, DOCUMENT, OTHER])
    await store.save_attachments([PICTURE])
    await store.purge(1.0)
    assert await left(store) == {"image/png", "text/plain", "image/gif"}
    await store.add_messages(CHAT, [PROMPT])
    await sweep(store)
    assert await left(store) == {"image/png", "text/plain"}
    await store.update_conversation("c", {"deleted": 0.5})
    await store.purge(1.0)
    await sweep(store)
    assert await left(store) == set()


async def test_drafts_and_what_waits_keep_what_they_name(store: Store) -> None:
    await store.save_attachments([PICTURE, DOCUMENT, OTHER])
    aside = Draft("x", attached=(image(OTHER),))
    waits = Prompt("y", (FilePart(DOCUMENT.sha256, "b.txt"),))
    draft = Draft("[Picture]", (), (image(),), (waits, Prompt("z")), "m", aside)
    store.save_draft(OF_A_NEW_CONVERSATION, draft)
    assert await store.draft(OF_A_NEW_CONVERSATION) == draft
    await sweep(store)
    assert await left(store) == {"image/png", "text/plain", "image/gif"}
    store.save_draft(OF_A_NEW_CONVERSATION, Draft("x", attached=(image(OTHER),)))
    await sweep(store)
    assert await left(store) == {"image/gif"}


async def test_the_text_of_a_long_document_is_written_once_while_its_draft_changes(
    paths: Paths,
) -> None:
    document = FilePart(DOCUMENT.sha256, "b.txt", text="Zeile \U0001f600\ud800\n" * 3000)
    kept = replace(document, text=document.text.replace("\ud800", "\ufffd"))
    for draft in (
        Draft("x", attached=(document, image())),
        Draft("x", queued=(Prompt("y"), Prompt("z", (document,)))),
        Draft("x", editing="m", set_aside=Draft("y", attached=(document,))),
    ):
        lines: list[str] = []
        async with Store(paths, connect=tracing(lines)) as store:
            await store.save_attachments([DOCUMENT])
            for text in ("a", "ab", "abc"):
                store.save_draft("c", replace(draft, text=text))
                back = await store.draft("c")
                await sweep(store)
        assert max(map(len, (line for line in lines if "INSERT INTO drafts" in line))) < 1000
        assert len(draft_to_text(back)) > 30_000
        assert draft_to_text(back) == draft_to_text(replace(draft, text="abc"))
    with paths.database.open("r+b") as file:
        file.write(bytes(4096))
    async with Store(paths) as store:
        salvaged = await store.draft("c")
        assert salvaged.set_aside is not None
        assert salvaged.set_aside.attached == (kept,)
        store.save_draft("c", Draft())
        await sweep(store)
        assert await left(store) == set()


async def test_a_reply_that_gets_a_picture_at_its_end_names_it(store: Store) -> None:
    reply = ChatMessage("2", "assistant", (), "1", status="streaming")
    await store.add_messages(CHAT, [PROMPT, reply])
    await store.save_attachments([OTHER])
    await store.save_message(replace(reply, parts=(image(OTHER),), status="complete"))
    await sweep(store)
    assert await left(store) == {"image/gif"}


async def test_attachments_travel_with_export_and_import(store: Store) -> None:
    await store.save_attachments([PICTURE, DOCUMENT, OTHER])
    await store.add_messages(CHAT, [PROMPT])
    exported = await export(store, ["c"])
    assert OTHER.sha256 not in exported
    async with Store(None) as other:
        report = await import_file(exported.encode(), other)
        assert report.skipped == []
        assert await left(other) == {"image/png", "text/plain"}
        assert await export(other, ["c"]) == exported


async def test_an_import_tells_what_is_missing_or_damaged(store: Store) -> None:
    await store.save_attachments([PICTURE])
    await store.add_messages(CHAT, [PROMPT])
    exported = await export(store, ["c"])
    async with Store(None) as other:
        report = await import_file(exported.replace("iVBO", "AAAA").encode(), other)
        assert not await left(other)
    told = [each.reason for each in report.skipped]
    assert "its bytes are not in the file" in told
    assert len(told) == 2 or "its bytes are others than its hash says" in told


async def test_what_a_file_calls_a_hash_may_be_anything(store: Store) -> None:
    odd = replace(PROMPT, id="1\ud800", parts=(replace(image(), sha256="\ud800' OR 1"), image()))
    await store.save_attachments([PICTURE])
    await store.add_messages(CHAT, [odd])
    assert await store.attachment("\ud800' OR 1") is None
    await sweep(store)
    assert await left(store) == {"image/png"}


async def test_a_damaged_database_gives_its_pictures_back(paths: Paths) -> None:
    async with Store(paths) as store:
        big = attachment_of(bytes(range(256)) * 400, "image/png")
        await store.save_attachments([PICTURE, big])
        await store.add_messages(CHAT, [PROMPT])
    with paths.database.open("r+b") as file:
        file.write(bytes(4096))
    async with Store(paths) as store:
        assert await store.messages(["1"]) == [PROMPT]
        assert await store.attachment(PICTURE.sha256) == PICTURE
        assert await store.attachment(big.sha256) == big


async def test_pictures_are_kept_while_the_disk_refuses(paths: Paths) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty, NEVER) as store:
        await store.summaries()
        faulty.fault = FULL
        await store.save_attachments([PICTURE])
        await store.add_messages(CHAT, [PROMPT])
        assert store.trouble is not None
        assert await store.attachment(PICTURE.sha256) == PICTURE
        (rescue,) = rescued(paths)
        content = rescue.read_bytes()
    async with Store(None) as other:
        await import_file(content, other)
        assert await other.attachment(PICTURE.sha256) == PICTURE
    async with Store(paths) as store:
        assert await store.attachment(PICTURE.sha256) == PICTURE
        assert await store.messages(["1"]) == [PROMPT]


async def test_pictures_of_a_session_go_into_the_file_that_took_the_place(
    paths: Paths, tmp_path: Path
) -> None:
    elsewhere = paths_under(tmp_path / "other")
    async with Store(elsewhere) as store:
        await store.add_messages(Conversation("d"), [ChatMessage("9", "user")])
    async with Store(paths) as store:
        await store.save_attachments([PICTURE, OTHER])
        await store.add_messages(CHAT, [PROMPT])
        store.save_draft(OF_A_NEW_CONVERSATION, Draft("x", attached=(image(OTHER),)))
        await store.draft(OF_A_NEW_CONVERSATION)
        elsewhere.database.rename(paths.database)
        assert await store.changed_elsewhere()
        assert await store.conversation("d") is not None
        assert await left(store) == {"image/png", "image/gif"}


async def test_keeping_a_temporary_conversation_keeps_its_pictures(store: Store) -> None:
    async with Store(None) as passing:
        client = SimpleClientSource(ScriptedClient(answer("A cat.")))
        manager = ConversationManager(store, client, clock=SystemClock(), temporary=passing)
        chat = manager.start(TARGET, temporary=True)
        await chat.store.save_attachments([PICTURE, OTHER])
        await chat.store.add_messages(chat.conversation, [PROMPT])
        chat.tree.merge(await chat.store.nodes(chat.id))
        chat.store.save_draft(chat.id, Draft("x", attached=(image(OTHER),)))
        assert await store.attachment(PICTURE.sha256) is None
        await manager.conversations.keep(chat)
        assert await left(store) == {"image/png", "image/gif"}
        await manager.aclose()


async def test_messages_of_an_older_version_name_what_is_attached_to_them(paths: Paths) -> None:
    async with Store(paths) as store:
        await store.add_messages(CHAT, [PROMPT])
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.executescript(
            "DROP TABLE message_attachments; DROP TABLE attachments; PRAGMA user_version = 6;"
            "INSERT INTO messages SELECT 99, 'odd', conversation, NULL, turn, role, slot, choice, "
            "status, instance, created, lines, cells, text, reasoning, '{\"sha256\": ', NULL, '' "
            "FROM messages WHERE id = '1'"
        )
    async with Store(paths) as store:
        await store.save_attachments([PICTURE, OTHER])
        await sweep(store)
        assert await left(store) == {"image/png"}
