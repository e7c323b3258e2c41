"""What can be done with columns."""

from tests.ui.actions.hands import Hands, scenario
from tests.ui.columns import comparison


@scenario(
    "columns",
    *("next-column", "previous-column", "next-column-reading", "previous-column-reading"),
    *(f"column-{number}" for number in range(1, 7)),
    *("zoom-column", "zoom-column-reading", "sync-scrolling"),
)
async def _columns(hands: Hands) -> None:
    rig = hands.rig
    chat = await comparison(rig, 6)
    panes = rig.screen.panes
    rig.screen.set_focus(rig.screen.prompt)
    await hands.settle()
    for id_, place in (("next-column", 1), ("previous-column", 0)):
        await hands.press(id_)
        await hands.until(lambda place=place: panes.place == place)  # type: ignore[misc]
    await hands.press("zoom-column")
    await hands.until(lambda: chat.conversation.board.zoomed == 0)
    await hands.press("zoom-column")
    await hands.until(lambda: chat.conversation.board.zoomed is None)
    await hands.read()
    for id_, place in (("next-column-reading", 1), ("previous-column-reading", 0)):
        await hands.press(id_)
        await hands.until(lambda place=place: panes.place == place)  # type: ignore[misc]
    for number in (6, 5, 4, 3, 2, 1):
        await hands.press(f"column-{number}")
        await hands.until(lambda number=number: panes.place == number - 1)  # type: ignore[misc]
        assert hands.focuses(panes.panes[number - 1].transcript)
    await hands.press("zoom-column-reading")
    await hands.until(lambda: chat.conversation.board.zoomed == 0)
    await hands.press("sync-scrolling")
    await hands.until(lambda: not chat.conversation.board.synced)
