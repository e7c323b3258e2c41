"""What pictures weigh, in tokens, by the rules that providers publish. The rules change."""

import math
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

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
    published = _rule_of(model)
    if published is None:
        return PER_PICTURE
    if width <= 0 or height <= 0:
        width = height = UNKNOWN_SIDE
    return published.rule(width, height, detail)


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


class _Published(NamedTuple):
    """A rule of a provider."""

    names: str
    """How its models' names begin, up to their end or a hyphen."""
    words: str
    """What it is called."""
    rule: Rule


def _tiles(names: str, base: int, tile: int) -> _Published:
    return _Published(names, f"tiles {base} + {tile}", partial(_tiled, base, tile))


def _patches(names: str, factor: float) -> _Published:
    return _Published(names, f"patches × {factor}", partial(_patched, factor))


_RULES = (
    _tiles(r"gpt-4o-mini", 2833, 5667),
    _patches(r"gpt-4\.1-mini|gpt-5-mini", 1.62),
    _patches(r"gpt-4\.1-nano|gpt-5-nano", 2.46),
    _patches(r"o4-mini", 1.72),
    _tiles(r"(?:chat)?gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|gpt-4-vision", 85, 170),
    _tiles(r"o1|o3", 75, 150),
    _tiles(r"gpt-5", 70, 140),
    _Published(r"(?:.*\.)?claude", f"patches of {_CLAUDE_PATCH} px", _claude),
    _Published(r"gemini", f"tiles {_GEMINI_TILE}", _gemini),
)
"""The first that fits holds."""

_COMPILED = tuple((re.compile(rf"(?:{each.names})(?:-|$)"), each) for each in _RULES)


@lru_cache(maxsize=256)
def _rule_of(model: str) -> _Published | None:
    name = parse_name(model).name
    return next((each for names, each in _COMPILED if names.match(name)), None)


def image_rule(model: str) -> str:
    """What the rule is called by which a model's pictures are weighed; empty: it is a guess."""
    published = _rule_of(model)
    return published.words if published else ""
