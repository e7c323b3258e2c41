"""What the cards of failed replies offer, each by keyboard, and answers that are held up."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    ChatError,
    ConnectError,
    ContextError,
    InterruptedReplyError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TooLargeError,
)
from chat_tui.core.events import (
    Notice,
    ReplyEvent,
    ReplyFinished,
    RetryScheduled,
    TextDelta,
)
from chat_tui.core.requests import ChatRequest
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target
from chat_tui.ui.widgets.status import Piece
from tests.fakes import (
    TARGET,
    FakeClock,
    ScriptedClient,
    SimpleClientSource,
    Step,
    answer,
    eventually,
)
from tests.ui.rig import Rig, running

REFUSED = BadRequestError(
    "The model refuses temperature.", hint="Leave it out.", status=400, param="temperature"
)
LIMITED = RateLimitError("Too many requests.", status=429, retry_after=125)
BUSY = ServerError("Too busy.", status=503).info


async def _first(rig: Rig) -> None:
    """Send the first prompt and wait for its end."""
    await rig.ask("hello")
    await rig.pilot.pause()


@pytest.mark.parametrize(
    ("failure", "offered", "absent"),
    [
        (AuthError("No."), ["^g k Provider and key", "^r Retry", "^g a Another"], ["Continue"]),
        (ConnectError("No."), ["^g k Provider and key", "^r Retry"], ["Parameters"]),
        (
            REFUSED,
            ["^g f Leave out temperature for this model", "^g p Parameters"],
            ["Provider and"],
        ),
        (LIMITED, ["^g z Wait 2 min 5 s and retry", "^g a Another model"], ["Provider and"]),
        (
            ContextError("No."),
            ["F7 Context", "^g C Sum up old turns", "^r Retry"],
            ["Provider and"],
        ),
        (TooLargeError("No."), ["^r Retry", "^g a Another model"], ["Provider and"]),
        (RateLimitError("No.", retry_after=30), ["^r Retry"], ["Wait"]),
        (BadRequestError("No.", param="messages[0].content"), ["^g p Parameters"], ["Leave out"]),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_card_offers_what_helps(
    failure: ChatError, offered: list[str], absent: list[str], tmp_path: Path
) -> None:
    async with running(tmp_path, [failure]) as rig:
        await _first(rig)
        drawn = rig.drawn()
        assert "No answer" in drawn
        for words in offered:
            assert words in drawn
        for words in absent:
            assert words not in drawn


async def test_card_shows_the_keys_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(keys={"regenerate": "f5", "leader": "ctrl+x"})
    async with running(tmp_path, [AuthError("No.")], settings=settings) as rig:
        await _first(rig)
        assert "F5 Retry" in rig.drawn()
        assert "^x a Another model" in rig.drawn()


async def test_earlier_cards_offer_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, [AuthError("Refused once.")], answer("now")) as rig:
        await _first(rig)
        assert "^r Retry" in rig.drawn()
        await rig.ask("and now")
        assert "Refused once." in rig.drawn()
        assert "Retry" not in rig.drawn()


async def test_unknown_model_is_first_answered_by_another_one(tmp_path: Path) -> None:
    unknown = NotFoundError("There is no model x.", status=404, param="model")
    async with running(tmp_path, [unknown]) as rig:
        await _first(rig)
        row = next(line for line in rig.drawn().splitlines() if "^g a" in line)
        assert row.index("^g a Another model") < row.index("^g k Provider and key")


async def test_refusal_of_the_model_offers_to_ask_again_and_elsewhere(tmp_path: Path) -> None:
    refused: list[Step] = [ReplyFinished("stop", refusal="I cannot help with that.")]
    async with running(tmp_path, refused, answer("now")) as rig:
        await _first(rig)
        assert "I cannot help with that." in rig.drawn()
        assert "^g a Another model" in rig.drawn()
        await rig.pilot.press("ctrl+r")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "now" in rig.drawn()
        assert "^g a Another model" not in rig.drawn()


async def test_reply_that_was_tried_several_times_says_so(tmp_path: Path) -> None:
    tried: list[Step] = [RetryScheduled(2, 3, 0.0, BUSY), RetryScheduled(3, 3, 0.0, BUSY)]
    async with running(tmp_path, [*tried, *answer("at last")], answer("at once")) as rig:
        await _first(rig)
        assert "3 attempts" in rig.drawn()
        await rig.ask("more")
        assert rig.drawn().count("attempts") == 1


async def test_versions_are_counted_as_soon_as_further_choices_are_there(tmp_path: Path) -> None:
    two: list[Step] = [TextDelta("one"), TextDelta("two", choice=1), ReplyFinished("stop")]
    async with running(tmp_path, two) as rig:
        await _first(rig)
        assert "‹ 1/2 ›" in rig.drawn()


NARROW = (40, 12)


async def test_countdowns_and_the_way_out_are_seen_in_a_narrow_terminal(tmp_path: Path) -> None:
    script: list[Step] = [RetryScheduled(2, 3, 10.0, BUSY), asyncio.Event()]
    async with running(tmp_path, script, size=NARROW) as rig:
        await rig.screen.session.manager.conversations.set_parameters(
            rig.chat, {"seed": 1, "temperature": 1}
        )
        await rig.send("hello")
        await eventually(lambda: "Attempt 2 of 3 in 10 s · Esc cancels" in _last_line(rig))
        await rig.pilot.press("escape")
        await rig.idle()


async def test_long_wait_and_the_way_out_are_seen_in_a_narrow_terminal(tmp_path: Path) -> None:
    async with running(tmp_path, [LIMITED], size=NARROW) as rig:
        await _first(rig)
        await rig.pilot.press("ctrl+g", "z")
        await eventually(lambda: "Retry in 2 min 5 s · Esc cancels" in _last_line(rig))
        await rig.pilot.press("escape")
        await eventually(lambda: _last_line(rig).endswith(" · Ready"))


async def test_stall_and_the_way_out_are_seen_in_a_narrow_terminal(tmp_path: Path) -> None:
    stalled = Notice("stalled", "Nothing has come for 60 s. Stop keeps what came, or wait on.")
    async with running(tmp_path, [TextDelta("half"), stalled, asyncio.Event()], size=NARROW) as rig:
        await rig.send("hello")
        await eventually(lambda: "Nothing has come for… · Esc cancels" in _last_line(rig))
        await rig.pilot.press("escape")
        await rig.idle()


async def test_status_line_drops_the_least_first_and_cuts_the_model(tmp_path: Path) -> None:
    async with running(tmp_path, size=NARROW) as rig:
        line = rig.screen.status

        def shown(name: str) -> str:
            line.show(
                Piece(name, rank=4, name=True),
                Piece("provider", rank=6),
                Piece("3 parameters", rank=8),
                Piece("the state of it"),
            )
            return str(line.render()).rstrip()

        assert shown("model") == "model · provider · the state of it"
        assert shown("some-model-1") == "some-model-1 · the state of it"
        assert shown("a-very-long-name-of-it") == "a-very-long-name-… · the state of it"


def _last_line(rig: Rig) -> str:
    return rig.drawn().rstrip().splitlines()[-1]


@pytest.mark.parametrize(
    ("end", "keys"),
    [
        ("length", ("ctrl+g", "c")),
        ("interrupted", ("escape", "C")),
        ("stopped", ("escape", "k", "j", "C")),
    ],
)
async def test_cut_reply_is_continued(end: str, keys: tuple[str, ...], tmp_path: Path) -> None:
    last: dict[str, Step] = {
        "length": ReplyFinished("length"),
        "interrupted": InterruptedReplyError("It broke."),
        "stopped": asyncio.Event(),
    }
    async with running(
        tmp_path, [TextDelta("Once upon"), last[end]], answer("upon a time.")
    ) as rig:
        await rig.send("a story")
        await eventually(lambda: "Once upon" in rig.drawn())
        if end == "stopped":
            await rig.pilot.press("escape")
        await rig.idle()
        await eventually(lambda: "^g c Continue" in rig.drawn())
        await rig.pilot.press(*keys)
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        reply = (await rig.path())[-1]
        assert (reply.text, reply.status) == ("Once upon a time.", "complete")
        await eventually(lambda: "‹ 2/2 ›" in rig.drawn())
        assert rig.drawn().count("Once upon a time.") == 1


async def test_continuing_what_was_not_cut_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, answer("whole")) as rig:
        await _first(rig)
        assert not rig.screen.answering.can_continue
        await rig.pilot.press("escape", "C")
        await eventually(lambda: "There is no answer here that was cut off." in rig.toasts)
        assert len(rig.chat.tree) == 2


async def test_refused_parameter_is_left_out_and_the_prompt_answered(tmp_path: Path) -> None:
    async with running(tmp_path, [REFUSED], answer("without it")) as rig:
        await _first(rig)
        await rig.pilot.press("ctrl+g", "f")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert rig.desk.learnt(TARGET).left_out == {"temperature"}
        assert "without it" in rig.drawn()
        assert not rig.screen.answering.can_leave_out


async def test_another_model_answers_the_same_prompt(tmp_path: Path) -> None:
    client = ScriptedClient([AuthError("No.")], answer("from the other"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        rig.backend.listed = [TARGET, Target("other", "big-model")]
        await _first(rig)
        await rig.pilot.press("ctrl+g", "a")
        await eventually(lambda: "big-model" in rig.drawn())
        await rig.type("big")
        await rig.pilot.press("enter")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert client.requests[1].target.model == rig.chat.target.model == "big-model"
        assert "from the other" in rig.drawn()


async def test_another_model_is_asked_while_the_first_is_retried(tmp_path: Path) -> None:
    client = ScriptedClient(
        [RetryScheduled(2, 3, 4.0, BUSY), asyncio.Event()], answer("from the other")
    )
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        rig.backend.listed = [TARGET, Target("other", "big-model")]
        await rig.send("hello")
        await eventually(client.waiting.is_set)
        await rig.pilot.press("ctrl+g", "a")
        await eventually(lambda: "big-model" in rig.drawn())
        await rig.pilot.press("escape")
        assert client.running == 1, "nothing was chosen: it goes on"
        await rig.pilot.press("ctrl+g", "a")
        await eventually(lambda: "big-model" in rig.drawn())
        await rig.pilot.press("down", "enter")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert client.running == 0
        assert "from the other" in rig.drawn()
        assert (await rig.path())[-1].model == "big-model"


async def test_offer_is_taken_by_mouse_too(tmp_path: Path) -> None:
    async with running(tmp_path, [AuthError("No.")], answer("worked")) as rig:
        await _first(rig)
        await _click(rig, "^r Retry")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "worked" in rig.drawn()


async def _click(rig: Rig, words: str) -> None:
    lines = rig.drawn().splitlines()
    row = next(index for index, line in enumerate(lines) if words in line)
    await rig.pilot.click(offset=(lines[row].index(words) + 4, row))


class Waiting:
    """A client that is told to come again later, as the real one waits at the gate."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        yield RetryScheduled(2, 3, 7.0, BUSY)
        await request.gate.wait(self.clock, 7.0)
        yield TextDelta("at last")
        yield ReplyFinished("stop")


