"""The picture on the clipboard, by the programs that each desktop has for it."""

import asyncio
import base64
import binascii
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote_to_bytes

from chat_tui.core.attachments.signatures import format_of
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import data_size
from chat_tui.media.safe_open import MOST_BYTES, read_file, read_start

_SECONDS = 5.0
"""For each program: the one that owns the clipboard may not answer."""

_MOST_WORDS = 1_000_000
"""Bytes of a list of kinds, or of addresses."""

_PASSED_ON = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "XDG_RUNTIME_DIR", "XAUTHORITY"}
    | {"DISPLAY", "WAYLAND_DISPLAY", "SYSTEMROOT", "WSL_INTEROP", "WSL_DISTRO_NAME", "WSLENV"}
)
"""What of the environment these programs need. Keys stay here."""

_KINDS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/bmp")
"""Kinds of pictures, best first: most programs offer several."""

_ADDRESSES = ("text/uri-list", "x-special/gnome-copied-files")
"""As which file managers offer the files that were copied."""

_POWERSHELL = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing; "
    "$p = [Windows.Forms.Clipboard]::GetImage(); "
    "if ($p) { $s = New-Object IO.MemoryStream; "
    "$p.Save($s, [Drawing.Imaging.ImageFormat]::Png); "
    "[Convert]::ToBase64String($s.ToArray()) }"
)
_APPLESCRIPT = "get the clipboard as «class PNGf»"


class _Way(NamedTuple):
    """One way to the clipboard."""

    program: str
    install: str
    """What is to be installed for it."""
    get: Callable[["Clipboard"], Awaitable[bytes]]
    """Gives the picture; empty where there is none."""


