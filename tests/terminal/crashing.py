"""The whole program with an app whose handler of one key fails, while secrets are about.

python -m tests.terminal.crashing [ARGUMENT]…
"""

import sys
from pathlib import Path, PurePath
from typing import ClassVar

from textual import events

import chat_tui.ui.app
from chat_tui.cli.main import run
from chat_tui.ui.app import ChatApp

CRASH_KEY = "\x1b[24~"
"""F12, which nothing else is bound to."""

LOCAL_CANARY = "canary-in-a-variable-4d2c"
MESSAGE_CANARY = "canary-in-a-message-9a1b"


class CrashingApp(ChatApp):
    """Fails in a handler, where Textual ends the app."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(chat_tui.ui.app.__file__).parent / path for path in ChatApp.CSS_PATH
    ]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and event.key == "f12":
            secret = "-".join(("canary", "in", "a", "variable", "4d2c"))
            raise RuntimeError(MESSAGE_CANARY, len(secret))
        await super().on_event(event)


if __name__ == "__main__":
    # The command line takes the class from its module when it makes the app.
    vars(chat_tui.ui.app)["ChatApp"] = CrashingApp
    sys.exit(run(sys.argv[1:]))
