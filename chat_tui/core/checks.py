"""The steps of testing a connection, as `doctor` and the Providers screen show them."""

from dataclasses import dataclass
from typing import Literal

CheckName = Literal["dns", "tcp", "tls", "auth", "models", "chat"]
CheckStatus = Literal["ok", "failed", "skipped"]

CHECKS: tuple[CheckName, ...] = ("dns", "tcp", "tls", "auth", "models", "chat")
"""In the order in which they are tried; after one that failed, those that need it are skipped."""


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step and how it went."""

    name: CheckName
    status: CheckStatus
    message: str
    """What was found, in a sentence."""
    hint: str = ""
    """What to do, where it failed."""
    seconds: float = 0.0
    """How long it took."""
