"""Reads our own format (see `exporters/own_json.py`). Every file counts as hostile."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chat_tui.core.attachments.names import named_by
from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationStore
from chat_tui.core.safety import clean_line
from chat_tui.storage.attachments import attachments_from_json
from chat_tui.storage.decoding import conversation_from_json, message_from_json
from chat_tui.storage.exporters.own_json import FORMAT, FORMAT_VERSION
from chat_tui.storage.importers.trees import ordered
from chat_tui.storage.records import INTERRUPTED
from chat_tui.storage.values import sane_time

MAX_BYTES = 512 * 1024 * 1024
"""The largest file that is read; 45,000 messages take 30 MB."""
MAX_MESSAGES = 2_000_000
"""Messages in one file."""
MAX_TITLE = 1000
"""Characters of a title."""


class ImportTarget(ConversationStore, Protocol):
    """What an import needs of a store, beside the port."""

    async def owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Which conversation each message belongs to; unknown ones left out."""
        ...


class Skipped(NamedTuple):
    """Something that was not taken over."""

    item: str
    """Which one: its place in the file, and its id where that can be read."""
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did."""

    conversations: int = 0
    """New conversations."""
    merged: int = 0
    """Conversations that were there and got something new."""
    unchanged: int = 0
    """Conversations of which everything was there."""
    messages: int = 0
    """New messages."""
    updated: int = 0
    """Messages that were there unfinished and are whole in the file."""
    branches: int = 0
    """Messages of the file that stand beside another one at the same place."""
    skipped: list[Skipped] = field(default_factory=list)


class Parsed(NamedTuple):
    """A conversation of the file, with its messages in an order to insert them in."""

    conversation: Conversation
    messages: tuple[ChatMessage, ...]


class Contents(NamedTuple):
    """What is in a file."""

    conversations: list[Parsed]
    attachments: list[Attachment]
    """The bytes that its messages name; what nobody names is removed after a day."""


async def import_file(source: Path | bytes, store: ImportTarget) -> ImportReport:
    """Take a file over. What is there already stays; importing twice adds nothing.

    Args:
        source: the file, or what is in it.
        store: gets the conversations; ids are kept.

    Raises:
        UsageError: it cannot be read, or is not in our format.
        StorageError: the store cannot be read.
    """
    report = ImportReport()
    contents = parse_file(_content(source), report.skipped)
    for each in contents.attachments:
        await store.save_attachments([each])
    for parsed in contents.conversations:
        await _take(parsed, store, report)
        await _miss(parsed.messages, {each.sha256 for each in contents.attachments}, store, report)
    return report


def parse(content: bytes, skipped: list[Skipped]) -> list[Parsed]:
    """Read the conversations of a file; see `parse_file`."""
    return parse_file(content, skipped).conversations


def parse_file(content: bytes, skipped: list[Skipped]) -> Contents:
    """Read the content of a file.

    Args:
        content: its bytes.
        skipped: what cannot be read is added to it.

    Raises:
        UsageError: it is not in our format at all.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    try:
        value = json.loads(content)
    except RecursionError as error:
        raise UsageError("The file cannot be imported: it is nested too deeply.") from error
    except ValueError as error:
        raise UsageError(
            f"The file cannot be imported: it is not JSON ({clean_line(str(error))}).",
            hint="Files made by `chat-tui export --format json` can be imported.",
        ) from error
    conversations = _conversations(value)
    parsed: list[Parsed] = []
    seen: set[str] = set()
    room = MAX_MESSAGES
    for index, item in enumerate(conversations):
        place = f"conversations[{index}]"
        try:
            conversation = conversation_from_json(item)
            messages = _messages(item, place, skipped, room)
        except ValueError as error:
            skipped.append(Skipped(place, str(error)))
            continue
        if conversation.id in seen:
            skipped.append(Skipped(place, f"{conversation.id} stands in the file twice"))
            continue
        seen.add(conversation.id)
        room -= len(messages)
        conversation = _presentable(conversation, item, messages, place, skipped)
        parsed.append(Parsed(_with_known_heads(conversation, messages), messages))
    return Contents(parsed, _attachments(value, skipped))


def _attachments(value: Mapping[str, Any], skipped: list[Skipped]) -> list[Attachment]:
    found = []
    for sha, read in attachments_from_json(value.get("attachments")):
        if isinstance(read, str):
            skipped.append(Skipped(f"the attachment {clean_line(sha)[:80]}", read))
        else:
            found.append(read)
    return found


async def _miss(
    messages: Sequence[ChatMessage],
    came: AbstractSet[str],
    store: ImportTarget,
    report: ImportReport,
) -> None:
    """Tell which pictures and documents are there neither from the file nor from before."""
    for message in messages:
        for sha in named_by([message]):
            if sha not in came and await store.attachment(sha) is None:
                reason = "its bytes are not in the file"
                report.skipped.append(Skipped(f"an attachment of message {message.id}", reason))


def _content(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        with source.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{source} cannot be read: {error.strerror or error}.", hint="Check the path."
        ) from error
    return content


def _too_large() -> UsageError:
    return UsageError(
        f"The file cannot be imported: it is larger than {MAX_BYTES // 1024**2} MB.",
        hint="Export fewer conversations at a time.",
    )


