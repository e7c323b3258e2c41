"""The process that decodes: `python -m chat_tui.media.worker.main`, with a socket as its input.

It says that it is ready, then answers one job after another, and ends with the socket, and so with
the app, however that ends. What a job refuses is an answer; what it breaks on ends the process.
"""

import os
import signal
import socket
import warnings
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.worker.frames import Frame, FrameError, receive, send
from chat_tui.media.worker.jobs import Answer, file_of, find_job
from chat_tui.media.worker.limits import limit_job, limit_process

_MOST_HEAD = 1024 * 1024
_MOST_BODY = 128 * 1024 * 1024


def serve(channel: socket.socket) -> None:
    """Answer jobs until there are no more."""
    send(channel, {"ready": True})
    while (frame := receive(channel, _MOST_HEAD, _MOST_BODY)) is not None:
        head, body = _answer(frame)
        del frame  # its bytes are not needed while the next job is waited for
        send(channel, head, body)
        del body


def _answer(frame: Frame) -> Answer:
    arguments: dict[str, Any] = frame.head["arguments"]
    try:
        with file_of(frame.body, frame.descriptor) as file:
            job = find_job(frame.head["job"])
            limit_job(frame.head["seconds"])
            return job(arguments, file)
    except UsageError as error:
        return {"error": error.message, "hint": error.hint}, b""
    except MemoryError:
        name = clean_line(str(arguments.get("name") or "The file"), code=True)
        return {
            "error": f"{name} cannot be decoded here: it would need too much memory.",
            "hint": "Make it smaller with another program first.",
            "broken": True,
        }, b""


def main() -> None:
    """Serve on the socket that the app gave as standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # nobody reads them; libraries warn of hostile files
    limit_process()
    try:
        serve(socket.socket(fileno=os.dup(0)))
    except (OSError, FrameError):
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
