"""Models are found by some letters, and by what they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.models import ModelCard
from chat_tui.core.picking.finding import Finder
from chat_tui.core.picking.kinds import ORDERS, Order
from chat_tui.core.picking.query import parse_query
from chat_tui.core.picking.rows import LazyCard, ModelRow, in_order
from chat_tui.core.targets import Target
from tests.core.picking.catalogue import ROWS, row

FINDER = Finder(ROWS)


def names(typed: str, finder: Finder = FINDER, order: Order = "relevance") -> list[str]:
    """What is found, by name."""
    return [match.row.place.model for match in finder.find(parse_query(typed), order=order)]


def finder(*models: str) -> Finder:
    return Finder([row(f"p:{model}") for model in models])


def test_without_words_all_are_there_and_what_is_no_chat_comes_last() -> None:
    found = names("")
    assert found[:3] == ["gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo"]
    assert found[-2:] == ["text-embedding-3-large", "gpt-4-0314"]
    assert len(found) == len(ROWS) == FINDER.count(parse_query(""))


@pytest.mark.parametrize(
    ("typed", "models", "found"),
    [
        # The name itself, whole words, beginnings, letters in a row, letters in between.
        ("o1", ["xo1x", "o1x", "o-x1", "big-o1", "o1"], ["o1", "big-o1", "o1x", "xo1x", "o-x1"]),
        ("gpt", ["gpt-4o-mini", "gpt-4o"], ["gpt-4o", "gpt-4o-mini"]),
        ("gp4m", ["gpt-4o", "gpt-4o-mini"], ["gpt-4o-mini"]),
        (
            "gpt 4o MINI",
            ["gpt-4o", "gpt-4o-mini", "openai/GPT_4o.mini"],
            ["gpt-4o-mini", "openai/GPT_4o.mini"],
        ),
        ("4o gpt", ["gpt-4o", "gpt-4"], ["gpt-4o"]),
        # Words in a row before words apart, though these are shorter.
        ("4o m", ["mist/4o", "gpt-4o-mini"], ["gpt-4o-mini", "mist/4o"]),
        ("openai/gpt-4o", ["gpt-4o", "openai/gpt-4o", "openai/gpt-4"], ["openai/gpt-4o"]),
        # Separators alone are no words, and letters begin a word.
        ("--- pt4", ["gpt-4"], []),
        ("---", ["gpt-4"], ["gpt-4"]),
        ("ß x", ["İß-x", "ab"], ["İß-x"]),
        # A vendor is no part of the name.
        ("llama", ["meta-llama/other", "my-llama-3"], ["my-llama-3", "meta-llama/other"]),
    ],
)
def test_what_fits_better_comes_first(typed: str, models: list[str], found: list[str]) -> None:
    assert names(typed, finder(*models)) == found


def test_the_name_comes_before_the_provider() -> None:
    here = Finder([row("router:a"), row("other:router-1"), row("Rout:b")])
    assert names("router", here) == ["router-1", "a"]
    assert names("rout a", here) == ["a"]


def test_among_equals_favourites_come_first_and_then_what_was_used_last() -> None:
    rows = [
        row("p:model-1"),
        row("p:model-22", use=ModelUse(used=5.0)),
        row("p:model-333", use=ModelUse(used=9.0)),
        row("p:model-4444", use=ModelUse(favourite=True)),
        row("p:model-0", chat=False, use=ModelUse(favourite=True)),
    ]
    here = Finder(in_order(rows))
    order = ["model-4444", "model-333", "model-22", "model-1", "model-0"]
    assert names("model", here) == order == names("", here)
    # What fits better goes before a favourite.
    assert names("model-1", here)[0] == "model-1"

    here.replace(replace(rows[0], use=ModelUse(favourite=True)))
    here.replace(row("p:nobody"))
    assert names("model", here)[:2] == ["model-1", "model-4444"]
    assert names("fav", here) == ["model-4444", "model-1", "model-0"]
    assert names("recent", here) == ["model-333", "model-22"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("son vision", {"claude-sonnet-4-5", "claude-3-5-sonnet-20241022"}),
        # Where nobody says it, a name may.
        ("local vision", {"llama-3.2-vision"}),
        ("reasoning -tools", {"deepseek/deepseek-r1:free", "phi-4-reasoning"}),
        ("@openai -vision", {"gpt-3.5-turbo", "text-embedding-3-large", "gpt-4-0314"}),
        ("@open gpt -mini -nano -0314", {"gpt-4o", "gpt-3.5-turbo", "gpt-5"}),
        ("@nobody", set()),
        (">1m", {"models/gemini-2.5-flash", "models/gemini-2.5-flash-lite"}),
        ("<16k", {"gpt-4-0314"}),
        ("gpt $<0.5", {"gpt-4o-mini", "gpt-3.5-turbo", "gpt-5-nano"}),
        ("free", {"deepseek/deepseek-r1:free"}),
        (">100k <200k $<3 json -mini", {"gpt-4o", "openai/gpt-4o"}),
    ],
)
def test_conditions_must_all_hold(typed: str, found: set[str]) -> None:
    assert set(names(typed)) == found


def test_a_provider_that_is_called_just_so_is_the_only_one() -> None:
    here = Finder([row("open:a"), row("openai:b"), row("openrouter:c")])
    assert names("@open", here) == ["a"]
    assert names("@OPENA", here) == ["b"]
    assert names("@openr", here) == ["c"]


def test_orders_put_what_nobody_knows_behind_the_others() -> None:
    by_price = names("claude @anthropic", order="price")
    assert by_price[:2] == ["claude-sonnet-4-5", "claude-3-5-sonnet-20241022"]
    assert names("", order="price")[:2] == ["deepseek/deepseek-r1:free", "gpt-5-nano"]
    assert names("", order="window")[0] == "models/gemini-2.5-flash"
    assert names("", order="released")[:2] == ["gpt-4o", "gpt-3.5-turbo"]
    assert names("gpt @openai", order="name")[0] == "gpt-3.5-turbo"
    for order in ORDERS:
        found = names("", order=order)
        assert set(found[-2:]) == {"text-embedding-3-large", "gpt-4-0314"}
        assert len(found) == len(ROWS)


def test_what_was_typed_is_marked() -> None:
    found = FINDER.find(parse_query("g4o openai"))
    marked = {match.row.place: match.marks for match in found}
    assert marked[Place("openai", "gpt-4o")] == [0, 4, 5]
    assert marked[Place("router", "openai/gpt-4o")] == [0, 1, 2, 3, 4, 5, 7, 11, 12]
    assert found[0].row.place == Place("openai", "gpt-4o")
    assert [match.row for match in found[1:3]] == [found[1].row, found[2].row]
    assert len(FINDER.find(parse_query("gpt"), limit=2)) == 2


def test_nothing_is_known_of_rows_until_it_is_asked() -> None:
    asked: list[str] = []

    def look_up(target: Target) -> ModelCard:
        asked.append(target.model)
        return ModelCard(target.provider, target.model)

    places = [Place("p", f"gpt-{number}") for number in range(9)]
    here = Finder([ModelRow(place, "P", LazyCard(look_up, place)) for place in places])
    assert len(here.find(parse_query("gpt"))) == 9
    assert asked == []
    assert names("gpt-7 vision", here) == []
    assert asked == ["gpt-7"]
    assert here.read_ahead(5)
    assert not here.read_ahead(5)
    assert sorted(asked) == [place.model for place in places]


@given(
    st.lists(
        st.sampled_from(["g", "gp", "gpt", "gpt-4", "4o", "mini", "4o m", "op", "xz"]), max_size=6
    )
)
def test_typing_on_and_back_finds_what_a_new_search_finds(typed: list[str]) -> None:
    kept = Finder(ROWS)
    for words in [*typed, "gpt 4o", *reversed(typed)]:
        assert names(words, kept) == names(words, Finder(ROWS))


def test_no_name_and_no_word_makes_it_slow() -> None:
    here = finder("a" * 20_000, "a-" * 10_000, *(f"{'a' * 40}{n}" for n in range(50)))
    assert names(f"{'a' * 45}b", here) == []
    assert names("ab " * 300, here) == []
    assert len(names("a" * 300, here)) == 1
