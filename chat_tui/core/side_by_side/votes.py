"""What the user thought of answers that were compared: votes, and who won how often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Verdict = Literal["win", "tie", "bad"]
"""One was the best, they were equally good, or none was of use."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote about the answers to one prompt. Another vote about the same prompt replaces it."""

    turn: str
    """The turn of the prompt."""
    conversation: str
    at: float
    """Seconds since 1970."""
    models: tuple[str, ...]
    """Those compared, as `str(target)`."""
    verdict: Verdict
    winner: str = ""
    """The best of them; empty where none was."""
    tags: tuple[str, ...] = ()
    """The conversation's, and what the user called the task, as of then."""


class Standing(NamedTuple):
    """How a model did."""

    model: str
    votes: int
    wins: int
    losses: int
    ties: int
    bad: int

    @property
    def share(self) -> float:
        """Wins of all votes, ties counted half; 0 to 1."""
        return (self.wins + self.ties / 2) / self.votes if self.votes else 0.0


def standings(votes: Iterable[Vote], tag: str = "") -> Sequence[Standing]:
    """Who won how often, the best first.

    Args:
        votes: all.
        tag: count only those with this tag; empty for all.
    """
    raise NotImplementedError
