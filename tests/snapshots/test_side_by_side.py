"""How several models look side by side, and comparing them. Look at the SVG files."""

import pytest

from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.ui.screens.comparing.diff import DiffScreen
from chat_tui.ui.screens.comparing.figures import FiguresScreen
from chat_tui.ui.screens.comparing.merge import MergeDialog
from chat_tui.ui.screens.comparing.standings import StandingsScreen
from chat_tui.ui.screens.comparing.vote import VoteDialog
from tests.fakes import eventually
from tests.snapshots.compared import TARGETS, compare
from tests.snapshots.studio import Shoot, shoot
from tests.ui.columns import is_laid_out
from tests.ui.conftest import plain_surroundings
from tests.ui.rig import Rig

__all__ = ["plain_surroundings", "shoot"]

DARK, LIGHT = "chat-tui-dark", "chat-tui-light"
NAMES = tuple(map(str, TARGETS))


@pytest.mark.parametrize(
    ("count", "size", "theme"),
    [
        (2, (200, 50), DARK),
        (3, (200, 50), DARK),
        (6, (200, 50), DARK),
        (2, (120, 40), DARK),
        (3, (120, 40), DARK),
        (6, (120, 40), DARK),
        (2, (80, 24), DARK),
        (3, (80, 24), DARK),
        (6, (80, 24), DARK),
        (3, (60, 24), DARK),
        (3, (40, 12), DARK),
        (3, (120, 40), LIGHT),
        (6, (200, 50), LIGHT),
    ],
    ids=lambda value: f"{value[0]}x{value[1]}" if isinstance(value, tuple) else str(value),
)
def test_columns(shoot: Shoot, count: int, size: tuple[int, int], theme: str) -> None:
    """Columns, pages of columns, or tabs; the fourth model failed."""

    async def act(rig: Rig) -> None:
        await compare(rig, count)

    assert shoot(act=act, size=size, theme=theme)


def test_zoom(shoot: Shoot) -> None:
    """One of three alone."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3, Board((0, 1, 2), "own", zoomed=1))

    assert shoot(act=act)


@pytest.mark.parametrize("voted", [False, True], ids=["before", "after"])
def test_blind(shoot: Shoot, voted: bool) -> None:
    """Nobody knows who is who until there is a vote."""

    async def act(rig: Rig) -> None:
        if voted:
            vote = Vote("100", "c1", 0.0, NAMES[:3], "win", NAMES[1], ("code",))
            await rig.screen.session.choices.save_vote(vote)
        await compare(rig, 3, Board((0, 1, 2), blind=(2, 0, 1)))

    assert shoot(act=act)


async def _laid_out(rig: Rig) -> None:
    def is_shown(screen: object) -> bool:
        return isinstance(screen, DiffScreen) and is_laid_out(screen)

    await eventually(lambda: is_shown(rig.app.screen))


@pytest.mark.parametrize(
    ("size", "theme"),
    [((120, 40), DARK), ((120, 40), LIGHT), ((80, 24), DARK), ((40, 12), DARK)],
    ids=["120x40", "120x40-light", "80x24", "40x12"],
)
def test_differences(shoot: Shoot, size: tuple[int, int], theme: str) -> None:
    """Two answers word by word: in two columns, or as one text."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3)
        rig.screen.comparing.diff()
        await _laid_out(rig)

    assert shoot(act=act, size=size, theme=theme)


def test_differences_in_one_text(shoot: Shoot) -> None:
    """The same, one text."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3)
        rig.screen.comparing.diff()
        await _laid_out(rig)
        await rig.pilot.press("v", "n")

    assert shoot(act=act)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
def test_figures(shoot: Shoot, size: tuple[int, int]) -> None:
    """Times, tokens and costs of six answers."""

    async def act(rig: Rig) -> None:
        await compare(rig, 6)
        rig.screen.comparing.figures()
        await eventually(lambda: isinstance(rig.app.screen, FiguresScreen))

    assert shoot(act=act, size=size)


def test_vote(shoot: Shoot) -> None:
    """Which answer is the best, while nobody knows whose they are."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3, Board((0, 1, 2), blind=(2, 0, 1)))
        rig.screen.comparing.vote()
        await eventually(lambda: isinstance(rig.app.screen, VoteDialog))

    assert shoot(act=act)


def test_standings(shoot: Shoot) -> None:
    """Who won how often."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3)
        choices = rig.screen.session.choices
        for number in range(7):
            winner = NAMES[(number * number) % 3]
            await choices.save_vote(Vote(f"t{number}", "c1", 0.0, NAMES[:3], "win", winner))
        await choices.save_vote(Vote("t8", "c1", 0.0, NAMES[:2], "tie", tags=("code",)))
        await choices.save_vote(Vote("t9", "c1", 0.0, NAMES[:2], "bad"))
        rig.screen.comparing.standings()
        await eventually(lambda: isinstance(rig.app.screen, StandingsScreen))

    assert shoot(act=act, size=(80, 24))


def test_merge(shoot: Shoot) -> None:
    """Which answers are merged, how, and by whom."""

    async def act(rig: Rig) -> None:
        await compare(rig, 3)
        rig.screen.comparing.merge()
        await eventually(lambda: isinstance(rig.app.screen, MergeDialog))

    assert shoot(act=act)
