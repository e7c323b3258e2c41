"""Answers on their way: who may begin beside whom, how they end together, how fast they come."""

import asyncio

from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.planner import Outlook
from chat_tui.core.conversation import Conversation, ConversationTree, Node
from chat_tui.core.events import Notice
from chat_tui.core.messages import Status
from chat_tui.core.side_by_side.board import MERGED, Board, Sharing
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.context_bar import context_pieces
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.screens.conversation.runs import Run, Runs, ended_how
from chat_tui.ui.screens.conversation.side_words import told_answer, who_pieces
from tests.memory_store import MemoryStore


def _chat(id_: str = "c") -> OpenConversation:
    return OpenConversation(Conversation(id_), ConversationTree(), MemoryStore())


def _run(
    slot: int | None, ended: Status | None = None, chat: OpenConversation | None = None
) -> Run:
    return Run(chat or _chat(), Progress(0.0, ended=ended), slot)


def test_slots_run_beside_each_other_and_an_only_answer_runs_alone() -> None:
    runs, chat = Runs(), _chat()
    assert runs.has_room("c", (None,))
    first, second = (runs.add(_run(slot, chat=chat)) for slot in (0, 1))
    assert runs.has_room("c", (2, 3))
    assert not runs.has_room("c", (1, 2))
    assert not runs.has_room("c", (None,))
    assert runs.has_room("other", (0,))
    assert runs.find("c", 1) is second
    # One that has ended makes room, and is kept until all have.
    assert not runs.end(first)
    assert runs.find("c", 0) is None
    assert (len(runs.all_of("c")), runs.live("c"), [*runs]) == (2, [second], [second])
    assert runs.has_room("c", (0,))
    again = runs.add(_run(0, chat=chat))
    assert not runs.end(again)
    assert {*runs.end(second)} == {again, second}
    assert not runs
    assert runs.conversations == frozenset()
    alone = runs.add(_run(None, chat=chat))
    assert not runs.has_room("c", (0,))
    assert [*runs.end(alone)] == [alone]


def test_round_ends_well_where_one_came_through_and_nobody_stopped() -> None:
    def how(*ends: Status | None) -> Status | None:
        return ended_how([_run(slot, end) for slot, end in enumerate(ends)])

    assert how("error", "complete", "error") == "complete"
    assert how("error", "length") == "length"
    assert how("complete", "stopped") == "stopped"
    assert how("interrupted", None) == "interrupted"
    assert how(None, None) is None


def test_rate_is_told_once_enough_came() -> None:
    progress = Progress(0.0)
    progress.tell(Notice("queued", "in line"))
    assert progress.queued
    assert progress.rate(1.0) is None
    progress.go_on(2.0)
    assert (progress.queued, progress.notice) == (False, "")
    progress.count("word")
    assert progress.rate(3.0) is None
    for _ in range(9):
        progress.count(" 你好")
    assert progress.tokens >= 10
    assert progress.rate(2.0) is None
    assert progress.rate(4.0) == progress.tokens / 2


def test_cost_of_all_models_is_told_before_the_first_prompt() -> None:
    budget = Budget(Window(1000, "settings"), 100)
    outlook = Outlook(ContextPlan((), budget), 0, 10, False, Calibration(), 0.012, False)

    def words(*, empty: bool, several: bool) -> list[str]:
        pieces = context_pieces(outlook, 10, empty=empty, several=several)
        return [piece.words for piece in pieces]

    assert words(empty=True, several=True)[-1] == "prompt ≈$0.012"
    assert "≈$0.012" not in " ".join(words(empty=True, several=False))
    assert words(empty=False, several=True)[-1] == "prompt ≈$0.012"
    assert words(empty=False, several=False)[-1] == "≈$0.012"


def test_status_tells_how_many_what_they_are_told_and_who_does_not_fit() -> None:
    targets = tuple(Target("p", name) for name in ("one", "two\x1b[31m", "three"))

    def words(sharing: Sharing, *refused: int, hides: bool = False) -> list[str]:
        board = Board((0, 1, 2), sharing, blind=(2, 1, 0))
        about = Conversation("c", targets=targets, board=board)
        return [piece.words for piece in who_pieces(about, refused, hides=hides)]

    assert words("one") == ["3 models", "one answer for all"]
    assert words("own", 1) == ["3 models", "each its own thread", "two␛[31m: does not fit"]
    assert words("several", 2, hides=True)[-1] == "A: does not fit"
    assert words("several", 0, 2)[-1] == "2 models: do not fit"


def test_status_tells_whose_answer_all_are_told_and_how_many_answer_at_once() -> None:
    targets = tuple(Target("p", name) for name in ("one", "two", "two"))
    tree = ConversationTree([Node("q", None, "t", "user"), Node("a", "q", "t", "assistant", 1)])

    def words(board: Board, *, hides: bool = False) -> list[str]:
        about = Conversation("c", targets=targets, board=board)
        told = told_answer(about, tree)
        return [piece.words for piece in who_pieces(about, (), hides=hides, told=told)][1:]

    assert words(Board((0, 1))) == ["one answer for all", "two"]
    # Two columns of one model are told apart by their numbers.
    assert words(Board((0, 1, 2), at_once=1)) == ["one answer for all", "2 two", "one by one"]
    assert words(Board((0, 1, 2), "own", at_once=2)) == ["each its own thread", "2 at a time"]
    assert words(Board((0, 1)), hides=True) == ["one answer for all"]
    # As many places as models: nobody waits.
    assert words(Board((0, 2), at_once=2)) == ["one answer for all", "two"]
    tree.add(Node("m", "q", "t", "assistant", MERGED))
    assert words(Board((0, 1))) == ["one answer for all", "Merged"]


async def test_an_end_can_be_waited_for() -> None:
    runs = Runs()
    run = runs.add(_run(0))
    waiting = asyncio.ensure_future(run.ended.wait())
    await asyncio.sleep(0)
    runs.end(run)
    assert await waiting
