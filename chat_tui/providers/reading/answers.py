"""One of the n answers to a request, read from its deltas or from one whole message."""

from dataclasses import replace
from typing import Any

from chat_tui.core.events import (
    ExtrasDelta,
    ReasoningDelta,
    ReplyEvent,
    ReplyFinished,
    TextDelta,
)
from chat_tui.providers.fields import as_dict, as_list, as_text
from chat_tui.providers.reading.extras import Extras, Room
from chat_tui.providers.reading.thinking import ThinkSplitter
from chat_tui.providers.reading.toolcalls import ToolCalls

_TEXT_ONLY = frozenset(
    {"role", "content", "reasoning_content", "reasoning", "reasoning_text", "name"}
)
_CONTENT_ONLY = frozenset({"role", "content", "name"})
_KNOWN = _TEXT_ONLY | {"tool_calls", "function_call", "refusal", "annotations", "images"}
_KNOWN |= {"audio", "reasoning_details"}


class Output:
    """The events of a reply until they are taken; adjacent pieces of text are joined.

    Args:
        max_text: characters of text, reasoning and arguments; the rest is dropped.
    """

    def __init__(self, max_text: int) -> None:
        self.size = 0
        """Characters of text, reasoning and arguments so far."""
        self.spoken = False
        """Whether any text came."""
        self.max_text = max_text
        self._events: list[ReplyEvent] = []
        self._run: list[str] = []
        self._run_type: type[TextDelta | ReasoningDelta] = TextDelta
        self._run_choice = 0

    def take(self) -> list[ReplyEvent]:
        """Give the events since the last call."""
        self._flush()
        events, self._events = self._events, []
        return events

    def add(self, event: ReplyEvent) -> None:
        """Put an event in its place after the text so far."""
        self._flush()
        self._events.append(event)

    def put(self, type_: type[TextDelta | ReasoningDelta], text: str, choice: int) -> None:
        """Add a piece of text; an empty one is nothing."""
        if type_ is not self._run_type or choice != self._run_choice:
            self._flush()
            self._run_type = type_
            self._run_choice = choice
        if not self.spoken and type_ is TextDelta and text and not text.isspace():
            self.spoken = True
        self._run.append(text)

    def fitting(self, text: str) -> str:
        """Count a text, and give as much of it as the limit lets in."""
        self.size += len(text)
        over = self.size - self.max_text
        return text if over <= 0 else text[: max(len(text) - over, 0)]

    def _flush(self) -> None:
        if self._run:
            if text := "".join(self._run):
                self._events.append(self._run_type(text, self._run_choice))
            self._run = []


