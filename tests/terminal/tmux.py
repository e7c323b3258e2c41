"""A tmux server of a test's own."""

import subprocess
import uuid
from collections.abc import Sequence

TITLE, WINDOW = "untouched-title", "untouched-window"


class Tmux:
    """A tmux server of its own, which lets programs do what they like."""

    def __init__(self) -> None:
        self._socket = ""

    def run(self, *arguments: str) -> str:
        """Run a tmux command; gives what it prints."""
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout

    def start(self, command: Sequence[str], environ: dict[str, str]) -> None:
        """Start a program in the only pane, under names that are to stay."""
        # A server that was told to end may still listen for a moment at the socket of before.
        self._socket = f"chat-tui-test-{uuid.uuid4().hex}"
        names = [f"-e{name}={value}" for name, value in environ.items()]
        self.run("new-session", "-d", "-s", "s", "-x", "120", "-y", "40", "-n", WINDOW, "cat")
        for option, value in (
            ("set-clipboard", "on"),
            ("allow-passthrough", "on"),
            ("allow-rename", "on"),
            ("automatic-rename", "off"),
            ("remain-on-exit", "on"),
            ("escape-time", "0"),
        ):
            self.run("set-option", "-g", option, value)
        self.run("set-option", "-w", "-t", "s", "allow-rename", "on")
        self.run("select-pane", "-t", "s", "-T", TITLE)
        self.run("respawn-pane", "-k", "-t", "s", *names, *command)

    @property
    def screen(self) -> str:
        """What the pane shows."""
        return self.run("capture-pane", "-p", "-t", "s")

    @property
    def names(self) -> tuple[str, str]:
        """The pane's title and the window's name."""
        shown = self.run("display-message", "-p", "-t", "s", "#{pane_title}\n#{window_name}")
        title, window = shown.splitlines()
        return title, window

    @property
    def buffers(self) -> str:
        """What was copied."""
        return self.run("list-buffers", "-F", "#{buffer_sample}")

    @property
    def ended(self) -> bool:
        """Whether the program has ended."""
        return self.run("display-message", "-p", "-t", "s", "#{pane_dead}").strip() == "1"

    def close(self) -> None:
        """End the server and all in it."""
        if not self._socket:
            return
        subprocess.run(
            ["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False
        )
