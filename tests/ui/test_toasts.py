"""Toasts end in time, whenever they are shown."""

import asyncio
from time import time

from textual.app import App
from textual.notifications import Notification
from textual.widgets._toast import Toast

from chat_tui.ui.toasts import EndingNotifications
from tests.fakes import eventually


async def test_toast_ends_whose_time_is_over_when_it_is_shown() -> None:
    shown = EndingNotifications()
    shown.add(Notification("hello", timeout=0.02))
    (notification,) = shown
    await eventually(lambda: notification.has_expired)
    # Textual looked at the time before it made the toast.
    toast = Toast(notification)
    app: App[None] = App()
    async with asyncio.timeout(5), app.run_test():
        await app.mount(toast)
        await eventually(lambda: not toast.is_attached)


def test_notifications_are_gone_after_their_time() -> None:
    shown = EndingNotifications()
    shown.add(Notification("gone", timeout=3, raised_at=time() - 4))
    shown.add(Notification("there", title="T", severity="error", timeout=3))
    assert [(each.message, each.title, each.severity) for each in shown] == [
        ("there", "T", "error")
    ]
