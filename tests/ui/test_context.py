"""The context in the conversation screen: bar, draft, what is not sent, pins, summaries."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from chat_tui.core.attachments.prompts import Prompt, prompt_of
from chat_tui.core.context.planner import ContextPlanner, Outlook
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ServerError
from chat_tui.core.events import Notice, TurnEvent
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, Role, Status, text_parts
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.progress import Progress
from chat_tui.ui.screens.raw.screen import RawScreen
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

LARGE = Target("fake", "model-2")
UNKNOWN = Target("fake", "model-3")


class WatchedPlanner(ContextPlanner):
    """Notes what it is asked for; what it finds out can be held back."""

    def __init__(self, windows: dict[str, int], policy: ContextPolicy = ContextPolicy()) -> None:
        counter = WordCounter(ready=True)
        super().__init__(counter, TableFacts(windows), ForgetfulMemory(), lambda: policy)
        self.asked: list[str] = []
        """The conversations whose outlook was asked for."""
        self.drafts: list[str] = []
        self.held: dict[str, asyncio.Event] = {}
        """Conversations whose outlook waits."""

    async def outlook(
        self,
        chat: OpenConversation,
        draft: int = 0,
        target: Target | None = None,
        path: Sequence[str] | None = None,
        slot: int | None = None,
    ) -> Outlook:
        self.asked.append(chat.id)
        if chat.id in self.held:
            await self.held[chat.id].wait()
        return await super().outlook(chat, draft, target, path, slot)

    async def draft_tokens(self, prompt: Prompt | str, target: Target) -> int:
        self.drafts.append(prompt_of(prompt).text)
        return await super().draft_tokens(prompt, target)


def _planner(small: int = 1_400, policy: ContextPolicy = ContextPolicy()) -> WatchedPlanner:
    """Knows of two models: one with a small window, one with a large one."""
    return WatchedPlanner({str(TARGET): small, str(LARGE): 128_000}, policy)


def _status(rig: Rig) -> str:
    return str(rig.screen.status.render()).rstrip()


async def _settled(rig: Rig) -> str:
    """The status line once nothing is being found out."""
    await eventually(lambda: rig.screen.context.settled)
    await rig.pilot.pause()
    return _status(rig)


async def test_bar_follows_draft_model_and_answers(tmp_path: Path) -> None:
    planner = _planner(4_000)
    async with running(tmp_path, answer("one two three"), planner=planner) as rig:
        assert "/ " not in await _settled(rig)
        await rig.type("hello there")
        # As soon as something is written, how much of how much.
        said = await _settled(rig)
        assert f" · ≈{rig.screen.context.draft + 3} / 4k · Ready" in said
        await rig.pilot.press("enter")
        await rig.idle()
        said = await _settled(rig)
        assert "/ 4k · Ready" in said
        assert "+" not in said

        # The figure is there with the key; the count replaces it without a message of its own.
        await rig.type("and more")
        assert "+" in _status(rig)
        said = (await _settled(rig)).replace("+≈", "+")
        assert f"+{rig.screen.context.draft} " in said
        await rig.screen.answering.switch_to(LARGE)
        assert "/ 128k · Ready" in await _settled(rig)
        await rig.screen.answering.switch_to(UNKNOWN)
        assert "window unknown · Ready" in await _settled(rig)


async def test_draft_is_counted_at_most_once_at_a_time_and_the_newest_counts(
    tmp_path: Path,
) -> None:
    planner = _planner(4_000)
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        await rig.ask("hello")
        planner.drafts.clear()
        prompt, context = rig.screen.prompt, rig.screen.context
        for count in range(1, 40):
            # As fast as keys can come: each change tells a figure, few of them are counted.
            prompt.text = "word " * count
            context.draft_changed()
            assert context.draft > 0
        await _settled(rig)
        assert len(planner.drafts) <= 3
        assert planner.drafts[-1] == prompt.content
        assert context.draft == await planner.draft_tokens(prompt.content, TARGET)
        prompt.text = ""
        await rig.pilot.pause()
        assert (context.draft, context.settled) == (0, True)


async def test_streaming_finds_nothing_out_and_a_conversation_that_left_is_dropped(
    tmp_path: Path,
) -> None:
    planner = _planner(4_000)
    go_on = asyncio.Event()
    script = [*answer(*["word "] * 300)[:-1], go_on, *answer("end")]
    async with running(tmp_path, script, planner=planner) as rig:
        await _settled(rig)
        await rig.send("hello")
        first = rig.chat
        await _settled(rig)
        before = len(planner.asked)
        go_on.set()
        await rig.idle()
        # The end of the answer, and its count in the background.
        assert len(planner.asked) <= before + 3
        assert before <= 5

        planner.held[first.id] = asyncio.Event()
        asked = len(planner.asked)
        for _ in range(20):
            rig.screen.context.refresh()
        await rig.pilot.pause()
        assert len(planner.asked) == asked + 1
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not first)
        planner.held[first.id].set()
        await _settled(rig)
        assert planner.asked[-1] == rig.chat.id
        outlook = rig.screen.context.outlook
        assert outlook is not None
        assert outlook.plan.messages == ()


async def _filled(rig: Rig, count: int) -> list[str]:
    """Show a stored conversation of prompts and answers; gives their ids."""
    messages: list[ChatMessage] = []
    for at in range(count):
        role: Role = "assistant" if at % 2 else "user"
        parent = messages[-1].id if messages else None
        words = text_parts(f"{at} " + "word " * 99)
        messages.append(ChatMessage(f"{at:05}", role, words, parent, turn=str(at // 2), model="m"))
    conversation = Conversation("c1", title="Long", targets=(TARGET,), head=messages[-1].id)
    await rig.backend.store.add_messages(conversation, messages)
    await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
    await _settled(rig)
    return [message.id for message in messages]


def _begins(rig: Rig) -> str:
    """The message above which the line stands."""
    return rig.screen.transcript.column._sending.begins


async def test_line_says_what_is_not_sent_and_moves_with_the_cut(tmp_path: Path) -> None:
    planner = _planner()
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        ids = await _filled(rig, 20)
        assert "not sent · Ready" in _status(rig)
        begins = _begins(rig)
        assert begins in ids[1:]
        await rig.pilot.press("escape", "g")
        column = rig.screen.transcript.column
        rig.screen.transcript.move_to(column.index_of(begins) or 0, top=True)
        await rig.pilot.pause()
        assert f"— not sent: {ids.index(begins)} messages, " in rig.drawn()

        # With another window all of it is sent, and nothing is laid out anew for that.
        renders = column.renders
        await rig.screen.answering.switch_to(LARGE)
        await _settled(rig)
        assert _begins(rig) == ""
        assert "not sent" not in rig.drawn()
        assert column.renders == renders
        await rig.screen.answering.switch_to(TARGET)
        await _settled(rig)
        assert _begins(rig) == begins


async def test_message_is_pinned_and_left_out_from_prompt_and_reading(tmp_path: Path) -> None:
    planner = _planner(128_000)
    async with running(tmp_path, planner=planner) as rig:
        await rig.pilot.press("ctrl+g", "+")
        await eventually(lambda: rig.toasts == ["There is no message to mark yet."])
        ids = await _filled(rig, 4)

        async def flags(id_: str) -> tuple[bool, bool]:
            (message,) = await rig.chat.messages([id_])
            return message.pinned, message.excluded

        await rig.pilot.press("ctrl+g", "+")
        await eventually(lambda: any("always sent. ^g + takes" in each for each in rig.toasts))
        assert await flags(ids[3]) == (True, False)
        await _settled(rig)
        assert "▪ pinned" in rig.drawn()

        await rig.pilot.press("escape", "k", "x")
        await eventually(lambda: any("any more. x takes" in each for each in rig.toasts))
        assert await flags(ids[2]) == (False, True)
        await _settled(rig)
        assert "▫ left out" in rig.drawn()
        outlook = rig.screen.context.outlook
        assert outlook is not None
        assert [each.reason for each in outlook.plan.messages if each.id == ids[2]] == ["excluded"]

        await rig.pilot.press("x")
        await eventually(lambda: any("is sent again. x leaves" in each for each in rig.toasts))
        await rig.pilot.press("j", "P")
        await eventually(lambda: any("where there is room. P pins" in each for each in rig.toasts))
        assert [await flags(id_) for id_ in ids[2:]] == [(False, False)] * 2
        await _settled(rig)
        assert "▪ pinned" not in rig.drawn()

        # What another window does is seen here too.
        await rig.screen.session.store.update_messages({ids[3]: {"excluded": True}})
        await rig.screen.stage.follow_others(rig.chat)
        await rig.pilot.pause()
        assert "▫ left out" in rig.drawn()


async def test_turns_are_summed_up_and_what_waits_goes_on(tmp_path: Path) -> None:
    planner = _planner()
    wait = asyncio.Event()
    summary = [wait, *answer("Much was said.")]
    async with running(tmp_path, summary, answer("yes"), planner=planner) as rig:
        await _filled(rig, 20)
        await rig.pilot.press("ctrl+g", "C")
        await eventually(lambda: "Summing up … 0 s" in _status(rig))
        await eventually(lambda: "│ Summing up …" in rig.drawn())
        rig.screen.prompt.put("next")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.queued == ["next"])
        wait.set()
        await eventually(lambda: rig.chat.tree.shown == 23)
        await rig.idle()
        assert "Summary · " in rig.drawn()
        assert " · by model-1" in rig.drawn()
        assert "Much was said." in rig.drawn()
        outlook = rig.screen.context.outlook
        assert outlook is not None
        notes = [
            each.reason for each in outlook.plan.messages if each.id == rig.chat.tree.path()[20]
        ]
        assert notes == ["summary"]

        # It is edited like a message, and the new one counts.
        await rig.pilot.press("escape", "k", "k")
        assert rig.screen.reading.meant_id == rig.chat.tree.path()[20]
        await rig.pilot.press("ctrl+g", "v")
        await eventually(lambda: isinstance(rig.app.screen, RawScreen))
        raw = rig.app.screen
        assert isinstance(raw, RawScreen)
        assert raw._reply.id == rig.chat.tree.path()[20]
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is rig.screen)
        await rig.pilot.press("e")
        await eventually(lambda: rig.screen.prompt.text == "Much was said.")
        rig.screen.prompt.put("My own words.")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.tree.shown == 24)
        await _settled(rig)
        assert rig.toasts[-1] == "Your version counts now."
        assert "My own words." in rig.drawn()
        assert "replaced by a later one" in rig.drawn()


async def test_summaries_come_by_themselves_and_can_fail(tmp_path: Path) -> None:
    planner = _planner(policy=ContextPolicy("compact", compact_at=50))
    error = ServerError("The server broke.", status=500)
    summary = answer("Much was said.")
    wait = asyncio.Event()
    client = ScriptedClient([wait, *answer("yes")], [error], summary, answer("again"))
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=planner) as rig:
        ids = await _filled(rig, 20)
        await rig.send("hello")
        queues = rig.screen.queueing.queues
        queues.add(rig.chat, Prompt("later"))
        queues.take(rig.chat, 0, comes_back=True)
        wait.set()
        await eventually(lambda: rig.chat.tree.shown == 23)
        await rig.idle()
        # No prompt came with the summary: what is being changed keeps its place.
        assert queues._places == {rig.chat.id: 0}
        assert "Summary · " in rig.drawn()
        assert "The server broke." in rig.drawn()
        # It failed after an answer that had ended well, and offers to be tried again.
        await rig.pilot.press("escape", "i")
        assert "^g C Retry" in rig.drawn()
        await rig.pilot.press("ctrl+g", "C")
        await eventually(lambda: rig.chat.tree.shown == 24)
        await rig.idle()
        assert "Much was said." in rig.drawn()

        # What is answered anew is the last prompt, not a summary below its answer.
        prompt = rig.chat.tree.path()[20]
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: rig.chat.tree.shown == 25)
        await rig.idle()
        path = rig.chat.tree.path()
        assert path[:21] == [*ids, prompt]
        assert len(rig.chat.tree.siblings(path[21])) == 2
        assert client.requests[-1].messages[-1].text == "hello"


async def test_commands_and_versions_of_answers_are_no_drafts_of_a_request(tmp_path: Path) -> None:
    async with running(tmp_path, answer("yes"), planner=_planner()) as rig:
        ids = await _filled(rig, 4)
        for words, counts in (("/policy trim", False), ("/polic trim", True), ("/tmp/x", True)):
            rig.screen.prompt.put(words)
            await _settled(rig)
            assert (rig.screen.context.draft > 0) == counts, words
        rig.screen.prompt.put("")
        await rig.screen.branches.edit_with(ids[3], "")
        rig.screen.prompt.put("my own answer")
        await _settled(rig)
        assert rig.screen.context.draft == 0
        await rig.pilot.press("escape")
        rig.screen.prompt.put("a prompt")
        await _settled(rig)
        assert rig.screen.context.draft > 0


async def test_what_is_sent_whole_is_told_where_the_policy_warns(tmp_path: Path) -> None:
    planner = _planner(policy=ContextPolicy("warn"))
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        await _filled(rig, 20)
        await rig.ask("next")
        (toast,) = [each for each in rig.toasts if each.startswith("Sent whole: ")]
        assert toast.endswith("than there is room for. The server may refuse or cut it.")


async def test_named_model_sums_up_and_what_is_left_is_told(tmp_path: Path) -> None:
    client = ScriptedClient(answer("Much was said."))
    source = SimpleClientSource(client)
    async with running(tmp_path, clients=source, planner=_planner()) as rig:
        planner = rig.screen.session.manager.context
        planner.facts = TableFacts({str(TARGET): 1_400, str(UNKNOWN): 1_400})
        await _filled(rig, 30)
        rig.screen.prompt.put("/compact model-3")
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.tree.shown == 31)
        await rig.idle()
        await _settled(rig)
        assert client.requests[-1].target.model == "model-3"
        assert rig.chat.target == TARGET
        outlook = rig.screen.context.outlook
        assert outlook is not None
        left = len(outlook.plan.lost)
        assert left > 0
        assert any("that did not fit; ^g C again" in each for each in rig.toasts)


async def test_what_is_too_large_comes_back_into_the_input(tmp_path: Path) -> None:
    planner = _planner()
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        words = "word " * 2_000
        rig.screen.prompt.put(words)
        await eventually(lambda: "too large" in _status(rig))
        await rig.pilot.press("enter")
        await eventually(lambda: rig.screen.prompt.content.strip() == words.strip())
        assert rig.chat.tree.head is None


async def test_prompt_that_is_stopped_while_it_is_planned_comes_back_into_the_input(
    tmp_path: Path,
) -> None:
    waiting, go = asyncio.Event(), asyncio.Event()

    class SlowFacts(TableFacts):
        async def look_up(self, target: Target, *, ask: bool = True) -> None:
            await super().look_up(target, ask=ask)
            waiting.set()
            await go.wait()

    planner, words = ContextPlanner(WordCounter(), SlowFacts(), ForgetfulMemory()), "word " * 1_200
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        rig.screen.prompt.put(words)
        await rig.pilot.press("enter")
        await eventually(lambda: waiting.is_set() and bool(rig.screen.turns.running))
        assert rig.screen.prompt.text == ""

        await rig.pilot.press("escape")
        await eventually(lambda: not rig.screen.turns.running)

        assert rig.screen.prompt.content.strip() == words.strip()
        assert (len(rig.chat.tree), rig.chat.stored, rig.toasts) == (0, False, [])
        go.set()
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 2)
        await rig.idle()
        assert (await rig.path())[1].text == "yes"


async def test_figures_that_come_later_are_shown(tmp_path: Path) -> None:
    planner = _planner(4_000)
    async with running(tmp_path, answer("yes"), planner=planner) as rig:
        await rig.ask("hello")
        before = len(planner.asked)
        assert planner.changed is not None
        planner.changed()
        await _settled(rig)
        assert len(planner.asked) == before + 1


async def test_summary_that_could_not_even_begin_is_told(tmp_path: Path) -> None:
    async def failing() -> AsyncGenerator[TurnEvent, None]:
        yield Notice("compact", "The oldest turns could not be summed up: no key.")

    async with running(tmp_path) as rig:
        rig.screen.turns.start(rig.chat, failing)
        await eventually(lambda: any("summed up: no key." in each for each in rig.toasts))


def test_summary_changes_nothing_about_how_an_answer_ended_unless_it_was_stopped() -> None:
    alone, behind, stopped = Progress(0.0, sums_up=True), Progress(0.0), Progress(0.0)
    alone.end("complete", summary=True)
    assert alone.ended == "complete"
    ends: tuple[tuple[Progress, Status], ...] = ((behind, "error"), (stopped, "stopped"))
    for progress, end in ends:
        progress.go_on(3.0)
        progress.end("complete", summary=False)
        progress.begin_summary(5.0)
        assert progress.describe(7.0)[0] == "Summing up … 2 s"
        progress.end(end, summary=True)
    # What waits in the queue goes on behind an answer, but not where somebody said stop.
    assert (behind.ended, stopped.ended) == ("complete", "stopped")
