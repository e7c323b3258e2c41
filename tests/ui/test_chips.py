"""Long pastes as a few words: the labels and what they stand for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.drafts import Draft
from chat_tui.core.estimate import estimate_tokens
from chat_tui.ui.widgets.chips import Chips, Span, is_long


def test_chip_says_how_long_it_is_and_unfolds_to_its_words() -> None:
    chips = Chips()
    first, second = chips.add("a\n" * 500), chips.add("b" * 34_210)
    assert first == "[Paste 1: 1,000 characters, 501 lines]"
    assert second == "[Paste 2: 34,210 characters]"
    written = f"read {first} and {second}"
    assert chips.unfold(written) == "read " + "a\n" * 500 + " and " + "b" * 34_210
    assert chips.spans(written) == [
        Span(5, 5 + len(first)),
        Span(len(written) - len(second), len(written)),
    ]
    assert chips.around(written, 5) is None
    assert chips.around(written, 6) == Span(5, 5 + len(first))
    assert chips.tokens(written) == estimate_tokens(written) + sum(
        estimate_tokens(chips.words(label)) - estimate_tokens(label) for label in (first, second)
    )


def test_what_only_looks_like_a_chip_is_text() -> None:
    chips = Chips()
    chips.add("x" * 30_000)
    written = "[Paste 1: 3 characters, 1 lines] [Paste 2: 30,000 characters]"
    assert chips.unfold(written) == written
    assert chips.spans(written) == []


def test_changed_chip_keeps_its_number() -> None:
    chips = Chips()
    label = chips.add("x" * 30_000)
    chips.add("other")
    changed = chips.change(label, "y" * 25_000)
    assert changed == "[Paste 1: 25,000 characters]"
    assert chips.words(changed) == "y" * 25_000
    assert chips.words(label) == "x" * 30_000


def test_draft_is_taken_over_with_new_numbers_beside_the_chips_that_are_there() -> None:
    source, target = Chips(), Chips()
    one, two = source.add("1" * 21_000), source.add("2" * 22_000)
    # The figures of what is no chip fit none of the pastes.
    draft = source.draft(f"[Paste 9: 5 characters] {two} {one} {two}")
    assert draft.pastes == ("2" * 22_000, "1" * 21_000, "2" * 22_000)
    target.add("mine")
    written = target.take(draft)
    assert written == (
        "[Paste 9: 5 characters] [Paste 2: 22,000 characters] [Paste 3: 21,000 characters]"
        " [Paste 2: 22,000 characters]"
    )
    assert target.unfold(written) == source.unfold(draft.text)


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.text(max_size=5) | st.integers(1, 3), max_size=6))
def test_draft_comes_back_as_it_was(pieces: list[str | int]) -> None:
    source = Chips()
    written = "".join(
        piece if isinstance(piece, str) else source.add(f"{piece}\n" * piece) for piece in pieces
    )
    draft = source.draft(written)
    other = Chips()
    again = other.take(draft)
    assert other.unfold(again) == source.unfold(written)
    assert other.draft(again).pastes == draft.pastes


def test_texts_are_folded_by_length_lines_and_by_what_stands_beside_them() -> None:
    assert not is_long("x" * 20_000)
    assert is_long("x" * 20_001)
    assert is_long("x\n" * 400)
    assert not is_long("x\n" * 399)
    assert is_long("x" * 5_000, line=16_000)
    assert not is_long("x\n" * 300, line=19_900)
    assert is_long("x" * 5_000, beside=96_000)
    assert Chips().take(Draft("plain")) == "plain"
