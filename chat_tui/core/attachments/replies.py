"""Pictures that come with replies: stored like those of prompts, and named by the message."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chat_tui.core.attachments.signatures import picture_facts
from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.extras import STORED, address_of, images_of, with_address, written_in
from chat_tui.core.links import checked_link
from chat_tui.core.messages import ChatMessage, ImagePart
from chat_tui.core.ports import ConversationStore

MOST_PICTURES = 16
"""Of one reply that are taken; further ones stay facts."""

MOST_BYTES = 32_000_000
"""Of one picture."""

_SLICE = 4_000_000
"""Characters of Base64, four at a time."""

_ENDINGS = {"image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class _Taken:
    """A picture that was read."""

    part: ImagePart
    attachment: Attachment | None
    """None for an address."""
    entry: Any
    """What stands in its place among the fields of the reply."""


class Gathered(NamedTuple):
    """What became of the pictures of one message."""

    message: ChatMessage
    attachments: Sequence[Attachment]


async def keep_pictures(
    store: ConversationStore, messages: Sequence[ChatMessage]
) -> list[ChatMessage]:
    """Store the pictures that came with replies, and have the messages name them.

    What is no picture, is too large or cannot be stored stays a field of the reply. An address is
    named and never asked for.

    Args:
        store: of their conversation; the bytes are there before the messages are.
        messages: as they ended.
    """
    if not any(map(images_of, messages)):
        return list(messages)
    gathered = await asyncio.to_thread(lambda: [_gather(message) for message in messages])
    attachments = [each for one in gathered for each in one.attachments]
    try:
        if attachments:
            await store.save_attachments(attachments)
    except StorageError:
        return list(messages)  # whoever stores the messages tells what is wrong
    return [each.message for each in gathered]


async def with_bytes(store: ConversationStore, message: ChatMessage) -> ChatMessage:
    """A message whose pictures stand among the fields of the reply again, as they came.

    Raises:
        StorageError: they cannot be read.
    """
    images = images_of(message)
    # Whatever else a reply says: only its own pictures are read.
    named = {part.sha256 for part in message.parts if isinstance(part, ImagePart)}
    found: dict[str, Attachment] = {}
    for hash_ in filter(named.__contains__, map(_hash_in, images)):
        if (attachment := await store.attachment(hash_)) is not None:
            found[hash_] = attachment
    if not found:
        return message
    entries = await asyncio.to_thread(lambda: [_filled(image, found) for image in images])
    return replace(message, raw={**message.raw, "images": entries})


def _gather(message: ChatMessage) -> Gathered:
    """Read the pictures of a message. It decodes much: for a thread."""
    images, taken = images_of(message), list[_Taken]()
    known = {part.url or part.sha256 for part in message.parts if isinstance(part, ImagePart)}
    entries = list[Any]()
    for image in images:
        one = _take(image, len(known) + 1) if len(taken) < MOST_PICTURES else None
        entries.append(image if one is None else one.entry)
        if one is not None and (name := one.part.url or one.part.sha256) not in known:
            known.add(name)
            taken.append(one)
    if not taken:
        return Gathered(message, ())
    parts = (*message.parts, *(one.part for one in taken))
    raw: Mapping[str, Any] = {**message.raw, "images": entries}
    attachments = [one.attachment for one in taken if one.attachment is not None]
    return Gathered(replace(message, parts=parts, raw=raw), attachments)


def _take(image: Any, number: int) -> _Taken | None:
    """Read a picture; None where it is none that is known."""
    address = address_of(image)
    if address and not address.startswith("data:"):
        return _Taken(ImagePart(url=address), None, image) if _is_web(address) else None
    content = _content(address.partition(",")[2] or written_in(image))
    facts = picture_facts(content) if content else None
    if facts is None or not facts.width or not facts.height:
        return None
    kind = facts.media_type
    attachment = attachment_of(content, kind)
    name = f"picture-{number}.{_ENDINGS.get(kind) or kind.rpartition('/')[2]}"
    part = ImagePart(attachment.sha256, "", kind, name, width=facts.width, height=facts.height)
    return _Taken(part, attachment, with_address(image, STORED + attachment.sha256))


def _is_web(address: str) -> bool:
    """Whether an address may be shown as one to open; nobody asks for it here."""
    try:
        checked_link(address)
    except UsageError:
        return False
    return not address.lower().startswith("mailto:")


def _content(written: str) -> bytes:
    """The bytes of a Base64 text; none where it is too long, or not Base64.

    It is read in slices: one call for all of it would keep the app waiting.
    """
    if len(written) > MOST_BYTES // 3 * 4 + 4:
        return b""
    text = "".join(written.split())
    text += "=" * (-len(text) % 4)
    with suppress(ValueError):
        slices = (text[at : at + _SLICE] for at in range(0, len(text), _SLICE))
        return b"".join(b64decode(each, validate=True) for each in slices)
    return b""


def _hash_in(image: Any) -> str:
    """The hash of the stored picture that an entry stands for; empty where it is none."""
    address = address_of(image) or written_in(image)
    return address.removeprefix(STORED) if address.startswith(STORED) else ""


def _filled(image: Any, found: Mapping[str, Attachment]) -> Any:
    """An entry with the bytes that it stands for."""
    if (attachment := found.get(_hash_in(image))) is None:
        return image
    written = b64encode(attachment.content).decode()
    if not address_of(image):
        return {**image, "b64_json": written}
    return with_address(image, f"data:{attachment.media_type};base64,{written}")
