"""What holds of every plan, for histories of all kinds."""

from collections.abc import Sequence
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import ContextPlan, weight_of
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.context.wording import FILLER_TOKENS
from chat_tui.core.messages import ChatMessage, ImagePart
from tests.core.context.histories import items, messages, plain, weight

PROMPT = "Be brief."
SYSTEM = 7
"""Its tokens, by the rule of the histories."""

_policies = st.builds(
    ContextPolicy,
    overflow=st.sampled_from(["trim", "trim", "compact", "warn", "off"]),
    max_history=st.sampled_from([0, 0, 0, 0, 0, 1, 4, 9]),
    shorten_results=st.sampled_from([True, True, False]),
    drop_images=st.sampled_from([True, True, False]),
)
_shares = st.sampled_from([0.5, 0.75, 0.25, 0.95, 0.1, 0.0, 1.4, None])
"""Of what a whole conversation weighs; None for a window that nobody knows."""

_scales = st.sampled_from([1.0, 1.0, 0.7, 1.3])


def _budget(room: int | None) -> Budget:
    return Budget(Window(room))


def _requests(
    path: Sequence[ChatMessage],
    shares: Sequence[float | None],
    policy: ContextPolicy,
    scale: float,
) -> None:
    """Plan the requests of a conversation one after the other as it grows, and check each plan."""
    cut, total = Cut(), scale * sum(weight(each).tokens for each in path)
    for end in range(1, len(path) + 1):
        if path[end - 1].role != "user" and end < len(path):
            continue
        now = items(path[:end])
        if now[-1].empty or now[-1].excluded:
            continue
        share = shares[end % len(shares)]
        budget = _budget(None if share is None else int(share * total))
        plan = plan_context(now, system=SYSTEM, budget=budget, policy=policy, cut=cut, scale=scale)
        again = plan_context(
            tuple(now), system=SYSTEM, budget=budget, policy=policy, cut=cut, scale=scale
        )
        assert plan == again
        _check_plan(plan, now, policy)
        _check_finished_turn(plan, scale)
        if not plan.refused:
            _check_request(plan, path[:end], scale)
        cut = plan.cut


def _check_plan(plan: ContextPlan, path: Sequence[ContextItem], policy: ContextPolicy) -> None:
    assert [each.id for each in plan.messages] == ["", *(item.id for item in path)]
    room = plan.budget.tokens
    if policy.overflow in ("warn", "off") or room is None:
        assert not plan.refused
        assert all(each.reason != "too-large" for each in plan.messages)
    elif plan.refused:
        assert plan.over > 0
        always = ("system", "pinned", "newest", "summary", "unanswered")
        assert all(each.reason in always for each in plan.sent)
    else:
        assert plan.tokens <= room
    for each in plan.messages:
        assert (each.decision == "left-out") == (each.tokens == 0)
        assert each.tokens <= each.full
    _check_kept(plan, path)
    _check_units(plan, path)


def _check_kept(plan: ContextPlan, path: Sequence[ContextItem]) -> None:
    """System prompt, newest message and pins are sent; what is excluded or empty never is."""
    told = {each.id: each for each in plan.messages}
    by_id = {item.id: item for item in path}
    assert plan.sent[0].id == ""
    assert plan.sent[-1].id == path[-1].id
    assert told[path[-1].id].decision == "sent"
    for item in path:
        if item.excluded or (item.empty and not item.calls and item.role != "tool"):
            assert told[item.id].decision == "left-out"
        elif item.pinned and not item.summary:
            assert told[item.id].decision != "left-out" or told[item.id].reason in (
                "unanswered",
                "excluded",
            )
    speaking = [each for each in plan.sent if each.reason != "system"]
    first = speaking[0]
    assert first.role == "user" or first.id == plan.summary or plan.filler
    if plan.filler:
        assert first.role != "user"
        assert by_id[first.id].pinned or first.reason in ("pinned", "newest", "unanswered")


def _check_finished_turn(plan: ContextPlan, scale: float) -> None:
    """The newest turn that has ended is sent wherever it fits beside what must be sent."""
    room, told = plan.budget.tokens, plan.messages
    if plan.refused or room is None:
        return
    prompts = [
        at
        for at, each in enumerate(told)
        if each.role == "user" and (each.tokens or each.reason == "too-large")
    ]
    before, newest = (-1, *prompts)[-2:]
    if before < 0:
        return
    turn = [each for each in told[before:newest] if each.reason in ("", "too-large")]
    if any(each.decision == "left-out" for each in turn):
        always = ("system", "pinned", "newest", "summary")
        must = [each for each in told if each.reason in always]
        filler = ceil(FILLER_TOKENS * scale)
        assert weight_of([*must, *turn]) + filler > room


