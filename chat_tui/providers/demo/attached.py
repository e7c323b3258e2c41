"""What is attached to a prompt, by its facts: all that the demo can say of it."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from chat_tui.core.attachments.signatures import picture_facts
from chat_tui.providers.fields import as_dict, as_list, as_text

_DOCUMENT = re.compile(
    r"^File (?P<name>[^\n]{1,1000}):\n\n(?P<fence>`{3,})(?P<language>[^\n`]{0,40})\n"
    r"(?P<text>.*?)\n(?P=fence)$",
    re.DOTALL | re.MULTILINE,
)
"""How the app sends a document (see `core.messages.part_text`)."""

_LONG = 4096
"""Characters of an address that need not be shortened."""

_NAMED = 40
"""Documents that are told of one by one."""


class ImageFacts(NamedTuple):
    """What a picture's file says of itself."""

    format: str
    """Empty where it is none that is known."""
    width: int
    height: int
    size: int
    """Bytes of the file."""


class Document(NamedTuple):
    """A document in a prompt."""

    name: str
    language: str
    text: str


def facts_of_url(url: str) -> ImageFacts | None:
    """The facts of a `data:` URL; None for any other address, or damaged Base64."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        content = b64decode(data, validate=True)
    except (Base64Error, ValueError):
        return None
    facts = picture_facts(content)
    if facts is None:
        return ImageFacts("", 0, 0, len(content))
    return ImageFacts(facts.format, facts.width, facts.height, len(content))


def pictures_in(message: dict[str, Any]) -> list[str]:
    """The addresses of the pictures of a message."""
    parts = [as_dict(part) for part in as_list(message.get("content"))]
    return [as_text(as_dict(p.get("image_url")).get("url")) for p in parts if "image_url" in p]


def documents_in(text: str) -> tuple[list[Document], str]:
    """The documents of a prompt, and its words without them."""
    if "\n\n```" not in text:
        return [], text
    found = [
        Document(match["name"], match["language"], match["text"])
        for match in _DOCUMENT.finditer(text)
    ]
    return found, _DOCUMENT.sub("", text).strip() if found else text


def shorten(body: dict[str, Any]) -> None:
    """Put what tells them apart into the places of large pictures, in the body itself."""
    for message in map(as_dict, as_list(body.get("messages"))):
        for part in map(as_dict, as_list(message.get("content"))):
            image = as_dict(part.get("image_url"))
            if len(url := as_text(image.get("url"))) > _LONG:
                image["url"] = f"data:,{sha256(url.encode(errors='replace')).hexdigest()}"


def describe(pictures: Sequence[str], documents: Sequence[Document], words: str) -> str:
    """What the demo says of what is attached.

    Args:
        pictures: their addresses.
        documents: with their texts.
        words: of the prompt besides.
    """
    lines: list[str] = []
    if pictures:
        lines += [f"You attached {len(pictures)} image{'s' if len(pictures) > 1 else ''}:", ""]
        lines += [f"{number}. {_picture(url)}" for number, url in enumerate(pictures, 1)]
        told = "I read that from the files themselves; I cannot see what is in a picture."
        lines += ["", told, ""]
    if documents:
        plural = "s" if len(documents) > 1 else ""
        lines += [f"You attached {len(documents)} document{plural}:", ""]
        told_of = enumerate(documents[:_NAMED], 1)
        lines += [f"{number}. {_document(document)}" for number, document in told_of]
        lines += ["", "I have counted them; I do not understand what is in them.", ""]
    if documents and words:
        quoted = words.replace("\n", "\n> ")
        lines += [f"With them came:\n\n> {quoted}"]
    return "\n".join(lines).strip()


def _picture(url: str) -> str:
    facts = facts_of_url(url)
    if facts is None:
        return f"at an address that I do not open: `{url[:200]}`"
    if not facts.format:
        return f"{facts.size:,} bytes in a format that I do not know"
    return f"**{facts.format}**, {facts.width} × {facts.height} pixels, {facts.size:,} bytes"


def _document(document: Document) -> str:
    lines = document.text.count("\n") + 1 if document.text else 0
    said = f", {document.language}" if document.language else ""
    letters = f"{len(document.text):,} characters"
    return f"**{document.name}**{said}, {lines:,} line{'' if lines == 1 else 's'}, {letters}"
