"""Long runs are cut where nothing changes, or nowhere near often."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.tokens import get_encoding
from chat_tui.tokens.cutting import LONGEST, parts, pieces
from chat_tui.tokens.worker import count_tokens
from tests.tokens.corpus import CORPUS

ALPHABET = "aZé的กิ\u0301'’.,/!😀19²½Ⅷ \t\n\r\x1c\xa0_ﬁ"
NAMES = ("o200k_base", "cl100k_base")

mixed = st.text(st.one_of(st.sampled_from(ALPHABET), st.characters()), max_size=30)


BORDERS = ("a1", "1a", "的，", "9.", "é(", "ﬁ/", "a’", "١é", "Z€", "ก😀")
NO_BORDERS = ("a'", "ab", "a\u0301", ".a", "'s", "12", "a ", " a", "\u0301a", "1²", "!/", "/\n")


@given(mixed, st.sampled_from(BORDERS), mixed)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_no_token_goes_over_a_border(before: str, border: str, after: str) -> None:
    before, after = before + border[0], border[1] + after

    assert parts(*border)
    for name in NAMES:
        encode = get_encoding(name).encode_ordinary

        assert encode(before + after) == encode(before) + encode(after)


@pytest.mark.parametrize("pair", NO_BORDERS)
def test_where_a_token_may_go_on_is_no_border(pair: str) -> None:
    assert not parts(*pair)


def test_border_of_any_two_characters_holds() -> None:
    """Whatever two characters say: by themselves, and between letters and signs."""
    for before in ALPHABET:
        for after in ALPHABET:
            for left, right in (("", ""), ("x", "x"), (" ", "s"), ("(", "\n")):
                if parts(before, after):
                    encode = get_encoding("o200k_base").encode_ordinary
                    whole = encode(left + before + after + right)

                    assert whole == encode(left + before) + encode(after + right)


@given(mixed)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_counts_are_tiktokens_own(text: str) -> None:
    for name in NAMES:
        encoding = get_encoding(name)

        assert count_tokens(encoding, text) == len(encoding.encode_ordinary(text))


@pytest.mark.parametrize("kind", [kind for kind, text in CORPUS.items() if text])
def test_long_texts_without_blanks_are_counted_exactly(kind: str) -> None:
    """As of Chinese, of a minified file, of base64: whatever the kind, in one run."""
    text = "".join(CORPUS[kind].split()) * (3 * LONGEST // len(CORPUS[kind]) + 1) + "。1"

    for name in NAMES:
        encoding = get_encoding(name)

        assert count_tokens(encoding, text) == len(encoding.encode_ordinary(text))


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", " \n", "=", "😀", "的", "กิ", "\x1c", "\u0301", "Aa", "\x1c!", "1"]
)
def test_runs_without_an_end_take_a_bounded_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    cut = list(pieces(text))
    started = time.process_time()
    counts = [count_tokens(get_encoding(name), text) for name in NAMES]

    assert "".join(cut) == text
    assert max(map(len, cut)) <= LONGEST
    assert time.process_time() - started < 2
    assert all(0 < count <= 3 * len(text) for count in counts)


def test_a_megabyte_of_blanks_does_not_end_the_process() -> None:
    """The stack of tiktoken overflows on it."""
    assert count_tokens(get_encoding("o200k_base"), " " * 1_000_000) < 10_000


def test_ordinary_texts_are_not_cut() -> None:
    text = "\n".join(CORPUS.values()) * 50

    assert list(pieces(text)) == [text]
    assert list(pieces("")) == [""]