class Clipboard:
    """Asks the programs of this system for the picture on the clipboard.

    Args:
        environ: the variables, which say what desktop it is.
        platform: as `sys.platform`.
        seconds: how long a program may take.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        platform: str = sys.platform,
        *,
        seconds: float = _SECONDS,
    ) -> None:
        self._environ = environ
        self._platform = platform
        self._seconds = seconds

    async def picture(self) -> bytes:
        """The file of the picture, or of one that was copied in a file manager.

        Raises:
            UsageError: there is none, or no program that gives it.
        """
        for way in self._there():
            content = await way.get(self)
            if content and format_of(content[:64]) is not None:
                return content
        raise UsageError("There is no picture on the clipboard.", hint="Copy one first.")

    def program(self) -> str:
        """Which program is asked first; nothing is asked for it.

        Raises:
            UsageError: there is none.
        """
        return self._there()[0].program

    def _there(self) -> list[_Way]:
        ways = self._ways()
        if not ways:
            raise UsageError(
                "There is no clipboard here: neither Wayland nor X11 runs.",
                hint="Attach the picture's file.",
            )
        there = [way for way in ways if shutil.which(way.program, path=self._environ.get("PATH"))]
        if not there:
            needed = " or ".join(dict.fromkeys(way.install for way in ways))
            raise UsageError(
                "The clipboard cannot be read: no program for that is installed.",
                hint=f"Install {needed}, or attach the picture's file.",
            )
        return there

    def _ways(self) -> list[_Way]:
        if self._platform == "darwin":
            return [
                _Way("pngpaste", "pngpaste", _by_pngpaste),
                _Way("osascript", "pngpaste", _by_osascript),
            ]
        ways = []
        if self._environ.get("WAYLAND_DISPLAY"):
            ways.append(_Way("wl-paste", "wl-clipboard", _by_wl_paste))
        if self._environ.get("DISPLAY"):
            ways.append(_Way("xclip", "xclip", _by_xclip))
        if self._environ.get("WSL_DISTRO_NAME") or self._platform == "win32":
            ways.append(_Way("powershell.exe", "PowerShell", _by_powershell))
        return ways

    async def offered(self, command: Sequence[str], take: Callable[[str], Sequence[str]]) -> bytes:
        """Take the best of the kinds that a program lists.

        Args:
            command: lists the kinds, a line each.
            take: the command that gives one of them.
        """
        listed = (await self.run(command, _MOST_WORDS)).decode("utf-8", "replace").split()
        for kind in _KINDS:
            if kind in listed:
                return await self.run(take(kind), MOST_BYTES)
        for kind in _ADDRESSES:
            if kind in listed:
                addresses = await self.run(take(kind), _MOST_WORDS)
                return await asyncio.to_thread(_copied, addresses)
        return b""

    async def run(self, command: Sequence[str], most: int) -> bytes:
        """What a program writes; empty where it fails, as they do where there is nothing.

        Raises:
            UsageError: it does not answer, or writes too much.
        """
        process, good = None, False
        async with _pipe() as (output, writing):
            try:
                process = await self._started(command, writing)
                writing.close()
                async with asyncio.timeout(self._seconds):
                    content = await _content(output, most)
                    good = len(content) <= most and await process.wait() == 0
            except TimeoutError as error:
                raise UsageError(
                    f"The clipboard cannot be read: {command[0]} does not answer.",
                    hint="Copy the picture again, or attach its file.",
                ) from error
            except OSError as error:
                raise UsageError(
                    f"The clipboard cannot be read: {command[0]} does not start."
                ) from error
            finally:
                if process is not None and process.returncode is None:
                    await _end(process)
        if len(content) > most:
            raise UsageError(
                f"What is on the clipboard has more than {data_size(most)}.",
                hint="Copy something smaller.",
            )
        return content if good else b""

    async def _started(self, command: Sequence[str], output: BinaryIO) -> Process:
        program = shutil.which(command[0], path=self._environ.get("PATH")) or command[0]
        return await asyncio.create_subprocess_exec(
            *(program, *command[1:]),
            stdin=DEVNULL,
            stdout=output,
            stderr=DEVNULL,
            env={key: value for key, value in self._environ.items() if key in _PASSED_ON},
            start_new_session=True,
        )


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, BinaryIO]]:
    """Both ends of a pipe.

    Not that of asyncio, whose process has not ended before the pipe has: something that a program
    leaves behind may hold it.
    """
    reading, writing = os.pipe()
    output = asyncio.StreamReader()
    with os.fdopen(reading, "rb", 0) as reader, os.fdopen(writing, "wb", 0) as writer:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(output), reader
        )
        try:
            yield output, writer
        finally:
            transport.close()


async def _content(output: asyncio.StreamReader, most: int) -> bytes:
    """What is written, up to one byte more than may be."""
    content = bytearray()
    while len(content) <= most and (piece := await output.read(1024 * 1024)):
        content += piece
    return bytes(content[: most + 1])


async def _end(process: Process) -> None:
    """End a process with all that it has started, and take leave of it."""
    # Not `process.kill()`: see `CountingHelper`.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _by_wl_paste(clipboard: Clipboard) -> bytes:
    return await clipboard.offered(
        ("wl-paste", "--list-types"), lambda kind: ("wl-paste", "--no-newline", "--type", kind)
    )


async def _by_xclip(clipboard: Clipboard) -> bytes:
    start = ("xclip", "-selection", "clipboard", "-o", "-t")
    return await clipboard.offered((*start, "TARGETS"), lambda kind: (*start, kind))


async def _by_pngpaste(clipboard: Clipboard) -> bytes:
    return await clipboard.run(("pngpaste", "-"), MOST_BYTES)


async def _by_osascript(clipboard: Clipboard) -> bytes:
    # It writes «data PNGf89504E47…».
    written = await clipboard.run(("osascript", "-e", _APPLESCRIPT), 2 * MOST_BYTES + 64)
    start = written.find(b"PNGf")
    digits = written[start + 4 :].strip().removesuffix("»".encode()) if start >= 0 else b""
    with contextlib.suppress(binascii.Error):
        return await asyncio.to_thread(binascii.unhexlify, digits)
    return b""


async def _by_powershell(clipboard: Clipboard) -> bytes:
    command = ("powershell.exe", "-NoProfile", "-NonInteractive", "-STA", "-Command", _POWERSHELL)
    written = await clipboard.run(command, 2 * MOST_BYTES)
    with contextlib.suppress(binascii.Error, ValueError):
        return await asyncio.to_thread(base64.b64decode, written.strip(), validate=True)
    return b""


def _copied(addresses: bytes) -> bytes:
    """The file of the first picture among addresses of files; empty where there is none.

    Raises:
        UsageError: a file among them cannot be read.
    """
    for line in addresses.splitlines():
        address = line.decode("utf-8", "surrogateescape").strip()
        for start in ("file:///", "file://localhost/"):
            if address.startswith(start):
                path = os.fsdecode(unquote_to_bytes("/" + address.removeprefix(start)))
                if format_of(read_start(Path(path), 32)[0]) is not None:
                    return read_file(Path(path))
    return b""
