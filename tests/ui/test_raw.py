"""The raw view: what went over the wire, page by page, clean, and fast however much it is."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import Static

from chat_tui.core.errors import ErrorInfo
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.messages import ChatMessage, Cost, NoticeInfo, Timings, Usage
from chat_tui.ui.screens.raw.pages import answer_page, reply_page, request_page, timings_page
from chat_tui.ui.screens.raw.screen import RawScreen
from chat_tui.ui.widgets.text_lines import Line, TextLines, folded, hanging
from tests.fakes import answer, eventually
from tests.ui.host import Host, hosting
from tests.ui.rig import running

REPLY = ChatMessage(
    "reply",
    "assistant",
    created=1_767_258_000.0,
    model="gpt-x\x1b[31m",
    provider="fake",
    finish_reason="stop",
    usage=Usage(1_200, 34, None, 7),
    timings=Timings(10.0, 10.25, 12.5, 2),
    cost=Cost(0.0125),
    notices=(NoticeInfo("short_key", "The key is short."),),
    error=ErrorInfo("server", "It failed.", "Try again."),
    raw={"service_tier": "default\x9b"},
)
BODY = {"model": "m", "messages": [{"role": "user", "content": "为什么\u202e"}]}


def _record(**changes: object) -> ExchangeRecord:
    record = ExchangeRecord(
        "reply",
        "POST",
        "https://api.example.com/v1/chat/completions",
        {"Authorization": "Bearer [key]"},
        json.dumps(BODY),
        key_source="EXAMPLE_KEY",
        status=200,
        reason="OK",
        response_headers={"content-type": "text/event-stream"},
        started=1_767_258_000.0,
    )
    for name, value in changes.items():
        setattr(record, name, value)
    return record


def _page(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


class Copies:
    """Takes what is copied."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def __call__(self, words: str) -> None:
        self.words.append(words)


def _first_line(host: Host) -> str:
    return str(host.screen.query_one("#attempt", Static).render())


async def test_last_reply_is_shown_by_the_leader_and_the_marked_one_by_its_mark(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        await rig.pilot.press("ctrl+g", "v")
        await eventually(lambda: "There is no answer to look behind yet." in rig.toasts)
        first, last = await rig.ask("hello"), await rig.ask("again")
        rig.desk.log.add(_record(reply=first.id, url="https://first.example/v1"))
        rig.desk.log.add(_record(reply=last.id, url="https://last.example/v1"))
        await rig.pilot.press("ctrl+g", "v")
        await eventually(lambda: isinstance(rig.app.screen, RawScreen))
        await eventually(lambda: "https://last.example/v1" in rig.drawn())
        await rig.pilot.press("escape")
        await eventually(lambda: rig.app.screen is rig.screen)
        await rig.pilot.press("escape", "k", "k", "k", "k", "ctrl+g", "v")
        await eventually(lambda: "https://first.example/v1" in rig.drawn())


async def test_pages_are_turned_with_keys_and_mouse() -> None:
    record = _record(phases={"sent": 0.1, "answered": 0.4, "ended": 1.0})
    record.receive(b'data: {"a": 1}\n\ndata: [DONE]\n\n')
    async with hosting(RawScreen(REPLY, lambda: [record], Copies())) as host:
        assert "POST https://api.example.com" in host.drawn()
        await host.pilot.press("right")
        await eventually(lambda: "data: [DONE]" in host.drawn())
        await host.pilot.press("3")
        await eventually(lambda: "Answer began" in host.drawn())
        await host.pilot.press("right", "right")
        await eventually(lambda: "POST https://api.example.com" in host.drawn())
        assert await host.pilot.click("#tabs", offset=(18, 0))
        await eventually(lambda: "data: [DONE]" in host.drawn())


async def test_attempts_are_turned_with_brackets() -> None:
    records = [
        _record(status=429, reason="Too Many Requests", error="Too many requests."),
        _record(),
    ]
    async with hosting(RawScreen(REPLY, lambda: records, Copies())) as host:
        assert _first_line(host) == "Attempt 2 of 2 · 200 OK · gpt-x␛[31m"
        await host.pilot.press("left_square_bracket", "left_square_bracket", "2")
        await eventually(lambda: "Attempt 1 of 2 · 429 Too Many" in _first_line(host))
        assert "Too many requests." in host.drawn()
        await host.pilot.press("right_square_bracket")
        await eventually(lambda: "Attempt 2 of 2" in _first_line(host))


async def test_request_answer_page_and_curl_are_copied_clean() -> None:
    record, copies = _record(), Copies()
    record.receive("data: \x1b]52;c;x\x07é".encode())
    async with hosting(RawScreen(REPLY, lambda: [record], copies)) as host:
        await host.pilot.press("c", "r", "a", "y")
        await eventually(lambda: len(copies.words) == 4)
        curl, request, reply, page = copies.words
        assert curl.startswith("curl ")
        assert "$EXAMPLE_KEY" in curl
        assert json.loads(request) == BODY
        assert reply == "data: ␛]52;c;x␇é"
        assert page.startswith("POST https://api.example.com")
        assert "\x1b" not in "".join(copies.words)


async def test_nothing_is_copied_where_there_is_nothing() -> None:
    copies = Copies()
    async with hosting(RawScreen(REPLY, lambda: [_record(body="")], copies)) as host:
        await host.pilot.press("r")
        await eventually(lambda: "There is nothing to copy here." in host.toasts)
        assert copies.words == []


async def test_reply_from_before_the_restart_shows_what_was_stored() -> None:
    async with hosting(RawScreen(REPLY, list, Copies())) as host:
        drawn = host.drawn()
        assert "kept until the app ends" in drawn
        assert "gpt-x␛[31m" in drawn
        assert "4 Stored" in drawn
        await host.pilot.press("c", "r", "a", "2", "right", "left_square_bracket")
        await host.pilot.pause()
        assert "Finish reason" in host.drawn()


async def test_answer_that_still_comes_is_shown_as_it_grows() -> None:
    record = _record(status=None)
    screen = RawScreen(REPLY, lambda: [record], Copies())
    async with hosting(screen) as host:
        await host.pilot.press("2")
        await eventually(lambda: "No answer has come yet." in host.drawn())
        record.status, record.reason = 200, "OK"
        record.receive(b"data: first\n\n")
        screen.look_again()
        await eventually(lambda: "data: first" in host.drawn())


async def test_half_a_megabyte_opens_folds_and_scrolls_without_a_freeze() -> None:
    record = _record()
    record.receive(("data: " + "x为" * 50_000 + "\n\n").encode() + b'data: {"a": "b"}\n\n' * 20_000)
    async with hosting(RawScreen(REPLY, lambda: [record], Copies())) as host:
        began = time.process_time()
        await host.pilot.press("2")
        await eventually(lambda: "text/event-stream" in host.drawn())
        for key in ("end", "pageup", "home", "pagedown"):
            await host.pilot.press(key)
            await host.pilot.pause()
        took = time.process_time() - began
        lines = host.screen.query_one(TextLines)
        assert lines.virtual_size.height > 20_000
        # It takes 0.6 s; a widget a line would take minutes.
        assert took < 5


def test_request_is_spread_and_clean_and_pictures_are_cut() -> None:
    content = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9_000}}]
    page = _page(request_page(_record(body=json.dumps({"messages": content, **BODY}))))
    assert '  "model": "m"' in page
    assert "为什么<U+202E>" in page
    assert "Authorization: Bearer [key]" in page
    assert len(page) < 1_000
    page = _page(request_page(_record(body=json.dumps({"messages": content}))))
    assert "data:image/png;base64,… (9,000 characters)" in page


