"""The table of all that may be done at a step, and how one is chosen."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.walk.walker import Walker

Act = Callable[[Walker], Awaitable[None]]
When = Callable[[Walker], bool]


class Step(NamedTuple):
    """Something to do."""

    name: str
    act: Act
    weight: int
    when: When


STEPS: list[Step] = []


def _always(_walk: Walker) -> bool:
    return True


def said(walk: Walker) -> bool:
    """Whether there is a message on the screen."""
    return bool(walk.rig.chat.tree.path())


def quiet(walk: Walker) -> bool:
    """Whether there is one, and no answer is on its way here."""
    return said(walk) and not walk.rig.chat.streaming


def streams(walk: Walker) -> bool:
    """Whether an answer is on its way here."""
    return walk.rig.chat.streaming


def several(walk: Walker) -> bool:
    """Whether there is a row in the list."""
    return bool(walk.rig.screen.list_of_conversations._rows)


def step(weight: int, when: When = _always) -> Callable[[Act], Act]:
    """Put something into the table.

    Args:
        weight: how often it is done, in proportion.
        when: whether there is anything to do it with.
    """

    def put(act: Act) -> Act:
        STEPS.append(Step(act.__name__, act, weight, when))
        return act

    return put


def choose(walk: Walker) -> tuple[str, Act]:
    """What to do next."""
    can = [each for each in STEPS if each.when(walk)]
    chosen = walk.chance.choices(can, [each.weight for each in can])[0]
    return chosen.name, chosen.act
