"""The prompt: what stands on the command line, and what comes from standard input."""

import os
import select
import stat

from chat_tui.cli.output import say
from chat_tui.core.errors import UsageError
from chat_tui.core.safety import join_surrogates

FIRST_BYTE_SECONDS = 2.0
"""How long a pipe beside a PROMPT may take to say anything."""
MAX_BYTES = 64 * 1024 * 1024

_STDIN = 0
_BLOCK = 1024 * 1024
_HINT = 'Give one in quotes (chat-tui ask "…"), or pipe text in.'


def whole_prompt(words: str | None) -> str:
    """The prompt: PROMPT, a blank line, standard input, as far as they are there.

    Standard input is read only if it is a FIFO, a file or a socket; beside a PROMPT one that
    stays silent for `FIRST_BYTE_SECONDS` counts as empty.

    Raises:
        UsageError: there is none.
    """
    piped = _read(None if words is None else FIRST_BYTE_SECONDS)
    prompt = "\n\n".join(part for part in (join_surrogates(words or ""), piped) if part.strip())
    if not prompt:
        raise UsageError("There is no prompt.", hint=_HINT)
    return prompt


def _read(patience: float | None) -> str:
    mode = os.fstat(_STDIN).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        return ""
    if patience is not None and not select.select([_STDIN], [], [], patience)[0]:
        return ""
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
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        say(f"Standard input is not UTF-8 from byte {error.start + 1} on; replaced by \ufffd.")
        return content.decode(errors="replace")