async def test_retry_is_counted_down_where_the_reply_will_be_and_below(tmp_path: Path) -> None:
    script: list[Step] = [RetryScheduled(2, 3, 7.0, BUSY), asyncio.Event(), *answer("x")]
    async with running(tmp_path, script) as rig:
        await rig.send("hello")
        await eventually(lambda: rig.drawn().count("Attempt 2 of 3 in 7 s · Too busy.") == 2)
        assert rig.drawn().count("^g w now") == 2
        assert "^g a another model" in rig.drawn()
        assert rig.drawn().count("Esc cancels") == 2
        rig.clock.advance(3.5)
        await eventually(lambda: rig.drawn().count("Attempt 2 of 3 in 4 s · Too busy.") == 2)
        rig.clock.advance(4)
        await eventually(lambda: rig.drawn().count("Attempt 2 of 3, waiting 0 s") == 2)
        assert "^g w" not in rig.drawn()
        assert not rig.screen.answering.can_hurry
        await rig.pilot.press("escape")
        await rig.idle()
        assert (await rig.path())[-1].status == "stopped"


async def test_retry_is_cut_short(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running(tmp_path, clients=SimpleClientSource(Waiting(clock))) as rig:
        await rig.send("hello")
        await eventually(lambda: clock.sleeping == 1)
        assert rig.screen.answering.can_hurry
        await rig.pilot.press("ctrl+g", "w")
        await rig.idle()
        assert "at last" in rig.drawn()
        assert clock.now() == FakeClock().now()


async def test_hurry_without_need_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await _first(rig)
        await rig.pilot.press("escape", "w")
        await eventually(lambda: "Nothing waits to be sent again." in rig.toasts)


async def test_countdown_is_there_again_when_the_conversation_is(tmp_path: Path) -> None:
    script: list[Step] = [RetryScheduled(2, 3, 7.0, BUSY), asyncio.Event()]
    async with running(tmp_path, script) as rig:
        await rig.send("hello")
        chat = rig.chat
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not chat)
        await rig.screen.show_chat(chat)
        await eventually(lambda: rig.drawn().count("Attempt 2 of 3 in 7 s · Too busy.") == 2)
        await rig.pilot.press("escape")
        await rig.idle()


