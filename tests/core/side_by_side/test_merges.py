"""Merged answers: made through the one stream loop, stored as siblings, and made again."""

import asyncio
from dataclasses import replace

import pytest

from chat_tui.core.conversation import ConversationTree, node_of
from chat_tui.core.errors import PlanRefusedError, ServerError, UsageError
from chat_tui.core.events import TextDelta, TurnStarted
from chat_tui.core.messages import ChatMessage, ImagePart, NoticeInfo, Role, TextPart, text_parts
from chat_tui.core.side_by_side.board import MERGED, Board
from chat_tui.core.side_by_side.merging import Recipe
from chat_tui.core.targets import Prices, Target
from tests.core.planned import ONE, TWO, PlannedWindow, said
from tests.core.windows import OTHER, collect, reply_of
from tests.fakes import TARGET, Step, answer, eventually


def message(
    id_: str,
    role: Role,
    text: str,
    parent: str | None,
    turn: str,
    *,
    model: str = "",
    slot: int = 0,
) -> ChatMessage:
    parts = text_parts(text)
    return ChatMessage(id_, role, parts, parent, turn, model=model, provider="fake", slot=slot)


async def compared(
    *scripts: list[Step], windows: dict[str, int] | None = None, own: bool = False
) -> PlannedWindow:
    """A window with a prompt that two models answered side by side; the first one is chosen.

    Args:
        scripts: of what is asked then.
        windows: as of `PlannedWindow`.
        own: each model has its own thread: the prompt stands below each one's first answer.
    """
    prices = {ONE: Prices(1.0, 2.0), TWO: Prices(10.0, 20.0)}
    window = PlannedWindow(*scripts, windows=windows, prices=prices)
    path = [
        message("p1", "user", "Hello there", None, "t1"),
        message("a1", "assistant", "Hi from one", "p1", "t1", model="model-1"),
        message("b1", "assistant", "Hi from two", "p1", "t1", model="model-2", slot=1),
        message("p2", "user", "Why is it blue?", "a1", "t2"),
        message("a2", "assistant", "Rayleigh, of course.", "p2", "t2", model="model-1"),
    ]
    above = "p2"
    if own:
        path.append(message("q2", "user", "Why is it blue?", "b1", "t2"))
        above = "q2"
    path.append(message("b2", "assistant", "It scatters.", above, "t2", model="model-2", slot=1))
    path.append(message("a2x", "assistant", "", "p2", "t2", model="model-1"))
    window.chat.conversation = replace(
        window.chat.conversation,
        targets=(replace(TARGET, parameters={"temperature": 0.5}), OTHER),
        board=Board((0, 1), sharing="own" if own else "one"),
        heads={0: "a2", 1: "b2"},
        head="a2",
    )
    await window.store.add_messages(window.chat.conversation, path)
    window.chat.stored = True
    window.chat.tree = ConversationTree(map(node_of, path), "a2")
    return window


async def merged(
    window: PlannedWindow,
    *replies: str,
    recipe: Recipe = "fuse",
    target: Target | None = None,
    words: str = "",
) -> ChatMessage:
    merge = window.manager.merging.merge
    events = await collect(merge(window.chat, replies, recipe, target=target, words=words))
    return reply_of(events)


async def test_merged_answer_is_a_new_sibling_on_the_active_path() -> None:
    window = await compared(answer("Both ", "agree."))

    events = await collect(window.manager.merging.merge(window.chat, ["a2", "b2"], "fuse"))

    started, *deltas, _ = events
    assert isinstance(started, TurnStarted)
    assert started.prompt is None
    assert [each.text for each in deltas if isinstance(each, TextDelta)] == ["Both ", "agree."]
    reply = reply_of(events)
    assert (reply.parent, reply.turn, reply.slot, reply.status) == ("p2", "t2", MERGED, "complete")
    assert (reply.text, reply.model, reply.provider) == ("Both agree.", "model-1", "fake")
    assert reply.notices == (NoticeInfo("merged", "Merged from model-1, model-2."),)
    assert window.store.saved[reply.id] == reply
    assert window.path == ["p1", "a1", "p2", reply.id]
    assert MERGED not in window.chat.conversation.heads
    assert window.chat.conversation.heads == {0: "a2", 1: "b2"}


