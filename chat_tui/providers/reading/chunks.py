"""Reads chunks and whole replies, in every shape that servers were seen to send.

Plain dict access through small helpers: a model validated per chunk would cost as much as
reading it from the socket.
"""

from typing import Any

from chat_tui.core.events import ExtrasDelta, ReplyEvent, UsageReported
from chat_tui.core.messages import Usage
from chat_tui.providers.fields import as_count, as_dict, as_number, as_text
from chat_tui.providers.reading.answers import Answer, Output
from chat_tui.providers.reading.extras import SOURCE_LISTS, Extras, Room, address_of

MAX_TEXT = 4_000_000
"""Characters of text, reasoning and arguments that one reply may have."""
MAX_KEPT = 32 * 1024 * 1024
"""Characters of all else that is kept of one reply: pictures are big."""

_PLAIN_TOP = frozenset({"id", "object", "created", "model", "choices", "usage", "error"})
_PLAIN_TOP |= {"obfuscation", "p"}  # padding against those who guess from lengths
_CONSTANT_TOP = frozenset({"system_fingerprint", "service_tier", "provider"})
"""The same in every chunk of a reply, once they are there."""
_SKIPPED_TOP = _PLAIN_TOP | _CONSTANT_TOP
_KNOWN_TOP = _PLAIN_TOP | {"x_groq", "cost"}
_PLAIN_CHOICE = frozenset({"index", "delta", "message", "text", "finish_reason", "logprobs"})
_KNOWN_CHOICE = _PLAIN_CHOICE | {"usage", "error"}
_MAX_CHOICES = 1000


