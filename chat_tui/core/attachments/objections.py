"""What speaks against sending a prompt with pictures and documents, said before it is sent."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from chat_tui.core.attachments.limits import PictureLimits, limits_for
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.secrets import name_warnings, secret_lines
from chat_tui.core.attachments.signatures import MEDIA_TYPES
from chat_tui.core.figures import data_size
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.models import ModelCard
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text

_FORMATS = {kind: format_ for format_, kind in MEDIA_TYPES.items()} | {"image/heif": "HEIC"}


class Objection(NamedTuple):
    """Something to say before sending; nothing here forbids it."""

    kind: Literal["no-vision", "too-many", "too-large", "format", "secret"]
    words: str
    """A sentence, clean."""
    hint: str = ""
    sha256: str = ""
    """Of the document of which it tells; empty where it is about pictures."""


def objections(
    prompt: Prompt,
    cards: Sequence[ModelCard],
    sizes: Mapping[str, int] = MappingProxyType({}),
) -> list[Objection]:
    """What speaks against sending a prompt.

    A model that sees no pictures (only where that is known), more pictures, larger or other ones
    than its provider takes, something in a document that looks like a key.

    Args:
        prompt: what is to be sent.
        cards: of the models that it goes to.
        sizes: the bytes of stored pictures by their hash, as far as they are known.
    """
    found: list[Objection] = []
    pictures = [part for part in prompt.attached if isinstance(part, ImagePart)]
    if pictures:
        found += _blind(cards)
        seen = [card for card in cards if card.can("vision") is not False]
        limits = dict.fromkeys(limits_for(Target(card.provider, card.model)) for card in seen)
        for each in limits:
            if each.who:
                found += _beyond(each, pictures, sizes)
    for part in prompt.attached:
        if isinstance(part, FilePart):
            found += _secrets(part)
    return found


def blind_to_earlier(cards: Sequence[ModelCard]) -> list[Objection]:
    """What speaks against a prompt that follows pictures, where models are known to see none.

    Args:
        cards: of the models that are told of the pictures of the prompts before.
    """
    return [
        each._replace(
            words=f"{each.words} {text('objection.earlier')}",
            hint=text("objection.earlier-hint"),
        )
        for each in _blind(cards)
    ]


def _blind(cards: Sequence[ModelCard]) -> Iterator[Objection]:
    names = [_name(card) for card in cards if card.can("vision") is False]
    if names:
        told = f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
        key = "objection.no-vision" if len(names) == 1 else "objection.none-has-vision"
        yield Objection("no-vision", text(key, model=told), text("objection.no-vision-hint"))


def _beyond(
    limits: PictureLimits, pictures: Sequence[ImagePart], sizes: Mapping[str, int]
) -> Iterator[Objection]:
    """What of the pictures a provider is known not to take."""
    who, smaller = limits.who, text("objection.smaller-hint")
    if len(pictures) > limits.pictures:
        count, most = f"{len(pictures):,}", f"{limits.pictures:,}"
        words = text("objection.too-many", who=who, count=count, most=most)
        yield Objection("too-many", words, text("objection.fewer-hint"))
    stored = [part for part in pictures if not part.url]
    widest = max((max(part.width, part.height) for part in stored), default=0)
    if limits.many and len(pictures) > limits.many and limits.side_of_many < widest <= limits.side:
        amounts = {"count": f"{limits.many:,}", "most": f"{limits.side_of_many:,}"}
        words = text("objection.too-wide-together", who=who, **amounts)
        yield Objection("too-large", words, text("objection.fewer-hint"))
    for part in stored:
        name, size = _called(part), sizes.get(part.sha256, 0)
        if size > limits.bytes:
            amounts = {"size": data_size(size), "most": data_size(limits.bytes)}
            words = text("objection.too-heavy", name=name, who=who, **amounts)
            yield Objection("too-large", words, smaller)
        elif max(part.width, part.height) > limits.side:
            measures = {"width": f"{part.width:,}", "height": f"{part.height:,}"}
            most = f"{limits.side:,}"
            words = text("objection.too-wide", name=name, who=who, most=most, **measures)
            yield Objection("too-large", words, smaller)
        format_ = _FORMATS.get(part.media_type, "")
        if format_ and format_ not in limits.formats:
            takes = ", ".join(sorted(limits.formats))
            words = text("objection.format", name=name, format=format_, who=who, takes=takes)
            yield Objection("format", words, text("objection.format-hint"))
    total = sum(sizes.get(part.sha256, 0) for part in stored)
    if limits.total and len(stored) > 1 and total > limits.total:
        amounts = {"size": data_size(total), "most": data_size(limits.total)}
        words = text("objection.too-heavy-together", who=who, **amounts)
        yield Objection("too-large", words, smaller)


def _secrets(part: FilePart) -> Iterator[Objection]:
    sentences, lines = list(name_warnings(part.name)), secret_lines(part.name, part.text)
    if lines:
        key = "objection.secret-line" if len(lines) == 1 else "objection.secret-lines"
        sentences.append(text(key, count=f"{len(lines):,}", first=f"{lines[0]:,}"))
    if sentences:
        name = clean_line(part.name, code=True)
        words = text("objection.secret", name=name, sentence=" ".join(sentences))
        yield Objection("secret", words, text("objection.secret-hint"), part.sha256)


def _name(card: ModelCard) -> str:
    return clean_line(card.name or card.model, code=True)


def _called(part: ImagePart) -> str:
    return clean_line(part.name, code=True) or text("markdown.image")
