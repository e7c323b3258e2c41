"""Messages that are deleted, brought back, and removed for good."""

import math
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import (
    Conversation,
    ConversationTree,
    Extent,
    Node,
    node_of,
)
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ChatMessage, Flags, text_parts
from chat_tui.core.ports import Purged
from chat_tui.storage import Paths, Store
from chat_tui.storage.exporters.own_json import document, export
from chat_tui.storage.importers.own_json import parse
from chat_tui.storage.schema import VERSION
from chat_tui.storage.survivors import survivors
from tests.examples import examples
from tests.storage.conftest import tracing, until
from tests.storage.faulty import IO_ERROR, NEVER, Faulty, faulty_store, rescued, well
from tests.storage.samples import chat, message


async def marks(store: Store, conversation: str) -> dict[str, Extent]:
    """What is deleted, by message."""
    return {node.id: node.deleted for node in await store.nodes(conversation) if node.deleted}


async def parents(store: Store, conversation: str) -> dict[str, str | None]:
    return {node.id: node.parent for node in await store.nodes(conversation)}


async def test_a_deleted_message_stays_stored_and_comes_back(any_store: Store) -> None:
    conversation, messages = chat(2)
    await any_store.add_messages(conversation, messages)
    other = chat(1)
    await any_store.add_messages(*other)
    ids = [each.id for each in messages]

    await any_store.mark_messages(conversation.id, {ids[1]: "message", ids[2]: "branch"}, 5.0)
    assert await marks(any_store, conversation.id) == {ids[1]: "message", ids[2]: "branch"}
    assert await any_store.messages(ids) == messages
    # Only messages of the conversation, and only those that are there.
    await any_store.mark_messages(conversation.id, {other[1][0].id: "branch", "gone": "branch"}, 5)
    assert await marks(any_store, other[0].id) == {}
    await any_store.mark_messages(conversation.id, {}, 6.0)
    await any_store.mark_messages(conversation.id, {ids[1]: "", ids[2]: "message"}, 6.0)
    assert await marks(any_store, conversation.id) == {ids[2]: "message"}
    assert await any_store.deleted() == Purged(0, 1)


async def test_writing_a_message_leaves_what_another_window_deleted(paths: Paths) -> None:
    async with Store(paths) as store, Store(paths) as other:
        conversation, messages = chat(1)
        reply = message("", parent=messages[0], role="assistant", status="streaming")
        await store.add_messages(conversation, [*messages, reply])
        assert not await other.changed_elsewhere()
        await other.mark_messages(conversation.id, {reply.id: "branch"}, 5.0)
        assert await store.changed_elsewhere()
        store.append_chunk(reply.id, "more", "")
        await store.save_message(replace(reply, parts=text_parts("more"), status="complete"))
        await store.add_messages(conversation, [*messages, reply])
        assert await marks(store, conversation.id) == {reply.id: "branch"}
        assert (await store.messages([reply.id]))[0].text == "more"


async def test_the_tree_is_read_from_an_index_alone(paths: Paths) -> None:
    lines: list[str] = []
    conversation, messages = chat(2)
    async with Store(paths, connect=tracing(lines)) as store:
        await store.add_messages(conversation, messages)
        await store.mark_messages(conversation.id, {messages[3].id: "message"}, 5.0)
        lines.clear()
        nodes = await store.nodes(conversation.id)
    assert [node.deleted for node in nodes] == ["", "", "", "message"]
    assert len(lines) == 1
    with closing(sqlite3.connect(paths.database)) as connection:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {lines[0]}").fetchall())
    assert "COVERING INDEX messages_as_nodes" in plan
    assert "TEMP B-TREE" not in plan


