"""Several answers to one prompt in one message."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.items import item_of
from chat_tui.core.context.joining import join_items, joined_of
from chat_tui.core.context.plan import ContextPlan
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, ToolCall, text_parts
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.side_by_side.threads import told_to
from chat_tui.core.targets import Target
from tests.core.context.histories import weight
from tests.core.side_by_side.trees import Case, cases

PROMPT = ChatMessage("new", "user", text_parts("and now?"))


def _plan(
    case: Case, *, slot: int = 0, room: int | None = None, history: int = 0
) -> tuple[ContextPlan, tuple[ChatMessage, ...]]:
    """The plan of a next prompt, and what is sent of it."""
    about, tree = case.conversation, case.tree
    path = told_to(about, tree, slot)
    joined = joined_of(about, tree, path)
    items = [item_of(case.messages[id_], weight(case.messages[id_])) for id_ in path]
    items = [*join_items(items, joined), item_of(PROMPT, weight(PROMPT))]
    policy = ContextPolicy(max_history=history)
    plan = plan_context(items, budget=Budget(Window(room)), policy=policy)
    texts = {**case.messages, PROMPT.id: PROMPT}
    return plan, () if plan.refused else assemble(plan, texts, joined=joined)


@settings(max_examples=60)
@given(
    cases(deleting=False, calling=False),
    st.sampled_from([None, None, 60, 40, 25]),
    st.sampled_from([0, 0, 3, 4]),
)
def test_prompts_and_answers_alternate_whatever_is_shared(
    case: Case, room: int | None, history: int
) -> None:
    for slot in case.conversation.board.slots:
        plan, sent = _plan(case, slot=slot, room=room, history=history)
        if not plan.refused:
            _check_alternating(sent)
        _check_together(case, plan, slot)


@pytest.mark.slow
@settings(max_examples=2_000)
@given(cases(), st.sampled_from([None, 60, 40, 25]), st.sampled_from([0, 3, 4]))
def test_no_two_answers_follow_each_other_in_any_tree(
    case: Case, room: int | None, history: int
) -> None:
    for slot in case.conversation.board.slots:
        plan, sent = _plan(case, slot=slot, room=room, history=history)
        _check_together(case, plan, slot)
        joined = [message for message in sent if message.text.count("**m") > 1]
        assert all(not message.tool_calls for message in joined)


def _check_alternating(sent: Sequence[ChatMessage]) -> None:
    roles = [message.role for message in sent]
    assert roles == (["user", "assistant"] * len(roles))[: len(roles)]
    assert roles[-1] == "user"


def _check_together(case: Case, plan: ContextPlan, slot: int) -> None:
    """What goes together is cut together."""
    joined = joined_of(case.conversation, case.tree, told_to(case.conversation, case.tree, slot))
    for first in {about.first for about in joined.values()}:
        cut = {
            each.reason in ("too-large", "history", "leading")
            for each in plan.messages
            if each.id in joined
            and joined[each.id].first == first
            and each.reason not in ("empty", "excluded", "pinned")
        }
        assert len(cut) < 2


def _several(*replies: ChatMessage) -> Case:
    """A prompt with answers that all are told."""
    targets = tuple(Target("p", f"m{slot}") for slot in range(3))
    case = Case(Conversation("c", targets=targets, board=Board((0, 1, 2), "several")))
    prompt = case.add("user", None, parts=text_parts("ask"))
    for slot, reply in enumerate(replies):
        made = case.add("assistant", prompt.id, prompt.turn, slot=slot)
        case.messages[made.id] = replace(
            reply, id=made.id, parent=made.parent, turn=made.turn, slot=slot
        )
        case.tree.select(made.id)
    return case


def _said(text: str, model: str, **more: object) -> ChatMessage:
    return ChatMessage("", "assistant", text_parts(text), model=model, **more)  # type: ignore[arg-type]


def test_each_stands_under_the_name_of_its_model_without_calls_and_reasoning() -> None:
    case = _several(
        _said("one", "a", reasoning="hm", tool_calls=(ToolCall("1", "now", "{}"),)),
        _said("two ", "b\n*c*"),
        _said("three", "a"),
    )

    plan, sent = _plan(case)

    assert [each.decision for each in plan.messages] == ["sent"] * 5
    answer = sent[1]
    assert answer.text == "**a**\n\none\n\n**b c**\n\ntwo\n\n**a (2)**\n\nthree"
    assert (answer.reasoning, answer.tool_calls) == ("", ())
    weighed = sum(weight(message).tokens for message in sent)
    assert weighed <= plan.tokens <= weighed + 30


def test_those_left_out_are_not_told_and_a_single_one_goes_as_it_is() -> None:
    case = _several(
        _said("one", "a", excluded=True),
        _said("", "b", status="error"),
        _said("three", "c"),
    )

    plan, sent = _plan(case)

    assert [each.reason for each in plan.messages] == ["", "excluded", "empty", "", "newest"]
    assert [message.text for message in sent] == ["ask", "three", "and now?"]


def test_prompt_that_all_failed_to_answer_is_not_sent_again() -> None:
    failed = _said("", "a", status="error")
    case = _several(failed, failed, failed)

    plan, sent = _plan(case)

    assert plan.messages[0].reason == "failed"
    assert [message.text for message in sent] == ["and now?"]


def test_refusal_goes_as_the_answer_that_it_was() -> None:
    _, sent = _plan(_several(_said("", "a", refusal="I will not."), _said("two", "b")))

    assert sent[1].text == "**a**\n\nI will not.\n\n**b**\n\ntwo"
