"""What a reply holds beside text, reasoning and tool calls, kept within a bound."""

from collections.abc import Iterable, Mapping
from typing import Any

from chat_tui.providers.fields import as_dict, as_list, as_text

_MAX_ANNOTATIONS = 1000
SOURCE_LISTS = frozenset({"citations", "search_results"})
"""Fields that list addresses, beside the choices or in one."""
_MAX_FIELDS = 1000
"""Names of fields; each takes more memory than its characters."""
_NODE = 8
"""What a value weighs beside the characters in it."""

Annotation = Mapping[str, Any]


class Room:
    """How much may still be kept of one reply, in characters.

    Args:
        size: of all that is kept beside the text.
    """

    def __init__(self, size: int) -> None:
        self.dropped = False
        """Whether something was not kept for want of room."""
        self.overfull = False
        """Whether that was a picture or a sound: a part of the answer itself."""
        self._left = size

    def take(self, value: object, *, answer: bool = False) -> bool:
        """Whether there is room for a value; then there is less of it.

        Args:
            value: parsed JSON.
            answer: whether it is a part of the answer itself.
        """
        size = _weight(value)
        if size <= self._left:
            self._left -= size
            return True
        self.dropped = True
        self.overfull = self.overfull or answer
        return False

    def give_back(self, value: object) -> None:
        """Take note that a value is not kept any more; None was none."""
        self._left += _weight(value)


class Extras:
    """The extras of one choice, or of the reply around them.

    Args:
        room: shared by all of a reply.
    """

    def __init__(self, room: Room) -> None:
        self.annotations: list[Annotation] = []
        self.images: list[Any] = []
        self.logprobs: dict[str, Any] = {}
        self.raw: dict[str, Any] = {}
        """Fields that the app does not know, as they came last."""
        self._sound: list[str] = []
        self._room = room

    def keep(self, key: str, value: object) -> bool:
        """Keep a field that the app does not know; a later value takes the place of an earlier.

        Gives whether it is kept and was not there.
        """
        old = self.raw.get(key)
        if value is None or old == value or not self._has_place(self.raw, key):
            return False
        self._room.give_back(old)
        if not self._room.take(value):
            self._room.take(old)
            return False
        self.raw[key] = value
        return True

    def append(self, key: str, value: object) -> None:
        """Keep one more entry of a field that comes in pieces."""
        if self._room.take(value):
            entries = self.raw.setdefault(key, [])
            if isinstance(entries, list):
                entries.append(value)

    def add_annotations(self, values: Iterable[Any]) -> tuple[Annotation, ...]:
        """Keep sources, each once; gives those that are new."""
        known = len(self.annotations)
        for value in values:
            if len(self.annotations) == _MAX_ANNOTATIONS:
                break
            if isinstance(value, dict):
                annotation = _nested(value)
                if annotation not in self.annotations and self._room.take(annotation):
                    self.annotations.append(annotation)
        return tuple(self.annotations[known:])

    def add_images(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """Keep pictures; gives those that are kept."""
        kept = tuple(v for v in values if v and self._room.take(v, answer=True))
        self.images += kept
        return kept

    def add_audio(self, data: dict[str, Any]) -> None:
        """Keep sound, whose base64 comes in pieces; its words are the text of the answer."""
        sound = data.get("data")
        if isinstance(sound, str) and self._room.take(sound, answer=True):
            self._sound.append(sound)
        rest = {key: value for key, value in data.items() if key not in {"data", "transcript"}}
        if rest:
            self.keep("audio", as_dict(self.raw.get("audio")) | rest)

    def add_logprobs(self, data: dict[str, Any]) -> None:
        """Keep the next tokens' probabilities: lists grow, the rest is replaced."""
        for key, value in data.items():
            if value is None or not self._has_place(self.logprobs, key):
                continue
            if not self._room.take(value):
                continue
            if isinstance(value, list):
                if not isinstance(self.logprobs.get(key), list):
                    self.logprobs[key] = []
                self.logprobs[key] += value
            else:
                self.logprobs[key] = value

    def _has_place(self, fields: Mapping[str, Any], key: str) -> bool:
        """Whether a field may be kept beside those that are."""
        if key in fields or len(fields) < _MAX_FIELDS:
            return True
        self._room.dropped = True
        return False

    def whole_raw(self, around: "Extras") -> dict[str, Any]:
        """All that is kept as it came.

        Args:
            around: what the reply holds outside of its choices.
        """
        raw = around.raw | self.raw
        if self._sound:
            raw["audio"] = as_dict(raw.get("audio")) | {"data": "".join(self._sound)}
        if self.images:
            raw["images"] = self.images
        return raw

    def whole_annotations(self, around: "Extras | None" = None) -> tuple[Annotation, ...]:
        """The sources, those that are only listed as addresses among them.

        Args:
            around: what the reply holds outside of its choices (Perplexity's `citations`).
        """
        found = list(self.annotations)
        known = set(map(address_of, found))
        for source in (self.raw, around.raw if around is not None else {}):
            for url, title in _listed(source):
                if url not in known and len(found) < _MAX_ANNOTATIONS:
                    known.add(url)
                    citation = {"url": url, "title": title}
                    found.append({"type": "url_citation", "url_citation": citation})
        return tuple(found)


def address_of(annotation: Annotation) -> str:
    """The address of a source; empty for other annotations."""
    return as_text(as_dict(annotation.get("url_citation")).get("url"))


def _listed(raw: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Addresses and titles of `citations`, whose order texts count by, then `search_results`."""
    results = [_address(entry) for entry in as_list(raw.get("search_results"))]
    titles = dict(results)
    cited = [_address(entry) for entry in as_list(raw.get("citations"))]
    named = [(url, title or titles.get(url, "")) for url, title in cited]
    return [(url, title) for url, title in named + results if url]


def _address(value: object) -> tuple[str, str]:
    entry = as_dict(value)
    return as_text(value) or as_text(entry.get("url")), as_text(entry.get("title"))


def _nested(annotation: dict[str, Any]) -> dict[str, Any]:
    """A source in OpenAI's shape, where its fields came beside the type."""
    if annotation.get("type") != "url_citation" or "url" not in annotation:
        return annotation
    fields = {key: value for key, value in annotation.items() if key != "type"}
    return {"type": "url_citation", "url_citation": fields}


def _weight(value: object) -> int:
    """About the length of a value as JSON; nothing for None."""
    if value is None:
        return 0
    total = 0
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        total += _NODE
        if isinstance(entry, str):
            total += len(entry)
        elif isinstance(entry, dict):
            total += sum(len(key) for key in entry)
            waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry
    return total
