"""Whatever is done to a conversation: the look at its next request is the plan from scratch."""

import asyncio
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.context.cut import Cut
from chat_tui.core.context.items import item_of
from chat_tui.core.context.plan import DRAFT
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.policy import ContextPolicy, Overflow
from chat_tui.core.errors import PlanRefusedError
from chat_tui.core.messages import ChatMessage, Status, ToolCall, Usage
from chat_tui.core.targets import Target
from tests.core.context.talk import OTHER, Talk, rows, said
from tests.examples import examples
from tests.fakes import TARGET, WordCounter

_STEPS = ["send", "send", "call", "fail", "pin", "exclude", "clear", "switch", "branch", "system"]


@settings(max_examples=examples(250), deadline=None, derandomize=True)
@given(
    steps=st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 99)), max_size=14),
    overflow=st.sampled_from(["trim", "trim", "warn", "off"]),
    drafts=st.lists(st.integers(1, 400), min_size=1, max_size=3),
)
def test_outlook_is_the_plan_from_scratch_after_any_steps(
    steps: list[tuple[str, int]], overflow: Overflow, drafts: list[int]
) -> None:
    asyncio.run(_work(steps, ContextPolicy(overflow), drafts))


async def _work(steps: list[tuple[str, int]], policy: ContextPolicy, drafts: list[int]) -> None:
    talk = Talk(500, policy=policy, count=lambda counted: round(1.2 * counted))
    talk.facts.windows[str(OTHER)] = 300
    target = TARGET
    for kind, number in steps:
        target = await _step(talk, kind, number, target)
        for draft in (0, *drafts):
            await _compare(talk, target, draft)
    counted = [id_ for id_ in talk.counter.counted if id_ != "system"]
    assert len(counted) == len({*counted})
    await talk.planner.aclose()


async def _step(talk: Talk, kind: str, number: int, target: Target) -> Target:
    chat, path = talk.chat, talk.path
    if kind in ("send", "fail"):
        status: Status = "complete" if kind == "send" else "error"
        try:
            planned = await talk.plan(5 + number, target)
        except PlanRefusedError:
            talk.lost += 1
            return target
        prompt = await talk.add("user", 5 + number)
        reply = await talk.add("assistant", number if kind == "send" else 0, status=status)
        talk.planner.learn(target, planned, Usage(talk.count(planned.counted)))
        await talk.planner.settle(chat, [prompt.id, reply.id])
    elif kind == "call":
        await talk.add("user", 3)
        call = f"call{number}"
        await talk.add("assistant", 2, tool_calls=(ToolCall(call, "now", "{}"),))
        result = await talk.add("tool", number, tool_call_id=call if number % 4 else "lost")
        await talk.planner.settle(chat, [result.id])
    elif kind in ("pin", "exclude", "clear") and path:
        id_ = path[number % len(path)]
        pinned, excluded = kind == "pin", kind == "exclude"
        await talk.planner.mark(chat, [id_], pinned=pinned, excluded=excluded)
    elif kind == "switch":
        return OTHER if target is TARGET else TARGET
    elif kind == "branch" and path:
        await _branch(talk, path[number % len(path)])
    elif kind == "system":
        chat.conversation = replace(chat.conversation, system_prompt=said(number))
    return target


async def _branch(talk: Talk, at: str) -> None:
    """Go on from elsewhere in the tree, and come back some of the times."""
    parent = talk.chat.tree.parent(at)
    talk.chat.tree.select(parent)
    await talk.add("user", 4, parent=parent)


async def _compare(talk: Talk, target: Target, draft: int) -> None:
    await asyncio.sleep(0)
    outlook = await talk.planner.outlook(talk.chat, draft, target)
    conversation = talk.chat.conversation
    scale = talk.memory.learnt(target.provider, target.model).calibration.ratio
    messages = [talk.store.saved[id_] for id_ in talk.path]
    fresh = WordCounter()
    items = [item_of(message, fresh.weigh(message, target.model)) for message in messages]
    words = round(draft / scale)
    last = ChatMessage(DRAFT, "user", tokens={"words": words})
    system = conversation.system_prompt
    plan = plan_context(
        [*items, item_of(last, fresh.weigh(last, target.model))._replace(empty=False)],
        system=3 + len(system.split()) if system else 0,
        budget=outlook.budget,
        policy=talk.planner.policy(talk.chat),
        cut=conversation.cuts.get(str(target), Cut()),
        scale=scale,
    )
    shown = outlook.plan
    assert rows(shown) == rows(plan)[: len(plan.messages) - (not draft)]
    assert shown.tokens == plan.tokens
    assert shown.refused == plan.refused
    assert outlook.draft == draft
