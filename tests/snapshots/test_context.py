"""How the context looks: bar, what is not sent, inspector, refusal. Look at the SVG files."""

from dataclasses import replace

import pytest

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.core.targets import Prices
from chat_tui.ui.screens.context_list import ContextListDialog
from tests.fakes import TARGET, TableFacts, WordCounter, answer, eventually
from tests.snapshots.studio import SIZES, Shoot, lay_out_all, shoot
from tests.ui.conftest import plain_surroundings
from tests.ui.rig import Rig

__all__ = ["plain_surroundings", "shoot"]

LIGHT = "chat-tui-light"

TRIP = (
    ("Plan a trip to Norway", "Take the **train** to Bergen and stay for three days."),
    ("What does it cost?", "About 900 € for a week, if you book the train early."),
    ("去北欧要带什么？", "北欧的夏天很凉快，带一件外套。"),
    ("Where are the fjords?", "Most of the long ones are in the west, north of Bergen."),
    ("Can one swim there?", "Yes, from June on, but the water stays cold."),
    ("Which is the longest?", "The Sognefjord: 205 km long, and 1,308 m deep."),
)
MORE = "It is worth a detour, whatever the weather is like on that day."
SENTENCES = 20
"""How often that is said at the end of each answer but the last one."""


def _planner(window: int, policy: ContextPolicy = ContextPolicy()) -> ContextPlanner:
    facts = TableFacts({str(TARGET): window}, {str(TARGET): Prices(2.5, 10.0)})
    return ContextPlanner(WordCounter(ready=True), facts, ForgetfulMemory(), lambda: policy)


async def _travel(rig: Rig, *, more: int = SENTENCES) -> list[str]:
    """Show a conversation of six turns; gives the ids of its messages."""
    messages: list[ChatMessage] = []
    for turn, (prompt, reply) in enumerate(TRIP):
        first = f"{2 * turn:03}"
        last = turn == len(TRIP) - 1
        words = reply if last else "\n\n".join([reply, " ".join([MORE] * more)])
        parent = messages[-1].id if messages else None
        user = ChatMessage(first, "user", text_parts(prompt), parent, turn=first)
        messages.append(user)
        message = ChatMessage(f"{2 * turn + 1:03}", "assistant", text_parts(words), first)
        messages.append(replace(message, turn=first, model=TARGET.model, provider=TARGET.provider))
    conversation = Conversation(
        "c1",
        title="A trip to Norway",
        system_prompt="You are a guide in Norway.",
        targets=(TARGET,),
        head=messages[-1].id,
    )
    await rig.backend.store.add_messages(conversation, messages)
    await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
    await rig.screen.reload_list()
    await rig.idle()
    await lay_out_all(rig)
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("window", "theme"),
    [(2_700, "chat-tui-dark"), (2_150, "chat-tui-dark"), (2_150, LIGHT)],
    ids=["70", "90", "90-light"],
)
def test_bar(shoot: Shoot, window: int, theme: str) -> None:
    """The bar in the colours of 70 % and 90 %, with a draft."""

    async def act(rig: Rig) -> None:
        await _travel(rig)
        await rig.type("And how do I get there?")

    assert shoot(act=act, planner=_planner(window), theme=theme)


@SIZES
def test_not_sent(shoot: Shoot, size: tuple[int, int]) -> None:
    """Above the first message that is sent a line says what is not."""

    async def act(rig: Rig) -> None:
        await _travel(rig, more=4)
        outlook = rig.screen.context.outlook
        assert outlook is not None
        column = rig.screen.transcript.column
        await rig.pilot.press("escape")
        await rig.idle()
        at = column.index_of(outlook.plan.begins) or 0
        rig.screen.transcript.move_to(at - 1, top=True)

    assert shoot(act=act, size=size, planner=_planner(400))


