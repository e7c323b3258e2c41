"""What is sent where there is not room for all: the rules one by one."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import ContextItem
from chat_tui.core.context.plan import ContextPlan, weight_of
from chat_tui.core.context.planning import REFILL, plan_context
from chat_tui.core.context.policy import ContextPolicy
from tests.core.context.histories import plain


def room(tokens: int) -> Budget:
    """A budget of so many tokens for messages."""
    return Budget(Window(tokens, "settings"))


def sent(plan: ContextPlan) -> list[str]:
    return [each.id for each in plan.sent]


def reasons(plan: ContextPlan) -> dict[str, list[str]]:
    """Reason → what is left out for it."""
    found: dict[str, list[str]] = {}
    for each in plan.left_out:
        found.setdefault(each.reason, []).append(each.id)
    return found


def tool_turn(name: str, letters: int = 8_000) -> list[ContextItem]:
    """A prompt, a call, its result of so many letters, and the answer."""
    return [
        ContextItem(f"{name}-ask", "user", 10),
        ContextItem(f"{name}-call", "assistant", 10, calls=(name,), empty=True),
        ContextItem(f"{name}-result", "tool", letters // 4, answers=name, letters=letters),
        ContextItem(f"{name}-answer", "assistant", 10),
    ]


def new_prompt(tokens: int = 10) -> ContextItem:
    return ContextItem("new", "user", tokens)


def test_all_is_sent_while_it_fits_to_the_last_token() -> None:
    path = plain([100] * 9)

    plan = plan_context(path, system=100, budget=room(1_000))

    assert sent(plan) == ["", *(item.id for item in path)]
    assert (plan.tokens, plan.over, plan.refused, plan.cut) == (1_000, 0, False, Cut())
    assert plan.messages[0].reason == "system"


def test_overflow_leaves_out_the_oldest_turns_down_to_three_quarters() -> None:
    path = plain([100] * 11)

    plan = plan_context(path, system=50, budget=room(1_000))

    assert sent(plan) == ["", "m4", "m5", "m6", "m7", "m8", "m9", "m10"]
    assert plan.tokens == 750
    assert plan.cut == Cut(first="m4")
    assert reasons(plan) == {"too-large": ["m0", "m1", "m2", "m3"]}
    assert (len(plan.trimmed), weight_of(plan.trimmed), plan.begins) == (4, 400, "m4")


def test_overflow_cuts_to_three_quarters_and_that_cut_stays_until_the_next_overflow() -> None:
    budget = room(1_000)

    def send(messages: int, cut: Cut) -> ContextPlan:
        """The plan of a conversation of so many messages, 100 tokens each."""
        return plan_context(plain([100] * messages), budget=budget, cut=cut)

    # 900 tokens fit.
    fits = send(9, Cut())
    assert (sent(fits)[0], fits.tokens, fits.cut) == ("m0", 900, Cut())
    # 1,100 do not: what is sent begins with the first prompt that leaves no more than 750.
    cut = send(11, fits.cut)
    assert (sent(cut)[0], cut.tokens, cut.cut) == ("m4", 700, Cut(first="m4"))
    # A turn more fits: it begins as before, so that the provider's prompt cache holds.
    kept = send(13, cut.cut)
    assert (sent(kept)[0], kept.tokens, kept.cut) == ("m4", 900, cut.cut)
    # The next one does not, and it is cut anew.
    again = send(15, kept.cut)
    assert (sent(again)[0], again.tokens, again.cut) == ("m8", 700, Cut(first="m8"))


def test_a_cut_is_kept_until_it_overflows_again() -> None:
    cut, firsts = Cut(), []
    for turns in range(40):
        path = plain([100] * (2 * turns + 1))
        plan = plan_context(path, budget=room(2_000), cut=cut)
        assert plan.tokens <= 2_000
        cut = plan.cut
        firsts.append(sent(plan)[0])

    moves = sum(first != before for before, first in pairwise(firsts))
    assert firsts[:10] == ["m0"] * 10
    # Each cut frees a quarter: room for two turns of 200 tokens and a prompt.
    assert moves == 10


def test_a_cut_is_dropped_when_all_fits_well_again() -> None:
    path = plain([100] * 11)
    cut = plan_context(path, budget=room(1_000)).cut

    just_fits, fits_well = (
        plan_context(path, budget=room(tokens), cut=cut) for tokens in (1_400, 1_500)
    )

    assert just_fits.cut == cut
    assert just_fits.left_out
    assert (fits_well.cut, fits_well.left_out) == (Cut(), ())


def test_a_cut_is_widened_when_the_window_has_grown_much() -> None:
    path = plain([100] * 101)
    cut = plan_context(path, budget=room(1_000)).cut

    wider = plan_context(path, budget=room(5_000), cut=cut)
    again = plan_context(path, budget=room(5_000), cut=wider.cut)

    assert 3_500 < wider.tokens <= 0.75 * 5_000
    assert again == wider


def test_the_turn_that_has_just_ended_is_sent_wherever_it_fits() -> None:
    path = [*plain([400, 400, 32, 2_200]), new_prompt(5)]

    plan = plan_context(path, budget=room(2_868))

    assert sent(plan) == ["m2", "m3", "new"], "more than three quarters, and it fits"
    assert plan.cut == Cut(first="m2")
    larger = [*path[:4], new_prompt(700)]
    assert sent(plan_context(larger, budget=room(2_868))) == ["new"]


@pytest.mark.parametrize("policy", [ContextPolicy(), ContextPolicy("compact")])
def test_a_pin_takes_no_room_from_the_newest_turn_that_there_is(policy: ContextPolicy) -> None:
    path = [*plain([500, 2_619, 33, 2_600]), new_prompt(21)]
    path[1] = path[1]._replace(pinned=True)

    plan = plan_context(path, budget=room(5_731), policy=policy)

    assert sent(plan) == ["m1", "m2", "m3", "new"]
    assert plan.cut == Cut(first="m2")


def test_a_cut_that_wastes_half_of_the_budget_takes_back_one_turn_more() -> None:
    path = plain([100, 100, 200, 220, 200, 200, 50])

    plan = plan_context(path, budget=room(1_000))

    assert (sent(plan)[0], plan.tokens) == ("m2", 870)


def test_results_of_a_turn_that_is_taken_back_are_shortened_no_more_than_it_needs() -> None:
    heavy = [each._replace(tokens=450, letters=0) for each in tool_turn("0")]
    path = [*heavy, *tool_turn("1", 3_200), *tool_turn("2", 1_600), new_prompt(400)]
    path[7] = path[7]._replace(tokens=300)

    plan = plan_context(path, budget=room(1_800))

    assert sent(plan)[0] == "1-ask"
    assert [each.id for each in plan.sent if each.decision == "shortened"] == ["1-result"]


def test_a_turn_begins_with_its_prompt_also_where_that_is_pinned() -> None:
    path = [*plain([100, 700, 100, 500]), new_prompt(100)]
    path[2] = path[2]._replace(pinned=True)

    plan = plan_context(path, budget=room(1_000))
    again = plan_context(path, budget=room(1_000), cut=plan.cut)

    assert sent(plan) == ["m2", "m3", "new"]
    assert again == plan


def test_a_turn_that_was_left_out_comes_back_when_what_was_pinned_is_free_again() -> None:
    path = [*plain([400, 400, 200, 200]), new_prompt(550)]
    pinned = [path[0]._replace(pinned=True), *path[1:]]
    cut = plan_context(pinned, budget=room(1_000)).cut

    assert cut == Cut(first="new")
    assert sent(plan_context(path, budget=room(1_000), cut=cut)) == ["m2", "m3", "new"]


def test_nothing_is_shortened_that_fits_when_the_oldest_turns_are_left_out() -> None:
    path = [*plain([10, 11_000]), *tool_turn("1"), new_prompt()]

    plan = plan_context(path, budget=room(10_000))

    assert plan.cut == Cut(first="1-ask")
    assert {each.decision for each in plan.sent} == {"sent"}


def test_a_cut_that_can_not_be_widened_stays() -> None:
    path = plain([100, 900, 100, 100, 100, 50, 50])
    cut = plan_context(path[:5], budget=room(1_200)).cut

    plan = plan_context(path, budget=room(1_200), cut=cut)

    assert cut == Cut(first="m2")
    assert (plan.cut, plan.tokens) == (cut, 400)


@pytest.mark.parametrize("cut", [Cut("lost", ""), Cut("lost", "gone"), Cut("", "gone")])
def test_a_cut_of_another_path_is_none(cut: Cut) -> None:
    fits, larger = plain([100] * 9), plain([100] * 15)

    assert plan_context(fits, budget=room(1_000), cut=cut).cut == Cut()
    assert plan_context(larger, budget=room(1_000), cut=cut) == plan_context(
        larger, budget=room(1_000)
    )


def test_a_cut_whose_message_is_excluded_by_now_begins_with_the_next_prompt() -> None:
    path = plain([100] * 11)
    path[4] = path[4]._replace(excluded=True)

    plan = plan_context(path, budget=room(1_000), cut=Cut(first="m4"))

    assert sent(plan) == ["m6", "m7", "m8", "m9", "m10"]
    assert plan.cut == Cut(first="m4")


def test_a_cut_beyond_the_newest_prompt_leaves_that_alone() -> None:
    path = [*plain([300] * 4), new_prompt(600), *tool_turn("1")[1:3]]
    path[-1] = path[-1]._replace(tokens=20, letters=0)

    plan = plan_context(path, budget=room(1_200), cut=Cut("1-call", "1-result"))

    assert sent(plan) == ["new", "1-call", "1-result"]


def test_old_results_are_shortened_before_anything_is_left_out() -> None:
    path = [*tool_turn("1"), *tool_turn("2"), *tool_turn("3"), new_prompt()]

    plan = plan_context(path, budget=room(6_000))

    assert [each.decision for each in plan.messages].count("left-out") == 0
    assert [each.id for each in plan.messages if each.decision == "shortened"] == [
        "1-result",
        "2-result",
    ]
    assert plan.cut == Cut(whole="2-answer")
    assert all(
        each.tokens < each.full == 2_000 and each.reason == "too-large"
        for each in plan.messages
        if each.decision == "shortened"
    )
    assert plan.tokens <= REFILL * 6_000


def test_results_of_the_newest_turn_are_never_shortened() -> None:
    path = [*tool_turn("1"), *tool_turn("2")[:3]]

    plan = plan_context(path, budget=room(2_300))

    assert plan.messages[-1].decision == "sent"
    assert sent(plan) == ["2-ask", "2-call", "2-result"]


def test_old_pictures_become_words_oldest_first() -> None:
    path = plain([100] * 7)
    for place in (0, 2, 6):
        path[place] = path[place]._replace(tokens=1_100, images=1_000, pictures=1)

    plan = plan_context(path, budget=room(3_650))

    assert [each.id for each in plan.messages if each.decision == "shortened"] == ["m0"]
    assert plan.messages[0].tokens == 132
    assert plan.cut == Cut(whole="m1")
    assert plan.pictures == 2


def test_pictures_of_answers_weigh_as_the_words_that_stand_for_them() -> None:
    path = plain([100] * 3)
    path[1] = path[1]._replace(tokens=1_100, images=1_000, pictures=1)

    assert plan_context(path).tokens == 332


@pytest.mark.parametrize(
    ("policy", "decisions"),
    [
        (ContextPolicy(), {"shortened"}),
        (ContextPolicy(overflow="compact"), {"shortened"}),
        (ContextPolicy(shorten_results=False, drop_images=False), {"left-out"}),
        (ContextPolicy(overflow="warn"), {"sent"}),
        (ContextPolicy(overflow="off"), {"sent"}),
    ],
)
def test_policy_says_what_happens_to_old_messages(
    policy: ContextPolicy, decisions: set[str]
) -> None:
    picture = ContextItem("p", "user", 1_100, 1_000, pictures=1)
    path = [*tool_turn("1"), picture, ContextItem("a", "assistant", 10), new_prompt()]

    plan = plan_context(path, budget=room(3_000), policy=policy)

    heavy = {each.decision for each in plan.messages if each.id in ("1-result", "p")}
    assert heavy <= {*decisions, "sent"}
    assert decisions <= heavy
    assert plan.over == (plan.tokens - 3_000 if decisions == {"sent"} else 0)
    assert not plan.refused


def test_shortening_stops_where_it_has_done_enough_and_leaving_out_takes_over() -> None:
    path = [each for name in "12345" for each in tool_turn(name)]

    plan = plan_context([*path, new_prompt()], budget=room(2_000))

    assert plan.cut.first == "4-ask"
    assert [each.decision for each in plan.sent] == [
        *("sent", "sent", "shortened", "sent"),
        *("sent", "sent", "shortened", "sent"),
        "sent",
    ]
    assert plan.cut.whole == "5-answer"


def test_unknown_window_trims_nothing() -> None:
    path = plain([100_000] * 9)

    plan = plan_context(path, cut=Cut(first="m4"))

    assert len(plan.sent) == 9
    assert (plan.over, plan.refused, plan.cut) == (0, False, Cut())


def test_what_must_go_and_does_not_fit_is_refused_with_its_figures() -> None:
    path = plain([100] * 9)
    path[1] = path[1]._replace(pinned=True, tokens=700)

    plan = plan_context(path, system=200, budget=room(900), cut=Cut(first="m2"))

    assert plan.refused
    assert (plan.tokens, plan.over) == (1_000 + plan.filler, 100 + plan.filler)
    assert [each.id for each in sorted(plan.sent, key=lambda each: -each.tokens)[:2]] == ["m1", ""]
    assert {each.reason for each in plan.sent} == {"system", "pinned", "newest"}
    assert plan.cut == Cut(first="m2")


def test_pinned_messages_stay_wherever_they_are() -> None:
    path = plain([100] * 15)
    for place in (3, 4):
        path[place] = path[place]._replace(pinned=True)

    plan = plan_context(path, budget=room(1_000))

    assert sent(plan)[:3] == ["m3", "m4", "m10"]
    assert plan.filler > 0
    assert plan.tokens <= 1_000
    assert {each.reason for each in plan.messages[3:5]} == {"pinned"}
    assert plan_context(path).filler == 0


def test_calibration_multiplies_each_message_and_rounds_up() -> None:
    path = plain([10, 10, 5])

    plan = plan_context(path, system=3, scale=1.25)

    assert [each.tokens for each in plan.messages] == [4, 13, 13, 7]
    assert [each.exact for each in plan.messages] == [False] * 4


def test_history_is_limited_by_count_as_the_guide_has_it() -> None:
    path = plain([10] * 9)

    def limited(count: int, system: int = 0) -> list[str]:
        policy = ContextPolicy(overflow="off", max_history=count)
        return sent(plan_context(path, system=system, policy=policy))

    assert limited(9) == [f"m{place}" for place in range(9)]
    # An answer never comes first: one message less than the guide's slice has.
    assert limited(4) == limited(3) == ["m6", "m7", "m8"]
    assert limited(4, system=5) == ["", "m6", "m7", "m8"]
    assert limited(2) == limited(1) == ["m8"]
    plan = plan_context(path, policy=ContextPolicy(max_history=4))
    assert reasons(plan) == {"history": [f"m{place}" for place in range(5)], "leading": ["m5"]}


def test_history_counts_pins_keeps_calls_whole_and_never_less_than_the_newest_turn() -> None:
    path = [*plain([10] * 4), *tool_turn("1"), *tool_turn("2")[:3]]
    pinned = [path[0]._replace(pinned=True), *path[1:]]

    def limited(path: Sequence[ContextItem], count: int) -> list[str]:
        return sent(plan_context(path, policy=ContextPolicy(max_history=count)))

    newest = ["2-ask", "2-call", "2-result"]
    assert limited(path, 1) == limited(path, 3) == newest
    # Four more would split a call from its result; an answer does not come first.
    assert limited(path, 6) == newest
    assert limited(path, 7) == ["1-ask", "1-call", "1-result", "1-answer", *newest]
    assert limited(pinned, 7) == ["m0", *newest]
    assert limited(pinned, 8) == ["m0", "1-ask", "1-call", "1-result", "1-answer", *newest]


def test_summary_goes_in_the_place_of_its_range_whatever_is_cut() -> None:
    path = plain([100] * 15)
    made = ContextItem("s", "system", 100, covers=("m0", "m3"), summary=True)
    path = [*path[:14], made, *path[14:]]

    plan = plan_context(path, budget=room(1_000))

    assert sent(plan) == ["s", "m10", "m11", "m12", "m13", "m14"]
    assert (plan.summary, plan.before, plan.begins) == ("s", "m0", "m10")
    assert reasons(plan) == {
        "summarised": ["m0", "m1", "m2", "m3"],
        "too-large": ["m4", "m5", "m6", "m7", "m8", "m9"],
    }


def test_newest_turn_begins_with_the_last_prompt_that_is_sent() -> None:
    path = [*plain([10] * 3), *tool_turn("1")[1:3]]
    path[2] = path[2]._replace(excluded=True)

    plan = plan_context(path, budget=room(100_000))

    assert [each.reason for each in plan.messages] == [
        *("newest", "newest", "excluded", "newest", "newest")
    ]


def test_the_line_before_a_pinned_answer_needs_room_too() -> None:
    path = plain([10] * 7)
    path[1] = path[1]._replace(pinned=True)
    line = plan_context(path[1:]).filler

    fits, refused, widened = (
        plan_context(path, budget=room(tokens)) for tokens in (20 + line, 19 + line, 55)
    )

    assert line > 10
    assert (sent(fits), fits.tokens) == (["m1", "m6"], 20 + line)
    assert refused.refused
    assert refused.over == 1
    assert (sent(widened), widened.tokens) == (["m1", "m6"], 20 + line)


def test_a_cut_names_nothing_that_is_shortened_where_that_stays_behind() -> None:
    path = [*tool_turn("1"), *plain([10] * 2), new_prompt()]
    path[0] = path[0]._replace(tokens=3_000)

    assert plan_context(path, budget=room(1_500)).cut == Cut(first="m0")


def test_shortened_results_weigh_what_comes_with_them_however_light_they_are() -> None:
    path = [*tool_turn("1"), *plain([10, 10]), new_prompt()]
    path[2] = path[2]._replace(tokens=400, letters=80_000)

    shortened = plan_context(path, budget=room(440)).messages[2]

    assert shortened.decision == "shortened"
    assert shortened.tokens >= 40


def test_same_input_gives_the_same_plan() -> None:
    path = [*tool_turn("1"), *plain([100] * 15)]

    assert plan_context(path, budget=room(900)) == plan_context(tuple(path), budget=room(900))


class _Watched(list[ContextItem]):
    """A path that counts how often its items are taken."""

    taken = 0

    def __iter__(self) -> Iterator[ContextItem]:
        for item in super().__iter__():
            self.taken += 1
            yield item

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        self.taken += len(found) if isinstance(place, slice) else 1
        return found


@pytest.mark.parametrize("tokens", [100_000_000, 20_000, 400])
def test_work_grows_no_faster_than_the_conversation(tokens: int) -> None:
    taken = []
    for count in (200, 400, 800):
        path = _Watched(each for name in range(count) for each in tool_turn(str(name)))
        path.append(new_prompt())
        covers = ("0-ask", f"{count // 8}-answer")
        path.insert(len(path) - 1, ContextItem("s", "system", 9, covers=covers, summary=True))
        plan = plan_context(path, budget=room(tokens), policy=ContextPolicy(max_history=3 * count))
        plan_context(path, budget=room(tokens), cut=plan.cut, scale=1.3)
        taken.append(path.taken / len(path))

    # Times that a message is looked at in the two plans: the same in a longer conversation.
    assert max(taken) <= 1.1 * min(taken)
    assert max(taken) <= 20
