"""What comes with a reply besides its text: sources and pictures, as facts to be shown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chat_tui.core.messages import ChatMessage, ImagePart

STORED = "attachment:"
"""What stands before the hash where the bytes of a picture in a reply were, once they are stored
as an attachment."""

_MOST_HEAD = 1_000
"""Characters of a `data:` address in which its comma is."""

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
    """The pictures in a reply that are no parts of it: those that could not be read or stored."""
    named = {part.url for part in message.parts if isinstance(part, ImagePart) and part.url}
    found = (_picture(image) for image in images_of(message))
    return [picture for picture in found if picture is not None and picture.url not in named]


def images_of(message: ChatMessage) -> Sequence[Any]:
    """The pictures that came with a reply, as they came, but for bytes that were stored since."""
    images = message.raw.get("images")
    return images if isinstance(images, list | tuple) else ()


def address_of(image: Any) -> str:
    """The address of one of them, which may hold the bytes (`data:`); empty where it has none."""
    if isinstance(image, str):
        return image
    address: Any = _place(image) if isinstance(image, Mapping) else None
    if isinstance(address, Mapping):
        address = address.get("url")
    return address.strip() if isinstance(address, str) else ""


def written_in(image: Any) -> str:
    """The Base64 of one that has no address; empty where there is none."""
    written: Any = image.get("b64_json") if isinstance(image, Mapping) else None
    return written if isinstance(written, str) else ""


def with_address(image: Any, address: str) -> Any:
    """One of them with an address in the place of what it had: its other fields stay."""
    if not isinstance(image, Mapping):
        return address
    if not address_of(image):
        return {**image, "b64_json": address}
    name = "image_url" if "image_url" in image else "url"
    nested = image[name]
    return {**image, name: {**nested, "url": address} if isinstance(nested, Mapping) else address}


def _place(image: Mapping[str, Any]) -> Any:
    return image.get("image_url", image.get("url"))


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
    address, written = address_of(image), written_in(image)
    if address.startswith(STORED) or written.startswith(STORED):
        return None
    if address.startswith("data:"):
        # It may have many megabytes, and this is asked whenever the message is drawn: no copies.
        head, comma, _ = address[5:_MOST_HEAD].partition(",")
        size = _bytes_in(address, len(head) + 6) if comma else 0
        return Picture(head.partition(";")[0], size, "")
    if address:
        return Picture("", None, address)
    return Picture("", _bytes_in(written), "") if written else None


def _bytes_in(data: str, start: int = 0) -> int:
    """How many bytes a Base64 text stands for from a place on."""
    return max((len(data) - start) * 3 // 4 - data[-2:].count("="), 0)
