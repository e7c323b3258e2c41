"""What is compared of a conversation."""

from dataclasses import replace

import pytest

from chat_tui.core.conversation import Conversation, ConversationTree, node_of
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, Timings
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.comparison import (
    Comparison,
    comparison,
    file_name,
    read_comparison,
)
from chat_tui.core.side_by_side.figures import Best
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.targets import Target
from tests.core.side_by_side.comparing import SIDES, SIDES_MESSAGES, said, tree_of
from tests.fakes import MemoryStore


def of(
    conversation: Conversation,
    messages: tuple[ChatMessage, ...],
    *,
    votes: tuple[Vote, ...] = (),
    tree: ConversationTree | None = None,
) -> Comparison:
    by_id = {message.id: message for message in messages}
    return comparison(conversation, tree or tree_of(conversation, messages), by_id, votes)


def ids(compared: Comparison) -> list[list[str]]:
    """The answers of each turn."""
    return [[answer.message.id for answer in turn.answers] for turn in compared.turns]


def test_each_prompt_has_its_answers_in_the_order_of_the_columns() -> None:
    vote = Vote("t1", "c-1", 5.0, ("one/m-1", "two/m-2"), "win", "two/m-2")

    compared = of(SIDES, tuple(SIDES_MESSAGES), votes=(vote,))

    assert ids(compared) == [["b1", "a1"], ["b2", "a2", "m2"]]
    assert [turn.prompt.id for turn in compared.turns] == ["p1", "p2"]
    first, second = compared.turns
    assert [answer.name for answer in first.answers] == ["m-2", "m-1"]
    assert [answer.chosen for answer in first.answers] == [False, True]
    assert [answer.merged for answer in second.answers] == [False, False, True]
    assert first.best == Best(fastest=0, cheapest=1)
    assert (first.vote, second.vote) == (vote, None)
    assert first.answers[1].target.parameters == {"temperature": 0.2}
    assert (compared.title, compared.sharing) == ("Blue sky: why?", "one")
    assert compared.names[:2] == ("m-2", "m-1")


def test_of_several_answers_of_a_model_the_one_gone_on_with_counts_else_the_newest_with_text() -> (
    None
):
    retried = (*SIDES_MESSAGES[:-1], said("y2", "assistant", "", "p2", "t2", status="error"))
    gone_on = replace(SIDES, head="x2")

    assert ids(of(replace(SIDES, head="b2"), retried))[1] == ["b2", "a2"]
    assert ids(of(gone_on, retried))[1] == ["b2", "x2"]


def test_own_threads_are_compared_by_turn_though_their_prompts_differ() -> None:
    messages = (
        *SIDES_MESSAGES[:3],
        said("p2", "user", "And at dusk?", "a1", "t2"),
        said("q2", "user", "And at dusk?", "b1", "t2"),
        said("a2", "assistant", "Longer.", "p2", "t2"),
        said("b2", "assistant", "Red.", "q2", "t2", slot=1),
    )
    own = replace(SIDES, board=Board((0, 1), sharing="own"), head="a2")

    compared = of(own, messages)

    assert ids(compared) == [["a1", "b1"], ["a2", "b2"]]
    assert [turn.prompt.id for turn in compared.turns] == ["p1", "p2"]
    assert compared.sharing == "own"


def test_versions_of_one_model_are_compared_with_prompts_of_one_answer_between() -> None:
    plain = Conversation("c", targets=(Target("one", "m-1"),), head="a2")
    messages = (
        said("p1", "user", "First", None, "t1"),
        said("a1", "assistant", "Only one", "p1", "t1"),
        said("p2", "user", "Second", "a1", "t2"),
        said("v1", "assistant", "Old", "p2", "t2"),
        said("a2", "assistant", "New", "p2", "t2"),
    )

    compared = of(plain, messages)

    assert ids(compared) == [["a1"], ["v1", "a2"]]
    assert compared.names == ("m-1 · 1", "m-1 · 2")
    assert compared.sharing is None
    assert not any(answer.merged for answer in compared.turns[1].answers)


def test_choices_of_one_request_are_compared_by_estimated_tokens() -> None:
    plain = Conversation("c", targets=(Target("one", "m-1", {"n": 2}),), head="a1")
    timings = Timings(1.0, 2.0, 3.0)
    messages = (
        said("p1", "user", "First", None, "t1"),
        *(
            replace(said(id_, "assistant", "Hi there", "p1", "t1"), choice=at, timings=timings)
            for at, id_ in enumerate(("a1", "a2"))
        ),
    )

    (turn,) = of(plain, messages).turns

    assert all(answer.figures.estimated for answer in turn.answers)


def test_deleted_answers_and_other_versions_of_prompts_are_not_compared() -> None:
    messages = (
        *SIDES_MESSAGES[:3],
        said("p9", "user", "Another prompt", "a1", "t9"),
        said("a9", "assistant", "Another answer", "p9", "t9"),
        *SIDES_MESSAGES[3:],
    )
    nodes = [
        node._replace(deleted="message") if node.id == "b2" else node
        for node in map(node_of, messages)
    ]

    compared = of(SIDES, messages, tree=ConversationTree(nodes, "m2"))

    assert ids(compared) == [["b1", "a1"], ["x2", "a2", "m2"]]


@pytest.mark.parametrize("board", [Board(), Board((0, 1))])
def test_conversation_without_two_answers_to_a_prompt_says_what_to_do(board: Board) -> None:
    alone = Conversation("c", targets=SIDES.targets, head="a1", board=board)

    with pytest.raises(UsageError, match="nothing to compare") as refusal:
        of(alone, tuple(SIDES_MESSAGES[:2]))

    assert refusal.value.hint


def test_parameters_are_told_of_those_that_are_still_who_they_were() -> None:
    longer = replace(SIDES_MESSAGES[1], model="m-1-2026-01-01")
    another = replace(SIDES_MESSAGES[1], id="o1", model="o", slot=0)

    first = of(replace(SIDES, head="a1"), (SIDES_MESSAGES[0], longer, SIDES_MESSAGES[2])).turns[0]
    other = of(
        Conversation("c", targets=SIDES.targets, head="o1"),
        (
            SIDES_MESSAGES[0],
            SIDES_MESSAGES[1],
            another,
        ),
    ).turns[0]

    assert first.answers[1].target == SIDES.targets[0]
    assert [answer.target.parameters for answer in other.answers] == [{"temperature": 0.2}, {}]


async def test_comparison_is_read_from_a_store() -> None:
    store = MemoryStore()
    await store.add_messages(SIDES, SIDES_MESSAGES)

    assert ids(await read_comparison(store, SIDES)) == [["b1", "a1"], ["b2", "a2", "m2"]]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Blue sky: why?", "Blue-sky-why.html"),
        ("../../etc/passwd", "etc-passwd.html"),
        ("天气", "天气.html"),
        ("", "comparison.html"),
        ("...", "comparison.html"),
        ("x" * 300, "x" * 60 + ".html"),
    ],
)
def test_name_of_the_file_is_no_path(title: str, expected: str) -> None:
    compared = of(replace(SIDES, title=title), tuple(SIDES_MESSAGES))

    assert file_name(compared, "html") == expected
