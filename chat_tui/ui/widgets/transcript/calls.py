"""The calls of tools that a reply asks for, as they are shown."""

import json
import re

from chat_tui.core.messages import ToolCall
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text

_MOST = 20_000
"""Characters of a call's arguments that are shown."""

_MOST_IN_A_LINE = 400

_DEEPEST = 20
"""Levels that are indented; what is deeper stands below them."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def call_title(call: ToolCall) -> str:
    """What is called."""
    return f"⚙ {clean_line(call.name, code=True)}"


def call_line(call: ToolCall) -> str:
    """A call in one line."""
    arguments = clean_line(call.arguments[:_MOST_IN_A_LINE], code=True)
    return f"{call_title(call)}  {arguments}".rstrip()


def call_arguments(call: ToolCall) -> str:
    """What a call is given, laid out where it is JSON."""
    shown = call.arguments
    if len(shown) > _MOST:
        more = text("transcript.more-characters", count=f"{len(shown) - _MOST:,}")
        return f"{clean(shown[:_MOST], code=True)}\n{more}"
    return clean(spread_json(shown), code=True).expandtabs(4) or "{}"


def spread_json(source: str) -> str:
    """JSON over several lines, its names, texts and numbers as written; other text as it is."""
    try:
        json.loads(source)
    except (ValueError, RecursionError):
        return source
    tokens = _TOKEN.findall(source)
    pieces: list[str] = []
    depth = 0
    for at, sign in enumerate(tokens):
        if sign in ("}", "]"):
            depth -= 1
            if tokens[at - 1] not in ("{", "["):
                pieces.append(_new_line(depth))
        pieces.append(": " if sign == ":" else sign)
        if sign in ("{", "["):
            depth += 1
            if tokens[at + 1] not in ("}", "]"):
                pieces.append(_new_line(depth))
        elif sign == ",":
            pieces.append(_new_line(depth))
    return "".join(pieces)


def _new_line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)