async def test_request_is_the_path_and_the_prompt_once_with_all_answers() -> None:
    window = await compared(answer("ok"))
    window.chat.conversation = replace(window.chat.conversation, system_prompt="Be brief.")

    await merged(window, "b2", "a2")

    (request,) = window.requests
    texts = [each.text for each in request.messages]
    assert [each.role for each in request.messages] == ["system", "user", "assistant", "user"]
    assert texts[:3] == ["Be brief.", "Hello there", "Hi from one"]
    assert texts[3].count("Why is it blue?") == 1
    assert texts[3].index("It scatters.") < texts[3].index("Rayleigh, of course.")


async def test_what_shapes_answers_is_not_sent_and_pictures_of_the_prompt_are() -> None:
    window = await compared(answer("ok"))
    picture = ImagePart(url="https://example.org/sky.png")
    prompt = window.store.saved["p2"]
    window.store.saved["p2"] = replace(prompt, parts=(*prompt.parts, picture))
    tools = [{"type": "function", "function": {"name": "look"}}]
    target = replace(
        OTHER,
        parameters={
            "temperature": 0.1,
            "n": 3,
            "response_format": {"type": "json_object"},
            "tools": tools,
            "tool_choice": "required",
            "stop": ["\n"],
        },
    )

    reply = await merged(window, "a2", "b2", target=target)

    (request,) = window.requests
    assert request.target == Target("fake", "model-2", {"temperature": 0.1})
    assert picture in request.messages[-1].parts
    assert sum(isinstance(part, TextPart) for part in request.messages[-1].parts) == 1
    assert reply.model == "model-2"


async def test_answers_of_own_threads_are_merged_below_the_prompt_that_was_gone_on_with() -> None:
    window = await compared(answer("ok"), own=True)

    reply = await merged(window, "b2", "a2")

    assert reply.parent == "p2"
    assert window.path == ["p1", "a1", "p2", reply.id]
    assert [each.text for each in window.requests[0].messages[:-1]] == [
        "Hello there",
        "Hi from one",
    ]


async def test_merge_is_taken_back_and_brought_again() -> None:
    window = await compared(answer("ok"))
    reply = await merged(window, "a2", "b2")

    change = await window.branches.undo(window.chat)
    assert change is not None
    assert (change.kind, window.path[-1]) == ("merge", "a2")
    await window.branches.redo(window.chat)
    assert window.path[-1] == reply.id


async def test_merged_answer_is_merged_again_by_who_merged_it() -> None:
    window = await compared([ServerError("Down.", status=500)], answer("second"), answer("third"))
    failed = await merged(window, "a2", "b2", recipe="own", words="A haiku.", target=OTHER)
    assert (failed.status, failed.slot) == ("error", MERGED)

    again = reply_of(await window.regenerate(failed.id))

    first, second = window.requests
    assert second.messages[-1].text == first.messages[-1].text
    assert "A haiku." in second.messages[-1].text
    assert second.target == first.target
    assert (again.text, again.slot, again.parent) == ("second", MERGED, "p2")
    assert again.notices == failed.notices
    assert window.path[-1] == again.id

    other = reply_of(await window.regenerate(again.id, target=TARGET))
    assert (other.text, other.model) == ("third", "model-1")


async def test_merged_answer_that_was_cut_goes_on_with_all_that_it_is_made_of() -> None:
    window = await compared(answer("Both ag", finish_reason="length"), answer("ree."), answer("x"))
    cut = await merged(window, "a2", "b2", target=OTHER)

    whole = reply_of(await collect(window.manager.continue_reply(window.chat, cut.id)))

    first, second = window.requests
    assert second.target == first.target
    assert [each.text for each in second.messages[:-2]] == [each.text for each in first.messages]
    assert [each.role for each in second.messages[-2:]] == ["assistant", "user"]
    assert second.messages[-2].text == "Both ag"
    assert (whole.text, whole.status, whole.slot) == ("Both agree.", "complete", MERGED)
    assert (whole.parent, whole.notices) == ("p2", cut.notices)
    assert reply_of(await window.regenerate(whole.id)).text == "x"
    assert window.requests[2].messages[-1].text == first.messages[-1].text