class Answer:
    """An answer as far as it has come.

    Args:
        index: its number.
        output: where its events go.
        room: what may be kept beside them.
    """

    def __init__(self, index: int, output: Output, room: Room) -> None:
        self.index = index
        self.finish_reason = ""
        self.content = False
        """Whether text, reasoning, a tool call, a refusal or a picture came."""
        self.extras = Extras(room)
        self._output = output
        self._splitter: ThinkSplitter | None = ThinkSplitter()
        self._spelt_out = False
        self._calls = ToolCalls()
        self._called = False
        self._refusal: list[str] = []
        self._shape: tuple[str, ...] = ()
        self._plain_shape: tuple[str, ...] = ()

    def read(self, data: dict[str, Any]) -> None:
        """Read a delta, or a message that came whole."""
        shape, content = tuple(data), data.get("content")
        if shape == self._plain_shape and type(content) is str:
            # What nearly all deltas are.
            if content:
                self.add_text(content)
            return
        reasoning = (
            data.get("reasoning_content") or data.get("reasoning") or data.get("reasoning_text")
        )
        if reasoning or "reasoning_details" in data:
            details = self._read_details(data.get("reasoning_details"))
            self._add_reasoning(_flat(reasoning) or details)
        if isinstance(content, str):
            if content:
                self.add_text(content)
        elif isinstance(content, list):
            self._read_parts(content)
        if shape != self._shape:
            self._read_rest(data)
            # Only a shape with nothing but text in it may be passed over the next time.
            self._shape = shape if _TEXT_ONLY.issuperset(shape) else ()
            self._plain_shape = shape if _CONTENT_ONLY.issuperset(shape) else ()

    def add_text(self, text: str) -> None:
        """Take more of the text."""
        self.content = self._spelt_out = True
        text = self._output.fitting(text)
        if self._splitter is None:
            self._output.put(TextDelta, text, self.index)
            return
        self._put_pieces(self._splitter.feed(text))
        if self._splitter.passing:
            self._splitter = None

    def settle(self) -> None:
        """Give the text that was held back; there comes no more."""
        if self._splitter is not None:
            self._put_pieces(self._splitter.close())

    def finished(self, model: str, around: Extras) -> ReplyFinished:
        """The event of its end.

        Args:
            model: who answered.
            around: what the reply holds outside of its choices.
        """
        return ReplyFinished(
            self.finish_reason,
            self.index,
            model,
            "".join(self._refusal),
            self.extras.whole_annotations(around),
            self.extras.logprobs or None,
            self.extras.whole_raw(around),
        )

    def _read_rest(self, data: dict[str, Any]) -> None:
        for position, call in enumerate(as_list(data.get("tool_calls"))):
            if isinstance(call, dict):
                self._called = True
                self._read_call(call, position)
        old = data.get("function_call")
        # Beside `tool_calls` it is one of those.
        if isinstance(old, dict) and not self._called:
            self._read_call({"index": 0, "function": old}, 0)
        self._add_refusal(as_text(data.get("refusal")))
        self._add_annotations(as_list(data.get("annotations")))
        self._add_images(as_list(data.get("images")))
        if audio := as_dict(data.get("audio")):
            self._read_audio(audio)
        for key in data.keys() - _KNOWN:
            self.extras.keep(key, data[key])

    def _read_details(self, value: object) -> str:
        """The words of OpenRouter's `reasoning_details`; what is encrypted or signed is kept."""
        words = []
        for part in as_list(value):
            detail = as_dict(part)
            words.append(as_text(detail.get("text")) or as_text(detail.get("summary")))
            if detail.get("data") or detail.get("signature"):
                self.extras.append("reasoning_details", detail)
        return "".join(words)

    def _read_parts(self, parts: list[Any]) -> None:
        for part in parts:
            if isinstance(part, str) and part:
                self.add_text(part)
            elif isinstance(part, dict):
                self._read_part(part)

    def _read_part(self, part: dict[str, Any]) -> None:
        kind = part.get("type")
        if kind in ("thinking", "reasoning"):
            self._add_reasoning(_flat(part.get("thinking")) or _flat(part.get("text")))
        elif "image_url" in part:
            self._add_images([part])
        elif text := as_text(part.get("text")):
            self.add_text(text)
            self._add_annotations(as_list(part.get("annotations")))
        elif kind == "refusal":
            self._add_refusal(as_text(part.get("refusal")))
        elif part.keys() - {"type", "text"}:
            self.extras.append("parts", part)

    def _read_audio(self, audio: dict[str, Any]) -> None:
        self.content = self.content or bool(audio.get("data"))
        self.extras.add_audio(audio)
        transcript = as_text(audio.get("transcript"))
        if transcript and not self._spelt_out:
            self.add_text(transcript)
            self._spelt_out = False

    def _read_call(self, data: dict[str, Any], position: int) -> None:
        delta = self._calls.read(data, position)
        if delta is None:
            return
        self._leave_beginning()
        self.content = True
        self._output.size += len(delta.id) + len(delta.name)
        arguments = self._output.fitting(delta.arguments)
        if self.index or arguments != delta.arguments:
            delta = replace(delta, arguments=arguments, choice=self.index)
        self._output.add(delta)

    def _add_reasoning(self, text: str) -> None:
        if text:
            # A server that has a field for reasoning leaves no tags in the text.
            self._leave_beginning()
            self.content = True
            self._output.put(ReasoningDelta, self._output.fitting(text), self.index)

    def _add_refusal(self, text: str) -> None:
        if text:
            self.content = True
            text = self._output.fitting(text)
            self._refusal.append(text)
            self._output.add(ExtrasDelta(text, choice=self.index))

    def _add_annotations(self, annotations: list[Any]) -> None:
        if new := self.extras.add_annotations(annotations):
            self._output.add(ExtrasDelta(annotations=new, choice=self.index))

    def _add_images(self, images: list[Any]) -> None:
        if images:
            self.content = True
            kept = self.extras.add_images(images)
            self._output.add(ExtrasDelta(images=kept, choice=self.index))

    def _leave_beginning(self) -> None:
        """A tag that comes after this is part of the text."""
        if self._splitter is not None and self._splitter.undecided:
            self.settle()
            self._splitter = None

    def _put_pieces(self, pieces: list[tuple[bool, str]]) -> None:
        for is_reasoning, piece in pieces:
            self._output.put(ReasoningDelta if is_reasoning else TextDelta, piece, self.index)


def _flat(value: object) -> str:
    """The text of a string or of a list of text parts."""
    if isinstance(value, list):
        return "".join(as_text(as_dict(part).get("text")) or as_text(part) for part in value)
    return as_text(value)