async def test_what_is_deleted_while_the_disk_fails_is_seen_at_once_and_done_later(
    paths: Paths,
) -> None:
    faulty = Faulty()
    async with faulty_store(paths, faulty) as store:
        conversation, messages = chat(2)
        await store.add_messages(conversation, messages)
        ids = [each.id for each in messages]
        await store.mark_messages(conversation.id, {ids[3]: "message"}, 4.0)
        faulty.fault = IO_ERROR
        prompt = message("new", parent=messages[3])
        await store.add_messages(replace(conversation, head=prompt.id), [prompt])
        await store.save_message(replace(messages[1], parts=text_parts("changed")))
        await store.mark_messages(conversation.id, {ids[2]: "branch", ids[3]: ""}, 5.0)
        await store.mark_messages(conversation.id, {prompt.id: "message"}, 5.0)
        faulty.fault = None
        await until(lambda: well(store))
        expected = {ids[2]: "branch", prompt.id: "message"}
        assert await marks(store, conversation.id) == expected
    async with Store(paths) as store:
        assert await marks(store, conversation.id) == expected


async def test_marks_are_laid_over_what_can_still_be_read(paths: Paths) -> None:
    conversation, messages = chat(1)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        await store.mark_messages(conversation.id, {messages[0].id: "message"}, 5.0)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    async with Store(paths, retry_delays=NEVER) as store:
        # Written by a newer version: it is read, never written.
        await store.mark_messages(conversation.id, {messages[1].id: "message"}, 6.0)
        await store.save_message(replace(messages[0], parts=text_parts("changed")))
        assert store.trouble is not None
        deleted = dict.fromkeys([each.id for each in messages], "message")
        assert await marks(store, conversation.id) == deleted
        with pytest.raises(StorageError):
            await store.purge(math.inf)


async def test_marks_flags_and_drafts_of_a_dead_instance_come_out_of_its_rescue_file(
    paths: Paths,
) -> None:
    faulty = Faulty()
    conversation, messages = chat(1)
    conversation = replace(conversation, favourite=messages[1].id)
    store = faulty_store(paths, faulty, NEVER)
    await store.add_messages(conversation, messages)
    store.save_draft("older", Draft("was here"))
    await store.draft("older")
    faulty.fault = IO_ERROR
    await store.update_conversation(conversation.id, {"title": "New title"})
    await store.mark_messages(conversation.id, {messages[1].id: "branch"}, 5.0)
    await store.update_messages({messages[0].id: {"pinned": True, "tokens": {"a": 1}}})
    store.save_draft(conversation.id, Draft("half a", queued=(Prompt("next"),)))
    store.save_draft(conversation.id, Draft("half a thought", ("long paste",)))
    store.save_draft("older", Draft())
    assert await store.draft(conversation.id) == Draft("half a thought", ("long paste",))
    assert await store.draft("older") == Draft()
    await store.aclose()
    assert len(rescued(paths)) == 1

    async with Store(paths) as store:
        assert await marks(store, conversation.id) == {messages[1].id: "branch"}
        assert await store.flags(conversation.id) == {messages[0].id: Flags(pinned=True)}
        assert await store.draft(conversation.id) == Draft("half a thought", ("long paste",))
        assert await store.draft("older") == Draft()
        stored = await store.conversation(conversation.id)
        assert stored is not None
        assert (stored.title, stored.favourite) == ("New title", messages[1].id)
        assert await store.purge(4.0) == Purged(0, 0)
        assert await store.purge(6.0) == Purged(0, 1)


async def test_a_rescue_file_with_nonsense_beside_the_conversations_is_taken_over(
    paths: Paths,
) -> None:
    conversation, messages = chat(1)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        store.save_draft("c", Draft("newer"))
        await store.draft("c")
    name = "rescue-00000000-0000-0000-0000-000000000000.json"
    ids = [each.id for each in messages]
    beside = {
        "marks": {
            conversation.id: {ids[0]: ["all", 1.0], "x": 7, ids[1]: ["message", 2.5]},
            "y": 3,
        },
        "drafts": {
            "c": {"at": 1.0, "text": "older"},
            "d": 5,
            "e": {"at": "x"},
            "f": {"at": 2.0, "text": 5, "pastes": ["kept", 1], "queued": 1, "editing": 2},
        },
        "flags": {ids[0]: {"pinned": 1, "excluded": True, "more": []}, ids[1]: 5, "z": {}},
    }
    (paths.state / name).write_text(document([], beside))
    async with Store(paths) as store:
        assert await marks(store, conversation.id) == {messages[1].id: "message"}
        assert await store.flags(conversation.id) == {ids[0]: Flags(excluded=True)}
        assert (await store.draft("c")).text == "newer"
        assert await store.draft("d") == await store.draft("e") == await store.draft("f") == Draft()
    assert rescued(paths) == []


