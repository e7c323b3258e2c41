"""Asking disks, some of which never answer."""

from threading import Event

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.ui.disk import ask_disk


async def test_disk_answers_fails_or_is_given_up() -> None:
    assert await ask_disk(lambda: 7) == 7
    with pytest.raises(PermissionError):
        await ask_disk(_refuse)
    late = Event()
    with pytest.raises(UsageError, match="does not answer"):
        await ask_disk(late.wait, patience=0.01)
    late.set()


def _refuse() -> int:
    raise PermissionError("no")