def test_data_of_pictures_is_cut_wherever_it_stands() -> None:
    data = "QUJD" * 100
    told = ["data:image/png;base64,… (400 characters)", '"b64_json": "… (400 characters)"']
    kept = "no picture;base64,but words" + " and words" * 40
    images = [{"url": f"data:image/png;base64,{data}"}, {"b64_json": data}, {"words": kept}]
    body = json.dumps({"images": images})
    # Once as JSON, once as a stream, which is cut off in its last picture, and once as stored.
    asked = _page(request_page(_record(body=body)))
    record = _record()
    record.receive(f"data: {body[:-30]}".encode())
    answered = _page(answer_page(record))
    stored = _page(reply_page(replace(REPLY, raw={"images": images}), kept=False))
    for page in (asked, answered, stored):
        assert data not in page
        assert all(each in page for each in told)
        assert "but words and words" in page


def test_answer_says_what_is_not_kept_and_why_it_failed() -> None:
    record = _record(error="It broke off.", status=500, reason="\x1b[31mbad")
    record.receive(b"x" * 600_000)
    page = _page(answer_page(record))
    assert "HTTP 500 ␛[31mbad" in page
    assert f"… and {600_000 - 512 * 1024:,} bytes more" in page
    assert page.endswith("It broke off.")


@pytest.mark.parametrize("body", ["[" * 5_000, "1" * 5_000, "{", "<html>\x07</html>", ""])
def test_answer_that_is_no_json_is_shown_as_it_came(body: str) -> None:
    record = _record(response_headers={}, status=None, error="x")
    record.receive(body.encode())
    assert _page(answer_page(record)).startswith(body.replace("\x07", "␇"))


def test_timings_tell_each_phase_and_all_of_them() -> None:
    phases = {"connected": 0.02, "secured": 0.06, "sent": 0.07, "answered": 0.4, "ended": 2.0}
    lines = timings_page(_record(phases=phases), 120)
    page = _page(lines)
    assert "Secured (TLS)     0.040 s     0.060 s" in page
    assert "An open connection" not in page
    bars = [line.text for line in lines if "█" in line.text]
    assert len(bars) == 5
    assert len({len(bar.rstrip()) for bar in bars[-1:]}) == 1
    assert "█" not in _page(timings_page(_record(phases=phases), 40))
    assert "An open connection" in _page(timings_page(_record(phases={"sent": 0.0}), 120))
    assert "Nothing was timed yet." in _page(timings_page(_record(), 120))


def test_stored_facts_are_all_told() -> None:
    page = _page(reply_page(REPLY, kept=True))
    for words in (
        "gpt-x␛[31m",
        "1,200",
        "Cached tokens      7",
        "0.012500 USD",
        "0.250 s",
        "2.500 s",
        "The key is short.",
        "It failed. Try again.",
        "service_tier",
        "default\ufffd",
    ):
        assert words in page
    assert "kept until" not in page


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(st.sampled_from("ab为 é👍")), st.integers(1, 9))
def test_folded_line_loses_nothing_and_fits(line: str, width: int) -> None:
    pieces = list(folded(line, width))
    assert "".join(pieces) == line
    assert pieces
    assert all(cell_len(piece) <= width or len(piece) == 1 for piece in pieces)


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(st.sampled_from("ab为 "), max_size=60), st.integers(0, 30))
def test_hanging_words_keep_their_order_and_fit(words: str, indent: int) -> None:
    told = hanging(words, indent, 40)
    assert "".join(told.split()) == "".join(words.split())
    assert all(cell_len(line) <= 40 for line in told.split("\n"))
