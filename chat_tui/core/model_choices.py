"""What the user keeps of models: favourites, those used last, sets to go side by side, votes.

And, beside them, the folders that pictures were taken from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from chat_tui.core.side_by_side.board import Sharing
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.targets import Target


class Place(NamedTuple):
    """A model at a provider, without parameters."""

    provider: str
    model: str


class ModelUse(NamedTuple):
    """What is kept of one model."""

    favourite: bool = False
    used: float = 0.0
    """When a prompt was last sent to it, in seconds since 1970; 0 for never."""
    times: int = 0
    """How often it was chosen."""


@dataclass(frozen=True, slots=True)
class ModelSet:
    """Models that go side by side again and again."""

    name: str
    targets: tuple[Target, ...]
    """With their parameters and system prompts."""
    sharing: Sharing = "one"
    at_once: int = 0


class ModelChoices(Protocol):
    """Keeps them. No call blocks the event loop; each may raise `StorageError`."""

    async def uses(self) -> Mapping[Place, ModelUse]:
        """All models that are favourites or were used."""
        ...

    async def set_favourite(self, place: Place, favourite: bool) -> None:
        """Make a model a favourite, or one no longer."""
        ...

    async def note_used(self, places: Sequence[Place], at: float) -> None:
        """Note that prompts go to models from now on."""
        ...

    async def sets(self) -> Sequence[ModelSet]:
        """The saved sets, by name."""
        ...

    async def save_set(self, models: ModelSet) -> None:
        """Save a set, in place of one of the same name.

        Raises:
            UsageError: it has no name, or not 2 to `MOST` models.
        """
        ...

    async def delete_set(self, name: str) -> None:
        """Delete a set; nothing where there is none."""
        ...

    async def votes(self) -> Sequence[Vote]:
        """All votes, the oldest first."""
        ...

    async def save_vote(self, vote: Vote) -> None:
        """Keep a vote, in place of one about the same prompt."""
        ...

    async def delete_vote(self, turn: str) -> None:
        """Take a vote back."""
        ...

    async def folders(self) -> Sequence[str]:
        """The folders that pictures were taken from, the last one first; some of them."""
        ...

    async def note_folder(self, path: str) -> None:
        """Note that pictures were taken from a folder."""
        ...
