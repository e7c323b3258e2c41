"""Export and import of our own format: lossless, and safe with hostile files."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.names import named_by
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, Timings, text_parts
from chat_tui.storage import Store
from chat_tui.storage.exporters.own_json import document, export, export_conversation
from chat_tui.storage.importers.own_json import MAX_TITLE, ImportReport, import_file, parse
from tests.examples import examples
from tests.storage.samples import chat, full_conversation, full_message, message, plain_json, trees

Contents = list[tuple[Conversation, list[ChatMessage]]]


def file_of(*conversations: dict[str, Any], **more: Any) -> bytes:
    value = {"format": "chat-tui", "version": 1, "conversations": list(conversations)} | more
    return json.dumps(value).encode()


async def contents(store: Store, *ids: str) -> Contents:
    found = []
    for id_ in ids:
        conversation = await store.conversation(id_)
        assert conversation is not None
        nodes = await store.nodes(id_)
        found.append((conversation, await store.messages([node.id for node in nodes])))
    return found


async def imported(content: bytes) -> tuple[ImportReport, Contents]:
    async with Store(None) as store:
        report = await import_file(content, store)
        rows = await store.summaries(limit=1000)
        return report, await contents(store, *(row.id for row in rows))


@settings(max_examples=examples(40), deadline=None, derandomize=True)
@given(st.lists(trees(), min_size=1, max_size=2))
def test_what_is_exported_comes_back_the_same(given_trees: Contents) -> None:
    async def scenario() -> None:
        async with Store(None) as store, Store(None) as other:
            ids = [conversation.id for conversation, _ in given_trees]
            for tree in given_trees:
                await store.add_messages(*tree)
            named = named_by(each for _, messages in given_trees for each in messages)
            text = await export(store, ids)
            report = await import_file(text.encode(), other)
            assert {each.reason for each in report.skipped} <= {"its bytes are not in the file"}
            assert bool(report.skipped) == bool(named)
            assert await contents(other, *ids) == given_trees
            assert await export(other, ids) == text

    asyncio.run(scenario())


async def test_every_field_is_in_the_file(store: Store) -> None:
    reply = full_message()
    conversation = replace(
        full_conversation(), head=reply.id, heads={2: reply.id}, favourite=reply.id
    )
    text = document([export_conversation(conversation, [reply])])
    ((exported, (message_back,)),) = parse(text.encode(), [])
    assert (exported, message_back) == (conversation, reply)
    value = json.loads(text)["conversations"][0]
    assert set(value) == {*Conversation.__slots__, "messages"}
    assert set(value["messages"][0]) == set(ChatMessage.__slots__)


def test_no_control_character_stands_in_the_file() -> None:
    every = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x202E, 0xE0041]))
    conversation, _ = chat(0)
    text = document([export_conversation(conversation, [message(f"a{every}b\u4f60")])])
    assert not set(text) & set(every) - {"\n"}
    assert "\u4f60" in text
    ((_, (back,)),) = parse(text.encode(), [])
    assert back.text == f"a{every}b\u4f60"


async def test_importing_twice_adds_nothing(store: Store) -> None:
    conversation, messages = chat(2)
    fork = message("other", parent=messages[0], role="assistant")
    content = document([export_conversation(conversation, [*messages, fork])]).encode()
    first = await import_file(content, store)
    assert (first.conversations, first.messages, first.branches) == (1, 5, 1)
    before = await contents(store, conversation.id)
    second = await import_file(content, store)
    assert (second.conversations, second.messages, second.unchanged) == (0, 0, 1)
    assert await contents(store, conversation.id) == before


async def test_missing_messages_are_added_and_what_is_there_stays(store: Store) -> None:
    conversation, messages = chat(2)
    here = replace(messages[1], parts=text_parts("as it is here"))
    await store.add_messages(replace(conversation, head=here.id), [messages[0], here])
    await store.update_conversation(conversation.id, {"title": "Mine"})
    content = document([export_conversation(conversation, messages)]).encode()
    report = await import_file(content, store)
    assert (report.conversations, report.merged, report.messages) == (0, 1, 2)
    ((stored, now),) = await contents(store, conversation.id)
    assert (stored.title, stored.head) == ("Mine", here.id)
    assert now == [messages[0], here, *messages[2:]]


async def test_an_interrupted_reply_is_replaced_by_the_whole_one(store: Store) -> None:
    conversation, messages = chat(1)
    broken = replace(messages[1], parts=text_parts("answer"), status="interrupted")
    await store.add_messages(conversation, [messages[0], broken])
    content = document([export_conversation(conversation, messages)]).encode()
    report = await import_file(content, store)
    assert (report.updated, report.messages) == (1, 0)
    assert (await contents(store, conversation.id))[0][1] == messages


async def test_a_message_of_another_conversation_is_left_there(store: Store) -> None:
    mine, messages = chat(1)
    await store.add_messages(mine, messages)
    thief, _ = chat(0)
    content = document([export_conversation(thief, messages)]).encode()
    report = await import_file(content, store)
    assert report.messages == 0
    assert [mine.id in skipped.reason for skipped in report.skipped] == [True, True]
    assert await store.nodes(thief.id) == []


async def test_parents_may_come_after_their_children() -> None:
    conversation, messages = chat(3)
    mixed = [messages[index] for index in (5, 2, 0, 4, 1, 3)]
    report, ((_, found),) = await imported(
        document([export_conversation(conversation, mixed)]).encode()
    )
    assert report.skipped == []
    assert {each.id: each for each in found} == {each.id: each for each in messages}


async def test_circles_and_lost_parents_make_no_endless_loop() -> None:
    ring = [
        {"id": "a", "role": "user", "parent": "c"},
        {"id": "b", "role": "user", "parent": "a"},
        {"id": "c", "role": "user", "parent": "b"},
        {"id": "self", "role": "user", "parent": "self"},
        {"id": "orphan", "role": "user", "parent": "nowhere"},
    ]
    report, ((_, found),) = await imported(file_of({"id": "x", "messages": ring}))
    assert report.messages == 5
    assert {each.id for each in found if each.parent is None} >= {"self", "orphan"}
    assert any("nowhere" in skipped.reason for skipped in report.skipped)


async def test_children_of_a_skipped_message_follow_its_parent() -> None:
    items = [
        {"id": "a", "role": "user"},
        {"id": "b", "role": "robot", "parent": "a"},
        {"id": "c", "role": "user", "parent": "b"},
        {"id": "a", "role": "user"},
        "not an object",
    ]
    report, ((_, found),) = await imported(file_of({"id": "x", "messages": items}))
    assert [(each.id, each.parent) for each in found] == [("a", None), ("c", "a")]
    assert len(report.skipped) == 3
    assert "role" in report.skipped[0].reason


async def test_a_streaming_message_is_imported_as_interrupted() -> None:
    items = [{"id": "a", "role": "assistant", "status": "streaming"}]
    _, ((_, (found,)),) = await imported(file_of({"id": "x", "messages": items}))
    assert found.status == "interrupted"


async def test_conversations_that_cannot_be_read_are_skipped_with_the_reason() -> None:
    report, found = await imported(
        file_of(
            {"id": ""},
            {"id": "bad", "title": 5},
            {"id": "bad", "updated": "soon"},
            {"id": "bad\x1b[2J"},
            {"id": "bad", "messages": {}},
            {"id": "good"},
            {"id": "good"},
        )
    )
    assert [each.id for each, _ in found] == ["good"]
    assert len(report.skipped) == 6
    assert report.skipped[1].reason == "title: a text is expected"


@pytest.mark.parametrize("time", ["1e15", "-1", "1e400", "NaN", "9" * 400])
async def test_a_time_that_no_calendar_has_costs_no_conversation(time: str) -> None:
    conversation, messages = chat(1)
    content = document(
        [
            export_conversation(replace(conversation, created=123.25, updated=123.25), messages[:1])
            | {"pinned": True},
            export_conversation(
                replace(chat(0)[0], updated=9.0),
                [replace(messages[1], parent=None, created=123.25, timings=Timings(123.25))],
            ),
        ]
    )
    report, ((first, (_,)), (_, (reply,))) = await imported(
        content.replace("123.25", time).encode()
    )
    assert (first.created, first.updated, reply.created) == (0.0, messages[0].created, 0.0)
    assert reply.timings == Timings(0.0)
    assert [skipped.item for skipped in report.skipped] == [
        "created, updated of conversations[0]",
        "created of conversations[1].messages[0]",
    ]
    assert "1970" in report.skipped[0].reason


async def test_a_conversation_with_a_refused_date_is_as_old_as_its_newest_message() -> None:
    conversation, messages = chat(2)
    item = export_conversation(replace(conversation, updated=1e15), messages)
    _, ((found, _),) = await imported(document([item]).encode())
    assert found.updated == max(each.created for each in messages)


async def test_a_huge_title_is_cut_and_told() -> None:
    report, ((found, _),) = await imported(file_of({"id": "x", "title": "ab" * 150_000}))
    assert found.title == "ab" * (MAX_TITLE // 2)
    assert [skipped.item for skipped in report.skipped] == [
        "the end of the title of conversations[0]"
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe\xff",
        b"[" * 200_000,
        b"9" * 5000,
        b"[]",
        b"{}",
        b'{"format": "chat-tui"}',
        b'{"format": "chat-tui", "version": 2, "conversations": []}',
        b'{"format": "chat-tui", "version": true, "conversations": []}',
        b'{"format": "chat-tui", "version": 1, "conversations": {}}',
    ],
)
def test_what_is_not_our_format_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(UsageError) as error:
        parse(content, [])
    assert "\n" not in error.value.message


def test_what_is_nested_too_deeply_is_skipped() -> None:
    deep = '{"a":' * 300 + "1" + "}" * 300
    item = f'{{"id": "m", "role": "user", "raw": {deep}}}'
    content = file_of({"id": "x", "messages": []}).replace(b"[]", f"[{item}]".encode())
    skipped: list[Any] = []
    ((_, messages),) = parse(content, skipped)
    assert messages == ()
    assert "deeper" in skipped[0].reason


@settings(max_examples=examples(150), deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.sampled_from(
            [*ChatMessage.__slots__, *Conversation.__slots__, "messages"]  # both kinds of fields
        ),
        plain_json,
    )
)
def test_any_values_are_read_or_skipped(values: dict[str, Any]) -> None:
    content = file_of({"id": "x"} | values, {"id": "y", "messages": [{"id": "m"} | values]})
    parse(content, [])


async def test_a_file_that_is_not_there_is_a_clear_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.json"):
        await import_file(tmp_path / "nothing.json", store)


async def test_exporting_an_unknown_conversation_is_a_clear_error(store: Store) -> None:
    with pytest.raises(UsageError, match="unknown"):
        await export(store, ["unknown"])
