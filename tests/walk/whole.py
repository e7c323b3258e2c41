"""A whole walk: through the app, out of it, and back again."""

from collections.abc import Callable
from pathlib import Path

from chat_tui.storage import open_store, paths_under
from chat_tui.ui.keymaps import load_keymap
from tests.fakes import SimpleClientSource, eventually
from tests.ui.rig import running
from tests.walk import branching, moving, talking
from tests.walk.agreement import changed, export_disagrees, invented_or_lost, seen
from tests.walk.provider import SECRET, Moody
from tests.walk.table import choose
from tests.walk.walker import Walker, WalkError

PARTS = (talking, branching, moving)
"""Where the steps are."""


async def walk(home: Path, seed: int, steps: int, *, told: Callable[[str], object] = str) -> None:
    """Walk, leave, come back, and compare.

    Args:
        home: an empty folder.
        seed: which walk.
        steps: how long.
        told: gets a line a step.

    Raises:
        WalkError: something does not agree.
    """
    provider = Moody(seed)
    source = SimpleClientSource(provider)
    keymap = ("default", "vim")[seed % 2]
    found: Exception | None = None
    async with running(home, clients=source) as rig:
        rig.app.use_keymap(load_keymap(keymap, home)[0], {})
        walker = Walker(rig, seed, provider, home)
        try:
            await walker.rest()
            for number in range(steps):
                name, act = choose(walker)
                await walker.step(name, act)
                told(walker.log[-1])
                if number % 25 == 24:
                    await walker.check_draft()
            await leave(walker)
        except Exception as error:  # noqa: BLE001 - raised again below
            # The end of the app may raise something of its own, and hide this.
            found = error
    if found is not None:
        raise found
    await _compare(home, walker)


async def leave(walker: Walker) -> None:
    """Quit, with whatever is running."""
    hands, app = walker.hands, walker.rig.app
    await hands.press("quit")
    await hands.settle()
    if len(app.screen_stack) > 1:
        # It asks whether a temporary conversation may be lost.
        await hands.strike("y")
    await eventually(lambda: not app.is_running)


def _secrets_on_disk(home: Path, kept: set[str]) -> list[str]:
    """What was said in temporary conversations, wherever it was written all the same."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return [
        f"{secret} is in {path}"
        for path in files
        for secret in {*SECRET.findall(path.read_bytes().decode("latin-1"))} - kept
    ]


async def _compare(home: Path, walker: Walker) -> None:
    """See whether a reopened app and a plain export say what was seen."""
    wrong: list[str] = []
    async with open_store(paths_under(home)) as store:
        rows = [row.id for row in await store.summaries(limit=10_000)]
        unknown = set(rows) - set(walker.known)
        wrong += [f"nobody saw the conversation {id_}" for id_ in unknown]
        wrong += await export_disagrees(store, [*set(rows) - unknown], walker.known)
        known = [*walker.known]
        wrong += await invented_or_lost(store, known, walker.typed, walker.provider.said)
    wrong += _secrets_on_disk(home, walker.kept)
    if wrong:
        raise WalkError("\n".join(["After the end:", *wrong, "Steps:", *walker.log]))
    async with running(home, clients=SimpleClientSource(Moody(0)), size=(100, 30)) as rig:
        again = Walker(rig, 0, Moody(0), home)
        for at, id_ in enumerate(rows):
            await again.hands.press("open", "list-first", *["list-next"] * at)
            await again.hands.strike("enter")
            await again.rest()
            again.log.append(f"open {id_}")
            await again.agree()
            was, now = walker.known[id_], seen(rig)
            wrong += [f"{id_}: {each}" for each in changed(was, now)]
            if rig.chat.streaming:
                wrong.append(f"{id_}: something is sent unasked")
    if wrong:
        raise WalkError("\n".join(["Reopened:", *wrong, "Steps:", *walker.log]))
