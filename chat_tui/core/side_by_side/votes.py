"""What the user thought of answers that were compared: votes, and who won how often."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chat_tui.core.side_by_side.tables import markdown_table
from chat_tui.core.texts import text

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


def standings(votes: Iterable[Vote], tag: str = "") -> list[Standing]:
    """Who won how often, the best first.

    A model that was there twice (with other parameters) counts once; a vote about answers of one
    model alone tells nothing about models, and is passed over.

    Args:
        votes: all.
        tag: count only those with this tag; empty for all.
    """
    counts: dict[str, Counter[str]] = {}
    for vote in votes:
        models = dict.fromkeys(vote.models)
        if (tag and tag not in vote.tags) or len(models) < 2:
            continue
        for model in models:
            lost = vote.verdict == "win" and model != vote.winner
            counts.setdefault(model, Counter())["loss" if lost else vote.verdict] += 1
    rows = [
        Standing(model, each.total(), each["win"], each["loss"], each["tie"], each["bad"])
        for model, each in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.share, -row.votes, row.model))


def tags_of(votes: Iterable[Vote]) -> list[str]:
    """The tags of votes, the most frequent first."""
    counts = Counter(tag for vote in votes for tag in dict.fromkeys(vote.tags))
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


def standings_markdown(rows: Sequence[Standing]) -> str:
    """Standings as a table in Markdown."""
    columns = ("model", "votes", "wins", "losses", "ties", "bad", "share")
    return markdown_table(
        [text(f"comparison.standing.{column}") for column in columns],
        [
            [
                row.model,
                *map(str, row[1:]),
                text("comparison.percent", share=round(row.share * 100)),
            ]
            for row in rows
        ],
        numbers=[column != "model" for column in columns],
    )
