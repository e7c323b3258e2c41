"""Toasts that end in time.

A toast of Textual (8.2.8) whose time is over at the very moment when it is shown, as while another
screen opens, starts a timer with less than no time, and such a timer goes round for ever: the app
stands still and hears no key any more.
"""

from dataclasses import astuple, dataclass

from textual.notifications import Notification, Notifications

_LEAST = 0.05
"""Seconds that a toast is shown at least."""


@dataclass
class EndingNotification(Notification):
    """What is told, with some time left as long as anybody asks."""

    @property
    def time_left(self) -> float:
        """Seconds until it goes; never none."""
        return max(super().time_left, _LEAST)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0


class EndingNotifications(Notifications):
    """What is told at the moment, in place of the app's own."""

    def add(self, notification: Notification) -> "EndingNotifications":
        """Tell something."""
        super().add(EndingNotification(*astuple(notification)))
        return self
