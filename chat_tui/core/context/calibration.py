"""How a model's own count compares with ours, learnt from the usage that it reports."""

from dataclasses import dataclass, replace

LEAST, MOST = 0.5, 2.0
"""Ratios outside are no tokenizer's: something else was counted, or the prompt was cut."""

LEAST_PICTURES, MOST_PICTURES = 0.02, 20.0
"""The same of pictures: rules change, and where none is published all of it is a guess."""

CUT_BELOW = 0.6
"""A server that reports a smaller share of the plan than this has cut the prompt …"""
CUT_FROM = 2000
"""… where the plan had more tokens than this."""


_NEWEST = 0.5
"""The weight of the newest sample in an average. Three turns after a first one that was 60 % off
(a server that adds hundreds of tokens to a short prompt), the ratio is off by under 10 %, and a
figure, most of which is the last report, by some 2 %."""

_ENOUGH = 32
"""Tokens that a sample must have where something is known already: roundings weigh too much in
less."""

_RAISED = 1.5
"""By how much at most a refusal without a count raises a ratio: more, and the answer to a smaller
prompt would look as if that had been cut (`CUT_BELOW`)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one model at one provider."""

    ratio: float = 1.0
    """Reported tokens for each one of ours: a moving average."""
    error: float | None = None
    """How far the figures shown before sending were off, as a share: a moving average, of those
    that a ratio learnt from this model was in; None while there was none."""
    samples: int = 0
    vague: bool = False
    """Whether it was learnt from estimates. It corrects those, and no counts; the first sample of
    counts replaces it."""
    pictures: float = 1.0
    """What pictures weigh for each token that the rule, or the guess, gives them, in tokens of
    ours: a moving average. The ratio comes on top of it."""
    pictured: int = 0
    """How many answers taught that."""

    def ratio_of(self, estimated: float) -> float:
        """The ratio of tokens of which such a share is only estimated."""
        return 1 + (self.ratio - 1) * estimated if self.vague else self.ratio


def learnt(
    calibration: Calibration,
    *,
    counted: int,
    expected: int,
    reported: int,
    since: tuple[int, int] = (0, 0),
    vague: bool = False,
) -> Calibration:
    """What is known after an answer.

    Nothing is learnt from a prompt that was cut (`was_cut`), nor from figures that are none.

    Args:
        calibration: what was known before.
        counted: what was sent, by our own count.
        expected: what was shown before sending: calibrated, and from the last report on.
        reported: the server's `prompt_tokens`.
        since: what was counted and reported of the request that `expected` starts from. The ratio
            is then that of what came after it: what a server adds to every request is in both
            reports, and is no property of the model's tokens.
        vague: whether what was sent was only estimated.
    """
    if min(counted, expected, reported) <= 0 or was_cut(expected=expected, reported=reported):
        return calibration
    # What was learnt from estimates is in no figure that was counted: see `ratio_of`.
    begins = calibration.vague > vague
    if not begins:
        calibration = missed(calibration, expected=expected, reported=reported)
    more = counted - since[0]
    if more <= 0 or (calibration.samples and more < _ENOUGH):
        return calibration
    ratio = (reported - since[1]) / more
    if not LEAST <= ratio <= MOST:
        return calibration
    if begins:
        return replace(calibration, ratio=ratio, error=None, samples=1, vague=False)
    if calibration.samples:
        ratio = _averaged(calibration.ratio, ratio)
    return replace(calibration, ratio=ratio, samples=calibration.samples + 1, vague=vague)


def looked_at(calibration: Calibration, *, counted: int, left: float, alone: bool) -> Calibration:
    """What is known after an answer to a prompt with pictures.

    Args:
        calibration: what was known before.
        counted: what the pictures were taken for, with what had been learnt of them.
        left: what the server reported beyond the words, in tokens of ours.
        alone: whether what the server adds to every request is not in that.
    """
    if counted < _ENOUGH:
        return calibration
    pictures = calibration.pictures * left / counted
    if not LEAST_PICTURES <= pictures <= MOST_PICTURES:
        return calibration
    if calibration.pictured or not alone:
        pictures = _averaged(calibration.pictures, pictures)
    return replace(calibration, pictures=pictures, pictured=calibration.pictured + 1)


def missed(calibration: Calibration, *, expected: int, reported: int) -> Calibration:
    """What is known after an answer that taught no ratio: how far the figure was off.

    What was shown before anything had been learnt does not count, nor does a prompt that was cut.

    Args:
        calibration: what was known before.
        expected: what was shown before sending.
        reported: the server's `prompt_tokens`.
    """
    if not calibration.samples or min(expected, reported) <= 0:
        return calibration
    if was_cut(expected=expected, reported=reported):
        return calibration
    off = abs(expected - reported) / reported
    error = off if calibration.error is None else _averaged(calibration.error, off)
    return replace(calibration, error=error)


def refused(
    calibration: Calibration, *, counted: int, least: int, told: bool = False
) -> Calibration:
    """What is known after a refusal of a prompt that seemed to fit: it weighs more than thought.

    That is no sample: the first report says more.

    Args:
        calibration: what was known before.
        counted: what was sent, by our own count.
        least: the tokens that it has at the least.
        told: whether the server has counted them; else its window allows no fewer.
    """
    most = MOST if told else min(MOST, _RAISED * calibration.ratio)
    ratio = min(least / counted, most) if counted > 0 else 0
    if ratio <= calibration.ratio:
        return calibration
    if calibration.vague:
        known = calibration.pictures, calibration.pictured
        return Calibration(ratio, pictures=known[0], pictured=known[1])
    return replace(calibration, ratio=ratio)


def _averaged(before: float, now: float) -> float:
    return before + _NEWEST * (now - before)


def was_cut(*, expected: int, reported: int) -> bool:
    """Whether a server has read only a part of the prompt."""
    return expected > CUT_FROM and reported < CUT_BELOW * expected
