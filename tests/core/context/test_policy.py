"""How much of a conversation is sent, as settings and conversations say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.context.policy import ContextPolicy, changed, parse_policy, policy_text
from chat_tui.core.errors import UsageError

_policies = st.builds(
    ContextPolicy,
    overflow=st.sampled_from(["trim", "compact", "warn", "off"]),
    max_history=st.integers(0, 100_000),
    shorten_results=st.booleans(),
    drop_images=st.booleans(),
    compact_at=st.integers(10, 100),
    summary_model=st.sampled_from(["", "gpt-4o", "a=b", "100%20", "%25", "My Model.gguf", "模型"]),
)


@given(_policies, _policies)
def test_policy_of_a_conversation_is_read_as_it_was_written(
    policy: ContextPolicy, default: ContextPolicy
) -> None:
    assert parse_policy(policy_text(policy, default), default) == policy
    assert policy_text(default, default) == ""


def test_policy_says_only_what_differs_and_follows_the_default_in_all_else() -> None:
    default = ContextPolicy(max_history=20)
    own = changed(default, "overflow", "compact")

    assert policy_text(own, default) == "overflow=compact"
    assert parse_policy("overflow=compact", ContextPolicy(compact_at=50)) == ContextPolicy(
        overflow="compact", compact_at=50
    )
    assert parse_policy("warn", default).overflow == "warn"
    assert not parse_policy("shorten_results=0", default).shorten_results


def test_what_cannot_be_read_is_passed_over() -> None:
    words = "colour=red overflow=shout max_history=-1 compact_at=101 what max_history=12"

    assert parse_policy(words, ContextPolicy()) == ContextPolicy(max_history=12)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("colour", "red", "colour is no part of a context policy."),
        ("overflow", "shout", "shout is no way to deal with overflow."),
        ("max_history", "many", "many is no value of max_history."),
        ("max_history", "9" * 5_000, "is no value of max_history."),
        ("compact_at", "9", "9 is no value of compact_at."),
        ("drop_images", "yes", "yes is no value of drop_images."),
    ],
)
def test_field_is_set_to_nothing_that_it_cannot_be(name: str, value: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        changed(ContextPolicy(), name, value)

    assert says in str(refused.value)
    assert refused.value.hint
