"""A message while nobody is to know who wrote it."""

from dataclasses import replace

from chat_tui.core.errors import ServerError
from chat_tui.core.messages import (
    ChatMessage,
    NoticeInfo,
    Timings,
    ToolCall,
    Usage,
    text_parts,
)
from chat_tui.ui.actions import ACTIONS
from chat_tui.ui.screens.conversation.commands.telling import TELLING
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage
from tests.ui.test_hits import LOOK

_REPLY = ChatMessage(
    "1",
    "assistant",
    text_parts("It rises."),
    reasoning="I, sun-1, think.",
    tool_calls=(ToolCall("c", "tides", '{"where": "here"}'),),
    model="sun-1",
    provider="sun-works",
    status="complete",
    finish_reason="sun-end",
    usage=Usage(1, 2, 777, reasoning_tokens=888),
    timings=Timings(1.0, 2.0, 3.0, attempts=2),
    notices=(NoticeInfo("retried", "sun-works was busy."),),
)


def _words(rendered: RenderedMessage) -> str:
    rendered.refresh()
    return "\n".join(rendered.strip(at).text for at in range(rendered.height))


def _drawn(message: ChatMessage, alias: str, *, note: str = "") -> str:
    rendered = RenderedMessage(message, LOOK, 60, Folding(details=True), Around(alias=alias))
    rendered.note(note)
    return _words(rendered)


def test_nothing_tells_who_it_is_but_what_was_said() -> None:
    known, hidden = _drawn(_REPLY, ""), _drawn(_REPLY, "B")
    for secret in ("sun-", "think", "888", "2 tok", "2.0 s", "Reasoning"):
        assert secret in known
        assert secret not in hidden
    assert hidden.lstrip().startswith("B")
    # What it called is part of what it said, and unfolds.
    assert "It rises." in hidden
    assert '"where"' in hidden


def test_of_a_failure_only_its_kind_is_told() -> None:
    error = ServerError("sun-works is down.", hint="Ask sun-works.", status=503).info
    failed = replace(_REPLY, status="error", error=error)
    assert "sun-works is down" in _drawn(failed, "")
    hidden = _drawn(failed, "B")
    assert "server error" in hidden
    assert "sun-" not in hidden
    waiting = replace(_REPLY, parts=(), reasoning="Hm", tool_calls=(), status="streaming")
    assert "sun-works is busy" in _drawn(waiting, "", note="sun-works is busy")
    assert "sun-" not in _drawn(waiting, "B", note="sun-works is busy")
    assert _drawn(waiting, "B") == _drawn(replace(waiting, reasoning=""), "B")


def test_reasoning_comes_back_with_the_name_and_is_no_work_until_then() -> None:
    streaming = replace(_REPLY, status="streaming", tool_calls=())
    rendered = RenderedMessage(streaming, LOOK, 60, Folding(details=True), Around(alias="B"))
    rendered.append_reasoning(" And more.")
    hidden = rendered.behind, "And more" in _words(rendered)
    rendered.dress(Around())
    assert (hidden, rendered.behind) == ((False, False), True)
    assert "And more" in _words(rendered)


def test_commands_that_tell_are_commands_of_actions() -> None:
    named = {
        action.run.removeprefix("screen.do('").partition("'")[0]
        for action in ACTIONS
        if action.run.startswith("screen.do(")
    }
    assert named >= TELLING
