"""Conversations side by side, stored as they would be after some rounds."""

from collections.abc import Sequence

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, TextPart
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.comparing.diff import DiffScreen
from chat_tui.ui.screens.comparing.diff_view import DiffView
from tests.ui.rig import Rig

MODELS = (
    "gpt-4.1-mini",
    "claude-opus-4-1",
    "gemini-2.5-pro",
    "deepseek-r1",
    "qwen3-235b-a22b-instruct",
    "mistral-large",
)

MARKDOWN = (
    "A **stable** sort keeps the order of equal keys.\n\n```python\ndef insertion(xs):\n"
    "    for i in range(1, len(xs)):\n        move(xs, i)\n```\n\n"
    "- easy to read\n- fast when small\n"
)


def targets(count: int) -> tuple[Target, ...]:
    """So many models."""
    return tuple(Target("fake", MODELS[at]) for at in range(count))


async def comparison(
    rig: Rig,
    count: int,
    *,
    rounds: int = 2,
    texts: Sequence[str] = (),
    board: Board | None = None,
    models: Sequence[Target] = (),
) -> OpenConversation:
    """Store a conversation of several models, open it, and show it.

    Args:
        rig: where.
        count: how many models.
        rounds: prompts, each answered by all.
        texts: of the answers, by the models; by default they differ in length.
        board: how it stands; by default all models, beside each other.
        models: who they are.
    """
    messages, heads = list[ChatMessage](), dict[int, str]()
    parent: str | None = None
    for number in range(rounds):
        prompt = ChatMessage(
            f"p{number}",
            "user",
            (TextPart(f"Question {number}: what is a stable sort?"),),
            parent=parent,
            turn=f"t{number}",
        )
        messages.append(prompt)
        for slot in range(count):
            words = texts[slot] if texts else MARKDOWN * (slot + 1)
            messages.append(
                ChatMessage(
                    f"a{number}-{slot}",
                    "assistant",
                    (TextPart(f"Answer {number} of {slot}.\n\n{words}"),),
                    parent=prompt.id,
                    turn=prompt.turn,
                    slot=slot,
                    model=MODELS[slot],
                    status="complete",
                )
            )
            heads[slot] = f"a{number}-{slot}"
        parent = f"a{number}-0"
    conversation = Conversation(
        "c1",
        title="Sorting",
        targets=tuple(models) or targets(count),
        head=parent,
        heads=heads,
        board=board or Board(tuple(range(count))),
    )
    await rig.backend.store.add_messages(conversation, messages)
    chat = await rig.screen.session.open_chat("c1")
    await rig.screen.show_chat(chat)
    await rig.pilot.pause()
    return chat


def is_laid_out(screen: DiffScreen) -> bool:
    """Whether two texts (that are not empty) stand there, and nothing is being compared."""
    busy = any(not each.is_finished for each in screen.workers if each.node is screen)
    shown = any(view.virtual_size.height > 0 for view in screen.query(DiffView))
    return shown and not busy
