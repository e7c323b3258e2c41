"""Prompts with pictures and documents on their way from the input to the request."""

import pytest

from chat_tui.core.attachments.prompts import Prompt, prompt_in, prompt_of
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart, ImagePart, TextPart
from tests.core.side_by_side.table import Table, run
from tests.core.windows import Window, collect, talk
from tests.fakes import answer

CAT = ImagePart("c" * 64, media_type="image/png", name="cat.png", width=4, height=3)
DOG = ImagePart(url="https://a.example/dog.png")
NOTES = FilePart("d" * 64, "notes.md", "text/markdown", "one\ntwo", "markdown")


def test_words_alone_are_a_prompt_and_blank_ones_go_with_nothing() -> None:
    assert prompt_of("hi") == Prompt("hi")
    assert prompt_of(Prompt("", (CAT,))).parts == (CAT,)
    assert Prompt(" \n", (CAT, NOTES)).parts == (CAT, NOTES)
    assert Prompt("see", (NOTES, CAT)).parts == (TextPart("see"), NOTES, CAT)
    assert [bool(each) for each in (Prompt(), Prompt(" "), Prompt("", (CAT,)))] == [0, 0, 1]


async def test_what_is_attached_is_stored_and_sent_after_the_words_in_its_order() -> None:
    window = Window(answer("a cat"))
    await collect(window.manager.send(window.chat, Prompt("Who?", (NOTES, CAT, DOG))))

    (stored,) = window.stored("user")
    assert stored.parts == (TextPart("Who?"), NOTES, CAT, DOG)
    assert prompt_in(stored) == Prompt("Who?", (NOTES, CAT, DOG))
    assert window.client.requests[0].messages[-1].parts == stored.parts
    assert window.chat.conversation.title == "Who?"


async def test_a_picture_alone_is_a_prompt_and_nothing_is_none() -> None:
    window = Window(answer("a cat"))
    for nothing in (Prompt(), Prompt(" \n"), ""):
        with pytest.raises(UsageError):
            await collect(window.manager.send(window.chat, nothing))
    assert not window.store.saved

    await collect(window.manager.send(window.chat, Prompt(attached=(CAT,))))
    assert window.client.requests[0].messages[-1].parts == (CAT,)
    assert window.chat.conversation.title == "cat.png"


async def test_another_version_keeps_what_is_attached_unless_it_says_what_is() -> None:
    window = await talk()
    await collect(window.manager.send(window.chat, Prompt("Who?", (CAT, NOTES))))
    first = window.path[0]

    await window.edit(first, "What?")
    await collect(window.manager.edit(window.chat, first, Prompt("Where?", (DOG,))))
    await collect(window.manager.edit(window.chat, first, Prompt("When?")))

    sent = [request.messages[-1].parts for request in window.client.requests[1:]]
    assert sent == [
        (TextPart("What?"), CAT, NOTES),
        (TextPart("Where?"), DOG),
        (TextPart("When?"),),
    ]


async def test_models_side_by_side_get_what_is_attached_alike() -> None:
    table = Table(2)
    await table.sit("own")
    await run(table.sides.send(table.chat, Prompt("Who?", (CAT,))))
    await run(table.sides.send(table.chat, "And now?"))
    first = table.chat.tree.path()[0]
    await run(table.sides.edit(table.chat, first, "What?"))
    await run(table.sides.edit(table.chat, first, Prompt("", (NOTES,))))

    for slot in (0, 1):
        sent = [each.messages[-1].parts for each in table.clients[f"p{slot}"].requests]
        assert sent == [
            (TextPart("Who?"), CAT),
            (TextPart("And now?"),),
            (TextPart("What?"), CAT),
            (NOTES,),
        ]
