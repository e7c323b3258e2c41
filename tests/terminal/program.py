"""A program in a pseudo-terminal, driven and measured from outside."""

import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.terminal.screen import Screen


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used so far."""

    cpu: float
    """Seconds, user and system."""
    memory: float
    """Resident now, in MB."""


class TerminalProgram:
    """A child process on a pseudo-terminal of its own.

    Args:
        command: program and arguments.
        environ: its whole environment.
        size: columns and rows.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        size: tuple[int, int] = (120, 40),
    ) -> None:
        # The second one stays open, as a shell keeps it.
        self._master, self._terminal = pty.openpty()
        self._hung_up = False
        self._screen = Screen(*size)
        self._fed = 0
        self._set_size(*size)
        self.process = subprocess.Popen(
            command,
            stdin=self._terminal,
            stdout=self._terminal,
            stderr=self._terminal,
            env=dict(environ),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.output = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program and its terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()
        os.close(self._terminal)

    def hang_up(self) -> None:
        """Take the terminal away, as closing its window does; the program gets SIGHUP."""
        if not self._hung_up:
            self._hung_up = True
            os.close(self._master)

    @property
    def settings(self) -> list[Any]:
        """The terminal's, as `termios.tcgetattr` gives them."""
        return termios.tcgetattr(self._terminal)

    @property
    def screen(self) -> Screen:
        """What the terminal shows of what was read so far."""
        self._screen.feed(bytes(self.output[self._fed :]))
        self._fed = len(self.output)
        return self._screen

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program gets SIGWINCH."""
        self.screen.resize(columns, rows)
        self._set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, keys: str) -> None:
        """Type."""
        self.send_bytes(keys.encode())

    def send_bytes(self, data: bytes) -> None:
        """Send what no keyboard would."""
        os.write(self._master, data)

    def read(self, timeout: float = 0.05) -> bytes:
        """Take what was drawn since the last read."""
        taken = bytearray()
        while select.select([self._master], [], [], timeout if not taken else 0)[0]:
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                break
            if not piece:
                break
            taken += piece
        self.output += taken
        return bytes(taken)

    def wait_for(self, text: str, timeout: float = 60.0, *, start: int = 0) -> float:
        """Read until a text is drawn; gives the seconds it took.

        Raises:
            TimeoutError: it was not; the message holds the last output.
        """
        begun = time.monotonic()
        wanted = text.encode()
        seen = start
        while True:
            at = self.output.find(wanted, max(seen - len(wanted), start))
            if at >= 0:
                return time.monotonic() - begun
            seen = len(self.output)
            if time.monotonic() - begun > timeout or (
                not self.read() and self.process.poll() is not None
            ):
                last = bytes(self.output[-300:]).decode(errors="replace")
                raise TimeoutError(f"{text!r} was not drawn, but {last!r}")

    def until(self, condition: Callable[[Screen], bool], timeout: float = 20.0) -> float:
        """Read until the screen is as it should be; gives the seconds it took.

        Raises:
            TimeoutError: it was not; the message holds the screen.
        """
        begun = time.monotonic()
        while not condition(self.screen):
            if time.monotonic() - begun > timeout or (
                not self.read(0.02) and self.process.poll() is not None
            ):
                state = f"ended with {self.process.poll()}" if self.process.poll() else "runs"
                raise TimeoutError(f"it {state}, and the screen shows:\n{self.screen.text}")
        return time.monotonic() - begun

    def see(self, *texts: str, timeout: float = 20.0) -> float:
        """Read until all these texts stand on the screen; gives the seconds it took."""
        return self.until(lambda screen: all(text in screen.text for text in texts), timeout)

    def wait_for_keys(self) -> float:
        """Read until keys come to the program as they are; gives the seconds it took.

        Before, the terminal makes a line feed of Enter, which is ctrl+j.
        """
        return self.until(lambda _: not self.settings[0] & termios.ICRNL)

    def settle(self, quiet: float = 0.3, timeout: float = 30.0) -> None:
        """Read until nothing was drawn for a while."""
        begun = time.monotonic()
        while self.read(quiet) and time.monotonic() - begun < timeout:
            pass

    def cost(self) -> Cost:
        """What the program used so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:  # noqa: PTH123 - a pseudo file
            pages = int(stat.read().rpartition(")")[2].split()[21])
        # The kernel's clock of another process's CPU time: finer than the ticks of its stat file.
        cpu = time.clock_gettime(~self.process.pid << 3 | 2)
        return Cost(cpu, pages * resource.getpagesize() / 1024 / 1024)

    def wait(self, timeout: float = 20.0) -> int:
        """Wait for the end, reading on; gives the exit code."""
        begun = time.monotonic()
        while self.process.poll() is None:
            self.read()
            if time.monotonic() - begun > timeout:
                raise TimeoutError("the program did not end")
        self.read(0)
        return self.process.returncode
