"""Which pieces of tool calls belong together, in every way that servers cut them."""

import json
from dataclasses import dataclass, field
from typing import Any

from chat_tui.core.events import ToolCallDelta
from chat_tui.providers.fields import as_count, as_dict, as_text, parse_json

_MAX_CALLS = 1000
"""Calls in one answer; what comes beyond them spoils the last one, which is then never run."""
_MAX_TRIED = 10_000
"""Characters of arguments that are tried for whether they are whole; each piece tries all."""


@dataclass(slots=True)
class _Call:
    """A tool call as far as it has come."""

    position: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    size: int = 0
    """Characters of the arguments."""


class ToolCalls:
    """The tool calls of one choice.

    A piece belongs to the call of its id, else of its index, else to the latest one. Whether a
    call is whole is only known at the end of the reply, not when its arguments happen to parse.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, _Call] = {}
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    def read(self, data: dict[str, Any], position: int) -> ToolCallDelta | None:
        """Take a piece; gives what is new in it, or None.

        Args:
            data: an entry of `tool_calls`.
            position: its place in that list.
        """
        function = as_dict(data.get("function")) or as_dict(data.get("custom")) or data
        name = as_text(function.get("name"))
        arguments = _arguments(function.get("arguments", function.get("input")))
        id_ = as_text(data.get("id"))
        call = self._find(id_, as_count(data.get("index")), name, position)
        delta = ToolCallDelta(
            call.position,
            id_ if not call.id else "",
            name if not call.name else "",
            arguments,
        )
        call.id = call.id or id_
        call.name = call.name or name
        call.arguments.append(arguments)
        call.size += len(arguments)
        return delta if delta.id or delta.name or delta.arguments else None

    def _find(self, id_: str, index: int | None, name: str, position: int) -> _Call:
        call: _Call | None = None
        if index is not None and index >= _MAX_CALLS:
            index = None
        if id_:
            call = self._by_id.get(id_)
            if call is None and index is not None:
                # The id of a call may come later than its first piece.
                earlier = self._by_index.get(index)
                call = earlier if earlier is not None and not earlier.id else None
        elif index is not None:
            call = self._by_index.get(index)
        elif self._calls and not (name and _ends(self._calls[-1], name, position)):
            call = self._calls[-1]
        if call is None:
            if len(self._calls) == _MAX_CALLS:
                return self._calls[-1]
            call = _Call(len(self._calls))
            self._calls.append(call)
        if id_:
            self._by_id[id_] = call
        if index is not None:
            self._by_index[index] = call
        return call


def _ends(call: _Call, name: str, position: int) -> bool:
    """Whether a named piece with neither id nor index starts a new call after this one."""
    if position > 0 or (call.name and name != call.name):
        return True
    if call.size > _MAX_TRIED:
        return False
    try:
        return isinstance(parse_json("".join(call.arguments)), dict)
    except ValueError:
        return False


def _arguments(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
