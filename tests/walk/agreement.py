"""Whether what is on the screen, in memory and in the database is the same."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.conversation import ConversationTree, Node
from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.core.messages import ChatMessage
from chat_tui.core.turns import OpenConversation
from chat_tui.storage.exporters.own_json import export
from chat_tui.storage.store import Store
from tests.ui.rig import Rig
from tests.walk.provider import SECRET

_TAG = re.compile(r"(?=\[\d+\.\d\])")
_NUMBER = re.compile(r"\[(\d+\.\d)\]")


class Seen(NamedTuple):
    """A conversation as it was on the screen last."""

    title: str
    pinned: bool
    favourite: str | None
    system_prompt: str
    path: tuple[str, ...]
    texts: dict[str, str]
    """Of the messages that were drawn and had ended."""
    draft: Draft
    queued: tuple[Prompt, ...]
    streaming: bool
    """Whether an answer was on its way: what waits goes out after it."""


def seen(rig: Rig) -> Seen:
    """The conversation on the screen."""
    chat, column = rig.chat, rig.screen.transcript.column
    shown = [column.message(at) for at in range(len(column))]
    ended = [each for each in shown if each is not None and each.status != "streaming"]
    conversation = chat.conversation
    return Seen(
        conversation.title,
        conversation.pinned,
        rig.screen.session.manager.branches.favourite_leaf(chat),
        conversation.system_prompt,
        tuple(chat.tree.path()),
        {each.id: each.text for each in ended},
        draft_of(rig),
        tuple(chat.queued),
        chat.streaming,
    )


def changed(was: Seen, now: Seen) -> list[str]:
    """What is not as it was left."""
    wrong = [
        f"{name} was {getattr(was, name)!r}, it is {getattr(now, name)!r}"
        for name in ("title", "pinned", "system_prompt")
        if getattr(was, name) != getattr(now, name)
    ]
    if was.streaming:
        waited = was.queued[len(was.queued) - len(now.queued) :]
        same = now.path[: len(was.path)] == was.path and now.queued == waited
    else:
        same = now.path == was.path and now.queued == was.queued and now.favourite == was.favourite
    if not same or replace(was.draft, queued=()) != replace(now.draft, queued=()):
        wrong.append(f"it was {was}, it is {now}")
    return wrong


def draft_of(rig: Rig) -> Draft:
    """What is to be kept of what stands in the prompt."""
    written, edits = rig.screen.writing.kept(), rig.screen.branches.edits
    queued = tuple(rig.chat.queued)
    aside = edits.set_aside or None
    return replace(written, queued=queued, editing=edits.message, set_aside=aside)


def draft_key(chat: OpenConversation) -> str:
    """Where a conversation's draft is kept."""
    return chat.id if chat.temporary or len(chat.tree) else OF_A_NEW_CONVERSATION


async def disagreements(rig: Rig) -> list[str]:
    """What differs between the screen, the open conversation and the database."""
    chat = rig.chat
    wrong = [*_on_screen(rig), *await _stored(chat), *await _listed(rig)]
    wrong += await _texts(rig)
    wrong += [f"crash report: {report[-2000:]}" for report in rig.backend.reports]
    return wrong


def _on_screen(rig: Rig) -> Iterator[str]:
    chat, column = rig.chat, rig.screen.transcript.column
    shown = [column.id_at(at) for at in range(len(column))]
    if shown != chat.tree.path():
        yield f"the transcript shows {shown}, the path is {chat.tree.path()}"
    if rig.screen.stage.empty is not rig.screen.has_class("-empty"):
        yield "the welcome is shown beside messages, or not where there are none"
    current = rig.screen.transcript.current
    if current is not None and not 0 <= current < len(column):
        yield f"message {current} of {len(column)} is marked"
    for change in (chat.undo_stack.undoable, chat.undo_stack.redoable):
        for side in () if change is None else (change.before, change.after):
            for id_ in (side.head, *side.marks):
                if id_ is not None and id_ not in chat.tree:
                    yield f"undo knows {id_} of {change}, the tree does not"


