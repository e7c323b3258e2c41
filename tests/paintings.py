"""Pictures that can be told apart at a glance, made of formulas."""

from collections.abc import Callable
from math import hypot, sin
from pathlib import Path
from typing import Any

from PIL import Image

Paint = Callable[[float, float], tuple[int, int, int]]
"""The colour at coordinates from 0 to 1."""


def sunset(x: float, y: float) -> tuple[int, int, int]:
    """A sun over the sea, by coordinates from 0 to 1."""
    if hypot((x - 0.5) * 1.6, y - 0.5) < 0.22 and y < 0.62:
        return 255, 225, 120
    if y < 0.62:
        return int(60 + 180 * y / 0.62), int(50 + 90 * y / 0.62), int(110 - 30 * y)
    return int(30 + 30 * sin(40 * y)), int(70 + 25 * sin(60 * y + 8 * x)), 120


def chart(x: float, y: float) -> tuple[int, int, int]:
    """Bars."""
    bar, height = int(x * 6), (0.35, 0.6, 0.45, 0.8, 0.7, 0.9)[min(int(x * 6), 5)]
    inside = (x * 6) % 1 > 0.2 and y > 1 - height
    return (70 + 25 * bar, 130, 220 - 25 * bar) if inside else (245, 245, 240)


def paint(path: Path, painting: Paint, width: int, height: int, **options: Any) -> bytes:
    """Write a painting into a file, with what `Image.save` takes; gives its bytes."""
    image = Image.new("RGB", (width, height))
    image.putdata([painting(x / width, y / height) for y in range(height) for x in range(width)])
    image.save(path, **options)
    return path.read_bytes()