async def test_purging_removes_conversations_with_all_that_belongs_to_them(
    any_store: Store,
) -> None:
    kept, gone, later = chat(1), chat(2), chat(1)
    for each in (kept, gone, later):
        await any_store.add_messages(*each)
        any_store.save_draft(each[0].id, Draft("draft"))
    await any_store.update_conversation(gone[0].id, {"deleted": 5.0})
    await any_store.update_conversation(later[0].id, {"deleted": 7.0})
    assert await any_store.deleted() == Purged(2, 0)

    assert await any_store.purge(5.0) == Purged(0, 0)
    assert await any_store.purge(6.0) == Purged(1, 0)
    assert await any_store.conversation(gone[0].id) is None
    assert await any_store.messages([each.id for each in gone[1]]) == []
    assert await any_store.draft(gone[0].id) == Draft()
    assert await any_store.draft(later[0].id) == Draft("draft")
    # Nothing brings it back.
    await any_store.update_conversation(gone[0].id, {"deleted": None})
    assert await any_store.conversation(gone[0].id) is None
    assert await any_store.purge(math.inf) == Purged(1, 0)
    assert [row.id for row in await any_store.summaries()] == [kept[0].id]
    assert await any_store.draft(kept[0].id) == Draft("draft")


async def test_purging_many_conversations_takes_several_steps(store: Store) -> None:
    for number in range(45):
        await store.add_messages(Conversation(f"c{number}", deleted=1.0), [])
    assert await store.purge(2.0) == Purged(45, 0)
    assert await store.purge(2.0) == Purged(0, 0)


async def test_purging_messages_hangs_what_follows_below_the_one_before(any_store: Store) -> None:
    conversation, messages = chat(3)
    other = message("other", parent=messages[0], role="assistant")
    below = message("below", parent=other)
    await any_store.add_messages(conversation, [*messages, other, below])
    ids = [each.id for each in messages]
    heads = {"head": below.id, "heads": {0: ids[5], 1: below.id}, "favourite": below.id}
    await any_store.update_conversation(conversation.id, heads)  # type: ignore[arg-type] # as made
    await any_store.mark_messages(conversation.id, {ids[0]: "message", ids[3]: "message"}, 5.0)
    await any_store.mark_messages(conversation.id, {other.id: "branch"}, 5.0)
    await any_store.mark_messages(conversation.id, {ids[5]: "message"}, 9.0)
    assert await any_store.deleted() == Purged(0, 5)

    assert await any_store.purge(6.0) == Purged(0, 4)
    assert await parents(any_store, conversation.id) == {
        ids[1]: None,
        ids[2]: ids[1],
        ids[4]: ids[2],
        ids[5]: ids[4],
    }
    assert await marks(any_store, conversation.id) == {ids[5]: "message"}
    stored = await any_store.conversation(conversation.id)
    assert stored is not None
    assert (stored.head, stored.heads, stored.favourite) == (None, {0: ids[5]}, None)
    assert (await any_store.messages([ids[4]]))[0].parent == ids[2]


async def test_purging_leaves_conversations_in_which_a_reply_streams(store: Store) -> None:
    conversation, messages = chat(1)
    reply = message("", parent=messages[1], role="assistant", status="streaming")
    await store.add_messages(conversation, [*messages, reply])
    await store.mark_messages(conversation.id, {messages[0].id: "message"}, 5.0)
    assert await store.purge(math.inf) == Purged(0, 0)
    await store.update_conversation(conversation.id, {"deleted": 5.0})
    assert await store.purge(math.inf) == Purged(0, 0)
    await store.save_message(replace(reply, status="complete"))
    assert await store.purge(math.inf) == Purged(1, 0)


