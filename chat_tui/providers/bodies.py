"""The body of a request as bytes, in pieces: nothing looks at large pictures as a whole.

Twenty megabytes of a picture are 27 of Base64. To escape those as JSON, to join and to encrypt
several of them at once keeps everything else waiting for a second; so they are left out of the
JSON and put between its pieces, and go out in slices.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from secrets import token_hex
from types import MappingProxyType
from typing import NamedTuple

from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ImagePart
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Quirks
from chat_tui.providers.wire import Body, Encoded, encode_request, picture_of, pictures

ImageLoader = Callable[[str], Awaitable[bytes | None]]
"""Gives the bytes of a stored picture for its hash; None where they are not there any more."""

_SLICE = 128 * 1024
"""Bytes that go out at once."""

_MUCH = 1_000_000
"""Characters of text from which on a body is made in a thread: documents may have millions."""

_THIRD = 3 * 512 * 1024
"""Bytes that become Base64 at once; three of them become four characters."""


@dataclass(frozen=True, slots=True)
class Content:
    """A body as it goes out: JSON, and pictures between its pieces."""

    json: tuple[bytes, ...]
    pictures: tuple[bytes, ...] = ()
    """Each follows the piece of JSON at its place, which there is one more of."""

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return sum(map(len, self.json)) + sum(map(len, self.pictures))

    @property
    def whole(self) -> bytes | None:
        """All of it where there are no pictures."""
        return self.json[0] if not self.pictures else None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._slices()

    async def _slices(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            for start in range(0, len(piece), _SLICE):
                yield piece[start : start + _SLICE]

    def text(self, hide: Callable[[str], str]) -> str:
        """All of it as text; for a thread, where there are pictures.

        Args:
            hide: takes secrets out of the JSON.
        """
        following = iter(self.pictures)
        texts: list[str] = []
        for piece in self.json:
            texts += (hide(piece.decode(errors="replace")), next(following, b"").decode("ascii"))
        return "".join(texts)

    def _pieces(self) -> Iterator[bytes]:
        following = iter(self.pictures)
        for piece in self.json:
            yield piece
            yield next(following, b"")


class Made(NamedTuple):
    """A request that is ready to go."""

    encoded: Encoded
    """Without the messages where it has pictures: they are in the content alone."""
    content: Content
    shown: str = ""
    """The same as text, for the raw view."""
    sizes: Mapping[str, int] = MappingProxyType({})
    """The bytes of its stored pictures by their hash."""


class BodyMaker:
    """Makes the bodies of requests; those with pictures or long documents in a thread.

    Args:
        load_image: gives the bytes of stored pictures; None where there are none.
        quirks: what the server wants.
        hide: takes secrets out of what the raw view shows; None where nothing shows it.
    """

    def __init__(
        self,
        load_image: ImageLoader | None,
        quirks: Quirks,
        hide: Callable[[str], str] | None,
    ) -> None:
        self._load_image = load_image
        self._quirks = quirks
        self._hide = hide

    async def make(self, request: ChatRequest, learnt: Learnt) -> Made:
        """Build a request; see `wire.encode_request`.

        Raises:
            UsageError: a parameter cannot be sent, or a picture's bytes are missing.
            StorageError: the pictures cannot be read.
        """
        images: dict[str, bytes] = {}
        if self._load_image is not None:
            for hash_ in pictures(request):
                if (content := await self._load_image(hash_)) is not None:
                    images[hash_] = content
        if not images and _is_small(request):
            return self._make(request, images, learnt)
        return await asyncio.to_thread(self._make, request, images, learnt)

    def _make(self, request: ChatRequest, images: Mapping[str, bytes], learnt: Learnt) -> Made:
        if images:
            marks = _Marks(images)
            encoded = encode_request(request, images, self._quirks, learnt, address=marks.of)
            content = marks.content(encode_body(encoded.body))
            body = {name: value for name, value in encoded.body.items() if name != "messages"}
            encoded = replace(encoded, body=body)
        else:
            encoded = encode_request(request, images, self._quirks, learnt)
            content = Content((encode_body(encoded.body),))
        shown = "" if self._hide is None else content.text(self._hide)
        sizes = {hash_: len(picture) for hash_, picture in images.items()}
        return Made(encoded, content, shown, sizes)


def _is_small(request: ChatRequest) -> bool:
    """Whether a request without pictures is made in no time."""
    parts = (part for message in request.messages for part in message.parts)
    return sum(len(part.text) for part in parts if not isinstance(part, ImagePart)) < _MUCH


class _Marks:
    """Words that stand for pictures in JSON until that is written; nobody can have guessed them."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        self._images = images
        self._name = f"picture:{token_hex(16)}"
        self._parts: list[ImagePart] = []

    def of(self, part: ImagePart) -> str:
        """The word for a picture."""
        picture_of(part, self._images)
        self._parts.append(part)
        return self._name

    def content(self, written: bytes) -> Content:
        """The JSON with the pictures in the places of their words, which stand in their order."""
        pieces = written.split(self._name.encode())
        # Where other messages were put into their place (`extra`), there are none.
        parts, known = self._parts[: len(pieces) - 1], dict[tuple[str, str], bytes]()
        for part in parts:
            if (key := (part.sha256, part.media_type)) not in known:
                known[key] = _data_url(part, self._images)
        urls = (known[part.sha256, part.media_type] for part in parts)
        return Content(tuple(pieces), tuple(urls))


def _data_url(part: ImagePart, images: Mapping[str, bytes]) -> bytes:
    picture = picture_of(part, images)
    view = memoryview(picture.content)
    slices = (b64encode(view[at : at + _THIRD]) for at in range(0, len(view), _THIRD))
    return b"".join((picture.head.encode("ascii"), *slices))


def encode_body(body: Body) -> bytes:
    """The JSON of a body. Lone surrogates, which UTF-8 cannot hold, become question marks."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