async def test_long_wait_is_begun_counted_down_and_followed_by_an_answer(tmp_path: Path) -> None:
    async with running(tmp_path, [LIMITED], answer("at last")) as rig:
        await _first(rig)
        await rig.pilot.press("ctrl+g", "z")
        await eventually(lambda: "Retry in 2 min 5 s" in rig.drawn())
        assert "^g w now · Esc cancels" in rig.drawn()
        await eventually(lambda: rig.clock.sleeping == 1)
        rig.clock.advance(65)
        await eventually(lambda: "Retry in 1 min" in rig.drawn())
        await eventually(lambda: rig.clock.sleeping == 1)
        rig.clock.advance(60)
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "at last" in rig.drawn()
        assert "Retry in " not in rig.drawn()


async def test_long_wait_is_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path, [LIMITED], answer("x")) as rig:
        await _first(rig)
        await rig.pilot.press("escape", "z")
        await eventually(lambda: "Retry in " in rig.drawn())
        await rig.pilot.press("escape")
        await eventually(lambda: "Retry in " not in rig.drawn())
        rig.clock.advance(200)
        await rig.pilot.pause()
        assert len(rig.chat.tree) == 2
        assert not rig.screen.turns.running


async def test_long_wait_is_cut_short(tmp_path: Path) -> None:
    async with running(tmp_path, [LIMITED], answer("at last")) as rig:
        await _first(rig)
        await rig.pilot.press("ctrl+g", "z")
        await eventually(lambda: rig.screen.answering.can_hurry)
        await rig.pilot.press("ctrl+g", "w")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert "at last" in rig.drawn()


