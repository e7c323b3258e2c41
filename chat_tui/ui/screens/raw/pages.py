"""The pages of the raw view, made from what went over the wire and from what was stored.

All that stands on them is clean: a reply may hold anything.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chat_tui.core.dates import local_time
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.text_lines import Line, padded

PHASES = ("connected", "secured", "sent", "answered", "first_byte", "ended")
"""What `ExchangeRecord.phases` may hold, in the order in which it comes."""

_NAME_WIDTH = 19
_PHASE_WIDTH = 15
_BAR_WIDTH = 36
_ROOM_FOR_BARS = 80
"""Columns from which on phases have bars beside their figures."""

_DATA = re.compile(r';base64,|"b64_json"\s*:\s*"')
"""What Base64 follows."""

_SHOWN_OF_DATA = 80
"""Characters of a picture's data that are shown."""


def request_page(record: ExchangeRecord) -> list[Line]:
    """What was sent."""
    lines = [Line(clean_line(f"{record.method} {record.url}", code=True), "title")]
    return [*lines, *_headers(record.headers), Line(""), *_body(record.body)]


def answer_page(record: ExchangeRecord) -> list[Line]:
    """What came back, as far as it came."""
    lines: list[Line] = []
    if record.status is not None:
        told = clean_line(f"HTTP {record.status} {record.reason}", code=True)
        lines += [Line(told, "title" if record.status < 400 else "bad")]
        lines += [*_headers(record.response_headers), Line("")]
    elif not record.error:
        lines.append(Line(text("raw.no-answer-yet"), "muted"))
    lines += _body(bytes(record.received).decode("utf-8", "replace"))
    if record.size > len(record.received):
        more = record.size - len(record.received)
        lines += [Line(""), Line(text("raw.more-bytes", count=f"{more:,}"), "muted")]
    if record.error:
        lines += [Line(""), Line(clean_line(record.error), "bad")]
    return lines


def timings_page(record: ExchangeRecord, width: int) -> list[Line]:
    """When what was reached, with a bar for how long it took where the width has room for it."""
    reached = [(name, record.phases[name]) for name in PHASES if name in record.phases]
    lines = []
    if record.started:
        when = local_time(record.started).strftime("%Y-%m-%d %H:%M:%S")
        lines += [Line(text("raw.started", when=when), "muted"), Line("")]
    total = max((at for _, at in reached), default=0.0)
    before = 0.0
    for name, at in reached:
        figures = f"{at - before:8.3f} s {at:9.3f} s  "
        words = padded(text(f"raw-phase.{name}"), _PHASE_WIDTH)
        bar = _bar(before, at, total) if width >= _ROOM_FOR_BARS else ""
        lines.append(Line(f"{words}{figures}{bar}".rstrip()))
        before = at
    if reached:
        head = padded("", _PHASE_WIDTH) + f"{text('raw.took'):>10} {text('raw.after'):>11}"
        lines.insert(len(lines) - len(reached), Line(head, "muted"))
        if "connected" not in record.phases:
            lines += [Line(""), Line(text("raw.connection-kept"), "muted")]
    else:
        lines.append(Line(text("raw.no-timings"), "muted"))
    bytes_told = text("raw.bytes", sent=f"{len(record.body):,}", received=f"{record.size:,}")
    return [*lines, Line(""), Line(bytes_told, "muted")]


def reply_page(reply: ChatMessage, *, kept: bool) -> list[Line]:
    """What was stored with the reply.

    Args:
        reply: the message.
        kept: whether what went over the wire can be shown beside it.
    """
    lines = [] if kept else [Line(text("raw.not-kept"), "muted"), Line("")]
    lines += [
        Line(padded(text(f"raw-fact.{name}"), _NAME_WIDTH) + clean_line(value, code=True))
        for name, value in _facts(reply)
        if value
    ]
    if reply.error is not None:
        lines += [Line(""), Line(clean_line(reply.error.told), "bad")]
    lines += [Line(clean_line(notice.message), "muted") for notice in reply.notices]
    return [
        *lines,
        *_section("raw.unknown-fields", reply.raw),
        *_section("raw.annotations", reply.annotations),
        *_section("raw.logprobs", reply.logprobs),
    ]


