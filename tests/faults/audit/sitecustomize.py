"""Writes down whom a Python process contacts; put its folder on PYTHONPATH to use it.

One JSON list a line, into the file that `AUDIT_FILE` names: the event and where to.
"""

import json
import os
import sys

_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


def _write_down(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS:
        return
    where = arguments[_EVENTS[event]]
    if event == "socket.getaddrinfo":
        where = arguments[:2]
    line = json.dumps([event, where], default=str) + "\n"
    # Not open(): its own audit events would come back here.
    file = os.open(os.environ["AUDIT_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


if "AUDIT_FILE" in os.environ:
    sys.addaudithook(_write_down)