@pytest.mark.parametrize("raw", [{}, {"chat_tui_merge": 1}, {"chat_tui_merge": {"recipe": "x"}}])
async def test_merged_answer_of_lost_ones_says_what_to_do(raw: dict[str, object]) -> None:
    window = await compared(answer("ok"))
    reply = await merged(window, "a2", "b2")
    window.store.saved[reply.id] = replace(reply, raw=raw)

    with pytest.raises(UsageError, match="not there any more") as refusal:
        await window.regenerate(reply.id)

    assert refusal.value.hint == "Merge others."


async def test_merged_answer_whose_sources_are_deleted_is_not_made_again() -> None:
    window = await compared(answer("ok"))
    reply = await merged(window, "a2", "b2")
    await window.branches.delete_messages(window.chat, "b2", branch=False)

    with pytest.raises(UsageError, match="not there any more"):
        await window.regenerate(reply.id)

    assert len(window.requests) == 1


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ((), "Two answers"),
        (("a2",), "Two answers"),
        (("a2", "a2"), "Two answers"),
        (("a2", "a2x"), "Two answers"),
        (("a1", "b2"), "the same prompt"),
        (("p2", "a2"), "the same prompt"),
        (("a2", "gone"), "deleted"),
    ],
)
async def test_what_cannot_be_merged_is_refused_and_nothing_is_stored(
    replies: tuple[str, ...], told: str
) -> None:
    window = await compared(answer("ok"))
    before = dict(window.store.saved)

    with pytest.raises(UsageError, match=told):
        await merged(window, *replies)

    assert window.store.saved == before
    assert not window.chat.streaming
    assert window.requests == []


async def test_answers_that_do_not_fit_are_refused_with_the_next_step() -> None:
    window = await compared(answer("ok"), windows={ONE: 100, TWO: 100_000})
    window.store.saved["b2"] = replace(
        window.store.saved["b2"], parts=text_parts(said(5_000, "long"))
    )

    with pytest.raises(PlanRefusedError) as refusal:
        await merged(window, "a2", "b2")

    assert "fewer answers" in refusal.value.hint
    assert (await merged(window, "a2", "b2", target=OTHER)).status == "complete"


async def test_size_of_a_merge_is_told_before_and_nothing_is_sent() -> None:
    window = await compared(answer("ok"), windows={ONE: 100_000, TWO: 100})
    size = window.manager.merging.size

    small = await size(window.chat, ["a2", "b2"], "fuse")
    own = await size(window.chat, ["a2", "b2"], "own", words=said(500))
    dear = await size(window.chat, ["a2", "b2"], "own", words=said(500), target=OTHER)

    assert 200 < small.tokens < 400
    assert small.cost == pytest.approx(small.tokens / 1_000_000)
    assert own.tokens - small.tokens > 300
    assert dear.cost == pytest.approx(dear.tokens * 10 / 1_000_000)
    assert (small.refused, dear.refused) == (False, True)
    assert window.requests == []
    with pytest.raises(UsageError):
        await size(window.chat, ["a2"], "fuse")


async def test_merge_is_stopped_with_what_came_and_none_begins_beside_it() -> None:
    hold = asyncio.Event()
    window = await compared([TextDelta("Both"), hold])
    task = asyncio.create_task(
        collect(window.manager.merging.merge(window.chat, ["a2", "b2"], "fuse"))
    )
    await eventually(window.client.waiting.is_set)

    with pytest.raises(UsageError, match="on its way"):
        await merged(window, "a2", "b2")
    assert window.manager.stop(window.chat)

    reply = reply_of(await task)
    assert (reply.status, reply.text) == ("stopped", "Both")
    assert reply.notices[0].kind == "merged"