def summary(records: Sequence[ExchangeRecord], at: int) -> str:
    """Which of the attempts is shown, how it ended and how long it took, in a line."""
    record = records[at]
    pieces = [text("raw.attempt", number=at + 1, count=len(records))]
    if record.status is not None:
        pieces.append(clean_line(f"{record.status} {record.reason}", code=True))
    if record.phases:
        pieces.append(f"{max(record.phases.values()):.2f} s")
    return " · ".join(pieces)


def _facts(reply: ChatMessage) -> list[tuple[str, str]]:
    """Names (of texts) and values."""
    when = ""
    if reply.created:
        when = local_time(reply.created).strftime("%Y-%m-%d %H:%M:%S")
    facts = [
        ("model", reply.model),
        ("provider", reply.provider),
        ("status", reply.status),
        ("finish", reply.finish_reason),
        ("created", when),
    ]
    if reply.usage is not None:
        figures = asdict(reply.usage)
        facts += [(name, f"{each:,}") for name, each in figures.items() if each is not None]
    if reply.cost is not None:
        facts.append(("cost", f"{reply.cost.amount:.6f} {reply.cost.currency}"))
    timings = reply.timings
    if timings is not None:
        if timings.first_token is not None:
            facts.append(("first-token", f"{timings.first_token - timings.sent:.3f} s"))
        if timings.ended is not None:
            facts.append(("total", f"{timings.ended - timings.sent:.3f} s"))
        facts.append(("attempts", str(timings.attempts)))
    return facts


def _section(title: str, value: object) -> list[Line]:
    if not value:
        return []
    plain = json.dumps(_shortened(value), ensure_ascii=False, indent=2, default=str)
    return [Line(""), Line(text(title), "title"), *_lines(plain)]


def _headers(headers: Mapping[str, str]) -> list[Line]:
    return [
        Line(clean_line(f"{name}: {value}", code=True), "muted") for name, value in headers.items()
    ]


def _body(body: str) -> list[Line]:
    """A body: spread where it is JSON, else as it came."""
    body = _without_data(body)
    try:
        spread = json.dumps(_shortened(json.loads(body)), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return _lines(body)
    return _lines(spread)


def _lines(plain: str) -> list[Line]:
    return [Line(line.expandtabs(4)) for line in clean(plain, code=True).split("\n")]


def _without_data(body: str) -> str:
    """A body without the Base64 in it, which is looked for, not read: 20 MB take 3 ms."""
    pieces, at = list[str](), 0
    while (found := _DATA.search(body, at)) is not None:
        begin = found.end()
        end = body.find('"', begin)
        end = len(body) if end < 0 else end
        pieces.append(body[at:begin])
        at = begin
        if end - begin > 2 * _SHOWN_OF_DATA and body.find(" ", begin, end) < 0:
            pieces.append(text("raw.data", count=f"{end - begin:,}"))
            at = end
    return "".join([*pieces, body[at:]])


def _shortened(value: Any, name: str = "") -> Any:
    """JSON with the data of pictures cut: a megabyte of letters says nothing."""
    match value:
        case Mapping():
            return {key: _shortened(each, key) for key, each in value.items()}
        case list() | tuple():
            return [_shortened(each) for each in value]
        case str() if len(value) <= 2 * _SHOWN_OF_DATA:
            return value
        case str() if name == "b64_json":
            return text("raw.data", count=f"{len(value):,}")
        case str() if value.startswith("data:"):
            head = value[: value.find(",", 0, _SHOWN_OF_DATA) + 1] or value[:_SHOWN_OF_DATA]
            return head + text("raw.data", count=f"{len(value) - len(head):,}")
        case _:
            return value


def _bar(begin: float, end: float, total: float) -> str:
    """Where in the whole a phase lies; at least a sign for one that took any time."""
    if total <= 0:
        return ""
    left = min(round(begin / total * _BAR_WIDTH), _BAR_WIDTH - 1)
    right = max(round(end / total * _BAR_WIDTH), left + 1)
    return " " * left + "█" * (right - left)
