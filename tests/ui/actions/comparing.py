"""Comparing answers: differences, figures, votes, standings, merging, exporting."""

from textual.widgets import OptionList, Static

from chat_tui.core.side_by_side.votes import Vote
from chat_tui.ui.screens.comparing.diff import DiffScreen
from chat_tui.ui.screens.comparing.diff_view import DiffView
from chat_tui.ui.screens.comparing.merge import MergeDialog
from chat_tui.ui.screens.comparing.vote import VoteDialog
from tests.ui.actions.hands import Hands, scenario
from tests.ui.actions.sides import OTHER, begin
from tests.ui.columns import is_laid_out


async def _versions(hands: Hands, *prompts: str) -> None:
    """An answer and other versions of it, each to one of the prompts' texts."""
    rig = hands.rig
    first, *others = prompts
    await hands.ask(first)
    for _ in others:
        before = len(rig.chat.tree)
        await hands.press("regenerate")
        await hands.until(lambda before=before: len(rig.chat.tree) > before)  # type: ignore[misc]
        await hands.idle()


async def _beside(hands: Hands) -> None:
    """Two models side by side, with their answers."""
    await begin(hands, OTHER)
    await hands.say("both")
    await hands.idle()


async def _diff(hands: Hands, action: str = "diff-answers") -> DiffScreen:
    await hands.press(action)
    screen = await hands.on(DiffScreen)
    assert isinstance(screen, DiffScreen)
    await hands.until(lambda: is_laid_out(screen))
    return screen


@scenario(
    "comparing",
    *("diff-answers", "diff-view", "diff-next", "diff-previous", "diff-left", "diff-right"),
    "diff-back",
)
async def _differences(hands: Hands) -> None:
    await _versions(hands, "one", "one", "one")
    screen = await _diff(hands)
    names = screen.query_one("#diff-names", Static)

    def shown() -> str:
        return str(names.render())

    await hands.until(lambda: "· 2" in shown() and "· 3" in shown())
    await hands.press("diff-next")
    assert screen.view.marked == 0
    await hands.press("diff-previous")
    assert screen.view.marked == screen.view.changes - 1
    await hands.press("diff-view")
    await hands.until(lambda: screen.view.in_columns)
    await hands.press("diff-left")
    await hands.until(lambda: "· 1" in shown())
    await hands.press("diff-right")
    await hands.until(lambda: "· 2" in shown())
    await hands.press("diff-back")
    await hands.back()


@scenario(
    "comparing",
    *("diff-answers", "diff-down", "diff-up", "diff-page-down", "diff-start", "diff-end"),
)
async def _scrolling(hands: Hands) -> None:
    await _versions(hands, "long", "long")
    view = (await _diff(hands)).query_one(DiffView)
    await hands.until(lambda: view.show_vertical_scrollbar)
    for id_, arrives in (
        ("diff-down", lambda: view.scroll_offset.y == 1),
        ("diff-up", lambda: view.scroll_offset.y == 0),
        ("diff-page-down", lambda: view.scroll_offset.y > 1),
        ("diff-start", lambda: view.scroll_offset.y == 0),
        ("diff-end", lambda: view.scroll_offset.y == view.max_scroll_y > 0),
    ):
        await hands.press(id_)
        await hands.until(arrives)


@scenario("comparing", "diff-reading", "vote-reading")
async def _reading(hands: Hands) -> None:
    await _beside(hands)
    await hands.read()
    await _diff(hands, "diff-reading")
    await hands.press("diff-back")
    await hands.back()
    await hands.press("vote-reading")
    await hands.on(VoteDialog)


@scenario(
    "comparing",
    *("answer-figures", "figures-sort", "figures-copy", "figures-next", "figures-previous"),
    "figures-back",
)
async def _figures(hands: Hands) -> None:
    await _versions(hands, "one", "one")
    await hands.press("answer-figures")
    screen = await hands.on("FiguresScreen")
    title, table = screen.query_one("#table-title", Static), screen.query_one("FigureTable")
    assert "as shown" in str(title.render())
    await hands.press("figures-sort")
    assert "as shown" not in str(title.render())
    await hands.press("figures-previous")
    assert table.at == 0  # type: ignore[attr-defined]
    await hands.press("figures-next")
    assert table.at == 1  # type: ignore[attr-defined]
    await hands.press("figures-copy")
    await hands.until(lambda: "| model-1 · 2" in hands.rig.app.clipboard)
    await hands.press("figures-back")
    await hands.back()


