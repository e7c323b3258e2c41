"""A conversation of several models to take pictures of: figures, prices, and one that failed."""

from collections.abc import Sequence
from dataclasses import replace

from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, Cost, Timings, Usage, text_parts
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Target
from tests.snapshots.studio import lay_out_all
from tests.ui.rig import Rig

TARGETS = (
    Target("openai", "gpt-4.1-mini"),
    Target("anthropic", "claude-sonnet-4-5"),
    Target("gemini", "gemini-2.5-flash"),
    Target("deepseek", "deepseek-chat"),
    Target("openai", "gpt-4.1-mini", {"temperature": 1.2}),
    Target("mistral", "mistral-small-latest", system_prompt="Answer in one sentence."),
)

_FIRST = (
    "A **stable** sort keeps the order of equal keys:\n\n1. merge sort\n2. insertion sort\n",
    (
        "A sort is *stable* when records with equal keys keep their order. Merge sort is stable; "
        "quicksort, in its usual form, is not.\n"
    ),
    "稳定排序不会改变相等元素的先后顺序，例如归并排序。\n",
    "It keeps equal elements in the order in which they came.\n",
    "Think of a deck sorted by suit, and then by rank: a stable sort keeps the suits in order.\n",
    "Equal keys keep their order.\n",
)
_SECOND = (
    (
        "Here is one:\n\n```python\ndef insertion(xs):\n    for i in range(1, len(xs)):\n"
        "        j = i\n        while j and xs[j - 1] > xs[j]:\n"
        "            xs[j - 1], xs[j] = xs[j], xs[j - 1]\n            j -= 1\n```\n\n"
        "It moves an item only past **greater** ones.\n"
    ),
    (
        "Insertion sort, in Python:\n\n```python\ndef insertion(xs):\n"
        "    for i in range(1, len(xs)):\n        x, j = xs[i], i\n"
        "        while j and xs[j - 1] > x:\n            xs[j] = xs[j - 1]\n            j -= 1\n"
        "        xs[j] = x\n```\n\nIt moves an item only past *strictly* greater ones, "
        "so equal ones stay in order.\n"
    ),
    "| step | list |\n|---|---|\n| 0 | 3 1 2 |\n| 1 | 1 3 2 |\n| 2 | 1 2 3 |\n",
    "Use `sorted`: it is Timsort, which is stable.\n",
    "Let cards teach it: take one, and slide it left past every greater card.\n",
    "`sorted(xs)` is stable.\n",
)
_SECONDS = (1.9, 3.2, 1.1, 6.4, 2.0, 0.8)
_PRICES = (0.0008, 0.0061, 0.0009, 0.0002, 0.0009, 0.0001)
_FAILURE = ErrorInfo(
    "rate_limit",
    "DeepSeek says: too many requests.",
    status=429,
    hint="Wait a little, or use another model.",
)


async def compare(rig: Rig, count: int, board: Board | None = None) -> None:
    """Store two rounds of so many models and show them; of four or more the fourth failed."""
    await rig.backend.store.add_messages(*comparison(count, board))
    await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
    await rig.screen.reload_list()
    await rig.idle()
    await lay_out_all(rig)


def comparison(
    count: int, board: Board | None = None, now: float = 0.0
) -> tuple[Conversation, list[ChatMessage]]:
    """Two rounds of so many models; of four or more the fourth failed."""
    messages, heads = list[ChatMessage](), dict[int, str]()
    parent: str | None = None
    rounds = (("What is a stable sort?", _FIRST), ("Show me one.", _SECOND))
    for number, (prompt, texts) in enumerate(rounds):
        turn = f"{number}00"
        user = ChatMessage(turn, "user", text_parts(prompt), parent, turn=turn)
        answers = [_answer(turn, slot, texts, number == 1) for slot in range(count)]
        messages += [user, *answers]
        heads |= {each.slot: each.id for each in answers}
        parent = answers[0].id
    conversation = Conversation(
        "c1",
        title="Stable sorts",
        created=now,
        updated=now,
        targets=TARGETS[:count],
        head=parent,
        heads=heads,
        board=board or Board(tuple(range(count))),
    )
    return conversation, messages


def _answer(turn: str, slot: int, texts: Sequence[str], last: bool) -> ChatMessage:
    target, seconds = TARGETS[slot], _SECONDS[slot]
    tokens = 40 * len(texts[slot]) // 100
    message = ChatMessage(
        f"{turn[0]}0{slot + 1}",
        "assistant",
        text_parts(texts[slot]),
        turn,
        turn=turn,
        slot=slot,
        model=target.model,
        provider=target.provider,
        usage=Usage(120, tokens, 120 + tokens),
        timings=Timings(0.0, seconds / 4, seconds),
        cost=Cost(_PRICES[slot]),
    )
    if last and slot == 3:
        return replace(message, parts=(), status="error", error=_FAILURE, usage=None, cost=None)
    return message
