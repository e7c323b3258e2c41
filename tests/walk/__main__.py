"""Walks again: `python -m tests.walk --seed 7 --steps 300` tells every step."""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.walk.walker import WalkError
from tests.walk.whole import walk


def main() -> int:
    """Walk once, or with many seeds one after the other; gives how many went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="so many, one after the other")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--quiet", action="store_true", help="tell what goes wrong only")
    options = parser.parse_args()
    os.environ.update(TZ="UTC", TEXTUAL_ANIMATIONS="none")
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        os.environ.pop(name, None)
    time.tzset()
    wrong = 0
    for seed in range(options.seed, options.seed + options.seeds):
        with tempfile.TemporaryDirectory(prefix="chat-tui-walk-") as home:
            told: Callable[[str], object] = str if options.quiet else print
            begun = time.monotonic()
            try:
                asyncio.run(walk(Path(home), seed, options.steps, told=told))
            except WalkError as error:
                wrong += 1
                print(f"Seed {seed}:\n{error}\n", flush=True)
            print(f"Seed {seed}: {time.monotonic() - begun:.1f} s", flush=True)
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