class ChunkReader:
    """Gathers events from chunks; adjacent pieces of text are joined until they are taken.

    Args:
        max_text: characters of text, reasoning and arguments that are read; the rest is dropped.
        max_kept: characters of all else.
    """

    def __init__(self, *, max_text: int = MAX_TEXT, max_kept: int = MAX_KEPT) -> None:
        self.model = ""
        """The model that the server says answers."""
        self.broken = False
        """Whether the server gave an error as the reason for the end."""
        self.error: object = None
        """An error that came inside a choice."""
        self.room = Room(max_kept)
        """What may still be kept beside the text."""
        self._output = Output(max_text)
        self._answers: dict[int, Answer] = {}
        self._usage: Usage | None = None
        self._extras = Extras(self.room)
        self._told: set[str] = set()
        """The addresses of sources that were given already."""
        self._top_shape: tuple[str, ...] = ()
        self._choice_shape: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Characters of text, reasoning and arguments so far."""
        return self._output.size

    @property
    def started(self) -> bool:
        """Whether any text, reasoning, tool call, refusal or picture has come."""
        return any(answer.content for answer in self._answers.values())

    @property
    def spoken(self) -> bool:
        """Whether any text has come, which another answer can go on from."""
        return self._output.spoken

    @property
    def finished(self) -> int:
        """How many choices have a finish reason; none, as long as one that has begun has not."""
        answers = self._answers.values()
        reasons = [a.finish_reason for a in answers if a.content or a.finish_reason]
        return len(reasons) if all(reasons) else 0

    @property
    def full(self) -> bool:
        """Whether text was dropped because there was too much of it."""
        return self._output.size > self._output.max_text

    def take(self) -> list[ReplyEvent]:
        """Give the events since the last call."""
        return self._output.take()

    def add(self, event: ReplyEvent) -> None:
        """Put an event of another source in its place between the others."""
        self._output.add(event)

    def settle(self) -> None:
        """Give the text that was held back; there comes no more."""
        for answer in self._answers.values():
            answer.settle()

    def finish(self) -> None:
        """Add a `ReplyFinished` for each choice. Only for a reply that the server finished."""
        self.settle()
        nothing = Answer(0, self._output, self.room)
        for answer in sorted(self._answers.values(), key=lambda a: a.index) or [nothing]:
            self.add(answer.finished(self.model, self._extras))

    def read(self, chunk: dict[str, Any]) -> bool:
        """Read one chunk, or a reply that came whole. What it does not understand it ignores.

        Gives whether something was read that the reply must end with.
        """
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
            self._read_rest(chunk, shape)
        output = self._output
        return output.size > output.max_text or self.room.overfull or self.error is not None

    def _read_rest(self, chunk: dict[str, Any], shape: tuple[str, ...]) -> None:
        """Read the fields that most chunks have not, or have the same in each."""
        there = all(chunk[key] is not None for key in _CONSTANT_TOP.intersection(shape))
        # Only then may the next chunk with these fields be passed over.
        self._top_shape = shape if there and _SKIPPED_TOP.issuperset(shape) else ()
        if groq := as_dict(chunk.get("x_groq")):
            self._read_usage(groq.get("usage"))
            rest = {key: groq[key] for key in groq.keys() - {"usage", "id", "error"}}
            self._extras.keep("x_groq", rest or None)
        self._read_cost(chunk.get("cost"))
        changed = [k for k in chunk.keys() - _KNOWN_TOP if self._extras.keep(k, chunk[k])]
        if not SOURCE_LISTS.isdisjoint(changed):
            self._tell_sources()

    def _tell_sources(self) -> None:
        """Give the addresses beside the choices now: a reply that breaks off keeps them, too."""
        for answer in self._answers.values():
            self._told.update(map(address_of, answer.extras.annotations))
        sources = self._extras.whole_annotations()
        if new := tuple(each for each in sources if address_of(each) not in self._told):
            self._told.update(map(address_of, new))
            self.add(ExtrasDelta(annotations=new))

    def _read_choice(self, data: dict[str, Any], position: int) -> None:
        index = data.get("index")
        # Not isinstance(): a bool is an int, too.
        number = index if type(index) is int and 0 <= index < _MAX_CHOICES else position
        answer = self._answers.get(number)
        if answer is None:
            answer = self._answers[number] = Answer(number, self._output, self.room)
        delta = data.get("delta")
        if isinstance(delta, dict) and delta:
            answer.read(delta)
        elif message := as_dict(data.get("message")):
            # Whole replies; a full message beside the deltas (Perplexity) is not added again.
            if not answer.content:
                answer.read(message)
        elif text := as_text(data.get("text")):
            answer.add_text(text)
        if logprobs := data.get("logprobs"):
            answer.extras.add_logprobs(as_dict(logprobs))
        shape = tuple(data)
        if shape != self._choice_shape:
            self._choice_shape = shape if _PLAIN_CHOICE.issuperset(shape) else ()
            self._read_usage(data.get("usage"))
            self.error = self.error or data.get("error") or None
            for key in data.keys() - _KNOWN_CHOICE:
                answer.extras.keep(key, data[key])
        if not answer.finish_reason and (reason := as_text(data.get("finish_reason"))):
            # OpenRouter's way to say that the model behind it failed.
            self.broken = self.broken or reason == "error"
            answer.finish_reason = reason

    def _read_usage(self, data: object) -> None:
        if not isinstance(data, dict):
            return
        usage = _usage_of(data)
        if usage is not None and usage != self._usage:
            self._usage = usage
            self.add(UsageReported(usage))
        self._read_cost(data.get("cost") or data.get("estimated_cost"))

    def _read_cost(self, data: object) -> None:
        if data is not None and (cost := _cost_of(data)) is not None:
            self._extras.keep("cost", cost)


def _usage_of(data: dict[str, Any]) -> Usage | None:
    """Read a usage object, OpenAI's names and DeepSeek's and Anthropic's; None if it is empty."""
    prompt = as_dict(data.get("prompt_tokens_details")) or as_dict(data.get("input_tokens_details"))
    completion = as_dict(data.get("completion_tokens_details")) or as_dict(
        data.get("output_tokens_details")
    )
    usage = Usage(
        _first(data.get("prompt_tokens"), data.get("input_tokens")),
        _first(data.get("completion_tokens"), data.get("output_tokens")),
        as_count(data.get("total_tokens")),
        _first(
            prompt.get("cached_tokens"),
            data.get("prompt_cache_hit_tokens"),
            data.get("cache_read_input_tokens"),
            data.get("cached_tokens"),
        ),
        _first(completion.get("reasoning_tokens"), data.get("reasoning_tokens")),
    )
    return None if usage == Usage() else usage


def _cost_of(value: object) -> float | None:
    """Read what a reply cost, in US dollars: a number, or an object with a total."""
    if isinstance(value, dict):
        named = (value.get(name) for name in ("total_cost", "total", "usd", "amount"))
        value = next((entry for entry in named if entry is not None), None)
    cost = as_number(value)
    return cost if cost is not None and cost >= 0 else None


def _first(*values: object) -> int | None:
    return next((count for value in values if (count := as_count(value)) is not None), None)
