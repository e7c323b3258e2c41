"""What may reach the terminal, and whether there is one."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.control import Control
from rich.segment import Segment
from textual.color import Color

from chat_tui.ui.terminal import ControlFilter, crash_report, unusable

BLACK = Color.parse("#000000")


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@given(st.lists(st.text(max_size=12), max_size=4))
def test_no_control_character_passes_the_filter(texts: list[str]) -> None:
    filtered = ControlFilter().apply([Segment(text) for text in texts], BLACK)
    shown = "".join(segment.text for segment in filtered)
    assert not [c for c in shown if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0]


def test_harmless_lines_pass_as_they_are() -> None:
    segments = [Segment("plain "), Segment("中文 🎉")]
    assert ControlFilter().apply(segments, BLACK) is segments


def test_control_segments_of_textual_pass() -> None:
    segment = Control.home().segment
    assert ControlFilter().apply([segment], BLACK) == [segment]


@pytest.mark.parametrize(
    ("stdin", "stdout", "term", "told"),
    [
        (Screen(), Screen(), "xterm-256color", ""),
        (io.StringIO(), Screen(), "xterm", "draws on a terminal"),
        (Screen(), io.StringIO(), "xterm", "draws on a terminal"),
        (Screen(), Screen(), "dumb", "TERM=dumb"),
        (Screen(), Screen(), "", "TERM=unset"),
        (Screen(), Screen(), "unknown", "TERM=unknown"),
    ],
)
def test_unusable_terminal_is_told_in_one_sentence(
    stdin: io.StringIO, stdout: io.StringIO, term: str, told: str
) -> None:
    reason = unusable(stdin, stdout, {"TERM": term})
    assert bool(reason) == bool(told)
    assert told in reason


def test_crash_report_holds_no_values() -> None:
    def fail(key: str) -> None:
        copy = key * 2
        raise ValueError(copy)

    key = "".join(("can", "ary"))
    try:
        fail(key)
    except ValueError as error:
        report = crash_report(error, "1.0")
    assert "canary" not in report
    assert "ValueError" in report
    assert "in fail" in report