async def test_new_prompt_ends_a_long_wait(tmp_path: Path) -> None:
    async with running(tmp_path, [LIMITED], answer("to the new one")) as rig:
        await _first(rig)
        await rig.pilot.press("ctrl+g", "z")
        await eventually(lambda: "Retry in " in rig.drawn())
        await rig.ask("something else")
        rig.clock.advance(300)
        await rig.pilot.pause()
        assert len(rig.chat.tree) == 4


async def test_stall_offers_something_until_text_comes_again(tmp_path: Path) -> None:
    gate = asyncio.Event()
    script: list[Step] = [
        TextDelta("half "),
        Notice("stalled", "Nothing came for 60 s."),
        gate,
        TextDelta("whole"),
        asyncio.Event(),
    ]
    async with running(tmp_path, script) as rig:
        await rig.send("hello")
        await eventually(lambda: rig.drawn().count("Nothing came for 60 s.") == 2)
        assert rig.drawn().count("Esc cancels") == 2
        gate.set()
        await eventually(lambda: "half whole" in rig.drawn())
        await eventually(lambda: "Nothing came" not in rig.drawn())
        await rig.pilot.press("escape")
        await rig.idle()


async def test_sources_and_pictures_are_listed_clean_and_once(tmp_path: Path) -> None:
    cited = [
        {"type": "url_citation", "url_citation": {"url": f"https://a.org/{n}", "title": f"T{n}"}}
        for n in (1, 2, 1)
    ]
    cited.append({"type": "url_citation", "url": "https://b.org", "title": "\x1b[31mred"})
    cited.append({"type": "file", "url": "https://not.shown"})
    images = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 45_332}},
        {"type": "image_url", "image_url": {"url": "https://c.org/x.png"}},
    ]
    end = ReplyFinished("stop", annotations=tuple(cited), raw={"images": images})
    async with running(tmp_path, [TextDelta("See [1]."), end]) as rig:
        await _first(rig)
        drawn = rig.drawn()
        assert "[1] T1 — https://a.org/1" in drawn
        assert "[2] T2 — https://a.org/2" in drawn
        assert "[3] ␛[31mred — https://b.org" in drawn
        assert "[4]" not in drawn
        assert "not.shown" not in drawn
        assert "Picture: image/png, 34 KB" in drawn
        assert "Picture: https://c.org/x.png" in drawn


