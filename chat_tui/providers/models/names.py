"""The names under which one model is known. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LONGEST_NAME = 200
_LATER = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d|latest)\Z")
"""What stands behind a name and is no other model."""
_FINE_TUNED = re.compile(r"ft:([^:]+)")


class Name(NamedTuple):
    """A way to write a model's name."""

    text: str
    same_price: bool = True
    """Whether what is called so costs the same."""


def names_of(model: str) -> Sequence[Name]:
    """The names under which a model may be known, the nearest first.

    Without a vendor before it (`openai/gpt-4o`, `models/gemini-2.5-pro`) or a date behind it; and,
    where only the window is the same, without a variant (`:free`), or the model that was tuned.
    """
    whole = model.strip().lower()
    if len(whole) > _LONGEST_NAME:
        return ()
    found = dict.fromkeys(_shorter(whole), True)
    if tuned := _FINE_TUNED.match(whole):
        others: Iterable[str] = _shorter(tuned[1])
    else:
        others = _shorter(whole.rsplit("/", 1)[-1].split(":")[0])
    for name in others:
        found.setdefault(name, False)
    return [Name(text, same) for text, same in found.items() if text]


def _shorter(name: str) -> list[str]:
    last = name.rsplit("/", 1)[-1]
    return [name, _LATER.sub("", name), last, _LATER.sub("", last)]
