"""What is meant by what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.picking.query import Query, parse_query


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Query()),
        ("  GPT-4o  Mini ", Query(words=("gpt-4o", "mini"))),
        ("son vision", Query(words=("son",), can=frozenset({"vision"}))),
        ("visi visionary", Query(words=("visi", "visionary"))),
        ("-vision -tools", Query(cannot=frozenset({"vision", "tools"}))),
        ("gpt -preview", Query(words=("gpt",), without=("preview",))),
        ("@OpenAI", Query(provider="openai")),
        ("provider:x provider:", Query(provider="x")),
        (">100k", Query(least_window=100_000)),
        (">=8,192 >1m", Query(least_window=1_000_000)),
        ("<1m <=128k", Query(most_window=128_000)),
        ("$<2 $<0.5 <$3", Query(most_price=0.5)),
        ("free", Query(free=True)),
        ("fav", Query(favourites=True)),
        ("favorites recent", Query(favourites=True, recent=True)),
        # On the way to a condition nothing changes.
        ("@ > < $ $< <$ -", Query()),
        (
            ">abc $<x $5 ->100k -fav -@x",
            Query(wrong=(">abc", "$<x", "$5", "->100k", "-fav", "-@x")),
        ),
        ("$<nan $<inf $<-1", Query(wrong=("$<nan", "$<inf", "$<-1"))),
        ("llama3:8b x:free", Query(words=("llama3:8b", "x:free"))),
    ],
)
def test_words_and_conditions_are_told_apart(typed: str, meant: Query) -> None:
    assert parse_query(typed) == meant


@given(st.text(alphabet="ab<>=$-@: 019km.☃İ", max_size=20))
def test_a_query_never_fails_and_plain_words_are_kept(typed: str) -> None:
    query = parse_query(typed)
    assert [word for word in typed.lower().split() if word.isalpha()] == [
        word for word in query.words if word.isalpha()
    ]
