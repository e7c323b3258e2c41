"""What is kept of a text that is too long."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.cuts import is_cut, left_out
from chat_tui.core.attachments.media import Rule
from chat_tui.media.cutting import LEAST, Gathered, cut, gathered

MARK = re.compile(r"\[… ([0-9,]+) of ([0-9,]+) characters left out here …\]")


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.lists(st.text("ab\r\n e\u0301", max_size=60), max_size=40),
    st.sampled_from(["head", "head-and-tail"]),
    st.integers(LEAST, 400),
)
def test_cut_keeps_the_ends_and_says_what_is_missing(
    pieces: list[str], rule: Rule, most: int
) -> None:
    whole = re.sub("\r\n?", "\n", "".join(pieces))
    text = gathered(pieces, 400)
    assert (text.characters, text.head) == (len(whole), whole[:400])
    assert text.lines == whole.count("\n") + (not whole.endswith("\n") and bool(whole))
    kept = cut(text, rule, most)
    assert len(kept) <= most
    if len(whole) <= most:
        assert kept == whole
        return
    mark = MARK.search(kept)
    assert mark is not None
    head, tail = kept[: mark.start()], kept[mark.end() + 1 :]
    assert kept[mark.end()] == "\n"
    head = head if whole.startswith(head) else head[:-1]
    assert whole.startswith(head)
    assert whole.endswith(tail)
    assert bool(tail) <= (rule == "head-and-tail")
    missing = len(whole) - len(head) - len(tail)
    assert is_cut(kept)
    assert mark[0] in (left_out(missing, len(whole)), left_out(missing - 1, len(whole)))
    assert not tail.startswith("\u0301")
    assert not whole[len(head) :].startswith("\u0301") or head.endswith("\n")


def test_it_is_cut_between_lines_where_one_ends_nearby() -> None:
    text = gathered(f"line {at:03}\n" for at in range(200))
    kept = cut(text, "head-and-tail", 300)
    head, tail = re.split(MARK.pattern + "\n", kept)[0::3]
    assert head.startswith("line 000\n")
    assert tail.endswith("line 199\n")
    assert set(map(len, (head + tail).splitlines())) == {8}
    assert len(kept) > 270
    letter = gathered(["x" * 1_000])
    assert cut(letter, "head", 200) == "x" * 153 + "\n[… 847 of 1,000 characters left out here …]\n"


def test_a_text_that_is_far_too_long_is_not_kept_whole() -> None:
    text = Gathered(1_000)
    for at in range(5_000):
        text.add(f"{at:09}\n")
    assert (text.characters, text.lines, len(text.head)) == (50_000, 5_000, 1_000)
    assert text.tail(20) == "000004998\n000004999\n"
    assert sum(map(len, text._last)) < 1_100
