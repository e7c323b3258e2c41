"""What of a conversation may be sent at all: the rules of form."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.planning import plan_context
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, ImagePart, Status
from tests.core.context.histories import items, reply, result, summary, user


def plan_of(path: Sequence[ChatMessage]) -> ContextPlan:
    return plan_context(items(path))


def assembled(*path: ChatMessage) -> tuple[ChatMessage, ...]:
    return assemble(plan_of(path), {message.id: message for message in path})


def sent(*path: ChatMessage) -> list[str]:
    return [message.id for message in assembled(*path)]


def left_out(*path: ChatMessage) -> dict[str, str]:
    return {each.id: each.reason for each in plan_of(path).left_out}


def test_all_messages_are_sent_in_order() -> None:
    path = (user("a"), reply("b"), user("c"))

    assert assembled(*path) == path
    assert left_out(*path) == {}
    assert [each.decision for each in plan_of(path).messages] == ["sent"] * 3


@pytest.mark.parametrize("status", ["stopped", "interrupted", "length", "filtered", "error"])
def test_reply_that_was_cut_is_sent_with_what_it_has(status: Status) -> None:
    assert sent(user("a"), reply("b", "half an", status=status), user("c")) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_reply_is_never_sent(text: str) -> None:
    path = (user("a"), reply("b", text), user("c"))

    assert sent(*path) == ["a", "c"]
    assert left_out(*path) == {"b": "empty"}


@pytest.mark.parametrize("status", ["error", "stopped", "interrupted", "filtered"])
def test_prompt_that_failed_is_not_sent_again_with_the_next_one(status: Status) -> None:
    path = (user("a"), reply("b"), user("c"), reply("d", "", status=status), user("e"))

    assert sent(*path) == ["a", "b", "e"]
    assert left_out(*path) == {"c": "failed", "d": "empty"}


def test_prompts_that_failed_one_after_the_other_are_all_left_out() -> None:
    first = [user("a"), reply("b", "", status="error")]
    second = [user("c"), reply("d", "", status="error")]

    assert sent(*first, *second, user("e")) == ["e"]


def test_prompt_that_failed_is_sent_when_it_is_itself_to_be_answered_or_pinned() -> None:
    failed = [user("a"), reply("b", "", status="error")]

    assert sent(*failed, user("c")) == ["c"]
    assert sent(failed[0]) == ["a"]
    assert sent(replace(failed[0], pinned=True), failed[1], user("c")) == ["a", "c"]


def test_prompt_that_failed_is_known_through_a_summary_beside_it() -> None:
    failed = [user("c"), reply("d", "", status="error")]
    path = [user("a"), reply("b"), *failed, summary("s", "a", "b"), user("e")]

    assert sent(*path) == ["s", "e"]
    assert left_out(*path)["c"] == "failed"
    between = [user("a"), reply("b"), failed[0], summary("s", "a", "b"), failed[1], user("e")]
    assert sent(*between) == ["s", "e"]


def test_prompt_with_another_answer_beside_the_empty_one_is_sent() -> None:
    path = [user("a"), reply("b", "", status="error"), reply("c", "imported"), user("d")]

    assert sent(*path) == ["a", "c", "d"]


def test_prompt_before_calls_and_a_failure_is_sent_with_them() -> None:
    asked = [user("a"), reply("b", "", "1"), result("c", "1")]

    assert sent(*asked, reply("d", "", status="error"), user("e")) == ["a", "b", "c", "e"]


def test_excluded_message_is_not_sent_even_if_it_is_pinned() -> None:
    for pinned in (False, True):
        path = [user("a"), replace(reply("b"), excluded=True, pinned=pinned), user("c")]

        assert sent(*path) == ["a", "c"]
        assert left_out(*path) == {"b": "excluded"}


def test_prompt_without_text_is_sent_when_it_has_a_picture() -> None:
    picture = ChatMessage("a", "user", (ImagePart(sha256="0" * 64),))

    assert assembled(picture) == (picture,)


def test_call_goes_with_its_results_in_whatever_order_they_came() -> None:
    path = [user("a"), reply("b", "", "1", "2"), result("c", "2"), result("d", "1")]

    assert sent(*path) == ["a", "b", "c", "d"]


def test_empty_result_goes_with_its_call() -> None:
    assert sent(user("a"), reply("b", "", "1"), result("c", "1", "")) == ["a", "b", "c"]


def test_unanswered_calls_are_taken_out_and_the_words_beside_them_stay() -> None:
    path = [user("a"), reply("b", "I look.", "1", "2"), result("c", "1"), user("d")]

    plan = plan_of(path)

    assert sent(*path) == ["a", "b", "d"]
    assert assembled(*path)[1].tool_calls == ()
    assert (plan.messages[1].decision, plan.messages[1].reason) == ("shortened", "unanswered")
    assert left_out(*path) == {"c": "unanswered"}


def test_unanswered_call_without_words_is_not_sent() -> None:
    path = [user("a"), reply("b", "", "1"), user("c")]

    assert sent(*path) == ["a", "c"]
    assert left_out(*path) == {"b": "unanswered"}


def test_result_is_not_sent_without_its_call() -> None:
    orphan = result("b", "1")
    stranger = result("e", "9")
    path = [user("a"), orphan, reply("c", "", "1"), result("d", "1"), stranger, user("f")]

    assert sent(*path) == ["a", "c", "d", "f"]
    assert left_out(*path) == {"b": "unanswered", "e": "unanswered"}


def test_marking_any_part_of_a_call_with_results_marks_all_of_it() -> None:
    call, answer = reply("b", "", "1"), result("c", "1")

    excluded = [user("a"), call, replace(answer, excluded=True), user("d")]
    pinned = plan_of([user("a"), call, replace(answer, pinned=True), user("d")])

    assert sent(*excluded) == ["a", "d"]
    assert set(left_out(*excluded).values()) == {"excluded"}
    assert [each.reason for each in pinned.messages] == ["", "pinned", "pinned", "newest"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param([], id="nothing"),
        pytest.param([user("a", "")], id="empty prompt"),
        pytest.param([user("a", " \n ")], id="blank prompt"),
        pytest.param([user("a"), reply("b")], id="a reply last"),
        pytest.param([user("a"), reply("b", ""), user("c", "")], id="empty prompt after a failure"),
        pytest.param([user("a"), result("b", "1")], id="result without call"),
        pytest.param(
            [user("a"), reply("b", "", "1", "2"), result("c", "1")], id="half the results"
        ),
        pytest.param([replace(user("a"), excluded=True)], id="excluded prompt"),
        pytest.param([user("a"), reply("b"), summary("s", "a", "b")], id="a summary last"),
    ],
)
def test_plan_is_an_error_when_there_is_nothing_to_answer(path: list[ChatMessage]) -> None:
    with pytest.raises(UsageError, match="nothing to answer"):
        plan_context(items(path), system=5)


def test_a_refusal_is_sent_as_the_answer_that_it_was() -> None:
    path = [user("a"), replace(reply("b", ""), refusal="I will not."), user("c")]

    assert [message.text for message in assembled(*path)] == ["question", "I will not.", "question"]
    assert left_out(*path) == {}


def test_answers_before_the_first_prompt_are_left_out() -> None:
    path = [reply("a", "Welcome."), reply("b"), user("c"), reply("d"), user("e")]

    assert sent(*path) == ["c", "d", "e"]
    assert left_out(*path) == {"a": "leading", "b": "leading"}


def test_a_pinned_answer_before_the_first_prompt_gets_a_line_before_it() -> None:
    pinned = replace(reply("a", "Welcome."), pinned=True)
    path = [pinned, reply("b"), user("c")]

    plan = plan_of(path)
    first, second, third = assembled(*path)

    assert (first.role, first.text) == ("user", "(What came before was left out.)")
    assert (second, third) == (pinned, path[2])
    assert plan.tokens == plan.filler + sum(each.tokens for each in plan.messages)
    assert plan.filler > 0
    assert left_out(*path) == {"b": "leading"}


def test_system_messages_of_the_path_are_always_sent() -> None:
    path = [ChatMessage("a", "system", user("a").parts), user("b"), reply("c"), user("d")]

    assert sent(*path) == ["a", "b", "c", "d"]
    assert plan_of(path).messages[0].reason == "system"


@pytest.mark.parametrize("status", get_args(Status))
def test_summary_stands_for_its_range_when_it_ended_well(status: Status) -> None:
    covered = [user("a"), reply("b"), user("c"), reply("d")]
    made = replace(summary("s", "a", "b"), status=status)
    path = [*covered, made, user("e")]

    if status in ("complete", "length"):
        assert sent(*path) == ["s", "c", "d", "e"]
        assert left_out(*path) == {"a": "summarised", "b": "summarised"}
        assert [each.id for each in plan_of(path).messages] == ["a", "b", "c", "d", "s", "e"]
    else:
        assert sent(*path) == ["a", "b", "c", "d", "e"]
        assert left_out(*path) == {"s": "superseded"}


def test_summary_goes_as_a_message_of_the_user_that_says_what_it_is() -> None:
    path = [user("a"), reply("b"), user("c"), reply("d"), summary("s", "a", "b"), user("e")]

    first = assembled(*path)[0]

    assert first.role == "user"
    assert first.text == "Summary of the earlier conversation (2 messages):\n\nin short"


def test_pinned_messages_of_a_summarised_range_stay_and_follow_the_summary() -> None:
    path = [user("a"), replace(reply("b"), pinned=True), summary("s", "a", "b"), user("c")]

    assert sent(*path) == ["s", "b", "c"]
    assert left_out(*path) == {"a": "summarised"}


def test_newest_summary_wins_and_swallows_those_in_its_range() -> None:
    first = [user("a"), reply("b"), summary("s", "a", "b")]
    second = [user("c"), reply("d"), summary("t", "c", "d"), user("e")]
    whole = [user("c"), reply("d"), summary("t", "s", "d"), user("e")]

    assert sent(*first, *second) == ["a", "b", "t", "e"]
    assert left_out(*first, *second)["s"] == "superseded"
    assert sent(*first, *whole) == ["t", "e"]
    assert left_out(*first, *whole)["a"] == "summarised"


def test_edited_summary_takes_the_place_of_the_one_before() -> None:
    path = [user("a"), reply("b"), summary("s", "a", "b"), summary("t", "a", "b"), user("c")]

    assert sent(*path) == ["t", "c"]
    assert left_out(*path)["s"] == "superseded"


def test_excluded_summary_gives_its_range_back() -> None:
    made = replace(summary("s", "a", "b"), excluded=True)
    path = [user("a"), reply("b"), made, user("c")]

    assert sent(*path) == ["a", "b", "c"]
    assert left_out(*path) == {"s": "excluded"}


@pytest.mark.parametrize("covers", [("a", "lost"), ("lost", "b"), ("b", "a"), ("a", "c")])
def test_summary_of_what_is_not_on_the_path_stands_for_nothing(covers: tuple[str, str]) -> None:
    path = [user("a"), reply("b"), summary("s", *covers), user("c")]

    assert sent(*path) == ["a", "b", "c"]
    assert left_out(*path) == {"s": "superseded"}


def test_summary_never_splits_a_call_from_its_results() -> None:
    path = [user("a"), reply("b", "", "1"), result("c", "1"), reply("d")]

    assert sent(*path, summary("s", "a", "b"), user("e")) == ["s", "d", "e"]
    assert sent(*path, summary("s", "c", "d"), user("e")) == ["a", "s", "e"]


def test_summary_never_stands_for_the_newest_turn() -> None:
    turn = [user("c"), reply("d", "", "1"), result("e", "1")]
    path = [user("a"), reply("b"), *turn, summary("s", "a", "e"), reply("f", "", "2")]

    assert sent(*path, result("g", "2")) == ["s", "c", "d", "e", "f", "g"]
    assert sent(*turn, summary("s", "c", "e"), reply("f", "", "2"), result("g", "2")) == [
        *("c", "d", "e", "f", "g")
    ]
