"""Answers made anew, and several answers to one request, are siblings."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.events import (
    TextDelta,
    TurnStarted,
)
from chat_tui.core.targets import Target
from tests.core.windows import Window, reply_of
from tests.fakes import (
    TARGET,
    answer,
)


async def test_regenerated_answer_is_a_sibling_and_the_earlier_one_stays() -> None:
    window = Window(answer("first"), answer("second"))
    first = reply_of(await window.send("Hi?"))

    events = await window.regenerate(first.id)

    second = reply_of(events)
    assert isinstance(events[0], TurnStarted)
    assert events[0].prompt is None
    assert window.chat.tree.siblings(first.id) == (first.id, second.id)
    assert window.chat.tree.head == window.store.conversations[window.chat.id].head == second.id
    assert window.stored() == [first, second]
    assert len(window.stored("user")) == 1
    assert second.turn == first.turn
    one, two = window.client.requests
    assert one.messages == two.messages


async def test_regenerate_with_another_model_leaves_the_conversation_its_own() -> None:
    window = Window(answer("first"), answer("second"))
    first = reply_of(await window.send("Hi?"))

    second = reply_of(await window.regenerate(first.id, target=Target("fake", "other")))

    assert (second.model, window.chat.target) == ("other", TARGET)
    assert window.client.requests[1].target.model == "other"


async def test_regenerate_in_the_middle_sends_only_what_came_before() -> None:
    window = Window(answer("first"), answer("second"), answer("again"))
    first = reply_of(await window.send("one"))
    await window.send("two")

    again = reply_of(await window.regenerate(first.id))

    assert [message.text for message in window.client.requests[2].messages] == ["one"]
    assert window.chat.tree.path() == [first.parent, again.id]
    assert len(window.store.saved) == 5


async def test_prompt_without_an_answer_can_be_answered() -> None:
    window = Window(answer("first"), answer("second"))
    prompt = reply_of(await window.send("Hi?")).parent
    assert prompt is not None

    second = reply_of(await window.regenerate(prompt))

    assert (second.parent, second.text) == (prompt, "second")


async def test_regenerate_of_what_is_not_there_leaves_the_conversation_free() -> None:
    window = Window(answer("first"))
    await window.send("Hi?")

    with pytest.raises(UsageError):
        await window.regenerate("nothing")

    assert not window.chat.streaming
    assert len(window.store.saved) == 2


async def test_further_choices_become_siblings() -> None:
    window = Window([TextDelta("a", 0), TextDelta("b", 1), *answer(), *answer(choice=1)])

    events = await window.send("Hi?")

    first, second = window.stored()
    assert reply_of(events) == first
    assert (first.text, first.choice, second.text, second.choice) == ("a", 0, "b", 1)
    assert window.chat.tree.siblings(first.id) == (first.id, second.id)
    assert window.chat.tree.head == first.id
    assert window.store.conversations[window.chat.id].head == first.id
