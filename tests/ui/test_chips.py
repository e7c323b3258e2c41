"""Long pastes, pictures, documents as a few words: the labels and what they stand for."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.cuts import left_out
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft, draft_of
from chat_tui.core.estimate import estimate_tokens
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.ui.screens.conversation.drafts import joined
from chat_tui.ui.widgets.chips import Chips, Span, is_long
from chat_tui.ui.widgets.transcript.attached import facts_of


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


CAT = ImagePart("c" * 64, "", "image/png", "cat.png", "auto", 1024, 768)
DOG = ImagePart("d" * 64, "", "image/png", "dog.png", "auto", 1024, 768)
NOTES = FilePart("e" * 64, "notes.md", "text/markdown", "line\n" * 120)
ADDRESS = ImagePart(url="https://example.org/x.png")


def test_attached_things_say_what_they_are_and_each_is_sent_once() -> None:
    chips = Chips()
    cat, notes, address = chips.attach(CAT), chips.attach(NOTES), chips.attach(ADDRESS)
    assert [cat, notes, address] == [
        "[Picture 1: cat.png, 1,024×768]",
        "[Document 2: notes.md, 120 lines]",
        "[Picture 3: https://example.org/x.png]",
    ]
    assert chips.attach(FilePart("f", "a", text="b")) == "[Document 4: a, 1 line]"
    assert chips.attach(CAT) == cat
    written = f"{notes} {cat} look {cat}"
    assert chips.attached(written) == (NOTES, CAT)
    assert chips.draft(written) == Draft(written, (), (NOTES, CAT))
    assert chips.tokens(notes) == estimate_tokens(f"{NOTES.name}{NOTES.text}")
    assert chips.part(cat) is CAT
    assert chips.part("[Picture 9: cat.png, 1,024×768]") is None
    # A copied chip is its label: pasted here again, it is the chip.
    assert chips.unfold(written) == written
    assert len(chips.spans(written)) == 3


def test_numbers_do_not_count_what_is_gone_and_a_label_stands_for_one_thing() -> None:
    chips = Chips()
    cat, dog = chips.attach(CAT), chips.attach(DOG)
    chips.settle(dog)
    # The dog keeps its number; what comes is numbered after it.
    notes = chips.attach(NOTES)
    assert (dog[:10], notes) == ("[Picture 2", "[Document 3: notes.md, 120 lines]")
    chips.settle("")
    twin = chips.attach(replace(CAT, sha256="e" * 64))
    # By undo the first one may come back, and is what it was.
    assert twin == cat.replace("1:", "2:")
    chips.settle("")
    assert chips.attach(CAT) == cat
    chips.settle("")
    first = chips.add("x" * 30_000)
    chips.settle("")
    second = chips.add("y" * 30_000)
    assert [first[:8], second[:8]] == ["[Paste 1", "[Paste 2"]
    assert chips.labels_of(NOTES) == [notes]
    assert chips.attached(f"{cat} {notes}") == (CAT, NOTES)


def test_cut_document_and_large_picture_say_so() -> None:
    part = replace(NOTES, text=f"a\n{left_out(1_000, 1_004)}\nb\n")
    assert Chips().attach(part) == "[Document 1: notes.md, cut, 2 lines]"
    assert Chips().attach(replace(part, text=left_out(5, 6) + "\nb")).endswith("cut, 1 line]")
    assert Chips().attach(replace(CAT, width=1_200, height=1_600)).endswith(", 1,200×1,600]")
    assert facts_of(part, 80).startswith("notes.md · cut · 2 lines · ")


def test_hostile_names_cannot_break_a_label() -> None:
    chips = Chips()
    odd = replace(CAT, name="a]\n[Paste 1: 3\x1b[31m\u202egnp.exe" + "x" * 500 + ".png")
    label = chips.attach(odd)
    assert (label.count("["), label.count("]"), label.count("\n")) == (1, 1, 0)
    assert "\x1b" not in label
    assert "\u202e" not in label
    assert len(label) < 80
    assert label.endswith(".png, 1,024×768]")
    assert chips.attached(f"x {label}") == (odd,)
    assert chips.attach(replace(CAT, name="")) == "[Picture 2: picture, 1,024×768]"
    # What a chip leaves in the words is no label of a paste either.
    mimic = replace(CAT, name=chips.add("x" * 30_000).strip("[]"))
    words = chips.prompt(f"is {chips.attach(mimic)} real?").text
    assert words == "is [Paste 3: 30,000 characters] real?"


def test_chips_leave_the_words_or_their_names_in_them() -> None:
    chips = Chips()
    cat, dog, paste = chips.attach(CAT), chips.attach(DOG), chips.add("p\nq")

    def words(written: str) -> str:
        prompt = chips.prompt(written)
        assert prompt.attached
        return prompt.text

    assert words(cat) == ""
    assert words(f" {cat} \n{dog}\n") == ""
    assert words(f"{cat} what is this?") == "what is this?"
    assert words(f"what is this? {cat} {dog} ") == "what is this?"
    assert words(f"what is this?\n\n{cat}\n{dog}") == "what is this?"
    assert words(f"{cat}\n\n  indented\n{dog}") == "  indented"
    assert words(f"one\n\n{cat}\n\ntwo") == "one\n\ntwo"
    assert words(f"one\n{cat}\ntwo\n") == "one\ntwo\n"
    assert words(f"compare {cat} with {dog}") == "compare [cat.png] with [dog.png]"
    assert words(f"{cat} or {dog}") == "[cat.png] or [dog.png]"
    assert words(f"is {cat} nice?") == "is [cat.png] nice?"
    assert words(f"see {cat}\nand say") == "see [cat.png]\nand say"
    assert words(f"{paste} {cat}") == "p\nq"
    assert words(f"a {paste} b {cat} c") == "a p\nq b [cat.png] c"
    assert chips.prompt(f"{paste} \n ") == Prompt("p\nq \n ")


def test_draft_whose_chips_are_elsewhere_twice_or_gone_keeps_all_that_is_attached() -> None:
    chips = Chips()
    other = replace(CAT, sha256="f" * 64)
    label = "[Picture 7: cat.png, 1,024×768]"
    draft = Draft(f"{label} and {label}, [Picture 8: cat.png, 1,024×768]", (), (CAT, other, NOTES))
    one, two = "[Picture 1: cat.png, 1,024×768]", "[Picture 2: cat.png, 1,024×768]"
    assert chips.take(draft) == f"{one} and {one}, {two}\n[Document 3: notes.md, 120 lines]"
    assert Chips().take(draft_of(Prompt("", (CAT, NOTES)))) == (
        "[Picture 1: cat.png, 1,024×768] [Document 2: notes.md, 120 lines]"
    )
    # Two drafts in one: the same figures, other pictures and pastes.
    mine, theirs = Draft(one, (), (CAT,)), Draft(one, (), (other,))
    both = joined(mine, theirs)
    assert both == Draft(f"{one}\n{two}", (), (CAT, other))
    paste = "[Paste 1: 30,000 characters]"
    pasted = joined(Draft(paste, ("a" * 30_000,)), Draft(paste, ("b" * 30_000,)))
    assert pasted.pastes == ("a" * 30_000, "b" * 30_000)
    # A long text of an earlier prompt is folded, not what is attached to it.
    long = Chips()
    shown = long.take(draft_of(Prompt("x" * 30_000, (CAT,))), fold=True)
    assert shown == "[Paste 1: 30,000 characters]\n[Picture 2: cat.png, 1,024×768]"
    assert long.prompt(shown) == Prompt("x" * 30_000, (CAT,))
    assert long.attached(long.folded(f"{shown} {'y' * 30_000}")) == (CAT,)


_PIECES = st.sampled_from(["see ", "\n", "  ", "[", "1: cat.png, 1,024×768]", "漢字", "."])
_PARTS = st.sampled_from([CAT, DOG, NOTES, ADDRESS])


@settings(max_examples=40, derandomize=True)
@given(st.lists(_PIECES | _PARTS | st.integers(2, 3), max_size=8))
def test_draft_with_attachments_comes_back_as_it_was(
    pieces: list[str | int | ImagePart | FilePart],
) -> None:
    source, other = Chips(), Chips()
    other.add("mine\n")
    written = ""
    for piece in pieces:
        match piece:
            case str():
                written += piece
            case int():
                written += source.add(f"{piece}\n" * piece)
            case _:
                written += source.attach(piece)
    again = other.take(source.draft(written))
    assert other.prompt(again) == source.prompt(written)
    assert len(other.spans(again)) == len(source.spans(written))


@settings(max_examples=40, derandomize=True)
@given(st.text("ab \n[]:.漢", max_size=40), st.lists(_PARTS, unique=True, min_size=1))
def test_earlier_prompt_comes_back_with_its_words(
    words: str, parts: list[ImagePart | FilePart]
) -> None:
    chips, prompt = Chips(), Prompt(words, tuple(parts))
    again = chips.prompt(chips.take(draft_of(prompt)))
    assert again.attached == prompt.attached
    assert again.text.rstrip() == words.rstrip()
