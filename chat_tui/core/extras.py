"""What comes with a reply besides its text: sources and pictures, as facts to be shown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chat_tui.core.messages import ChatMessage

MAX_SOURCES = 20
"""Sources that are shown; of the others only the number is told."""


class Source(NamedTuple):
    """Where an answer has something from. Both texts are raw."""

    title: str
    url: str


class Picture(NamedTuple):
    """A picture in a reply, by its facts."""

    media_type: str
    size: int | None
    """Bytes; None for one that is named by its address."""
    url: str
    """The address; empty for one that came whole."""


def sources_of(message: ChatMessage) -> list[Source]:
    """The sources of a reply, each once, in their order."""
    found: dict[str, Source] = {}
    for source in (*_cited(message.annotations), *_listed(message.raw)):
        found.setdefault(source.url, source)
    return list(found.values())


def pictures_of(message: ChatMessage) -> list[Picture]:
    """The pictures in a reply."""
    images = message.raw.get("images")
    if not isinstance(images, list | tuple):
        return []
    found = (_picture(image) for image in images)
    return [picture for picture in found if picture is not None]


def _cited(annotations: Iterable[Mapping[str, Any]]) -> Iterator[Source]:
    for annotation in annotations:
        if annotation.get("type") == "url_citation":
            nested = annotation.get("url_citation")
            yield from _source(nested if isinstance(nested, Mapping) else annotation)


def _listed(raw: Mapping[str, Any]) -> Iterator[Source]:
    """Sources beside the choices, as Perplexity and others give them."""
    for name in ("search_results", "citations"):
        listed = raw.get(name)
        for entry in listed if isinstance(listed, list | tuple) else ():
            if isinstance(entry, str):
                yield from _source({"url": entry})
            elif isinstance(entry, Mapping):
                yield from _source(entry)


def _source(fields: Mapping[str, Any]) -> Iterator[Source]:
    url, title = fields.get("url"), fields.get("title")
    if isinstance(url, str) and url.strip():
        yield Source(title if isinstance(title, str) else "", url.strip())


def _picture(image: Any) -> Picture | None:
    if not isinstance(image, Mapping):
        return None
    address: Any = image.get("image_url", image.get("url"))
    if isinstance(address, Mapping):
        address = address.get("url")
    if isinstance(address, str) and address.startswith("data:"):
        head, _, data = address.partition(",")
        return Picture(head[5:].partition(";")[0], _bytes_in(data), "")
    if isinstance(address, str) and address:
        return Picture("", None, address)
    written: Any = image.get("b64_json")
    if isinstance(written, str) and written:
        return Picture("", _bytes_in(written), "")
    return None


def _bytes_in(data: str) -> int:
    """How many bytes a Base64 text stands for."""
    return len(data) * 3 // 4 - data[-2:].count("=")
