"""Reads chunks and whole replies, in every shape that servers were seen to send.

Plain dict access through small helpers: a model validated per chunk would cost as much as
reading it from the socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chat_tui.core.events import (
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    TextDelta,
    UsageReported,
)
from chat_tui.core.messages import Usage
from chat_tui.providers.fields import as_count, as_dict, as_list, as_text
from chat_tui.providers.toolcalls import ToolCalls

_PLAIN_TOP = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "error"}
    | {"obfuscation", "p", "system_fingerprint"}
)
_KNOWN_TOP = _PLAIN_TOP | {"x_groq"}
_TEXT_ONLY = frozenset(
    {"role", "content", "reasoning_content", "reasoning", "reasoning_details", "name"}
)
_KNOWN_MESSAGE = _TEXT_ONLY | {"tool_calls", "function_call", "refusal", "annotations", "images"}
_MAX_ANNOTATIONS = 1000


@dataclass(slots=True)
class _Choice:
    """One of n answers as far as it has come."""

    index: int
    finish_reason: str = ""
    content: bool = False
    """Whether text, reasoning or a tool call came."""
    calls: ToolCalls = field(default_factory=ToolCalls)
    refusal: list[str] = field(default_factory=list)
    annotations: list[Mapping[str, Any]] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    logprobs: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)


class ChunkReader:
    """Gathers events from chunks; adjacent pieces of text are joined until they are taken."""

    def __init__(self) -> None:
        self.model = ""
        """The model that the server says answers."""
        self.size = 0
        """Characters of text, reasoning and arguments so far."""
        self.broken = False
        """Whether the server gave an error as the reason for the end."""
        self._choices: dict[int, _Choice] = {}
        self._usage: Usage | None = None
        self._raw: dict[str, Any] = {}
        self._events: list[ReplyEvent] = []
        self._run: list[str] = []
        self._run_type: type[TextDelta | ReasoningDelta] = TextDelta
        self._run_choice = 0
        self._top_shape: tuple[str, ...] = ()
        self._delta_shape: tuple[str, ...] = ()

    @property
    def started(self) -> bool:
        """Whether any text, reasoning, tool call or refusal has come."""
        return any(choice.content for choice in self._choices.values())

    @property
    def finished(self) -> bool:
        """Whether a finish reason came, for each choice that said anything."""
        reasons = [c.finish_reason for c in self._choices.values() if c.content or c.finish_reason]
        return bool(reasons) and all(reasons)

    def take(self) -> list[ReplyEvent]:
        """Give the events since the last call."""
        self._flush()
        events, self._events = self._events, []
        return events

    def add(self, event: ReplyEvent) -> None:
        """Put an event of another source in its place between the others."""
        self._flush()
        self._events.append(event)

    def finish(self) -> None:
        """Add a `ReplyFinished` for each choice. Only for a reply that the server finished."""
        for choice in sorted(self._choices.values(), key=lambda c: c.index) or [_Choice(0)]:
            raw = self._raw | choice.raw
            if choice.images:
                raw["images"] = choice.images
            self.add(
                ReplyFinished(
                    choice.finish_reason,
                    choice.index,
                    self.model,
                    "".join(choice.refusal),
                    tuple(choice.annotations),
                    choice.logprobs or None,
                    raw,
                )
            )

    def read(self, chunk: dict[str, Any]) -> None:
        """Read one chunk, or a reply that came whole. What it does not understand it ignores."""
        choices = chunk.get("choices")
        if isinstance(choices, list):
            for position, choice in enumerate(choices):
                if isinstance(choice, dict):
                    self._read_choice(choice, position)
        if not self.model:
            self.model = as_text(chunk.get("model"))
        if usage := chunk.get("usage"):
            self._read_usage(usage)
        shape = tuple(chunk)
        if shape != self._top_shape:
            self._top_shape = shape if _PLAIN_TOP.issuperset(shape) else ()
            if groq := as_dict(chunk.get("x_groq")):
                self._read_usage(groq.get("usage"))
            for key in chunk.keys() - _KNOWN_TOP:
                if chunk[key] is not None:
                    self._raw[key] = chunk[key]

    def _choice(self, index: object, position: int) -> _Choice:
        number = index if isinstance(index, int) and 0 <= index < 1000 else position
        choice = self._choices.get(number)
        if choice is None:
            choice = self._choices[number] = _Choice(number)
        return choice

    def _read_choice(self, data: dict[str, Any], position: int) -> None:
        choice = self._choice(data.get("index"), position)
        delta = data.get("delta")
        if isinstance(delta, dict) and delta:
            self._read_message(choice, delta)
        elif not choice.content:
            # Whole replies; a full message beside the deltas (Perplexity) is not added again.
            self._read_message(choice, as_dict(data.get("message")))
            if text := as_text(data.get("text")):
                self._add_text(TextDelta, text, choice)
        if logprobs := data.get("logprobs"):
            _merge_logprobs(choice.logprobs, as_dict(logprobs))
        if not choice.finish_reason and (reason := as_text(data.get("finish_reason"))):
            # OpenRouter's way to say that the model behind it failed.
            self.broken = self.broken or reason == "error"
            choice.finish_reason = reason

    def _read_message(self, choice: _Choice, data: dict[str, Any]) -> None:
        reasoning = data.get("reasoning_content") or data.get("reasoning")
        if reasoning or "reasoning_details" in data:
            text = as_text(reasoning) or _details(data.get("reasoning_details"))
            self._add_text(ReasoningDelta, text, choice)
        content = data.get("content")
        if isinstance(content, str):
            if content:
                self._add_text(TextDelta, content, choice)
        elif isinstance(content, list):
            self._read_parts(choice, content)
        shape = tuple(data)
        if shape == self._delta_shape and "tool_calls" not in data:
            return
        self._read_rest(choice, data)
        # Only a shape with nothing but text in it may be passed over the next time.
        self._delta_shape = shape if _TEXT_ONLY.issuperset(shape) else ()

    def _read_rest(self, choice: _Choice, data: dict[str, Any]) -> None:
        calls = as_list(data.get("tool_calls"))
        for position, call in enumerate(calls):
            if isinstance(call, dict):
                self._read_call(choice, call, position)
        old = data.get("function_call")
        if isinstance(old, dict) and not calls and not choice.calls.by_id:
            self._read_call(choice, {"index": 0, "function": old}, 0)
        if refusal := as_text(data.get("refusal")):
            choice.refusal.append(refusal)
            choice.content = True
            self.size += len(refusal)
        for annotation in as_list(data.get("annotations")):
            if len(choice.annotations) == _MAX_ANNOTATIONS:
                break
            if isinstance(annotation, dict) and annotation not in choice.annotations:
                choice.annotations.append(annotation)
        choice.images += as_list(data.get("images"))
        if choice.images:
            choice.content = True
        for key in data.keys() - _KNOWN_MESSAGE:
            if data[key] is not None:
                choice.raw[key] = data[key]

    def _read_parts(self, choice: _Choice, parts: list[Any]) -> None:
        for part in parts:
            if isinstance(part, str):
                self._add_text(TextDelta, part, choice)
            elif isinstance(part, dict):
                if part.get("type") == "thinking":
                    self._add_text(ReasoningDelta, _flat(part.get("thinking")), choice)
                elif "image_url" in part:
                    choice.images.append(part)
                    choice.content = True
                else:
                    self._add_text(TextDelta, as_text(part.get("text")), choice)

    def _read_call(self, choice: _Choice, data: dict[str, Any], position: int) -> None:
        delta = choice.calls.read(data, position)
        if delta is not None:
            choice.content = True
            self.size += len(delta.id) + len(delta.name) + len(delta.arguments)
            self.add(replace(delta, choice=choice.index) if choice.index else delta)

    def _read_usage(self, data: object) -> None:
        usage = read_usage(as_dict(data))
        if usage is not None and usage != self._usage:
            self._usage = usage
            self.add(UsageReported(usage))
        cost = as_dict(data).get("cost")
        if isinstance(cost, int | float):
            self._raw["cost"] = cost

    def _add_text(
        self, type_: type[TextDelta | ReasoningDelta], text: str, choice: _Choice
    ) -> None:
        if not text:
            return
        choice.content = True
        self.size += len(text)
        if type_ is not self._run_type or choice.index != self._run_choice:
            self._flush()
            self._run_type = type_
            self._run_choice = choice.index
        self._run.append(text)

    def _flush(self) -> None:
        if self._run:
            self._events.append(self._run_type("".join(self._run), self._run_choice))
            self._run = []


def read_usage(data: dict[str, Any]) -> Usage | None:
    """Read a usage object, OpenAI's names and DeepSeek's and Anthropic's; None if it is empty."""
    prompt_details = as_dict(data.get("prompt_tokens_details"))
    completion_details = as_dict(data.get("completion_tokens_details"))
    usage = Usage(
        _first(data.get("prompt_tokens"), data.get("input_tokens")),
        _first(data.get("completion_tokens"), data.get("output_tokens")),
        as_count(data.get("total_tokens")),
        _first(
            prompt_details.get("cached_tokens"),
            data.get("prompt_cache_hit_tokens"),
            data.get("cache_read_input_tokens"),
        ),
        _first(completion_details.get("reasoning_tokens"), data.get("reasoning_tokens")),
    )
    return None if usage == Usage() else usage


def _first(*values: object) -> int | None:
    return next((count for value in values if (count := as_count(value)) is not None), None)


def _flat(value: object) -> str:
    """The text of a string or of a list of text parts."""
    if isinstance(value, list):
        return "".join(as_text(as_dict(part).get("text")) or as_text(part) for part in value)
    return as_text(value)


def _details(value: object) -> str:
    parts = [as_dict(part) for part in as_list(value)]
    return "".join(as_text(part.get("text")) or as_text(part.get("summary")) for part in parts)


def _merge_logprobs(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, list):
            if not isinstance(into.get(key), list):
                into[key] = []
            into[key] += value
        elif value is not None:
            into[key] = value
