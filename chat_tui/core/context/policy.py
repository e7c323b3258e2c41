"""What to do when a conversation does not fit, and how much of it is sent at all."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from chat_tui.core.errors import UsageError

Overflow = Literal["trim", "compact", "warn", "off"]
"""What happens where a request is larger than its budget.

`trim`: old tool results are shortened, old pictures become a line of words, the oldest turns stay
behind; each of it visibly. `compact`: the same, and before it comes to that, at a threshold, a
model sums up the oldest turns. `warn`: all is sent, and it is said that it may be too much.
`off`: all is sent, and nothing is said.
"""


@dataclass(frozen=True, slots=True)
class ContextPolicy:
    """How a conversation's context is chosen."""

    overflow: Overflow = "trim"
    max_history: int = 0
    """Messages at the most, the system prompt and the new prompt among them, as the guide's
    `max_history`; 0 for any number."""
    shorten_results: bool = True
    """Whether old tool results may be shortened to their head and tail."""
    drop_images: bool = True
    """Whether old pictures may become a line of words."""
    compact_at: int = 80
    """Per cent of the budget from which on `compact` sums up."""
    summary_model: str = ""
    """Who sums up, at the conversation's provider; empty: the conversation's own model."""


_CHOICES = get_args(Overflow)

_MOST = 100_000
"""The largest number that a policy may hold, as in the settings."""


def policy_text(policy: ContextPolicy, default: ContextPolicy) -> str:
    """What a conversation's policy says other than the default, as `Conversation.policy` keeps it.

    The fields that differ, as `name=value`, separated by blanks: `overflow=compact max_history=20`.
    A blank in a value is `%20`. Empty where nothing differs.
    """
    told = []
    for field in fields(ContextPolicy):
        value = getattr(policy, field.name)
        if value != getattr(default, field.name):
            words = str(int(value) if isinstance(value, bool) else value)
            told.append(f"{field.name}={'%20'.join(words.replace('%', '%25').split())}")
    return " ".join(told)


def parse_policy(words: str, default: ContextPolicy) -> ContextPolicy:
    """The policy of a conversation: the default, with what its own text says.

    A bare word is an `Overflow` (`trim`). What cannot be read is passed over: a conversation of a
    newer version must open.
    """
    policy = default
    for word in words.split():
        name, _, value = word.partition("=") if "=" in word else ("overflow", "", word)
        try:
            policy = changed(policy, name, value.replace("%20", " ").replace("%25", "%"))
        except UsageError:
            continue
    return policy


def changed(policy: ContextPolicy, name: str, value: str) -> ContextPolicy:
    """A policy with one field set from words.

    Raises:
        UsageError: there is no such field, or this is no value of it.
    """
    known = {field.name: type(field.default) for field in fields(ContextPolicy)}
    kind: Any = known.get(name)
    if kind is None:
        raise UsageError(f"{name} is no part of a context policy.", hint=_told(known))
    found: Any = value
    if name == "overflow" and value not in _CHOICES:
        raise UsageError(f"{value} is no way to deal with overflow.", hint=_told(_CHOICES))
    if kind in (int, bool):
        least, most = (10, 100) if name == "compact_at" else (0, _MOST)
        # More digits than Python turns into a number at all are no number either.
        if not value.isdecimal() or len(value) > len(str(_MOST)) or not least <= int(value) <= most:
            hint = f"Give a whole number from {least} to {most:,}."
            raise UsageError(f"{value} is no value of {name}.", hint=hint)
        found = kind(int(value))
    return replace(policy, **{name: found})


def _told(names: Any) -> str:
    return f"There are {', '.join(names)}."
