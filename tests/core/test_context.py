"""What of a conversation is sent: the rules of form."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.context import LeftOut, plan_context
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage, ImagePart, Status, ToolCall, text_parts


def user(id_: str, text: str = "question") -> ChatMessage:
    return ChatMessage(id_, "user", text_parts(text))


def reply(id_: str, text: str = "answer", *calls: str, status: Status = "complete") -> ChatMessage:
    tool_calls = tuple(ToolCall(call, "now", "{}") for call in calls)
    return ChatMessage(id_, "assistant", text_parts(text), status=status, tool_calls=tool_calls)


def result(id_: str, call: str, text: str = "12:00") -> ChatMessage:
    return ChatMessage(id_, "tool", text_parts(text), tool_call_id=call)


def sent(*path: ChatMessage) -> list[str]:
    return [message.id for message in plan_context(path).messages]


def test_all_messages_are_sent_in_order() -> None:
    path = [user("a"), reply("b"), user("c")]

    plan = plan_context(path)

    assert plan.messages == tuple(path)
    assert plan.left_out == ()


def test_system_prompt_goes_first() -> None:
    first = plan_context([user("a")], "Be brief.").messages[0]

    assert (first.role, first.text) == ("system", "Be brief.")


@pytest.mark.parametrize("status", ["stopped", "interrupted", "length", "filtered", "error"])
def test_reply_that_was_cut_is_sent_with_what_it_has(status: Status) -> None:
    assert sent(user("a"), reply("b", "half an", status=status), user("c")) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_reply_is_never_sent(text: str) -> None:
    plan = plan_context([user("a"), reply("b", text), user("c")])

    assert [message.id for message in plan.messages] == ["a", "c"]
    assert plan.left_out == (LeftOut("b", "empty"),)


@pytest.mark.parametrize("status", ["error", "stopped", "interrupted", "filtered"])
def test_prompt_that_failed_is_not_sent_again_with_the_next_one(status: Status) -> None:
    plan = plan_context(
        [user("a"), reply("b"), user("c"), reply("d", "", status=status), user("e")]
    )

    assert [message.id for message in plan.messages] == ["a", "b", "e"]
    assert plan.left_out == (LeftOut("c", "failed"), LeftOut("d", "empty"))


def test_prompts_that_failed_one_after_the_other_are_all_left_out() -> None:
    first = [user("a"), reply("b", "", status="error")]
    second = [user("c"), reply("d", "", status="error")]

    assert sent(*first, *second, user("e")) == ["e"]


def test_prompt_that_failed_is_sent_when_it_is_itself_to_be_answered() -> None:
    failed = [user("a"), reply("b", "", status="error")]

    assert sent(*failed, user("c")) == ["c"]
    assert sent(failed[0]) == ["a"]


def test_prompt_with_another_answer_beside_the_empty_one_is_sent() -> None:
    path = [user("a"), reply("b", "", status="error"), reply("c", "imported"), user("d")]

    assert sent(*path) == ["a", "c", "d"]


def test_prompt_before_calls_and_a_failure_is_sent_with_them() -> None:
    asked = [user("a"), reply("b", "", "1"), result("c", "1")]

    assert sent(*asked, reply("d", "", status="error"), user("e")) == ["a", "b", "c", "e"]


def test_excluded_message_is_not_sent() -> None:
    plan = plan_context([user("a"), replace(reply("b"), excluded=True), user("c")])

    assert [message.id for message in plan.messages] == ["a", "c"]
    assert plan.left_out == (LeftOut("b", "excluded"),)


def test_prompt_without_text_is_sent_when_it_has_a_picture() -> None:
    picture = ChatMessage("a", "user", (ImagePart(sha256="0" * 64),))

    assert sent(picture) == ["a"]


def test_call_goes_with_its_results() -> None:
    path = [user("a"), reply("b", "", "1", "2"), result("c", "1"), result("d", "2")]

    assert sent(*path) == ["a", "b", "c", "d"]


def test_empty_result_goes_with_its_call() -> None:
    assert sent(user("a"), reply("b", "", "1"), result("c", "1", "")) == ["a", "b", "c"]


def test_unanswered_calls_are_taken_out_and_the_words_beside_them_stay() -> None:
    plan = plan_context([user("a"), reply("b", "I look.", "1", "2"), result("c", "1"), user("d")])

    assert [message.id for message in plan.messages] == ["a", "b", "d"]
    assert plan.messages[1].tool_calls == ()
    assert plan.left_out == (LeftOut("c", "unanswered"),)


def test_unanswered_call_without_words_is_not_sent() -> None:
    plan = plan_context([user("a"), reply("b", "", "1"), user("c")])

    assert [message.id for message in plan.messages] == ["a", "c"]
    assert plan.left_out == (LeftOut("b", "unanswered"),)


def test_result_is_not_sent_without_its_call() -> None:
    orphan = result("b", "1")
    stranger = result("e", "9")
    path = [user("a"), orphan, reply("c", "", "1"), result("d", "1"), stranger, user("f")]

    plan = plan_context(path)

    assert [message.id for message in plan.messages] == ["a", "c", "d", "f"]
    assert plan.left_out == (LeftOut("b", "unanswered"), LeftOut("e", "unanswered"))


def test_call_with_an_excluded_result_is_left_out_as_a_whole() -> None:
    excluded = replace(result("c", "1"), excluded=True)
    plan = plan_context([user("a"), reply("b", "", "1"), excluded, user("d")])

    assert [message.id for message in plan.messages] == ["a", "d"]
    assert {left.reason for left in plan.left_out} == {"excluded"}


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
    ],
)
def test_plan_is_refused_when_there_is_nothing_to_answer(path: list[ChatMessage]) -> None:
    with pytest.raises(UsageError, match="nothing to answer"):
        plan_context(path, "Be brief.")


_messages = st.one_of(
    st.builds(user, st.just(""), st.sampled_from(["", "q"])),
    st.builds(
        lambda text, calls, status: reply("", text, *calls, status=status),
        st.sampled_from(["", "a"]),
        st.lists(st.sampled_from("123"), max_size=2, unique=True),
        st.sampled_from(get_args(Status)),
    ),
    st.builds(result, st.just(""), st.sampled_from("123"), st.sampled_from(["", "r"])),
).flatmap(lambda made: st.booleans().map(lambda out: replace(made, excluded=out)))


@settings(max_examples=150)
@given(st.lists(_messages, max_size=12))
def test_plan_keeps_the_rules_of_form_for_any_history(history: list[ChatMessage]) -> None:
    path = [replace(made, id=str(place)) for place, made in enumerate(history)]
    path.append(user("last"))

    plan = plan_context(path)

    ids = [message.id for message in plan.messages]
    assert ids == sorted(ids, key=[message.id for message in path].index)
    assert sorted([*ids, *(left.id for left in plan.left_out)]) == sorted(m.id for m in path)
    assert ids[-1] == "last"
    assert plan == plan_context(path)
    called: set[str] = set()
    open_calls: set[str] = set()
    for message in plan.messages:
        assert not message.excluded
        if message.role == "tool":
            assert message.tool_call_id in called
            open_calls.discard(message.tool_call_id)
        else:
            assert not message.empty
            assert not open_calls, "calls without their results"
            called = {call.id for call in message.tool_calls}
            open_calls = set(called)
    assert not open_calls


def test_a_refusal_is_sent_as_the_answer_that_it_was() -> None:
    refused = replace(reply("b", ""), refusal="I will not.")

    plan = plan_context([user("a"), refused, user("c")])

    assert [message.text for message in plan.messages] == ["question", "I will not.", "question"]
    assert plan.left_out == ()
