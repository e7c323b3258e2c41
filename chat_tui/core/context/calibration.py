"""How a model's own count compares with ours, learnt from the usage that it reports."""

from dataclasses import dataclass

LEAST, MOST = 0.5, 2.0
"""Ratios outside are no tokenizer's: something else was counted, or the prompt was cut."""

CUT_BELOW = 0.6
"""A server that reports a smaller share of the plan than this has cut the prompt …"""
CUT_FROM = 2000
"""… where the plan had more tokens than this."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one model at one provider."""

    ratio: float = 1.0
    """Reported tokens for each one of ours: a moving average."""
    error: float | None = None
    """How far the figures shown before sending were off, as a share: a moving average; None while
    nothing was compared."""
    samples: int = 0


def learnt(calibration: Calibration, *, counted: int, expected: int, reported: int) -> Calibration:
    """What is known after an answer.

    Args:
        calibration: what was known before.
        counted: what was sent, by our own count.
        expected: what was shown before sending: calibrated, and from the last report on.
        reported: the server's `prompt_tokens`.
    """
    raise NotImplementedError


def was_cut(*, expected: int, reported: int) -> bool:
    """Whether a server has read only a part of the prompt."""
    return expected > CUT_FROM and reported < CUT_BELOW * expected
