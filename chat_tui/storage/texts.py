"""What is read of messages to search them, and what the user wrote last: text and nothing else."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from chat_tui.core.conversation import Node
from chat_tui.core.messages import ChatMessage, ToolCall
from chat_tui.core.ports import MessageText
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.decoding import readable_fields
from chat_tui.storage.survivors import survivors

_BATCH = 500
_TEXTS = (
    "SELECT id, text, reasoning, status = 'streaming', "
    "CASE WHEN instr(data, '\"tool_calls\":') THEN data END FROM messages WHERE id IN ({})"
)
_PROMPTS = (
    "SELECT messages.id, conversation, text FROM messages "
    "JOIN conversations ON conversations.id = messages.conversation "
    "WHERE role = 'user' AND conversations.deleted IS NULL AND extent = '' "
    "ORDER BY messages.created DESC, messages.seq DESC LIMIT ?"
)
MOST_PROMPTS = 5000
"""How many of the last prompts are looked at to find different ones."""


def text_of(message: ChatMessage) -> MessageText:
    """What can be searched of a message that is at hand."""
    return MessageText(message.id, message.text, message.reasoning, _in_lines(message.tool_calls))


def read_texts(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, MessageText]:
    """See `ConversationStore.texts`; by id."""
    found: dict[str, MessageText] = {}
    for start in range(0, len(ids), _BATCH):
        batch = [join_surrogates(id_) for id_ in ids[start : start + _BATCH]]
        marks = ", ".join("?" * len(batch))
        for id_, text, reasoning, streaming, data in connection.execute(
            _TEXTS.format(marks), batch
        ):
            if streaming:
                more = read_journal(connection, id_)
                text, reasoning = text + more[0], reasoning + more[1]
            found[id_] = MessageText(id_, text, reasoning, _calls(data) if data else "")
    return found


def read_journal(connection: sqlite3.Connection, message: str) -> tuple[str, str]:
    """Text and reasoning that came for a streaming message."""
    chunks = connection.execute(
        "SELECT text, reasoning FROM chunks WHERE message = ? ORDER BY seq", (message,)
    ).fetchall()
    return _joined(chunk[0] for chunk in chunks), _joined(chunk[1] for chunk in chunks)


def recent_prompts(connection: sqlite3.Connection, limit: int) -> list[str]:
    """See `ConversationStore.recent_prompts`; no further back than `MOST_PROMPTS`."""
    hidden = _Hidden(connection)
    found: dict[str, None] = {}
    with closing(connection.execute(_PROMPTS, (MOST_PROMPTS,))) as rows:
        for id_, conversation, text in rows:
            if text.strip() and text not in found and not hidden.has(id_, conversation):
                found[text] = None
                if len(found) >= limit:
                    break
    return list(found)


class _Hidden:
    """Knows which messages stand below a deleted branch; reads trees only where one is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._trees: dict[str, set[str | None]] = {}
        query = (
            "SELECT DISTINCT +conversation FROM messages "
            "WHERE deleted IS NOT NULL AND extent = 'branch'"
        )
        self._marked = {id_ for (id_,) in connection.execute(query)}

    def has(self, id_: str, conversation: str) -> bool:
        if conversation not in self._marked:
            return False
        if conversation not in self._trees:
            nodes = read_nodes(self._connection, conversation)
            places = survivors(nodes, lambda node: node.deleted)
            self._trees[conversation] = {each for each in places if places[each] == each}
        return id_ not in self._trees[conversation]


def read_nodes(connection: sqlite3.Connection, conversation: str) -> Iterator[Node]:
    """See `ConversationStore.nodes`; one statement, which reads an index alone."""
    rows = connection.execute(
        "SELECT id, parent, turn, role, slot, lines, cells, extent FROM messages "
        "WHERE conversation = ? ORDER BY seq",
        (conversation,),
    )
    return map(Node._make, rows)


def _calls(data: str) -> str:
    try:
        calls = {"tool_calls": json.loads(data)["tool_calls"]}
    except (ValueError, RecursionError, TypeError, KeyError):
        return ""
    return _in_lines(readable_fields(calls, ChatMessage).get("tool_calls", ()))


def _in_lines(calls: Iterable[ToolCall]) -> str:
    return "\n".join(f"{call.name} {call.arguments}" for call in calls)


def _joined(pieces: Iterable[bytes]) -> str:
    return join_surrogates(b"".join(pieces).decode("utf-8", "surrogatepass"))
