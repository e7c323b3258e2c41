"""What pictures weigh, in tokens, by the rules that providers publish. The rules change."""

import math
import re
from collections.abc import Callable
from functools import lru_cache, partial

from chat_tui.core.estimate import PER_PICTURE
from chat_tui.core.messages import ImageDetail
from chat_tui.tokens.models import parse_name

UNKNOWN_SIDE = 1024
"""Pixels of each side of a picture whose size nobody knows, as of one at an address."""

Rule = Callable[[int, int, ImageDetail], int]
"""Width and height in pixels, and how closely to look → tokens."""


def image_tokens(model: str, width: int, height: int, detail: ImageDetail = "auto") -> int:
    """What a picture weighs, `PER_PICTURE` where no rule is published for the model.

    Args:
        model: who looks at it.
        width: pixels as it is sent; 0 where nobody knows: it is taken for 1024×1024.
        height: likewise.
        detail: how closely to look; `auto` is taken for `high`.
    """
    rule = _rule_of(model)
    if rule is None:
        return PER_PICTURE
    if width <= 0 or height <= 0:
        width = height = UNKNOWN_SIDE
    return rule(width, height, detail)


def _tiled(base: int, tile: int, width: int, height: int, detail: ImageDetail) -> int:
    """Tiles of 512 pixels, after shrinking into 2048×2048 and then to a shorter side of 768."""
    if detail == "low":
        return base
    scale = min(1.0, 2048 / max(width, height))
    scale = min(scale, 768 / min(width, height))
    return base + tile * _cells(width * scale, 512) * _cells(height * scale, 512)


_PATCH = 32
_MOST_PATCHES = 1536


def _patched(factor: float, width: int, height: int, _detail: ImageDetail) -> int:
    """Patches of 32 pixels, shrunk so that there are at most 1,536; times what the model takes."""
    patches = _cells(width, _PATCH) * _cells(height, _PATCH)
    if patches > _MOST_PATCHES:
        scale = math.sqrt(_PATCH**2 * _MOST_PATCHES / (width * height))
        across, down = width * scale / _PATCH, height * scale / _PATCH
        scale *= min(math.floor(across) / across, math.floor(down) / down)
        patches = _cells(width * scale, _PATCH) * _cells(height * scale, _PATCH)
    return round(max(min(patches, _MOST_PATCHES), 1) * factor)


_CLAUDE_PATCH = 28
_CLAUDE_MOST = 1568
"""Of pixels on the longer side, and of tokens."""


def _claude(width: int, height: int, _detail: ImageDetail) -> int:
    """Patches of 28 pixels, after shrinking to what is allowed: the largest size that is."""
    longer, shorter = max(width, height), min(width, height)

    def tokens(side: int) -> int:
        return _cells(side, _CLAUDE_PATCH) * _cells(shorter * side / longer, _CLAUDE_PATCH)

    low, high = 1, min(longer, _CLAUDE_MOST)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens(middle) <= _CLAUDE_MOST else (low, middle - 1)
    return tokens(low)


_GEMINI_SMALL = 384
_GEMINI_TILE = 258


def _gemini(width: int, height: int, _detail: ImageDetail) -> int:
    """One tile for a small picture; else tiles of two thirds of the shorter side, 256 to 768."""
    if max(width, height) <= _GEMINI_SMALL:
        return _GEMINI_TILE
    side = min(max(math.floor(min(width, height) / 1.5), 256), 768)
    return _GEMINI_TILE * _cells(width, side) * _cells(height, side)


def _cells(length: float, side: int) -> int:
    """How many cells a length takes; scaling leaves dust behind its last digit."""
    return math.ceil(length / side - 1e-9)


_RULES: tuple[tuple[str, Rule], ...] = (
    (r"gpt-4o-mini", partial(_tiled, 2833, 5667)),
    (r"gpt-4\.1-mini|gpt-5-mini", partial(_patched, 1.62)),
    (r"gpt-4\.1-nano|gpt-5-nano", partial(_patched, 2.46)),
    (r"o4-mini", partial(_patched, 1.72)),
    (r"(?:chat)?gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|gpt-4-vision", partial(_tiled, 85, 170)),
    (r"o1|o3", partial(_tiled, 75, 150)),
    (r"gpt-5", partial(_tiled, 70, 140)),
    (r"(?:.*\.)?claude", _claude),
    (r"gemini", _gemini),
)
"""The beginning of a model's name, up to its end or a hyphen; the first that fits holds."""

_COMPILED = tuple((re.compile(rf"(?:{names})(?:-|$)"), rule) for names, rule in _RULES)


@lru_cache(maxsize=256)
def _rule_of(model: str) -> Rule | None:
    name = parse_name(model).name
    return next((rule for names, rule in _COMPILED if names.match(name)), None)
