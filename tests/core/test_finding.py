"""Finding words: what is compared with what, and which place is which."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.finding import Finder, Hit, find_all, places
from chat_tui.core.ports import MessageText
from chat_tui.core.searchable import Searchable, fold, prepare, query_of
from tests.examples import examples


def message(text: str, *, id_: str = "1", reasoning: str = "", calls: str = "") -> Searchable:
    return prepare(MessageText(id_, text, reasoning, calls), markdown=True)


def count(words: str, text: str) -> int:
    return len(find_all(words, [message(text)]))


def found(words: str, *messages: Searchable) -> list[tuple[int, str, int]]:
    return [(hit.message, hit.section, hit.ordinal) for hit in find_all(words, messages)]


@pytest.mark.parametrize(
    ("words", "text", "times"),
    [
        ("river", "River rivers RIVER", 3),
        ("River", "River rivers RIVER", 1),
        ("ÄRGER", "Ärger ÄRGER", 1),
        ("ärger", "Ärger ÄRGER", 2),
        ("streßig", "STREßIG streßig", 2),
        ("ΟΔΟΣ".lower(), "ΟΔΟΣ οδος", 2),
        ("测试", "这是一个测试。再测试一次", 2),
        ("two words", "two  words two\nwords two\twords", 3),
        ("two words", "twowords", 0),
        ("end ", "the end", 1),
        ("aa", "aaaa", 2),
    ],
)
def test_words_are_found_where_they_mean_the_same(words: str, text: str, times: int) -> None:
    assert count(words, text) == times


@pytest.mark.parametrize("words", ["", "  ", "\n"])
def test_nothing_is_looked_for_without_words(words: str) -> None:
    assert query_of(words) is None
    assert count(words, "a text") == 0


@pytest.mark.parametrize(
    ("words", "text", "times"),
    [
        ("bold text", "**bold** text", 1),
        ("see the label", "see [the label](https://example.org)", 1),
        ("example.org", "see [the label](https://example.org)", 0),
        ("a_b * c", "`a_b * c` and a_b * c", 2),
        ("**bold**", "**bold** and **bold**", 2),
        ("](https://example", "see [the label](https://example.org)", 1),
        ("head two", "# head\n\ntwo", 1),
        ("x & y", "x &amp; y", 1),
        ("cell | other", "| cell | other |\n|---|---|\n| cell | other |", 2),
        ("**kept**", "```\n**kept**\n```", 1),
        ("• one • two", "- one\n- two", 1),
        ("☑ done", "- [x] done", 1),
        ("5 * 3 * 2", "5 * 3 * 2", 1),
        ("*real*", r"\*real\*", 1),
    ],
)
def test_text_is_searched_as_it_is_seen_and_as_written_for_words_with_marks(
    words: str, text: str, times: int
) -> None:
    assert count(words, text) == times


def test_a_prompt_is_searched_as_it_was_written() -> None:
    prompt = prepare(MessageText("1", "**stars** in `it`", "", ""), markdown=False)
    assert len(find_all("**stars** in `it`", [prompt])) == 1
    assert find_all("stars in it", [prompt]) == []


def test_hits_come_in_the_order_of_the_screen_with_reasoning_and_calls() -> None:
    first = message("a river, a river", reasoning="which river?")
    second = message("none", id_="2", calls='map {"name":"river","zoom":[1,2]}')
    assert found("river", first, second) == [
        (0, "reasoning", 0),
        (0, "text", 0),
        (0, "text", 1),
        (1, "calls", 0),
    ]
    assert found('"name": "river", "zoom": [ 1, 2 ]', first, second) == [(1, "calls", 0)]


def test_hidden_characters_and_controls_are_searched_as_they_are_shown() -> None:
    assert count("ab", "a\u202eb") == 1
    assert count("\u241b", "x\x1by") == 1


@given(
    st.lists(st.text("abA \n*", max_size=20), max_size=6),
    st.text("abA", min_size=1, max_size=3),
)
@settings(max_examples=examples(60), derandomize=True)
def test_numbers_and_places_go_together(texts: Sequence[str], words: str) -> None:
    messages = [
        prepare(MessageText(str(number), text, text[::-1], ""), markdown=False)
        for number, text in enumerate(texts)
    ]
    finder = Finder()
    finder.show([each.id for each in messages])
    finder.look_for(words)
    assert finder.total == 0
    finder.supply(messages[::2])
    finder.supply(messages[1::2])
    hits = [finder.hit(number) for number in range(finder.total)]
    assert hits == find_all(words, messages)
    assert [finder.number_of(hit) for hit in hits] == list(range(len(hits)))
    for index in range(len(messages)):
        below = [number for number, hit in enumerate(hits) if hit.message >= index]
        assert finder.first_from(index) == (below[0] if below else finder.total)
    query = query_of(words)
    assert query is not None
    naive = sum(
        len(places(section.text(query, source=False), query.needle))
        for each in messages
        for section in each.sections
    )
    assert finder.total == naive


def test_a_text_that_grew_is_counted_anew_and_an_old_place_keeps_a_number() -> None:
    finder = Finder()
    finder.show(["1", "2"])
    finder.look_for("river")
    finder.supply([message("river river"), message("river", id_="2")])
    last = finder.hit(2)
    finder.supply([message("river river river")])
    assert finder.total == 4
    assert finder.number_of(last) == 3
    finder.supply([message("", id_="2")])
    assert finder.number_of(Hit(1, "text", 5, 6, 0.5)) == 2


def test_another_path_is_searched_with_what_was_prepared() -> None:
    finder = Finder()
    finder.show(["1", "2"])
    finder.look_for("x")
    finder.supply([message("x"), message("x x", id_="2")])
    finder.show(["2", "3"])
    assert finder.total == 2
    assert finder.missing() == ["3"]


def test_missing_texts_are_wanted_from_a_place_on_and_then_upwards() -> None:
    finder = Finder()
    finder.show(list("abcde"))
    finder.supply([message("", id_="d")])
    assert finder.missing(2) == ["c", "e", "b", "a"]


def test_words_found_in_the_source_alone_are_marked_without_their_markup() -> None:
    finder = Finder()
    finder.show(["1"])
    finder.supply([message("**Bold** text")])
    assert finder.look_for("**bold**")
    assert (finder.total, finder.by_source) == (1, True)
    assert finder.query is not None
    assert finder.query.seen == "bold"
    finder.supply([message(r"\*\*bold\*\*")])
    assert (finder.total, finder.by_source) == (1, False)


def test_a_number_without_a_place_is_refused() -> None:
    finder = Finder()
    with pytest.raises(IndexError):
        finder.hit(0)
    finder.show(["1"])
    finder.supply([message("x")])
    finder.look_for("x")
    with pytest.raises(IndexError):
        finder.hit(1)


@given(st.text(max_size=30))
@settings(max_examples=examples(60), derandomize=True)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
