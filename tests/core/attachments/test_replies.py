"""Pictures in replies become attachments, whatever way the reply ends."""

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest

from chat_tui.core.attachments.replies import MOST_PICTURES, keep_pictures, with_bytes
from chat_tui.core.attachments.values import Attachment, attachment_of
from chat_tui.core.errors import StorageError
from chat_tui.core.events import ExtrasDelta, ReplyFinished, TextDelta
from chat_tui.core.extras import pictures_of
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart, text_parts
from chat_tui.providers.demo.drawing import HEIGHT, WIDTH, draw
from tests.core.windows import Window, collect, reply_of
from tests.fakes import MemoryStore, Step, answer, eventually

PNG = draw("a")
HASH = attachment_of(PNG, "image/png").sha256
PART = ImagePart(HASH, "", "image/png", "picture-1.png", width=WIDTH, height=HEIGHT)


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


def entry(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}, **more}


def message(*images: Any, text: str = "See:") -> ChatMessage:
    return ChatMessage("1", "assistant", text_parts(text), raw={"images": [*images], "x": 1})


async def test_a_picture_becomes_a_part_and_its_bytes_an_attachment() -> None:
    store, came = MemoryStore(), message(entry(data_url(PNG), index=0))
    (kept,) = await keep_pictures(store, [came])

    assert kept.parts == (TextPart("See:"), PART)
    assert store.attachments == {HASH: attachment_of(PNG, "image/png")}
    assert kept.raw == {"images": [entry(f"attachment:{HASH}", index=0)], "x": 1}
    assert not pictures_of(kept)
    assert await with_bytes(store, kept) == ChatMessage("1", "assistant", kept.parts, raw=came.raw)


async def test_all_the_shapes_in_which_servers_send_them_are_read() -> None:
    plain = b64encode(PNG).decode()
    others = [draw(str(at)) for at in range(3)]
    came = message(
        {"b64_json": plain},
        {"url": data_url(others[0], "application/octet-stream")},
        {"image_url": data_url(others[1])},
        data_url(others[2]).replace(";base64,", ";base64,\n"),
        entry("https://a.example/x.png"),
    )
    store = MemoryStore()
    (kept,) = await keep_pictures(store, [came])

    named = [part for part in kept.parts if isinstance(part, ImagePart)]
    assert {each.content for each in store.attachments.values()} == {PNG, *others}
    assert [part.name for part in named[:4]] == [f"picture-{at}.png" for at in (1, 2, 3, 4)]
    assert {part.media_type for part in named[:4]} == {"image/png"}
    assert named[4] == ImagePart(url="https://a.example/x.png")
    assert not pictures_of(kept)
    whole = (await with_bytes(store, kept)).raw["images"]
    assert (whole[0], whole[2], whole[4]) == (
        came.raw["images"][0],
        came.raw["images"][2],
        came.raw["images"][4],
    )


async def test_what_is_no_picture_stays_what_it_is() -> None:
    odd = [
        entry(data_url(b"<html>")),
        entry("data:image/png;base64,%%%"),
        entry("javascript:alert(1)"),
        entry("https://user@a.example/x.png"),
        entry(f"attachment:{'0' * 64}"),
        {"b64_json": 3},
        {"b64_json": f"attachment:{'0' * 64}"},
        {},
        "nonsense",
        None,
        entry(data_url(PNG[:20])),
    ]
    store, came = MemoryStore(), message(*odd)

    assert await keep_pictures(store, [came]) == [came]
    assert not store.attachments
    assert await with_bytes(store, came) == came


async def test_one_picture_twice_is_one_and_more_than_a_few_are_left() -> None:
    store = MemoryStore()
    (kept,) = await keep_pictures(store, [message(entry(data_url(PNG)), entry(data_url(PNG)))])
    assert kept.parts == (TextPart("See:"), PART)
    assert not pictures_of(kept)

    many = [entry(f"https://a.example/{at}.png") for at in range(MOST_PICTURES + 2)]
    (kept,) = await keep_pictures(store, [message(*many)])
    assert len(kept.parts) == 1 + MOST_PICTURES
    assert len(pictures_of(kept)) == 2


async def test_what_cannot_be_stored_stays_with_the_reply() -> None:
    store, came = MemoryStore(), message(entry(data_url(PNG)))
    store.failure = StorageError("The disk is full.")

    assert await keep_pictures(store, [came]) == [came]


def sent(finished: bool) -> list[Step]:
    images = (entry(data_url(PNG)),)
    steps: list[Step] = [TextDelta("See:"), ExtrasDelta(images=images)]
    if finished:
        steps.append(ReplyFinished("stop", raw={"images": [*images]}))
    return steps


async def test_a_turn_ends_with_its_pictures_stored_before_the_reply() -> None:
    for finished in (True, False):
        window = Window(sent(finished), answer("more"))
        reply = reply_of(await collect(window.manager.send(window.chat, "draw")))

        assert reply.status == ("complete" if finished else "interrupted")
        assert reply.parts == (TextPart("See:"), PART)
        assert window.stored()[-1] == reply
        assert await window.chat.messages([reply.id]) == [reply]
        assert HASH in window.store.attachments

        # They are not sent back: words stand for them.
        await window.send("and?")
        told = window.client.requests[-1].messages[-2]
        assert told.role == "assistant"
        assert told.text == "See:\n\n[picture: picture-1.png]"


class SlowStore(MemoryStore):
    """Takes its time with attachments."""

    def __init__(self) -> None:
        super().__init__()
        self.storing = asyncio.Event()

    async def save_attachments(self, attachments: Sequence[Attachment]) -> None:
        """It never ends."""
        self.storing.set()
        await asyncio.Event().wait()


async def test_what_came_is_stored_if_the_app_ends_while_its_pictures_are_kept() -> None:
    for already in (False, True):
        script = [*sent(finished=False), asyncio.Event()] if already else sent(finished=True)
        store = SlowStore()
        window = Window(script, store=store)
        turn = asyncio.ensure_future(window.send("draw"))
        if already:
            await eventually(window.client.waiting.is_set)
            turn.cancel()
        await eventually(store.storing.is_set)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn

        reply = window.stored()[-1]
        assert reply.status == ("stopped" if already else "complete")
        assert reply.text == "See:"
        assert [each.media_type for each in pictures_of(reply)] == ["image/png"]


async def test_pictures_of_a_temporary_conversation_go_to_its_own_store() -> None:
    window = Window(sent(finished=True))
    window.chat = window.manager.start(window.chat.target, temporary=True)
    await window.send("draw")

    assert HASH in window.memory.attachments
    assert not window.store.attachments


async def test_a_reply_that_is_gone_on_with_keeps_its_pictures() -> None:
    window = Window(sent(finished=False), answer(" more"))
    cut = reply_of(await window.send("draw"))
    events = await collect(window.manager.continue_reply(window.chat, cut.id))

    assert reply_of(events).parts == (TextPart("See: more"), PART)


async def test_each_of_n_answers_has_its_own_pictures() -> None:
    other = draw("b")
    script: list[Step] = [
        TextDelta("one"),
        TextDelta("two", 1),
        ReplyFinished("stop", raw={"images": [entry(data_url(PNG))]}),
        ReplyFinished("stop", 1, raw={"images": [entry(data_url(other))]}),
    ]
    window = Window(script)
    await window.send("draw")

    first, second = sorted(window.stored(), key=lambda each: each.choice)
    assert first.parts == (TextPart("one"), PART)
    assert isinstance(second.parts[1], ImagePart)
    assert second.parts[1].sha256 == attachment_of(other, "image/png").sha256
    assert len(window.store.attachments) == 2
