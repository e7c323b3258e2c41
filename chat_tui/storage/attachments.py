"""Attachments as they are stored: bytes by their hash, and which messages name them.

A draft is no row of a conversation, so what drafts name is read out of them when there is
something to be removed.
"""

import re
import sqlite3
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from chat_tui.core.attachments.names import named_in
from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import join_surrogates

_HASH = re.compile("[0-9a-f]{64}")
_NAMED = re.compile('"sha256":"([0-9a-f]{64})"')
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")

_KEEP = (
    "INSERT INTO attachments (sha256, media_type, size, created, content) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (sha256) DO UPDATE SET created = excluded.created"
)
_KEEP_NEW = (
    "INSERT OR IGNORE INTO attachments (sha256, media_type, size, created, content) "
    "VALUES (?, ?, ?, ?, ?)"
)
_NAME = "INSERT OR IGNORE INTO message_attachments (message, sha256) VALUES (?, ?)"


def keep(connection: sqlite3.Connection, attachments: Iterable[Attachment], now: float) -> None:
    """Keep bytes, in a transaction; what is there already is only as new as if it came now."""
    for each in attachments:
        size = len(each.content)
        connection.execute(_KEEP, (each.sha256, each.media_type, size, now, each.content))


def keep_text(connection: sqlite3.Connection, text: bytes, now: float) -> str:
    """Keep a text unless it is there, in a transaction; gives its hash."""
    kept = attachment_of(text, "text/plain")
    row = (kept.sha256, kept.media_type, len(text), now, text)
    connection.execute(_KEEP_NEW, row)
    return kept.sha256


def name(connection: sqlite3.Connection, messages: Iterable[ChatMessage]) -> None:
    """Note what messages name, in the transaction that stores them."""
    rows = [
        (join_surrogates(each.id), sha)
        for each in messages
        for sha in named_in(each.parts)
        if _HASH.fullmatch(sha)
    ]
    if rows:
        connection.executemany(_NAME, rows)


def read(connection: sqlite3.Connection, sha: str) -> Attachment | None:
    """The bytes of a hash; None where there are none, and of what is no hash."""
    if not _HASH.fullmatch(sha):
        return None
    row = connection.execute(
        "SELECT media_type, content FROM attachments WHERE sha256 = ?", (sha,)
    ).fetchone()
    return None if row is None else Attachment(sha, *row)


def read_all(connection: sqlite3.Connection, shas: Iterable[str]) -> list[Attachment]:
    """The bytes of those hashes that there are."""
    found = (read(connection, sha) for sha in dict.fromkeys(shas))
    return [each for each in found if each is not None]


def drop_unnamed(connection: sqlite3.Connection, before: float) -> int:
    """Remove what no message and no draft names, and was kept before a time; tells how many."""
    rows = connection.execute(
        "SELECT sha256 FROM attachments WHERE created < ? "
        "AND sha256 NOT IN (SELECT sha256 FROM message_attachments)",
        (before,),
    ).fetchall()
    if not rows:
        return 0
    drafts = connection.execute("SELECT data FROM drafts WHERE instr(data, '\"sha256\"')")
    named = {sha for (data,) in drafts for sha in _NAMED.findall(data)}
    gone = [row for row in rows if row[0] not in named]
    connection.executemany("DELETE FROM attachments WHERE sha256 = ?", gone)
    return len(gone)


def attachment_from_row(sha: Any, media_type: Any, content: Any) -> Attachment | None:
    """Put an attachment together; None where its bytes are others than its hash says."""
    if not (isinstance(content, bytes) and isinstance(sha, str)):
        return None
    if sha256(content).hexdigest() != sha:
        return None
    return Attachment(sha, _known_type(media_type), content)


# As JSON


def attachments_to_json(attachments: Iterable[Attachment]) -> dict[str, Any]:
    """Attachments as they stand in a file: hash → media type and Base64."""
    return {
        each.sha256: {"media_type": each.media_type, "data": b64encode(each.content).decode()}
        for each in attachments
    }


def attachments_from_json(values: Any) -> Iterator[tuple[str, Attachment | str]]:
    """Read attachments from a file: each with its hash as it is written, or why not."""
    if values is None:
        return
    if not isinstance(values, Mapping):
        yield "attachments", "an object is expected"
        return
    for sha, value in values.items():
        yield sha, _from_json(sha, value)


def _from_json(sha: str, value: Any) -> Attachment | str:
    data = value.get("data") if isinstance(value, Mapping) else None
    if not _HASH.fullmatch(sha) or not isinstance(data, str):
        return "a hash with a media type and Base64 is expected"
    try:
        content = b64decode(data, validate=True)
    except (Base64Error, ValueError):
        return "its Base64 is damaged"
    found = attachment_from_row(sha, value.get("media_type"), content)
    return found or "its bytes are others than its hash says"


def _known_type(value: Any) -> str:
    known = isinstance(value, str) and _MEDIA_TYPE.fullmatch(value)
    return value if known else "application/octet-stream"
