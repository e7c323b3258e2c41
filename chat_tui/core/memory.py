"""What was learnt from a model's refusals, so that it is not asked for the same thing twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chat_tui.core.context.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is known of one model at one provider."""

    left_out: frozenset[str] = frozenset()
    """Parameters that it refuses and that are not sent to it any more."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """Parameters that it wants under another name (`max_tokens` as `max_completion_tokens`)."""
    window: int | None = None
    """Tokens of prompt and reply together, as an error told."""
    calibration: Calibration = Calibration()
    """How its tokens compare with ours."""
    root: str = ""
    """Where below its base URL a provider answers; kept with the model "", for it holds for all."""
    own_window: int | None = None
    """Tokens of its window as the user says, where its provider stands in no settings file."""


class ModelMemory(Protocol):
    """Keeps what was learnt, by provider and model. No call waits for a disk or raises."""

    def learnt(self, provider: str, model: str) -> Learnt:
        """What is known; nothing, for a model that never refused anything."""
        ...

    def learn(self, provider: str, model: str, learnt: Learnt) -> None:
        """Keep what is known from now on, in place of what was known."""
        ...

    def forget(self, provider: str) -> None:
        """Keep nothing of a provider's models: others may answer under their names now."""
        ...


class ForgetfulMemory:
    """A `ModelMemory` that lasts as long as the process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Learnt] = {}

    def learnt(self, provider: str, model: str) -> Learnt:
        """See `ModelMemory.learnt`."""
        return self._known.get((provider, model), Learnt())

    def learn(self, provider: str, model: str, learnt: Learnt) -> None:
        """See `ModelMemory.learn`."""
        self._known[provider, model] = learnt

    def forget(self, provider: str) -> None:
        """See `ModelMemory.forget`."""
        self._known = {place: each for place, each in self._known.items() if place[0] != provider}