def _check_units(plan: ContextPlan, path: Sequence[ContextItem]) -> None:
    """Calls and their results are sent together; the summary is in the place of its range."""
    by_id = {item.id: item for item in path}
    called: set[str] = set()
    waiting: set[str] = set()
    for each in plan.sent[1:]:
        item = by_id[each.id]
        if item.role == "tool":
            assert item.answers in called
            waiting.discard(item.answers)
            continue
        assert not waiting, "calls without their results"
        stripped = item.role == "assistant" and each.decision == "shortened"
        called = set() if stripped else set(item.calls)
        waiting = set(called)
    assert not waiting
    places = {item.id: place for place, item in enumerate(path)}
    order = [places[each.id] for each in plan.sent[1:] if each.id != plan.summary]
    assert order == sorted(order)
    if plan.summary:
        summed = [each.id for each in plan.messages if each.reason == "summarised"]
        begin = places[plan.before]
        assert all(begin <= places[id_] < places[plan.summary] for id_ in summed)
        ids = [each.id for each in plan.sent[1:]]
        after = ids[ids.index(plan.summary) + 1 :]
        assert all(places[id_] >= begin for id_ in after)
    else:
        assert all(each.reason not in ("summary", "summarised") for each in plan.messages)


def _check_request(plan: ContextPlan, path: Sequence[ChatMessage], scale: float) -> None:
    """What is made of a plan is what it says, in the form that servers take."""
    sent = {each.id for each in plan.sent}
    request = assemble(plan, {each.id: each for each in path if each.id in sent}, PROMPT)
    told = {each.id: each.tokens for each in plan.sent}
    ids = [message.id for message in request if message.id != "filler"]
    assert ids == ["system", *(each.id for each in plan.sent[1:])]
    assert request[0].text == PROMPT
    assert request[1].role == "user"
    assert request[-1] == path[-1]
    total = 0.0
    for message in request:
        assert message.role == "tool" or not message.empty
        assert message.role == "user" or not any(
            isinstance(part, ImagePart) for part in message.parts
        )
        weighs = weight(message).tokens * scale
        total += weighs
        if message.id in told:
            assert weighs <= told[message.id] + 1e-6, "it is heavier than was planned"
    assert total <= plan.tokens + 1e-6


@settings(max_examples=120)
@given(messages(), st.lists(_shares, min_size=1, max_size=3), _policies, _scales)
def test_every_plan_of_a_growing_conversation_holds_what_is_promised(
    path: list[ChatMessage], shares: list[float | None], policy: ContextPolicy, scale: float
) -> None:
    _requests(path, shares, policy, scale)


@pytest.mark.slow
@settings(max_examples=3_000)
@given(messages(turns=14), st.lists(_shares, min_size=1, max_size=3), _policies, _scales)
def test_every_plan_of_many_growing_conversations_holds_what_is_promised(
    path: list[ChatMessage], shares: list[float | None], policy: ContextPolicy, scale: float
) -> None:
    _requests(path, shares, policy, scale)


def _grow(sizes: Sequence[int], room: int, pinned: int) -> None:
    """Check that a cut moves only where the conversation would overflow with it, and forward.

    Between two moves each request begins as the one before.
    """
    cut, first = Cut(), 0
    path = plain(sizes)
    if pinned < len(path):
        path[pinned] = path[pinned]._replace(pinned=True)
    for end in range(1, len(sizes) + 1, 2):
        plan = plan_context(path[:end], budget=_budget(room), cut=cut)
        if plan.refused:
            return
        kept = {place for place in range(end) if place >= first or place == pinned}
        sent = [path[place].id for place in sorted(kept)]
        if sum(sizes[place] for place in kept) + plan.filler <= room:
            assert plan.cut == cut
            assert [each.id for each in plan.sent] == sent
        else:
            moved = int(plan.cut.first.removeprefix("m"))
            assert moved > first, "it moves forward"
            assert plan.tokens <= room
            cut, first = plan.cut, moved


@settings(max_examples=100)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60),
    st.sampled_from([500, 1_000, 3_000]),
    st.integers(0, 60),
)
def test_a_growing_conversation_keeps_its_cut_until_it_overflows_and_cuts_move_forward(
    sizes: list[int], room: int, pinned: int
) -> None:
    _grow(sizes, room, pinned)


@pytest.mark.slow
@settings(max_examples=2_000)
@given(
    st.lists(st.integers(1, 900), min_size=1, max_size=99),
    st.integers(500, 9_000),
    st.integers(0, 120),
)
def test_many_growing_conversations_keep_their_cut_until_they_overflow(
    sizes: list[int], room: int, pinned: int
) -> None:
    _grow(sizes, room, pinned)
