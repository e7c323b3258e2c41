"""The view of the next request: what would be sent, to be read."""

from collections.abc import Sequence
from pathlib import Path

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Role, TextPart, ToolCall
from chat_tui.ui.screens.context import ContextScreen
from chat_tui.ui.screens.request import RequestScreen, request_lines
from chat_tui.ui.widgets.text_lines import TextLines
from tests.fakes import (
    TARGET,
    ScriptedClient,
    SimpleClientSource,
    TableFacts,
    WordCounter,
    answer,
    eventually,
)
from tests.ui.rig import Rig, running


async def _opened(rig: Rig) -> ContextScreen:
    await eventually(lambda: isinstance(rig.app.screen, ContextScreen))
    screen = rig.app.screen
    assert isinstance(screen, ContextScreen)
    await eventually(lambda: screen.view is not None)
    return screen


async def test_next_request_is_shown_as_it_would_be_sent(tmp_path: Path) -> None:
    client = ScriptedClient(answer("Yes."))
    facts = TableFacts({str(TARGET): 400})
    planner = ContextPlanner(WordCounter(ready=True), facts, ForgetfulMemory(), ContextPolicy)
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=planner) as rig:
        messages = _path(("user", "assistant") * 6 + ("tool",))
        conversation = Conversation(
            "c1", targets=(TARGET,), head=messages[-1].id, system_prompt="Be brief."
        )
        await rig.backend.store.add_messages(conversation, messages)
        await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
        rig.screen.prompt.put("and \x1bnow")
        await rig.idle()
        await rig.pilot.press("f7")
        screen = await _opened(rig)
        await rig.pilot.press("v")
        await eventually(lambda: isinstance(rig.app.screen, RequestScreen))
        lines = rig.app.screen.query_one(TextLines).lines
        roles = [line.text for line in lines if line.kind == "title"]
        assert screen.view is not None
        assert len(roles) == len(screen.view.outlook.plan.sent)
        assert screen.view.outlook.plan.trimmed
        assert (roles[0], roles[-1]) == ("system", "user")
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is screen)
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is rig.screen)
        await rig.pilot.press("enter")
        await eventually(lambda: bool(client.requests))
        await rig.idle()
        # It was exactly that.
        assert request_lines(client.requests[-1].messages) == lines


def _path(roles: Sequence[Role]) -> list[ChatMessage]:
    """Stored messages of 60 words, one below the other; tools answer the message above them."""
    messages: list[ChatMessage] = []
    for at, role in enumerate(roles):
        parent = messages[-1].id if messages else None
        calls = (ToolCall("1", "look", "{}"),) if "tool" in roles[at + 1 : at + 2] else ()
        messages.append(
            ChatMessage(
                f"m{at:02}",
                role,
                (TextPart(f"{at} " + "word " * 59),),
                tool_calls=calls,
                tool_call_id="1" if role == "tool" else "",
                parent=parent,
            )
        )
    return messages


def test_request_is_told_with_calls_files_and_pictures_and_clean() -> None:
    parts = (
        TextPart("see\x1b"),
        ImagePart("ab", name="a.png"),
        FilePart("cd", "b.txt", text="in it"),
    )
    calls = (ToolCall("1", "look", '{"at": 2}'),)
    told = request_lines(
        [
            ChatMessage("a", "user", parts),
            ChatMessage("b", "assistant", tool_calls=calls),
            ChatMessage("c", "tool", (TextPart("9"),), tool_call_id="1"),
        ]
    )
    assert [line.text for line in told] == [
        *("user", "see␛", "[picture: a.png]", "File b.txt:", "", "```", "in it", "```", ""),
        *("assistant", '[calls look] {"at": 2}', ""),
        *("tool 1", "9", ""),
    ]
