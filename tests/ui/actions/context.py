"""What can be done about the context: the inspector, the policy, and what is too large."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from textual.widgets import Input, OptionList

from chat_tui.ui.screens.context import ContextScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from chat_tui.ui.screens.policy import CountDialog, PolicyDialog
from chat_tui.ui.screens.raw.screen import RawScreen
from chat_tui.ui.screens.request import RequestScreen
from chat_tui.ui.screens.too_large import TooLargeDialog
from chat_tui.ui.widgets.context_table import ContextTable
from chat_tui.ui.widgets.text_lines import Line, TextLines
from tests.fakes import TARGET, TableFacts
from tests.ui.actions.hands import Hands, scenario


@asynccontextmanager
async def _window(hands: Hands, tokens: int) -> AsyncGenerator[None, None]:
    """The model of the conversation has a window of that size."""
    planner = hands.rig.screen.session.manager.context
    before = planner.facts
    planner.facts = TableFacts({str(TARGET): tokens})
    try:
        yield
    finally:
        planner.facts = before


async def _inspect(hands: Hands) -> ContextTable:
    """The inspector, after three turns more."""
    await hands.ask("one", "two", "three")
    await hands.press("context")
    screen = await hands.on(ContextScreen)
    assert isinstance(screen, ContextScreen)
    await hands.until(lambda: len(screen.table.rows) == len(hands.rig.chat.tree))
    return screen.table


@scenario(
    "context",
    *("context", "context-next", "context-previous", "context-first", "context-last"),
    *("context-page-down", "context-page-up", "context-sort", "context-open", "context-back"),
)
async def _moving(hands: Hands) -> None:
    table = await _inspect(hands)
    for id_, at in (
        ("context-first", 0),
        ("context-next", 1),
        ("context-previous", 0),
        ("context-last", 5),
        ("context-page-up", 0),
        ("context-page-down", 5),
    ):
        await hands.press(id_)
        await hands.until(lambda at=at: table.at == at)  # type: ignore[misc]
    order = [row.id for row in table.rows]
    await hands.press("context-sort")
    await hands.until(lambda: [row.id for row in table.rows] != order)
    await hands.press("context-back")
    await hands.back()
    await hands.press("context")
    await hands.on(ContextScreen)
    await hands.until(lambda: len(_table(hands).rows) == 6)
    await hands.press("context-first", "context-next", "context-open")
    await hands.back()
    await hands.until(lambda: hands.rig.screen.transcript.current == 1)
    assert hands.focuses(hands.rig.screen.transcript)


def _table(hands: Hands) -> ContextTable:
    return hands.rig.app.screen.query_one(ContextTable)


@scenario("context", "context-pin", "context-exclude", "context-policy-next", "context-raw")
async def _marking(hands: Hands) -> None:
    rig = hands.rig
    table = await _inspect(hands)
    await hands.press("context-first", "context-pin")
    await hands.until(lambda: table.message is not None and table.message.reason == "pinned")
    assert (await rig.path())[0].pinned
    await hands.press("context-exclude")
    await hands.until(lambda: table.message is not None and table.message.decision == "left-out")
    assert [message.excluded for message in await rig.path()] == [True] + [False] * 5
    await hands.press("context-policy-next")
    await hands.until(lambda: "compact" in rig.chat.conversation.policy)
    await hands.press("context-raw")
    await hands.on(RawScreen)


@scenario("context", "context-history", "context-window")
async def _numbers(hands: Hands) -> None:
    rig = hands.rig
    table = await _inspect(hands)
    await hands.press("context-history")
    await hands.on(CountDialog)
    await hands.write("3")
    await hands.strike("enter")
    await hands.on(ContextScreen)
    await hands.until(lambda: "max_history=3" in rig.chat.conversation.policy)
    await hands.until(lambda: any(row.message is None for row in table.rows))
    await hands.press("context-window")
    dialog = await hands.on(CountDialog)
    dialog.query_one(Input).value = ""
    await hands.write("8k")
    await hands.strike("enter")
    await hands.on(ContextScreen)
    await hands.until(lambda: rig.desk.windows == {(TARGET.provider, TARGET.model): 8000})


@scenario(
    "context",
    *("context-view", "request-down", "request-up", "request-page-down"),
    *("request-start", "request-end", "request-back"),
)
async def _reading_the_request(hands: Hands) -> None:
    await hands.ask("long " * 2_000)
    await _inspect(hands)
    await hands.press("context-view")
    screen = await hands.on(RequestScreen)
    lines = screen.query_one(TextLines)
    assert lines.lines[0] == Line("user", "title")
    await hands.until(lambda: lines.show_vertical_scrollbar)
    await hands.press("request-down")
    await hands.until(lambda: lines.scroll_offset.y == 1)
    await hands.press("request-up")
    await hands.until(lambda: lines.scroll_offset.y == 0)
    await hands.press("request-page-down")
    await hands.until(lambda: lines.scroll_offset.y > 1)
    await hands.press("request-start")
    await hands.until(lambda: lines.scroll_offset.y == 0)
    await hands.press("request-end")
    await hands.until(lambda: lines.scroll_offset.y == lines.max_scroll_y)
    await hands.press("request-back")
    await hands.on(ContextScreen)


@scenario("context", "context-compact")
async def _summing_up_from_the_inspector(hands: Hands) -> None:
    await hands.ask("four", "five")
    await _inspect(hands)
    await hands.press("context-compact")
    await _summed_up(hands)


@scenario("context", "compact")
async def _summing_up(hands: Hands) -> None:
    await hands.ask("one", "two", "three", "four", "five")
    await hands.press("compact")
    await _summed_up(hands)


async def _summed_up(hands: Hands) -> None:
    await hands.until(lambda: len(hands.rig.chat.tree) == 11)
    await hands.idle()
    assert (await hands.rig.path())[-1].covers is not None


@scenario(
    "context",
    *("context-policy", "policy-next", "policy-previous", "policy-take", "policy-leave"),
)
async def _policy(hands: Hands) -> None:
    rig = hands.rig
    await hands.press("context-policy")
    dialog = await hands.on(PolicyDialog)
    rows = dialog.query_one(OptionList)
    await hands.until(lambda: rows.highlighted == 0)
    await hands.press("policy-next", "policy-next", "policy-previous")
    await hands.until(lambda: rows.highlighted == 1)
    await hands.press("policy-leave")
    await hands.back()
    assert rig.chat.conversation.policy == ""
    await hands.press("context-policy")
    await hands.on(PolicyDialog)
    await hands.press("policy-next", "policy-take")
    await hands.back()
    await hands.until(lambda: rig.chat.conversation.policy == "overflow=compact")


@scenario("context", "pin-message", "exclude-message")
async def _marking_while_reading(hands: Hands) -> None:
    await hands.ask("one")
    await hands.read(0)
    for id_, told, wanted in (
        ("pin-message", "always sent", (True, False)),
        ("exclude-message", "not sent any more", (False, True)),
    ):
        await hands.press(id_)
        await hands.until(lambda told=told: hands.told(told))  # type: ignore[misc]
        message = (await hands.rig.path())[0]
        assert (message.pinned, message.excluded) == wanted


async def _refused(hands: Hands) -> TooLargeDialog:
    """The card of a prompt that does not fit, for there are two long pinned messages."""
    rig = hands.rig
    await hands.ask(f"first {'long ' * 90}", "second")
    path = rig.chat.tree.path()
    await rig.screen.context.mark(rig.chat, path[:2], pinned=True)
    rig.screen.prompt.put(f"third {'word ' * 40}")
    rig.screen.set_focus(rig.screen.prompt)
    await hands.strike(*hands.keys("send"))
    card = await hands.on(TooLargeDialog)
    assert isinstance(card, TooLargeDialog)
    return card


@scenario(
    "context",
    *("too-large-next", "too-large-previous", "too-large-exclude", "too-large-unpin"),
    *("too-large-send", "too-large-back"),
)
async def _leaving_out(hands: Hands) -> None:
    rig = hands.rig
    async with _window(hands, 400):
        card = await _refused(hands)
        await hands.press("too-large-next")
        await hands.until(lambda: card.table.at == 1)
        await hands.press("too-large-previous")
        await hands.until(lambda: card.table.at == 0)
        await hands.press("too-large-unpin")
        await hands.until(lambda: card.can_send)
        await hands.press("too-large-back")
        await hands.back()
        assert rig.screen.prompt.text.startswith("third")
        assert len(rig.chat.tree) == 4
        await rig.screen.context.mark(rig.chat, rig.chat.tree.path()[:2], pinned=True)
        await hands.strike(*hands.keys("send"))
        card = await hands.on(TooLargeDialog)  # type: ignore[assignment]
        await hands.press("too-large-exclude")
        await hands.until(lambda: card.can_send)
        await hands.press("too-large-send")
        await hands.back()
        await hands.until(lambda: len(rig.chat.tree) == 6)
        await hands.idle()
        assert rig.screen.prompt.text == ""


@scenario("context", "too-large-anyway", "too-large-model", "too-large-context", "too-large-window")
async def _other_ways(hands: Hands) -> None:
    rig = hands.rig
    async with _window(hands, 400):
        await _refused(hands)
        await hands.press("too-large-context")
        await hands.on(ContextScreen)
        await hands.press("context-back")
        await hands.back()
        await hands.strike(*hands.keys("send"))
        await hands.on(TooLargeDialog)
        await hands.press("too-large-window")
        dialog = await hands.on(CountDialog)
        dialog.query_one(Input).value = ""
        await hands.write("8k")
        await hands.strike("enter")
        await hands.on(TooLargeDialog)
        assert rig.desk.windows == {(TARGET.provider, TARGET.model): 8000}
        await hands.press("too-large-model")
        await hands.on(ModelPicker)
        await hands.strike("escape")
        await hands.on(TooLargeDialog)
        await hands.press("too-large-anyway")
        await hands.back()
        await hands.until(lambda: len(rig.chat.tree) == 6)
