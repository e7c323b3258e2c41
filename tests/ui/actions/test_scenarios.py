"""Every action does what it says, by keyboard alone, with the keys of each shipped keymap."""

from pathlib import Path
from traceback import format_exc

import pytest

from chat_tui.core.settings import Settings
from chat_tui.ui.actions import ACTIONS
from chat_tui.ui.keymaps import load_keymap, shipped_keymaps
from tests.fakes import SimpleClientSource
from tests.ui.actions import (
    attach_screen,
    attaching,
    attachments,
    columns,
    comparing,
    context,
    conversation,
    dialogs,
    outside,
    reading,
    screens,
    settings,
    sides,
    writing,
)
from tests.ui.actions.hands import SCENARIOS, Hands, Obliging
from tests.ui.rig import running

MODULES = (
    attach_screen,
    attaching,
    attachments,
    columns,
    comparing,
    context,
    conversation,
    dialogs,
    outside,
    reading,
    screens,
    settings,
    sides,
    writing,
)
"""Where the scenarios are."""


def test_every_action_has_its_scenario() -> None:
    played = {id_ for plays in SCENARIOS.values() for ids in plays.values() for id_ in ids}
    assert played == {action.id for action in ACTIONS}


@pytest.mark.parametrize("group", SCENARIOS)
@pytest.mark.parametrize("keymap", shipped_keymaps())
async def test_actions_work_by_keyboard_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keymap: str, group: str
) -> None:
    for name in ("PAGER", "EDITOR", "VISUAL"):
        # Scenarios set them; what they were comes back.
        monkeypatch.setenv(name, "")
    failed: list[str] = []
    source = SimpleClientSource(Obliging())
    chosen = Settings(keymap=keymap)
    async with running(tmp_path, clients=source, settings=chosen, size=(80, 24)) as rig:
        rig.app.use_keymap(load_keymap(keymap, tmp_path)[0], {})
        hands = Hands(rig, tmp_path)
        for play, ids in SCENARIOS[group].items():
            try:
                await hands.begin_anew()
                await play(hands)
                assert set(ids) <= hands.pressed
                assert not rig.backend.reports
            except (AssertionError, TimeoutError):
                failed.append(_report(hands, play.__name__, ids))
                rig.backend.reports.clear()
    assert not failed, "\n\n".join(failed)


def _report(hands: Hands, name: str, ids: tuple[str, ...]) -> str:
    """What went wrong in a scenario, and what the screen looked like."""
    last = format_exc().splitlines()[-12:]
    rig = hands.rig
    return "\n".join([name, *ids, *last, *rig.toasts, *rig.backend.reports, rig.drawn()])
