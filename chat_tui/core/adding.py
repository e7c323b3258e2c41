"""New messages of a conversation: how they are stored, and where its paths lead then.

What is added can be undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chat_tui.core.attachments.prompts import Prompt, prompt_in
from chat_tui.core.conversation import Conversation, Extent, node_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.titles import title_from, title_of_file
from chat_tui.core.turns import OpenConversation, RunningTurn
from chat_tui.core.undo import Change, Kind, Side


async def add_messages(
    chat: OpenConversation,
    kind: Kind,
    prompts: Sequence[ChatMessage],
    replies: Sequence[ChatMessage],
    now: float,
) -> Change:
    """Store prompts and their replies, or replies alone, in one durable step.

    Gives it as a change that was noted. `chat.storing` must be held.

    Raises:
        StorageError: they cannot be stored.
    """
    before, is_new, messages = chat.conversation, not chat.stored, [*prompts, *replies]
    prompt = prompt_in(prompts[0]) if prompts else Prompt()
    head, heads = gone_on_with(chat, prompts, replies)
    written = replace(
        before,
        title=_title_of(before, prompt),
        head=head,
        heads={**before.heads, **heads},
        updated=now,
    )
    await chat.store.add_messages(written, messages)
    chat.stored = True
    # What the user changed while this was stored stays.
    current = chat.conversation
    title = _title_of(current, prompt)
    heads = {**current.heads, **heads}
    chat.conversation = replace(current, title=title, head=head, heads=heads, updated=now)
    change = addition(chat, kind, prompts or replies, head, now)
    if current.board:
        chat.tree.add_beside(map(node_of, messages), head)
    else:
        for message in messages:
            chat.tree.add(node_of(message))
    chat.undo_stack.record(change)
    if is_new and current is not before:
        await chat.store.update_conversation(chat.id, _settings(chat.conversation))
    elif title != before.title and not is_new:
        # Of a conversation that is there already `add_messages` writes no title.
        await _name(chat, title)
    return change


async def add_choices(
    chat: OpenConversation, turn: RunningTurn, choices: Sequence[ChatMessage]
) -> None:
    """Store further choices of a reply in one durable step; they come and go with its turn.

    Raises:
        StorageError: they cannot be stored.
    """
    async with chat.storing:
        await chat.store.add_messages(chat.conversation, choices)
        chat.tree.merge(map(node_of, choices))
    if (change := turn.change) is not None:
        turn.change = extended(change, choices)
        chat.undo_stack.replace(change, turn.change)


async def give_title(chat: OpenConversation, answer: str) -> None:
    """Give a conversation without a title one that its first answer tells.

    Raises:
        StorageError: it cannot be stored.
    """
    title = _title_of(chat.conversation, answer=answer)
    if title != chat.conversation.title:
        await _name(chat, title)


def gone_on_with(
    chat: OpenConversation, prompts: Sequence[ChatMessage], replies: Sequence[ChatMessage]
) -> tuple[str, Mapping[int, str]]:
    """Where the active path leads to with new replies, and the heads of their slots.

    Side by side it leads to the answer of the model whose answer was gone on with before, and stays
    where it is if another model's answer to the same prompt is gone on with already.
    """
    about, tree = chat.conversation, chat.tree
    if not about.board:
        return replies[-1].id, {}
    from chat_tui.core.side_by_side.answers import chosen_slot, takes_over  # only side by side

    answers = [each for each in replies if each.role == "assistant"]
    heads = {each.slot: each.id for each in answers if each.slot in about.board.slots}
    if prompts:
        slot = chosen_slot(about, tree)
        return next((each.id for each in replies if each.slot == slot), replies[0].id), heads
    over = (each.id for each in replies if takes_over(about, tree, node_of(each)))
    return next(over, tree.head or replies[0].id), heads


def heads_along(chat: OpenConversation) -> Mapping[int, str]:
    """The head of the slot whose answer the active path ends with; none where that is nobody's."""
    about = chat.conversation
    if not about.board:
        return {}
    from chat_tui.core.side_by_side.answers import last_answer  # only side by side

    last = last_answer(chat.tree)
    return {} if last is None or last.slot not in about.board.slots else {last.slot: last.id}


def addition(
    chat: OpenConversation, kind: Kind, tops: Sequence[ChatMessage], head: str, at: float
) -> Change:
    """Messages that are about to be added to a tree as a change.

    Args:
        chat: their conversation.
        kind: of the change.
        tops: those below which, or at which, all others stand.
        head: the leaf of the active path from then on.
        at: the time, in seconds since 1970.
    """
    favourite = chat.conversation.favourite
    gone: dict[str, Extent] = {each.id: "branch" for each in tops}
    back: dict[str, Extent] = {each.id: "" for each in tops}
    return Change(
        kind,
        Side(chat.tree.head, favourite, gone),
        Side(head, favourite, back),
        at,
        prompt=prompt_in(tops[0]) if tops[0].role == "user" else Prompt(),
    )


def extended(change: Change, others: Sequence[ChatMessage]) -> Change:
    """A turn whose reply turned out to have siblings: they come and go with it."""
    if change.kind in ("send", "edit"):
        return change  # They hang below the prompt.
    ids = [message.id for message in others]
    gone: dict[str, Extent] = dict.fromkeys(ids, "branch")
    back: dict[str, Extent] = dict.fromkeys(ids, "")
    return replace(
        change,
        before=replace(change.before, marks={**change.before.marks, **gone}),
        after=replace(change.after, marks={**change.after.marks, **back}),
    )


async def _name(chat: OpenConversation, title: str) -> None:
    chat.conversation = replace(chat.conversation, title=title, title_by_hand=False)
    await chat.store.update_conversation(chat.id, {"title": title, "title_by_hand": False})


def _settings(conversation: Conversation) -> ConversationChanges:
    """What the user may change of a conversation at any time."""
    return {
        "title": conversation.title,
        "title_by_hand": conversation.title_by_hand,
        "system_prompt": conversation.system_prompt,
        "targets": conversation.targets,
        "board": conversation.board,
        "pinned": conversation.pinned,
    }


def _title_of(conversation: Conversation, prompt: Prompt | None = None, answer: str = "") -> str:
    if conversation.title or conversation.title_by_hand:
        return conversation.title
    words = "" if prompt is None else prompt.text
    if (title := title_from(words, answer)) or prompt is None:
        return title
    names = (title_of_file(part.name) for part in prompt.attached)
    return next(filter(None, names), "")