async def test_many_sources_are_counted(tmp_path: Path) -> None:
    end = ReplyFinished("stop", raw={"citations": [f"https://a.org/{n}" for n in range(25)]})
    async with running(tmp_path, [TextDelta("x"), end]) as rig:
        await _first(rig)
        assert "[20] https://a.org/19" in rig.drawn()
        assert "[21]" not in rig.drawn()
        assert "… and 5 more" in rig.drawn()


async def test_reply_of_pictures_alone_is_not_empty(tmp_path: Path) -> None:
    end = ReplyFinished("stop", raw={"images": [{"b64_json": "AAAA"}, "nonsense", {}]})
    async with running(tmp_path, [end]) as rig:
        await _first(rig)
        assert "Picture: image, 1 KB" in rig.drawn()
        assert "empty" not in rig.drawn()


async def test_finish_reason_that_nobody_knows_is_shown(tmp_path: Path) -> None:
    async with running(tmp_path, answer("text", finish_reason="tired\x1b[2J")) as rig:
        await _first(rig)
        assert "The server ended the reply with “tired␛[2J”." in rig.drawn()
        assert (await rig.path())[-1].status == "complete"


async def test_failure_before_anything_is_stored_gives_the_prompt_back(tmp_path: Path) -> None:
    class Broken:
        def client_for(self, target: Target) -> ScriptedClient:
            raise RuntimeError("no words for the user")

    async with running(tmp_path, clients=Broken()) as rig:
        rig.screen.prompt.put("precious words")
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.backend.reports))
        await rig.idle()
        assert rig.screen.prompt.text == "precious words"
        assert len(rig.chat.tree) == 0


async def test_failure_in_the_middle_is_a_card_and_the_next_turn_works(tmp_path: Path) -> None:
    async with running(tmp_path, [TextDelta("half"), RuntimeError("x")], answer("ly")) as rig:
        await rig.send("hello")
        await eventually(lambda: bool(rig.backend.reports))
        await rig.idle()
        assert "The app failed while it read this reply." in rig.drawn()
        await rig.pilot.press("ctrl+g", "c")
        await eventually(lambda: len(rig.chat.tree) == 3)
        await rig.idle()
        assert (await rig.path())[-1].text == "halfly"
        assert "halfly" in rig.drawn()


@pytest.mark.parametrize(
    ("come", "end", "title", "retry"),
    [
        ([TextDelta("half an answer")], ReplyFinished("stop"), "Interrupted", "^r Answer again"),
        ([], AuthError("No."), "No answer", "^r Retry"),
    ],
)
async def test_reply_that_cannot_be_stored_at_its_end_is_a_card(
    come: list[Step], end: Step, title: str, retry: str, tmp_path: Path
) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, [*come, gate, end]) as rig:
        await rig.send("hello")
        await rig.backend.store.aclose()
        gate.set()
        await eventually(lambda: title in rig.drawn())
        drawn = rig.drawn()
        assert "The store is closed." in drawn
        assert retry in drawn
        assert "Waiting for" not in drawn
        assert "half an answer" in drawn or not come
        assert not rig.screen.turns.running


async def test_parameters_are_counted_in_the_status_line(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        await rig.screen.session.manager.conversations.set_parameters(
            rig.chat, {"seed": 1, "temperature": 1}
        )
        rig.screen.update_status()
        await eventually(lambda: "2 parameters" in rig.drawn())


async def test_a_prompt_that_failed_says_that_later_ones_go_without_it(tmp_path: Path) -> None:
    client = ScriptedClient([TooLargeError("Too large.", status=413)], answer("fine"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        await rig.ask("far too much")
        assert "Later prompts go without this one." not in rig.drawn()
        await rig.ask("less")
        assert "Later prompts go without this one." in rig.drawn()
    assert [message.text for message in client.requests[-1].messages] == ["less"]
