"""The prompt: what stands on the command line, and what comes from standard input."""

import os
import select
import stat
from typing import NamedTuple

from chat_tui.cli.output import say
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import join_surrogates

FIRST_BYTE_SECONDS = 2.0
"""How long a pipe beside a PROMPT may take to say anything."""
MAX_BYTES = 64 * 1024 * 1024

PDF, ZIP = b"%PDF-", b"PK\x03\x04"
"""How documents begin that are no text: PDF, docx and xlsx."""

_STDIN = 0
_BLOCK = 1024 * 1024
_HINT = 'Give one in quotes (chat-tui ask "…"), or pipe text in.'


class Given(NamedTuple):
    """What there is of a prompt."""

    words: str
    piped: bytes = b""
    """A picture or a document that came on standard input."""


def whole_prompt(words: str | None, *, whole: bool = False) -> Given:
    """The prompt: PROMPT, a blank line, standard input, as far as they are there.

    Standard input is read only if it is a FIFO, a file or a socket; beside a PROMPT one that
    stays silent for `FIRST_BYTE_SECONDS` counts as empty. A picture or a document is no words.

    Args:
        words: PROMPT.
        whole: standard input is named as a file, whatever it holds.

    Raises:
        UsageError: there is none.
    """
    content = _read(None if words is None or whole else FIRST_BYTE_SECONDS)
    binary = whole or _is_binary(content)
    piped = "" if binary else _decoded(content)
    prompt = "\n\n".join(part for part in (join_surrogates(words or ""), piped) if part.strip())
    if not prompt and not (binary and content):
        raise UsageError("There is no prompt.", hint=_HINT)
    return Given(prompt, content if binary else b"")


def _is_binary(content: bytes) -> bool:
    """Whether it is a picture or a document, and no text."""
    if content.startswith((PDF, ZIP)):
        return True
    if not content or (content[:1].isalpha() and content.isascii()):
        return False
    from chat_tui.core.attachments.signatures import format_of  # only where it may be: 3 ms

    return format_of(content[:64]) is not None


def _read(patience: float | None) -> bytes:
    mode = os.fstat(_STDIN).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        return b""
    if patience is not None and not select.select([_STDIN], [], [], patience)[0]:
        return b""
    content = bytearray()
    try:
        while data := os.read(_STDIN, _BLOCK):
            content += data
            if len(content) > MAX_BYTES:
                raise UsageError(
                    f"Standard input has more than {MAX_BYTES // 1024**2} MB.",
                    hint="Send a part of it.",
                )
    except OSError as error:
        raise UsageError(f"Standard input cannot be read: {error.strerror or error}.") from error
    return bytes(content)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        say(f"Standard input is not UTF-8 from byte {error.start + 1} on; replaced by \ufffd.")
        return content.decode(errors="replace")