async def _stored(chat: OpenConversation) -> list[str]:
    tree = chat.tree
    nodes, stored = await chat.store.nodes(chat.id), await chat.store.conversation(chat.id)
    if not len(tree) and stored is None:
        return []
    if stored is None:
        return [f"{chat.id} has {len(tree)} messages and is not stored"]
    wrong = []
    if _places(nodes) != _places(tree.stored()):
        wrong.append(f"the tree is {_places(tree.stored())}, stored is {_places(nodes)}")
    again = ConversationTree(nodes, stored.head)
    if again.path() != tree.path():
        wrong.append(f"the stored head {stored.head} leads to {again.path()}, not {tree.path()}")
    wrong += [
        f"what follows {node.id} stands in another order in the database"
        for node in tree
        if tree.children(node.id) != again.children(node.id)
    ]
    here = chat.conversation
    return wrong + [
        f"{name}: {getattr(here, name)!r}, stored: {getattr(stored, name)!r}"
        for name in ("title", "pinned", "favourite", "system_prompt", "deleted")
        if getattr(stored, name) != getattr(here, name)
    ]


def _places(nodes: Iterator[Node] | list[Node]) -> dict[str, tuple[str | None, str, str, str]]:
    return {node.id: (node.parent, node.role, node.turn, node.deleted) for node in nodes}


async def _listed(rig: Rig) -> list[str]:
    rows = [(row.id, row.title, row.pinned) for row in rig.screen.list_of_conversations._rows]
    stored = await rig.backend.store.summaries(limit=len(rows) + 1 or 50)
    wanted = [(row.id, row.title, row.pinned) for row in stored]
    return [] if rows == wanted else [f"the list shows {rows}, stored are {wanted}"]


async def _texts(rig: Rig) -> list[str]:
    column = rig.screen.transcript.column
    shown = [message for at in range(len(column)) if (message := column.message(at)) is not None]
    stored = {each.id: each for each in await rig.chat.store.messages([each.id for each in shown])}
    return [
        f"shown is {_facts(each)}, stored {_facts(stored.get(each.id))}"
        for each in shown
        if each.status != "streaming" and _facts(each) != _facts(stored.get(each.id))
    ]


def _facts(message: ChatMessage | None) -> tuple[str, ...]:
    if message is None:
        return ()
    error = message.error.message if message.error is not None else ""
    return (message.id, message.text, message.reasoning, message.status, error)


# After the end


async def export_disagrees(store: Store, ids: list[str], known: dict[str, Seen]) -> list[str]:
    """Whether a plain export of the database says what was seen."""
    conversations = json.loads(await export(store, ids))["conversations"]
    wrong = []
    for each in conversations:
        was = known[each["id"]]
        texts = {message["id"]: _text(message) for message in each["messages"]}
        wrong += [
            f"{id_} was {text!r}, exported is {texts.get(id_)!r}"
            for id_, text in was.texts.items()
            if texts.get(id_) != text
        ]
        if each.get("title", "") != was.title:
            wrong.append(f"exported title {each.get('title')!r}, it was {was.title!r}")
    return wrong


def _text(message: dict[str, object]) -> str:
    parts = message.get("parts", ())
    assert isinstance(parts, list | tuple)
    return "".join(part.get("text", "") for part in parts)


async def invented_or_lost(
    store: Store, ids: list[str], typed: set[str], said: dict[str, str]
) -> list[str]:
    """What is stored that nobody said, and what was said and is not stored."""
    wrong, kept = [], set()
    for id_ in ids:
        nodes = await store.nodes(id_)
        for message in await store.messages([node.id for node in nodes]):
            if message.text in typed:
                kept.add(message.text)
                continue
            if message.role == "user":
                wrong.append(f"nobody wrote {message.text!r}")
            for part in filter(None, _TAG.split(message.text)):
                match = _NUMBER.match(part)
                if match is None or not said.get(match[1], "").startswith(part.rstrip()):
                    wrong.append(f"nobody said {part!r} of {message.text!r}")
                else:
                    kept.add(match[1])
    lost = (key for key in said if key not in kept and not SECRET.search(said[key]))
    return wrong + [f"[{key}] {said[key]!r} is lost" for key in lost]
