"""Draws screenshots/ anew: `make screenshots`.

SVG, and PNG beside it where `--png` is given and Chromium is there (to look at; not committed).
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from rich.cells import cell_len

from tests.paintings import chart, paint, sunset
from tests.scenes import fresh_home, prepare_environment, scene
from tests.ui.pictures import placed_exif

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
TALK = ("Show me some Python code", "/markdown")


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of screenshots/."""

    name: str
    prompts: Sequence[str] = TALK
    size: tuple[int, int] = (120, 40)
    theme: str = "chat-tui-dark"
    keys: Sequence[str] = ()
    models: int = 0
    """How many there are side by side."""
    providers: Sequence[str] = ()
    """The variables of providers that seem to have a key."""
    attached: Sequence[str] = ()
    """Pictures of `prepare_pictures` that go with the first prompt."""


PICTURES = (
    Picture("conversation-dark"),
    Picture("conversation-light", theme="chat-tui-light"),
    Picture("conversation-80x24", size=(80, 24)),
    Picture("conversation-40x12", size=(40, 12)),
    Picture("reading", ("/think", "/table"), keys=("escape", "k", "k", "space")),
    Picture("welcome", ()),
    Picture("error", ("/error 401",)),
    Picture("help", (), keys=("f1",)),
    Picture("parameters", ("hello",), keys=("ctrl+g", "p", "down")),
    Picture("providers", ("hello",), keys=("ctrl+g", "k")),
    Picture("leader", ("hello",), keys=("ctrl+g",)),
    Picture("side-by-side", (), models=3),
    Picture("side-by-side-light", (), size=(200, 50), theme="chat-tui-light", models=6),
    Picture("differences", (), keys=("ctrl+g", "~"), models=3),
    Picture(
        "models",
        (),
        keys=("ctrl+t", *"son vision", "down"),
        providers=("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"),
    ),
    Picture("attach", (), keys=("alt+a", "tab", "down")),
    Picture("pictures", ("What do you see?",), attached=("sunset.jpg", "chart.png")),
)


def prepare_pictures(home: Path) -> Path:
    """Make a folder of pictures, and be there."""
    folder = home / "pictures"
    folder.mkdir()
    (folder / "2025").mkdir()
    paint(folder / "sunset.jpg", sunset, 1200, 800, exif=placed_exif())
    paint(folder / "chart.png", chart, 900, 600)
    os.environ["HOME"] = str(home)
    os.chdir(folder)
    return folder


async def draw(picture: Picture) -> str:
    """Run a scene and export it as SVG."""
    with fresh_home() as home:
        prepare_environment(Path(home))
        pictures = prepare_pictures(Path(home))
        async with scene(
            Path(home),
            picture.prompts,
            size=picture.size,
            theme=picture.theme,
            models=picture.models,
            keys=picture.providers,
            attached=[pictures / name for name in picture.attached],
        ) as (app, pilot):
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause()
            await pilot.pause(0.1 if not (picture.attached or picture.name == "attach") else 2.0)
            return tidy(app.export_screenshot(title="chat-tui", simplify=True))


def tidy(svg: str) -> str:
    """Make an exported SVG the same in every run, free of network fonts, and right for Chinese.

    Rich gives each text the length of its characters, as if all were narrow.
    """
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: monospace")

    def lengthen(match: re.Match[str]) -> str:
        before, length, between, words = match.groups()
        text = unescape(words)
        cells = cell_len(text)
        if not text or cells == len(text):
            return match[0]
        return f'{before}textLength="{float(length) * cells / len(text):g}"{between}>{words}<'

    return re.sub(r'(<text [^>]*?)textLength="([\d.]+)"([^>]*)>([^<]*)<', lengthen, svg)


def to_png(svg: Path) -> None:
    """Draw an SVG with headless Chromium, which is the one that draws it right."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    view = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text())
    if chromium is None or view is None:
        return
    width, height = (int(float(size)) + 2 for size in view.groups())
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={profile}",
                f"--screenshot={svg.with_suffix('.png')}",
                f"--window-size={width},{height}",
                svg.as_uri(),
            ],
            check=False,
            capture_output=True,
        )


def main() -> None:
    """Draw all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--png", action="store_true", help="PNG files too, to look at")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        if options.names and picture.name not in options.names:
            continue
        path = FOLDER / f"{picture.name}.svg"
        path.write_text(asyncio.run(draw(picture)), encoding="utf-8")
        if options.png:
            to_png(path)
        print(path.relative_to(FOLDER.parent))


if __name__ == "__main__":
    main()
