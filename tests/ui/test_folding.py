"""Folding, times and numbers in the lines of messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.conversation import node_of
from chat_tui.core.messages import ChatMessage, ToolCall, text_parts
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.themes import load_themes, theme_folder
from chat_tui.ui.widgets.transcript import TranscriptLook, TranscriptOptions, look_from_theme
from chat_tui.ui.widgets.transcript.calls import spread_json
from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.path import unmarked

TODAY = date(2026, 3, 4)
CREATED = datetime(2026, 3, 4, 5, 6).timestamp()
PIECES = ("word ", "\n\n", "- item\n", "[a", "]: http://x\n", "```\n", "    code\n", "> q\n")


@pytest.fixture(scope="module")
def look() -> TranscriptLook:
    theme = next(each for each in load_themes(theme_folder())[0] if each.name == "chat-tui-dark")
    return look_from_theme(theme.to_color_system().generate(), dark=True)


def _message(number: int, text: str, **fields: object) -> ChatMessage:
    role = "assistant" if number % 2 else "user"
    return ChatMessage(f"m{number}", role, text_parts(text), model="m", created=CREATED, **fields)  # type: ignore[arg-type]


def _column(
    look: TranscriptLook,
    messages: Sequence[ChatMessage],
    options: TranscriptOptions = TranscriptOptions(),  # noqa: B008 - a frozen value
    loaded: bool = True,
) -> MessageColumn:
    column = MessageColumn(look, ActiveKeys({}), options, lambda: TODAY)
    column.relayout(60, look)
    column.reset([node_of(each) for each in messages], messages if loaded else (), unmarked)
    return column


def _drawn(column: MessageColumn, index: int) -> list[str]:
    rendered = column.render(index)
    assert rendered is not None
    return [rendered.strip(line).text.rstrip() for line in range(rendered.height)]


def test_long_prompt_is_folded_by_the_setting_and_answers_are_not(look: TranscriptLook) -> None:
    lines = "\n".join(f"line {number}" for number in range(50))
    column = _column(look, [_message(0, lines), _message(1, lines.replace("\n", "\n\n"))])
    folded = _drawn(column, 0)
    assert folded[-3:] == ["▌ line 9", "▌ … 40 more lines · o unfolds", ""]
    assert "  line 49" in _drawn(column, 1)
    column.folds.toggle("m0", folded=True, long=True)
    column.refold(0)
    column.refresh()
    assert _drawn(column, 0)[-2:] == ["▌ line 49", ""]
    column.folds.toggle("m0", folded=False, long=True)
    column.refold(0)
    column.refresh()
    assert _drawn(column, 0) == folded
    whole = _column(look, [_message(0, lines)], TranscriptOptions(fold_lines=0))
    assert "▌ line 49" in _drawn(whole, 0)


def test_calls_and_reasoning_are_a_line_each_until_they_are_unfolded(look: TranscriptLook) -> None:
    calls = (
        ToolCall("1", "read\x1b[31m", '{"path": "a\u202eb", "deep": {"n": 1.50, "l": [1, 2]}}'),
        ToolCall("2", "odd", "no {JSON"),
    )
    message = _message(1, "done", reasoning="first\n\nsecond", tool_calls=calls)
    column = _column(look, [message])
    assert _drawn(column, 0)[1:] == [
        "  ▸ Reasoning",
        "  done",
        '  ▸ ⚙ read␛[31m  {"path": "a<U+202E>b", "deep": {"n": 1.5…',
        "  ▸ ⚙ odd  no {JSON",
        "",
    ]
    column.folds.reveal("m1", details=True)
    column.refold(0)
    column.refresh()
    unfolded = _drawn(column, 0)
    assert unfolded[1:4] == ["  ▾ Reasoning", "  │ first", "  │"]
    assert [line.strip("▌ ") for line in unfolded[unfolded.index("  done") + 1 : -1]] == [
        *("▾ ⚙ read␛[31m", "{", '"path": "a<U+202E>b",', '"deep": {', '"n": 1.50,', '"l": ['),
        *("1,", "2", "]", "}", "}", "▾ ⚙ odd", "no {JSON"),
    ]
    shown = _column(look, [message], TranscriptOptions(fold_reasoning=False))
    assert _drawn(shown, 0) == unfolded


def test_folded_message_is_its_first_line_whatever_comes_after_it(look: TranscriptLook) -> None:
    live = _message(1, "", status="streaming")
    column = _column(look, [_message(0, "ask"), live])
    column.folds.toggle_all()
    column.refold_all()
    for piece in ("one two\n\n", "three\n\n", "```py\nx = 1\n```\n"):
        column.append("m1", piece, "thinking ")
        column.refresh()
    assert _drawn(column, 1)[1:] == ["  one two", "  … 5 more lines · o unfolds", ""]
    whole = replace(live, parts=text_parts("one two\n\nthree\n\n```py\nx = 1\n```\n"))
    column.finish(replace(whole, status="complete"))
    column.refresh()
    assert _drawn(column, 1)[1:] == ["  one two", "  … 5 more lines · o unfolds", ""]
    column.folds.toggle_all()
    column.refold_all()
    fresh = _column(look, [_message(0, "ask"), replace(whole, status="complete")])
    assert _drawn(column, 1)[-5:] == _drawn(fresh, 1)[-5:]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        st.lists(st.integers(0, 30), max_size=12).map(lambda n: "\n".join("ab " * i for i in n))
    )
)
def test_heights_of_folded_messages_are_those_that_are_estimated(
    look: TranscriptLook, texts: list[str]
) -> None:
    messages = [_message(2 * number, f"x{each}") for number, each in enumerate(texts)]
    estimated, exact = _column(look, messages, loaded=False), _column(look, messages)
    for column in (estimated, exact):
        column.folds.toggle_all()
        column.refold_all()
    exact.settle(0, 10_000, following=False)
    assert estimated.total == exact.total


def test_folding_all_of_10000_messages_renders_none(look: TranscriptLook) -> None:
    messages = [_message(number, "words " * 200) for number in range(10_000)]
    column = _column(look, messages)
    column.settle(0, 40, following=True)
    before, whole = column.renders, column.total
    column.folds.toggle_all()
    column.refold_all()
    assert column.renders == before
    assert column.total == 4 * 10_000
    column.folds.toggle_all()
    column.refold_all()
    assert column.total == whole


def test_times_are_shown_on_demand_with_the_date_of_other_days(look: TranscriptLook) -> None:
    old = replace(_message(1, "old"), created=CREATED - 86_400)
    column = _column(look, [old, _message(3, "new")])
    assert not any(":" in line for index in range(2) for line in _drawn(column, index))
    column.folds.options = TranscriptOptions(timestamps=True)
    column.dress_all()
    assert _drawn(column, 0)[0].endswith("2026-03-03 05:06")
    assert _drawn(column, 1)[0].split() == ["m", "05:06"]


def test_blocks_have_numbers_as_soon_as_there_are_two(look: TranscriptLook) -> None:
    live = _message(1, "", status="streaming")
    column = _column(look, [live])
    column.append("m1", "```py\na = 1\n```\n")
    column.refresh()
    assert _drawn(column, 0)[1:3] == ["    py", "    a = 1"]
    column.append("m1", "\n```\nb\n```\n")
    line = column.refresh()
    assert line is not None
    assert line <= 1
    drawn = _drawn(column, 0)
    assert [drawn[1].split(), drawn[4].split()] == [["py", "1"], ["b", "2"]]
    assert {len(column.render(0).strip(at).text) for at in range(6)} == {60}  # type: ignore[union-attr]


def test_block_that_the_end_of_the_text_brings_has_a_number(look: TranscriptLook) -> None:
    live, source = _message(1, "", status="streaming"), "```\na\n```\n\n    indented"
    column = _column(look, [live])
    column.append("m1", source)
    column.refresh()
    column.finish(_message(1, source))
    column.refresh()
    assert [line.split()[1:] for line in _drawn(column, 0)[1:4]] == [["1"], [], ["2"]]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(PIECES), st.booleans()), max_size=12))
def test_lines_that_are_kept_are_those_that_would_be_drawn_anew(
    look: TranscriptLook, steps: list[tuple[bool, str, bool]]
) -> None:
    column = _column(look, [_message(1, "", status="streaming")])
    for reasons, piece, folds in steps:
        column.append("m1", "" if reasons else piece, piece if reasons else "")
        if folds:
            column.folds.toggle("m1", folded=False, long=False)
            column.refold(0)
        column.refresh()
        kept, rendered = _drawn(column, 0), column.render(0)
        assert rendered is not None
        rendered._strips.clear()
        assert _drawn(column, 0) == kept
        assert column.span(0)[1] == len(kept)


def test_end_of_a_text_is_laid_out_after_a_frame_that_was_full(look: TranscriptLook) -> None:
    column = _column(look, [_message(1, "", status="streaming")])
    source = "[a link][x]\n\n[x]: https://example.org"
    column.append("m1", source)
    column.finish(_message(1, source))
    behind = []
    for _ in range(2):
        column.refresh(0.0)
        behind.append(column.behind)
    assert behind == [True, False]
    assert "  a link" in _drawn(column, 0)


def test_text_that_is_loaded_late_does_not_replace_a_reply_that_has_ended(
    look: TranscriptLook,
) -> None:
    live = _message(1, "begun", status="streaming")
    column = _column(look, [live], loaded=False)
    column.finish(_message(1, "begun and done"))
    column.supply([live])
    assert "  begun and done" in _drawn(column, 0)


def test_only_the_last_message_offers_something(look: TranscriptLook) -> None:
    cut, later = _message(1, "so far", status="interrupted"), _message(2, "more")
    column = _column(look, [cut])
    offered = _drawn(column, 0)
    before = column.renders
    column.extend([node_of(later)], [later])
    assert len(_drawn(column, 0)) < len(offered)
    column.cut(later.id)
    column.extend([], [])
    assert _drawn(column, 0) == offered
    assert column.renders == before


def test_new_messages_begin_below_a_line(look: TranscriptLook) -> None:
    column = _column(look, [_message(0, "seen"), _message(2, "new one")])
    column.settle(0, 40, following=False)
    column.mark_new(1)
    column.refresh()
    drawn = _drawn(column, 1)
    assert drawn[0].strip().startswith("── new ──")
    assert drawn[1:3] == ["▌ You", "▌ new one"]
    assert (column.new, column.span(1)[1]) == (1, 4)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{}", "{}"),
        ("[]", "[]"),
        ('{"a":[]}', '{\n  "a": []\n}'),
        ('{"a":1.50,"a":"}{,:"}', '{\n  "a": 1.50,\n  "a": "}{,:"\n}'),
        ('"text"', '"text"'),
        ("[true, null]", "[\n  true,\n  null\n]"),
        ("{broken", "{broken"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_json_is_laid_out_as_it_was_written(source: str, expected: str) -> None:
    assert spread_json(source) == expected
