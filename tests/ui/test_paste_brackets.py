"""Pastes between their brackets, cut into pieces at any place."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from chat_tui.ui.paste_brackets import PasteBrackets

_SENT = (
    "ab\x1b[A\x1b[200~first\n\x1b[31mred\x1b[0m\rthird\x1b\x1b[201~"
    "c\x1b[B\x1b[200~\x1b[201~d\x1b[200"
)
_READ = _SENT.replace("\x1b[31m", "␛[31m").replace("\x1b[0m", "␛[0m").replace("\x1b\x1b", "␛\x1b")


@given(st.lists(st.integers(0, len(_SENT)), max_size=8))
def test_escape_sequences_in_a_paste_are_text_wherever_it_is_cut(cuts: list[int]) -> None:
    brackets = PasteBrackets()
    places = [0, *sorted(cuts), len(_SENT)]
    pieces = [_SENT[begin:end] for begin, end in pairwise(places)]
    assert "".join(map(brackets.feed, pieces)) == _READ


def test_textual_takes_such_a_paste_for_one() -> None:
    parser = XTermParser(False)
    heard = list(parser.feed(PasteBrackets().feed(_SENT)))
    paste = next(event for event in heard if isinstance(event, Paste))
    assert paste.text == "first\n␛[31mred␛[0m\rthird␛"
    keys = [event.key for event in heard if isinstance(event, Key)]
    assert keys == ["a", "b", "up", "c", "down", "d"]
