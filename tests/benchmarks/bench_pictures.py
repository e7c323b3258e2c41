"""Large and hostile pictures: how long the event loop stands still, and how much memory it takes.

make bench
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chat_tui.core.attachments.media import PictureWish, PreparedPicture
from chat_tui.core.attachments.values import Pixels
from chat_tui.core.errors import UsageError
from chat_tui.media.pictures.reading import Pictures
from chat_tui.media.process import Worker

pytestmark = pytest.mark.benchmark

MOST_STALL = 0.1
"""Seconds that the event loop may stand still."""

MOST_MEMORY = 300
"""MB that the app and its process may take more."""

# Made in another process: what that takes is not ours.
_MAKE = """
import sys
from PIL import Image, ImageDraw, ImageFilter
kind, path, width, height = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if kind == "GIF":
    frame = bytes.fromhex("21f90404000000002c00000000010001000002024401003b")[:-1]
    head = b"GIF89a" + bytes([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])
    open(path, "wb").write(head + frame * width + b";")
    sys.exit()
cells = 300 if "flat" in kind else 20
noise = Image.effect_noise((width // cells, height // cells), 90).resize((width, height))
picture = noise if "grey" in kind else Image.merge("RGB", (noise, noise, noise.transpose(0)))
options = {"progressive": True} if "progressive" in kind else {}
if "turned" in kind:
    exif = Image.Exif()
    exif[0x0112] = 6
    options["exif"] = exif
if path.endswith("png"):
    options["compress_level"] = 1
picture.save(path, quality=85, **options)
"""


@dataclass(slots=True)
class Cost:
    """Of one call."""

    stall: float = 0.0
    """Seconds that the event loop stood still at the most."""
    memory: float = 0.0
    """MB of both processes at their height, above what there was before."""
    seconds: float = 0.0


def _resident(process: int) -> float:
    """MB that a process has in memory; 0 where there is none."""
    with contextlib.suppress(OSError, IndexError):
        words = Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()
        return int(words[0]) / 1024
    return 0.0


@asynccontextmanager
async def _measured(worker: Worker) -> AsyncIterator[Cost]:
    cost, before, begun = Cost(), _resident_of_all(worker), time.perf_counter()

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            cost.stall = max(cost.stall, now - last - 0.002)
            cost.memory = max(cost.memory, _resident_of_all(worker) - before)
            last = time.perf_counter()

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.05)
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - begun
        ticking.cancel()


def _resident_of_all(worker: Worker) -> float:
    return _resident_of_self() + (_resident(worker.process) if worker.process else 0.0)


def _resident_of_self() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / (1 << 20)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str, int, int], Path]:
    folder = tmp_path_factory.mktemp("pictures")

    def one(kind: str, ending: str, width: int, height: int) -> Path:
        path = folder / f"{kind.replace(' ', '-')}-{width}x{height}.{ending}"
        if not path.exists():
            words = [sys.executable, "-c", _MAKE, kind, str(path), str(width), str(height)]
            subprocess.run(words, check=True)
        return path

    return one


Made = Callable[[str, str, int, int], Path]


async def _cost(name: str, call: Callable[[Pictures], Awaitable[PreparedPicture | Pixels]]) -> None:
    worker = Worker()
    pictures = Pictures(worker)
    said = ""
    async with _measured(worker) as cost:
        try:
            result = await call(pictures)
            said = f"{getattr(result, 'changes', '')} {result.width:,}×{result.height:,}"
        except UsageError as error:
            said = error.message
    await worker.aclose()
    print(
        f"\n{name}: stall {cost.stall * 1000:.0f} ms, "
        f"+{cost.memory:.0f} MB, {cost.seconds:.2f} s: {said}"
    )
    assert cost.stall < MOST_STALL
    assert cost.memory < MOST_MEMORY


CASES = (
    ("JPEG", "jpg", 12_000, 9_000, 0),
    ("JPEG", "jpg", 12_000, 9_000, 2_048),
    ("progressive JPEG", "jpg", 12_000, 9_000, 2_048),
    ("turned JPEG", "jpg", 8_000, 6_000, 0),
    ("turned JPEG", "jpg", 6_000, 4_000, 0),
    ("JPEG", "jpg", 8_000, 6_000, 0),
    ("flat PNG", "png", 12_000, 9_000, 2_048),
    ("PNG", "png", 8_000, 6_000, 0),
    ("PNG", "png", 8_000, 6_000, 2_048),
    ("BMP grey", "bmp", 7_000, 7_000, 0),
    ("TIFF", "tiff", 4_400, 4_400, 0),
    ("GIF", "gif", 50_000, 1, 0),
)


@pytest.mark.parametrize(("kind", "ending", "width", "height", "side"), CASES)
async def test_prepare(
    make: Made, kind: str, ending: str, width: int, height: int, side: int
) -> None:
    path = make(kind, ending, width, height)
    name = f"{kind} {width:,}×{height:,} to {side or 'any'}"
    await _cost(name, lambda each: each.prepare(path, PictureWish(most_side=side)))


@pytest.mark.parametrize(("kind", "ending", "width", "height", "side"), CASES[::3])
async def test_pixels(
    make: Made, kind: str, ending: str, width: int, height: int, side: int
) -> None:
    path = make(kind, ending, width, height)
    name = f"pixels of {kind} {width:,}×{height:,}"
    await _cost(name, lambda each: each.pixels(path, 80, 60))
