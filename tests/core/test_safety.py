"""Text from outside is made safe to show, whole or in pieces."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core._marks import MARKS
from chat_tui.core.safety import MAX_MARKS, Cleaner, clean, clean_line, join_surrogates
from tests.examples import examples

ESC = "\x1b"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
OVERRIDE = "\u202e"
MARK = "\u0301"
HIDDEN_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")

PIECES = (
    *("\r", "\n", "\r\n", "\t", " ", "a", "Z", "0", "é", "中", "😀", "\x00", ESC, "\x07", "\x7f"),
    *("\x80", "\x9b", "\x9d", "\ud83d", "\ude00", "\ud800", "\udbff", "\udfff", "\udb40", "\udc67"),
    *("\U0001f3f4", "\U000e0067", "\U000e0031", "\U000e007f", "\U000e0001", "\U000e0041", ENGLAND),
    *(MARK, MARK * 5, MARK * 12, "\u20dd", "\ufe0f", "\u200d", "\U000e0100"),
    *(OVERRIDE, "\u202c", "\u2066", "\u2069", "\u200e", "\u2028", "\ufeff"),
)
"""What the rules are about, so that generated texts are rich in it."""

few_pieces = st.lists(st.sampled_from(PIECES), min_size=3, max_size=5, unique=True).flatmap(
    lambda some: st.lists(st.sampled_from(some), min_size=8, max_size=40)
)
"""A few sorts of pieces at a time meet each other more often than all sorts do."""

any_pieces = st.lists(
    st.one_of(st.sampled_from(PIECES), st.characters(exclude_categories=())), max_size=40
)

hostile_text = st.one_of(few_pieces, any_pieces).map("".join)


def fed(text: str, cuts: list[int], *, code: bool) -> tuple[str, int]:
    """Clean a text cut at some places: what comes out, and how much was removed."""
    cleaner = Cleaner(code=code)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    out = [cleaner.feed(text[start:end]) for start, end in pairwise(places)]
    return "".join(out) + cleaner.close(), cleaner.removed


@settings(max_examples=examples(600))
@given(hostile_text, st.lists(st.integers(0, 200), max_size=12), st.booleans())
def test_cleaner_equals_clean_for_any_split(text: str, cuts: list[int], code: bool) -> None:
    whole = fed(text, [], code=code)

    assert fed(text, cuts, code=code) == whole
    assert whole[0] == clean(text, code=code)


@settings(max_examples=examples(500))
@given(few_pieces.map("".join), st.booleans())
def test_cleaner_equals_clean_when_fed_by_the_character(text: str, code: bool) -> None:
    assert fed(text, list(range(len(text))), code=code) == fed(text, [], code=code)


@settings(max_examples=examples(400))
@given(hostile_text, st.booleans())
def test_clean_text_holds_nothing_that_acts_on_a_terminal(text: str, code: bool) -> None:
    cleaned = clean(text, code=code)

    assert not HIDDEN_CONTROLS.search(cleaned)
    assert not BIDI.search(cleaned)
    cleaned.encode("utf-8")
    tags = re.findall(
        "\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f|[\U000e0000-\U000e007f]", cleaned
    )
    assert all(tag[0] == "\U0001f3f4" for tag in tags)


@settings(max_examples=examples(400))
@given(hostile_text, st.booleans())
def test_clean_text_stays_as_it_is_when_cleaned_again(text: str, code: bool) -> None:
    cleaned = clean(text, code=code)

    assert clean(cleaned, code=code) == cleaned


@settings(max_examples=examples(400))
@given(hostile_text)
def test_no_base_carries_more_than_eight_marks(text: str) -> None:
    run = longest = 0
    for character in clean(text):
        takes_room = unicodedata.category(character) not in ("Mn", "Me")
        run = 0 if takes_room else run + 1
        longest = max(longest, run)

    assert longest <= MAX_MARKS


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param(f"{ESC}]52;c;aGk=\x07", "␛]52;c;aGk=␇", id="OSC 52"),
        pytest.param("\x9d0;title\x9c", "\ufffd0;title\ufffd", id="C1 OSC"),
        pytest.param(f"{ESC}P+q544e{ESC}\\", "␛P+q544e␛\\", id="DCS"),
        pytest.param("a\r\nb\rc\n\td", "a\nb\nc\n\td", id="line ends"),
        pytest.param("\x7f\x00\x08", "␡␀␈", id="DEL, NUL, BS"),
        pytest.param("\ud83d\ude00", "😀", id="surrogate pair"),
        pytest.param("x\ud83dx\ude00", "x\ufffdx\ufffd", id="lone halves"),
        pytest.param(f"{ENGLAND}!", f"{ENGLAND}!", id="flag of England"),
        pytest.param("hi\U000e0049\U000e0067\U000e006e", "hi", id="smuggled tags"),
        pytest.param("\U0001f3f4\U000e0067", "\U0001f3f4", id="unfinished flag"),
        pytest.param(f"user{OVERRIDE}txt.exe", "usertxt.exe", id="override"),
        pytest.param("❤️‍🔥 👨‍👩‍👧‍👦 é", "❤️‍🔥 👨‍👩‍👧‍👦 é", id="emoji sequences"),
        pytest.param("می‌خواهم हिन्दी ไทย", "می‌خواهم हिन्दी ไทย", id="scripts with marks"),
        pytest.param("[/] [@click=app.quit]x[/]", "[/] [@click=app.quit]x[/]", id="markup is text"),
    ],
)
def test_clean_maps_each_sort_of_character(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_bidi_overrides_are_named_in_code() -> None:
    cleaner = Cleaner(code=True)

    shown = cleaner.feed(f"if admin{OVERRIDE} \u2066begin\u2069") + cleaner.close()

    assert shown == "if admin<U+202E> <U+2066>begin<U+2069>"
    assert cleaner.removed == 0


def test_removed_counts_what_was_dropped() -> None:
    cleaner = Cleaner()

    cleaner.feed(f"a{OVERRIDE}b\U000e0041c" + MARK * 11)
    cleaner.close()

    assert cleaner.removed == 1 + 1 + 3


def test_surplus_marks_are_dropped_across_what_takes_no_room() -> None:
    zalgo = "a" + (MARK * MAX_MARKS + "\ufe0f\u200d") * 3

    assert clean(zalgo) == "a" + MARK * MAX_MARKS


def test_dropped_characters_do_not_start_a_new_run_of_marks() -> None:
    cleaner = Cleaner()

    out = [cleaner.feed(piece) for piece in ("a" + MARK * 6, OVERRIDE, MARK * 6)]

    assert "".join(out) == "a" + MARK * MAX_MARKS


def test_cleaner_holds_back_only_what_it_cannot_judge() -> None:
    cleaner = Cleaner()

    assert cleaner.feed("one\r") == "one"
    assert cleaner.feed("two\ud83d") == "\ntwo"
    assert cleaner.feed("\ude00 \U0001f3f4\U000e0067") == "😀 "
    assert cleaner.close() == "\U0001f3f4"


def test_cleaner_is_as_new_after_close() -> None:
    cleaner = Cleaner()
    cleaner.feed("a" + MARK * MAX_MARKS + "\r")

    assert cleaner.close() == "\n"
    assert cleaner.feed(MARK) == MARK


def test_clean_line_gives_one_line() -> None:
    assert clean_line(" a\r\n\tb\u2028c  d\n") == "a b c d"


def test_join_surrogates_gives_what_utf8_can_hold() -> None:
    assert join_surrogates("\ud83d\ude00 \ud83d") == "😀 \ufffd"
    assert join_surrogates("plain\x1b") == "plain\x1b"


def test_table_of_marks_holds_those_that_every_python_knows() -> None:
    table = re.compile(f"[{MARKS}]")
    old = unicodedata.ucd_3_2_0
    for code in range(0x110000):
        character = chr(code)
        if old.category(character) in ("Mn", "Me") and "VARIATION SELECTOR" not in (
            unicodedata.name(character, "")
        ):
            still = unicodedata.category(character) in ("Mn", "Me")
            assert bool(table.match(character)) == still, f"U+{code:04X}"
