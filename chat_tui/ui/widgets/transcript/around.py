"""What is told around a message."""

from datetime import date
from typing import NamedTuple

from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.widgets.transcript.sending import Sending


class Around(NamedTuple):
    """What is told around a message besides itself; it may change while the message stays."""

    mark: str = ""
    """Shown in the heading, for example which of several versions this is."""
    keys: ActiveKeys | None = None
    """The keys of what is offered; None where nothing is, as above later messages."""
    fold_key: str = ""
    """The key that unfolds."""
    today: date | None = None
    """The day on which times need no date; None where no times are shown."""
    new: bool = False
    """Whether it is the first one that was not seen yet."""
    sending: Sending = Sending()
    """Of what is not sent: the line above it, and which summaries another one replaces."""
    covered: int = 0
    """Of a summary: how many messages it stands for; 0 where they are not on this path."""
    alias: str = ""
    """What stands in the place of the model while nobody is to know it: all by which it could be
    told is hidden with it, as figures, reasoning, and the words of its provider."""