@scenario("comparing", "blind", "vote", "vote-next", "vote-previous", "vote-tag", "vote-take")
async def _blind_vote(hands: Hands) -> None:
    rig = hands.rig
    await _beside(hands)
    await hands.press("blind")
    await hands.until(lambda: rig.screen.comparing.hides)
    await hands.press("vote")
    dialog = await hands.on(VoteDialog)
    rows = dialog.query_one(OptionList)
    await hands.press("vote-next")
    assert rows.highlighted == 1
    await hands.press("vote-previous")
    assert rows.highlighted == 0
    await hands.press("vote-tag")
    await hands.on("TagDialog")
    await hands.write("tides")
    await hands.strike("enter")
    await hands.on(VoteDialog)
    await hands.press("vote-take")
    await hands.back()
    await hands.until(lambda: not rig.screen.comparing.hides)
    vote = (await rig.screen.session.choices.votes())[-1]
    assert (vote.conversation, vote.verdict, vote.tags) == (rig.chat.id, "win", ("tides",))
    await hands.press("blind")
    await hands.until(lambda: not rig.chat.conversation.board.blind)


@scenario("comparing", "vote", "vote-leave")
async def _no_vote(hands: Hands) -> None:
    await _beside(hands)
    await hands.press("vote")
    await hands.on(VoteDialog)
    await hands.press("vote-leave")
    await hands.back()
    votes = await hands.rig.screen.session.choices.votes()
    assert all(vote.conversation != hands.rig.chat.id for vote in votes)


@scenario(
    "comparing",
    *("standings", "standings-tag", "standings-copy", "standings-next", "standings-previous"),
    "standings-back",
)
async def _standings(hands: Hands) -> None:
    choices = hands.rig.screen.session.choices
    for vote in await choices.votes():
        await choices.delete_vote(vote.turn)
    await choices.save_vote(Vote("1", "c", 1.0, ("a/x", "b/y"), "win", "b/y", ("code",)))
    await choices.save_vote(Vote("2", "c", 2.0, ("a/x", "c/z"), "tie"))
    await hands.press("standings")
    screen = await hands.on("StandingsScreen")
    title, table = screen.query_one("#table-title", Static), screen.query_one("FigureTable")
    await hands.until(lambda: len(table.rows) == 3)  # type: ignore[attr-defined]
    await hands.press("standings-next")
    assert table.at == 1  # type: ignore[attr-defined]
    await hands.press("standings-previous")
    assert table.at == 0  # type: ignore[attr-defined]
    await hands.press("standings-tag")
    await hands.until(lambda: "code" in str(title.render()))
    assert len(table.rows) == 2  # type: ignore[attr-defined]
    await hands.press("standings-copy")
    await hands.until(lambda: "| b/y" in hands.rig.app.clipboard)
    await hands.press("standings-back")
    await hands.back()


@scenario(
    "comparing",
    *("merge-answers", "merge-next", "merge-previous", "merge-mark", "merge-model"),
    *("merge-take", "merge-leave"),
)
async def _merging(hands: Hands) -> None:
    rig = hands.rig
    await _versions(hands, "one", "one")
    await hands.press("merge-answers")
    dialog = await hands.on(MergeDialog)
    await hands.press("merge-leave")
    await hands.back()
    await hands.press("merge-answers")
    dialog = await hands.on(MergeDialog)
    rows = dialog.query_one(OptionList)
    await hands.press("merge-next")
    assert rows.highlighted == 1
    await hands.press("merge-mark")
    await hands.until(lambda: "(•) Checklist" in rig.drawn())
    await hands.press("merge-previous")
    assert rows.highlighted == 0
    await hands.press("merge-model")
    await hands.on("ModelPicker")
    await hands.strike("escape")
    await hands.on(MergeDialog)
    before = len(rig.chat.tree)
    await hands.press("merge-take")
    await hands.until(lambda: len(rig.chat.tree) > before)
    await hands.idle()
    assert (await rig.path())[-1].slot == -1


@scenario("comparing", "export-comparison")
async def _exporting(hands: Hands) -> None:
    path = hands.folder / "comparison.md"
    await _versions(hands, "one", "one")
    await hands.press("export-comparison")
    await hands.on("FormatDialog")
    await hands.strike("m")
    dialog = await hands.on("SaveComparisonDialog")
    dialog.query_one("CleanInput").value = str(path)  # type: ignore[attr-defined]
    await hands.strike("enter")
    await hands.back()
    await hands.until(path.exists)
    assert "answer" in path.read_text(encoding="utf-8")