def _conversations(value: Any) -> list[Any]:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UsageError(
            'The file cannot be imported: it has no "format": "chat-tui".',
            hint="Files made by `chat-tui export --format json` can be imported.",
        )
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UsageError('The file cannot be imported: its "version" is not a whole number.')
    if version > FORMAT_VERSION:
        raise UsageError(
            "The file cannot be imported: a newer chat-tui wrote it.", hint="Update chat-tui."
        )
    conversations = value.get("conversations")
    if not isinstance(conversations, list):
        raise UsageError('The file cannot be imported: its "conversations" are not a list.')
    return conversations


def _messages(
    item: dict[str, Any], place: str, skipped: list[Skipped], room: int
) -> tuple[ChatMessage, ...]:
    values = item.get("messages", [])
    if not isinstance(values, list):
        raise ValueError("messages: a list is expected")
    if len(values) > room:
        raise ValueError(f"the file holds more than {MAX_MESSAGES} messages")
    read: dict[str, ChatMessage] = {}
    relinked: dict[str, Any] = {}
    for index, value in enumerate(values):
        where = f"{place}.messages[{index}]"
        try:
            message = message_from_json(value)
        except ValueError as error:
            skipped.append(Skipped(where, str(error)))
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                relinked[value["id"]] = value.get("parent")
            continue
        if message.id in read:
            skipped.append(Skipped(where, f"{message.id} stands in the conversation twice"))
            continue
        if refused := _refused_times(value):
            skipped.append(_without_times(refused, where))
        if message.status == "streaming":
            message = replace(message, status="interrupted", error=INTERRUPTED)
        read[message.id] = message
    return ordered(read, relinked)


def _refused_times(item: Mapping[str, Any]) -> list[str]:
    """The fields of a record whose times no calendar has; they were read as 0."""
    times = {name: item.get(name) for name in ("created", "updated", "deleted")}
    return [name for name, time in times.items() if time is not None and sane_time(time) != time]


def _without_times(refused: Sequence[str], place: str) -> Skipped:
    return Skipped(f"{', '.join(refused)} of {place}", "a time between 1970 and 9999 is expected")


def _presentable(
    conversation: Conversation,
    item: Mapping[str, Any],
    messages: Sequence[ChatMessage],
    place: str,
    skipped: list[Skipped],
) -> Conversation:
    """A conversation that the list can show: with a time that exists and a title that ends."""
    refused = _refused_times(item)
    if refused:
        skipped.append(_without_times(refused, place))
    if "updated" in refused:
        newest = max((message.created for message in messages), default=conversation.created)
        conversation = replace(conversation, updated=newest)
    if len(conversation.title) > MAX_TITLE:
        reason = f"it has more than {MAX_TITLE} characters"
        skipped.append(Skipped(f"the end of the title of {place}", reason))
        conversation = replace(conversation, title=conversation.title[:MAX_TITLE])
    return conversation


def _with_known_heads(conversation: Conversation, messages: Sequence[ChatMessage]) -> Conversation:
    known = {message.id for message in messages}
    head = conversation.head if conversation.head in known else None
    if head is None and messages and conversation.head is not None:
        head = messages[-1].id
    heads = {slot: id_ for slot, id_ in conversation.heads.items() if id_ in known}
    return replace(conversation, head=head, heads=heads)


async def _take(parsed: Parsed, store: ImportTarget, report: ImportReport) -> None:
    conversation, messages = parsed
    stored = await store.conversation(conversation.id)
    there = {node.id for node in await store.nodes(conversation.id)} if stored else set()
    owners = await store.owners([each.id for each in messages if each.id not in there])
    known, new = set(there), list[ChatMessage]()
    children: dict[str | None, int] = {}
    for message in messages:
        if message.id not in there and message.id in owners:
            reason = f"it belongs to another conversation, {owners[message.id]}"
            report.skipped.append(Skipped(f"message {message.id}", reason))
            continue
        if message.parent is not None and message.parent not in known:
            reason = f"its parent {message.parent} is missing; it was put at the beginning"
            report.skipped.append(Skipped(f"the place of message {message.id}", reason))
            message = replace(message, parent=None)
        children[message.parent] = children.get(message.parent, 0) + 1
        known.add(message.id)
        if message.id not in there:
            new.append(message)
    report.branches += sum(count - 1 for count in children.values())
    finished = await _finished(messages, there, store)
    if stored is None and conversation.favourite not in known:
        conversation = replace(conversation, favourite=None)
    if stored is None or new:
        await store.add_messages(stored or conversation, new)
    for message in finished:
        await store.save_message(message)
    report.messages += len(new)
    report.updated += len(finished)
    if stored is None:
        report.conversations += 1
    elif new or finished:
        report.merged += 1
    else:
        report.unchanged += 1


async def _finished(
    messages: Sequence[ChatMessage], there: set[str], store: ImportTarget
) -> list[ChatMessage]:
    """Messages of the file that say more than the unfinished ones in the store."""
    ids = [each.id for each in messages if each.id in there and each.role == "assistant"]
    stored = {each.id: each for each in await store.messages(ids)}
    return [
        replace(message, parent=before.parent)
        for message in messages
        if (before := stored.get(message.id)) is not None
        and before.status == "interrupted"
        and message.text.startswith(before.text)
        and (message.status != "interrupted" or len(message.text) > len(before.text))
    ]