async def _inspect(rig: Rig) -> None:
    ids = await _travel(rig)
    await rig.screen.context.mark(rig.chat, ids[:1], pinned=True)
    await rig.screen.context.mark(rig.chat, ids[6:7], excluded=True)
    await rig.type("And how do I get there?")
    await rig.idle()
    await rig.pilot.press("f7")
    await eventually(lambda: _known(rig, ids[-1]))
    await rig.pilot.press("k", "k")


def _known(rig: Rig, id_: str) -> bool:
    """Whether a dialog tells of a message in its list."""
    screen = rig.app.screen
    return isinstance(screen, ContextListDialog) and screen.table.facts_of(id_) is not None


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((120, 40), "chat-tui-dark"),
        ((80, 24), "chat-tui-dark"),
        ((40, 12), "chat-tui-dark"),
        ((120, 40), LIGHT),
    ],
    ids=["120x40", "80x24", "40x12", "120x40-light"],
)
def test_inspector(shoot: Shoot, size: tuple[int, int], theme: str) -> None:
    """All messages with their weight, what becomes of them, and why."""
    assert shoot(act=_inspect, size=size, theme=theme, planner=_planner(1_600))


def test_inspector_by_weight(shoot: Shoot) -> None:
    """The heaviest messages first."""

    async def act(rig: Rig) -> None:
        await _inspect(rig)
        await rig.pilot.press("s")

    assert shoot(act=act, size=(80, 24), planner=_planner(1_600))


def test_inspector_of_nothing(shoot: Shoot) -> None:
    """Before anything was said, of a model whose window nobody knows."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("f7")
        await eventually(lambda: "Nothing is said" in rig.drawn())

    assert shoot(act=act, size=(80, 24))


async def _refused(rig: Rig) -> None:
    ids = await _travel(rig)
    await rig.screen.context.mark(rig.chat, ids[1:4], pinned=True)
    rig.screen.prompt.put("Sum this up: " + "a line of a long report. " * 40)
    await rig.pilot.press("enter")
    await eventually(lambda: _known(rig, ids[1]))


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((120, 40), "chat-tui-dark"),
        ((80, 24), "chat-tui-dark"),
        ((40, 12), "chat-tui-dark"),
        ((80, 24), LIGHT),
    ],
    ids=["120x40", "80x24", "40x12", "80x24-light"],
)
def test_too_large(shoot: Shoot, size: tuple[int, int], theme: str) -> None:
    """What must be sent does not fit: the heaviest of it, and the ways out."""
    assert shoot(act=_refused, size=size, theme=theme, planner=_planner(900))


def test_fits_now(shoot: Shoot) -> None:
    """After one of them was unpinned it can be sent."""

    async def act(rig: Rig) -> None:
        await _refused(rig)
        await rig.pilot.press("p")
        await eventually(lambda: "It fits now" in rig.drawn())
        rig.app.clear_notifications()

    assert shoot(act=act, size=(80, 24), planner=_planner(900))


@SIZES
def test_summary(shoot: Shoot, size: tuple[int, int]) -> None:
    """A summary stands below what it sums up, and is sent in its place."""
    summary = answer("A week in **Norway** by train: Bergen, the west, about 900 €.\n\n- a coat")

    async def act(rig: Rig) -> None:
        await _travel(rig, more=0)
        await rig.pilot.press("ctrl+g", "C")
        await eventually(lambda: rig.chat.tree.shown == 2 * len(TRIP) + 1)
        await rig.idle()
        await rig.pilot.press("escape")

    assert shoot(summary, act=act, size=size, planner=_planner(4_000))


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_policy(shoot: Shoot, size: tuple[int, int]) -> None:
    """What is done where it does not fit, and what holds now."""

    async def act(rig: Rig) -> None:
        await rig.pilot.press("ctrl+g", "K")
        await eventually(lambda: "As in the settings" in rig.drawn())

    planner = _planner(4_000, ContextPolicy("compact"))
    assert shoot(act=act, size=size, planner=planner)
