"""Pictures on the wire: as they are stored, in their places, and made once."""

import asyncio
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.errors import UsageError
from chat_tui.core.exchanges import ExchangeLog
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Quirks, Target
from chat_tui.providers.bodies import BodyMaker, Content, Made, encode_body
from chat_tui.providers.keys import Key
from chat_tui.providers.wire import encode_request
from tests.providers.helpers import connected, gather
from tests.servers import LoopbackServer, Reply
from tests.ui.pictures import picture_bytes

PICTURES = {
    f"{kind}-hash": (picture_bytes(9, 7, format_=kind.upper()), f"image/{kind}")
    for kind in ("png", "jpeg", "gif", "webp")
}
"""Hash → content and media type."""

OK = Reply([b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'])


class Shelf:
    """Gives pictures, and counts how often it was asked."""

    def __init__(self, **more: bytes) -> None:
        self.contents = {hash_: content for hash_, (content, _) in PICTURES.items()} | more
        self.asked: list[str] = []

    async def load(self, hash_: str) -> bytes | None:
        self.asked.append(hash_)
        return self.contents.get(hash_)


def part(hash_: str, **more: Any) -> ImagePart:
    return ImagePart(hash_, media_type=PICTURES[hash_][1], name=f"{hash_}.x", **more)


def asked(*messages: ChatMessage, **parameters: Any) -> ChatRequest:
    return ChatRequest(Target("test", "m", parameters), messages)


def user(*parts: Any) -> ChatMessage:
    return ChatMessage("1", "user", parts)


async def joined(content: Content) -> bytes:
    return b"".join([piece async for piece in content])


async def made(request: ChatRequest, shelf: Shelf, quirks: Quirks | None = None) -> Made:
    maker = BodyMaker(shelf.load, quirks or Quirks(), lambda text: text.replace("secret", "*"))
    return await maker.make(request, Learnt())


async def test_server_gets_each_picture_as_it_is_stored_in_its_place() -> None:
    parts = (
        TextPart("Compare:"),
        part("png-hash", detail="low"),
        FilePart("f", "notes.txt", text="words"),
        part("jpeg-hash", detail="high"),
        ImagePart(url="https://a.example/x.png", detail="low"),
        part("gif-hash"),
        part("webp-hash"),
    )
    shelf = Shelf()
    async with (
        LoopbackServer([OK]) as server,
        connected(server.base_url, load_image=shelf.load) as client,
    ):
        await gather(client, asked(user(*parts)))
    (got,) = server.requests
    content = got.json["messages"][0]["content"]

    assert got.headers["content-length"] == str(len(got.body))
    assert "transfer-encoding" not in got.headers
    assert [each["type"] for each in content] == [
        *("text", "image_url", "text", "image_url", "image_url", "image_url", "image_url")
    ]
    assert content[2]["text"] == "File notes.txt:\n\n```\nwords\n```"
    assert content[4]["image_url"] == {"url": "https://a.example/x.png", "detail": "low"}
    assert [each.get("image_url", {}).get("detail") for each in content] == [
        *(None, "low", None, "high", "low", None, None)
    ]
    for at, hash_ in ((1, "png-hash"), (3, "jpeg-hash"), (5, "gif-hash"), (6, "webp-hash")):
        head, _, data = content[at]["image_url"]["url"].partition(",")
        assert head == f"data:{PICTURES[hash_][1]};base64"
        assert b64decode(data, validate=True) == PICTURES[hash_][0]


_TEXTS = st.text('aé你\\"\n\ud83d😀{}picture:0123456789abcdef', max_size=30)
_PARTS = st.one_of(
    st.builds(TextPart, _TEXTS),
    st.sampled_from([part(hash_) for hash_ in PICTURES]),
    st.builds(ImagePart, url=st.just("https://a.example/x")),
    st.builds(FilePart, st.just("f"), _TEXTS, text=_TEXTS),
)


@given(
    st.lists(st.lists(_PARTS, max_size=4), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["user", "assistant", "system"]),
)
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
def test_content_in_pieces_is_the_same_json(
    lists: list[list[Any]], merged: bool, role: Any
) -> None:
    roles = ["user", role, "user", "user"]
    messages = [replace(user(*lists[at]), role=roles[at]) for at in range(len(lists))]
    request, quirks = asked(*messages, temperature=0.5), Quirks(alternate=merged)
    images = {hash_: content for hash_, (content, _) in PICTURES.items()}
    whole = encode_body(encode_request(request, images, quirks).body)
    shelf = Shelf()

    async def check() -> None:
        got = await made(request, shelf, quirks)
        assert await joined(got.content) == whole
        assert got.content.size == len(whole)
        assert got.shown == whole.decode(errors="replace").replace("secret", "*")

    asyncio.run(check())


async def test_pictures_are_encoded_once_for_all_attempts() -> None:
    shelf, failures = Shelf(), [Reply([b"{}"], 503), Reply([b"{}"], 503), OK]
    log = ExchangeLog()
    request = replace(asked(user(part("png-hash"), part("png-hash"))), reply="r")
    async with (
        LoopbackServer(failures) as server,
        connected(server.base_url, load_image=shelf.load, log=log) as client,
    ):
        await gather(client, request)

    assert shelf.asked == ["png-hash"]
    assert len({got.body for got in server.requests}) == 1
    assert len(server.requests) == 3
    assert [record.body.encode() for record in log.of("r")] == [server.requests[0].body] * 3


async def test_a_field_that_is_refused_is_left_out_with_the_pictures_in_their_places() -> None:
    refusal = json.dumps({"error": {"message": "Unsupported: stream_options", "param": "x"}})
    shelf = Shelf()
    async with (
        LoopbackServer([Reply([refusal.encode()], 400), OK]) as server,
        connected(server.base_url, load_image=shelf.load) as client,
    ):
        await gather(client, asked(user(part("png-hash"))))
    first, second = (got.json for got in server.requests)

    assert first.pop("stream_options")
    assert first == second


async def test_a_picture_that_is_gone_is_named_and_nothing_is_sent() -> None:
    shelf = Shelf()
    del shelf.contents["png-hash"]
    async with (
        LoopbackServer([OK]) as server,
        connected(server.base_url, load_image=shelf.load) as client,
    ):
        with pytest.raises(UsageError, match=r"png-hash\.x is not there any more") as caught:
            await gather(client, asked(user(part("jpeg-hash"), part("png-hash"))))
        assert not server.requests
    assert "Attach it again" in caught.value.hint


async def test_a_key_is_hidden_where_a_body_is_shown_with_its_pictures() -> None:
    log, shelf = ExchangeLog(), Shelf()
    request = replace(asked(user(TextPart("my sk-abcdefghijkl"), part("gif-hash"))), reply="r")
    async with (
        LoopbackServer([OK]) as server,
        connected(
            server.base_url, key=Key("sk-abcdefghijkl", "K"), load_image=shelf.load, log=log
        ) as client,
    ):
        await gather(client, request)
    (record,) = log.of("r")

    assert "sk-abcdefghijkl" not in record.body
    shown = json.loads(record.body)["messages"][0]["content"]
    assert shown[1] == server.requests[0].json["messages"][0]["content"][1]


async def test_odd_media_types_and_messages_of_ones_own_do_no_harm() -> None:
    strange = replace(part("png-hash"), media_type='image/"x"')
    got = json.loads(await joined((await made(asked(user(strange)), Shelf())).content))
    url = got["messages"][0]["content"][0]["image_url"]["url"]
    assert url == f"data:image/png;base64,{b64encode(PICTURES['png-hash'][0]).decode()}"

    wrong = replace(part("webp-hash"), media_type="image/png")  # as an import may have it
    got = json.loads(await joined((await made(asked(user(wrong)), Shelf())).content))
    url = got["messages"][0]["content"][0]["image_url"]["url"]
    assert url.startswith("data:image/webp;base64,")

    own = asked(user(strange), extra={"messages": [{"role": "user", "content": "mine"}]})
    assert json.loads(await joined((await made(own, Shelf())).content))["messages"] == [
        {"role": "user", "content": "mine"}
    ]


async def test_large_pictures_go_out_in_slices_and_small_bodies_whole() -> None:
    shelf = Shelf(big=bytes(range(256)) * 8_192)
    content = (await made(asked(user(ImagePart("big", media_type="image/png"))), shelf)).content
    slices = [piece async for piece in content]

    assert max(map(len, slices)) <= 128 * 1024
    assert content.whole is None
    url = json.loads(b"".join(slices))["messages"][0]["content"][0]["image_url"]["url"]
    assert b64decode(url.partition(",")[2]) == shelf.contents["big"]
    plain = (await made(asked(ChatMessage("1", "user", text_parts("hi"))), shelf)).content
    assert plain.whole == await joined(plain)
