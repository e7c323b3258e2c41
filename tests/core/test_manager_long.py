"""Conversations far larger than the window go on, by every policy that keeps to it."""

import pytest

from chat_tui.core.context.policy import ContextPolicy, Overflow
from chat_tui.core.events import TurnFinished
from tests.core.planned import ONE, PlannedWindow, StrictClient, said

WINDOW = 4_096


@pytest.mark.parametrize("overflow", ["trim", "compact"])
async def test_conversation_fifty_times_the_window_goes_on_without_an_error(
    overflow: Overflow,
) -> None:
    client = StrictClient(WINDOW)
    window = PlannedWindow(client=client, windows={ONE: WINDOW}, policy=ContextPolicy(overflow))
    await window.seed(300, 350, system_prompt="Be brief, and speak of tides.")
    past = 600 * 350
    assert past > 50 * WINDOW

    ended = [
        event.reply
        for turn in range(30)
        for event in await window.send(said(120, f"prompt {turn}"))
        if isinstance(event, TurnFinished)
    ]

    assert {reply.status for reply in ended} == {"complete"}
    answers = [reply for reply in ended if reply.role == "assistant"]
    assert len(answers) == 30
    asked = [request for request in client.requests if request.messages[0].role == "system"]
    assert len(asked) == 30, "the system prompt goes with each prompt"
    summaries = [reply for reply in ended if reply.covers]
    assert bool(summaries) == (overflow == "compact")
    assert all(len(request.messages) > 3 for request in asked)