async def test_looking_for_what_is_deleted_reads_short_indexes_alone(paths: Paths) -> None:
    lines: list[str] = []
    async with Store(paths, connect=tracing(lines)) as store:
        await store.add_messages(*chat(1))
        lines.clear()
        assert await store.purge(5.0) == await store.deleted() == Purged(0, 0)
        assert await store.recent_prompts() == ["question 0"]
    assert not any("wal_checkpoint" in line for line in lines), "nothing is to be removed from it"
    with closing(sqlite3.connect(paths.database)) as connection:
        plans = {
            line: str(connection.execute(f"EXPLAIN QUERY PLAN {line}").fetchall())
            for line in lines
            if line.startswith("SELECT DISTINCT")
        }
    assert len(plans) == 4
    for plan in plans.values():
        assert "messages_streaming" in plan or "messages_deleted" in plan


async def test_message_whose_parent_is_lost_does_not_stand_in_the_way_of_purging(
    paths: Paths,
) -> None:
    conversation, messages = chat(2)
    async with Store(paths) as store:
        await store.add_messages(conversation, messages)
        await store.mark_messages(conversation.id, {messages[0].id: "message"}, 1.0)
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute("UPDATE messages SET parent = 'lost' WHERE id = ?", (messages[2].id,))
    async with Store(paths) as store:
        assert await store.purge(2.0) == Purged(0, 1)
        assert (await parents(store, conversation.id))[messages[2].id] is None


async def test_nothing_of_what_was_purged_is_left_in_the_files(paths: Paths) -> None:
    secret = "xyzzy plugh"
    conversation, messages = chat(2)
    hidden = message(secret * 2000, parent=messages[-1])
    async with Store(paths) as store:
        await store.add_messages(conversation, [*messages, hidden])
        await store.add_messages(Conversation("c", title=secret, deleted=1.0), [])
        store.save_draft("c", Draft(secret))
        await store.mark_messages(conversation.id, {hidden.id: "message"}, 1.0)
        await store.purge(math.inf)
        for file in paths.data.iterdir():
            assert secret.encode() not in file.read_bytes(), file
        assert len(await store.nodes(conversation.id)) == 4


async def test_an_export_has_what_is_seen(any_store: Store) -> None:
    conversation, messages = chat(2)
    ids = [each.id for each in messages]
    conversation = replace(
        conversation, head=ids[3], heads={0: ids[0], 1: ids[3]}, favourite=ids[3]
    )
    await any_store.add_messages(conversation, messages)
    await any_store.mark_messages(conversation.id, {ids[0]: "message", ids[2]: "branch"}, 5.0)
    text = await export(any_store, [conversation.id])
    ((exported, (only,)),) = parse(text.encode(), [])
    assert only == replace(messages[1], parent=None)
    assert (exported.head, exported.heads, exported.favourite) == (ids[1], {1: ids[1]}, ids[1])
    assert "question" not in text


@st.composite
def marked_trees(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for index in range(draw(st.integers(0, 9))):
        parent = draw(st.none() | st.sampled_from(nodes)) if nodes else None
        extent: Extent = draw(st.sampled_from(["", "", "message", "branch"]))
        role = "user" if index % 2 else "assistant"
        node = node_of(ChatMessage(f"n{index}", role, parent=parent.id if parent else None))  # type: ignore[arg-type] # one of them
        nodes.append(node._replace(deleted=extent))
    return nodes


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(marked_trees())
def test_survivors_are_what_the_tree_shows(nodes: list[Node]) -> None:
    tree = ConversationTree(nodes)
    places = survivors(nodes, lambda node: node.deleted)
    assert [id_ for id_ in places if id_ and places[id_] == id_] == [node.id for node in tree]
    for node in tree:
        assert places[node.parent] == tree.parent(node.id)
    for node in nodes:
        assert places[node.id] == tree.nearest(node.id)
