"""Rescue files: what could not be saved, in our own export format, beside the database's folder.

`chat-tui import` reads them; the next start does so by itself. What exports leave out stands
beside the conversations: `"marks"` (conversation → message → how much is deleted, when),
`"drafts"` (conversation → `"at"` and what is written), `"flags"` (message → what was changed of
them) and `"choices"` (kind, name, `"at"` and `"data"`, null for what was deleted).
"""

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.conversation import Conversation, Extent
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges, MessageChanges
from chat_tui.storage.attachments import attachments_to_json
from chat_tui.storage.drafts import draft_from_json, draft_to_json
from chat_tui.storage.exporters.own_json import document, export_conversation
from chat_tui.storage.importers.own_json import Parsed, Skipped, parse_file
from chat_tui.storage.operations import Choice, Mark
from chat_tui.storage.paths import make_private
from chat_tui.storage.sqlite import Database
from chat_tui.storage.troubles import REFUSED_VALUES
from chat_tui.storage.values import sane_time

_NAME = re.compile(r"rescue-([0-9a-f-]{36})\.json")


class RescueFile:
    """The one rescue file of this instance.

    Args:
        folder: where it should be; the folder for temporary files stands in for it.
        instance: the id of this instance.
    """

    def __init__(self, folder: Path, instance: str) -> None:
        self._folder = folder
        self._name = f"rescue-{instance}.json"
        self._stand_in: Path | None = None
        self.path: Path | None = None
        """Where it is; None while there is none."""

    def write(
        self,
        items: list[tuple[Conversation, list[ChatMessage]]],
        marks: Mapping[str, Mapping[str, Mark]],
        drafts: Mapping[str, tuple[Draft, float]],
        flags: Mapping[str, Mapping[str, bool]],
        choices: Mapping[tuple[str, str], Choice | None],
        attachments: Iterable[Attachment] = (),
    ) -> None:
        """Write it anew, whole. Where it cannot be written anywhere, `path` is None."""
        beside = {
            "marks": {
                id_: {each: list(mark) for each, mark in of.items()} for id_, of in marks.items()
            },
            "drafts": {id_: {"at": at} | draft_to_json(each) for id_, (each, at) in drafts.items()},
            "flags": flags,
            "choices": [
                [*key, choice.at if choice else None, choice.data if choice else None]
                for key, choice in choices.items()
            ],
            "attachments": attachments_to_json(attachments),
        }
        text = document([export_conversation(*item) for item in items], beside).encode()
        for folder in (self._home, self._other_home):
            with contextlib.suppress(OSError):  # then the next folder, or none
                path = folder() / self._name
                _replace(path, text)
                self._forget(but=path)
                self.path = path
                return
        self.path = None

    def leave(self) -> None:
        """Let it lie: something in it was refused by the database."""
        self.path = None

    def remove(self) -> None:
        """Remove it: everything is in the database."""
        self._forget(but=None)
        self.path = None

    def _forget(self, but: Path | None) -> None:
        if self.path is not None and self.path != but:
            with contextlib.suppress(OSError):  # importing it once more adds nothing
                self.path.unlink(missing_ok=True)

    def _home(self) -> Path:
        make_private(self._folder)
        return self._folder

    def _other_home(self) -> Path:
        if self._stand_in is None or not self._stand_in.is_dir():
            # A folder of our own: a fixed name in a folder open to all could be a trap.
            self._stand_in = Path(tempfile.mkdtemp(prefix="chat-tui-rescue-"))
        return self._stand_in


def put_back(
    database: Database, folder: Path, is_alive: Callable[[str], bool]
) -> Iterator[tuple[Path, int]]:
    """Take over the rescue files of instances that are gone, and remove them.

    They are later than what the database has, so their messages replace those there.

    Yields:
        Each file, with the number of messages that were in it.
    """
    for path in sorted(folder.glob("rescue-*.json")) if folder.is_dir() else ():
        name = _NAME.fullmatch(path.name)
        if name is None or is_alive(name[1]):
            continue
        skipped: list[Skipped] = []
        try:
            content = path.read_bytes()
            parsed, attachments = parse_file(content, skipped)
        except (UsageError, OSError):
            continue  # left for the user to look at
        try:
            database.save_attachments(attachments, time.time())
            for each in parsed:
                _merge(database, each)
            _merge_beside(database, json.loads(content))
        except REFUSED_VALUES as error:
            skipped.append(Skipped(path.name, str(error)))
        if skipped:
            path.rename(path.with_suffix(".partly-read"))
        else:
            path.unlink()
        yield path, sum(len(each.messages) for each in parsed)


def _merge(database: Database, parsed: Parsed) -> None:
    conversation, messages = parsed
    stored = database.conversation(conversation.id)
    there = database.messages([message.id for message in messages])
    newer = stored is not None and stored.updated <= conversation.updated
    if stored is not None:
        heads = {**stored.heads, **conversation.heads} if newer else stored.heads
        head = conversation.head if newer else stored.head
        conversation = replace(conversation, head=head, heads=heads)
    if stored is None or messages:
        database.add_messages(conversation, messages)
    if newer:
        # Last, since messages bring a deleted conversation back and this one may be deleted.
        database.update_conversation(conversation.id, _fields(conversation))
    for message in messages:
        if message.id in there and there[message.id][1] != message:
            database.save_message(message)


def _merge_beside(database: Database, value: Mapping[str, Any]) -> None:
    """Take over what was deleted or flagged, and drafts later than those in the database."""
    for conversation, marks in _table(value.get("marks")).items():
        read = {id_: mark for id_, each in _table(marks).items() if (mark := _mark(each))}
        database.mark_messages(conversation, read)
    for conversation, draft in _table(value.get("drafts")).items():
        at = _table(draft).get("at")
        if isinstance(at, float) and sane_time(at) > database.draft(conversation)[1]:
            database.save_draft(conversation, draft_from_json(draft), at)
    flags = ((id_, _flags(_table(each))) for id_, each in _table(value.get("flags")).items())
    database.update_messages({id_: changes for id_, changes in flags if changes})
    listed = value.get("choices")
    for each in listed if isinstance(listed, list) else ():
        _merge_choice(database, each)


def _merge_choice(database: Database, value: Any) -> None:
    """Take over a record of the user's that is later than the one in the database."""
    match value:
        case [str(kind), str(name), None, None]:
            database.save_choice(kind, name, None)
        case [str(kind), str(name), float(at), dict(data)]:
            known = database.choices(kind).get(name)
            if known is None or known.at < sane_time(at):
                database.save_choice(kind, name, Choice(data, sane_time(at)))


def _flags(table: Mapping[str, Any]) -> MessageChanges:
    changes = MessageChanges()
    if isinstance(pinned := table.get("pinned"), bool):
        changes["pinned"] = pinned
    if isinstance(excluded := table.get("excluded"), bool):
        changes["excluded"] = excluded
    return changes


def _mark(value: Any) -> Mark | None:
    match value:
        case [str(extent), float(at)] if extent in get_args(Extent):
            return Mark(extent, sane_time(at))  # type: ignore[arg-type] # it is one of them
        case _:
            return None


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fields(conversation: Conversation) -> ConversationChanges:
    return {
        "title": conversation.title,
        "title_by_hand": conversation.title_by_hand,
        "system_prompt": conversation.system_prompt,
        "targets": conversation.targets,
        "policy": conversation.policy,
        "cuts": conversation.cuts,
        "board": conversation.board,
        "tags": conversation.tags,
        "folder": conversation.folder,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "favourite": conversation.favourite,
        "deleted": conversation.deleted,
    }


def _replace(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
