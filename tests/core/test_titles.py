"""Titles made from the first exchange."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.titles import MAX_CELLS, numbered_title, title_from, title_of_file


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        pytest.param("why is the sky blue?", "Why is the sky blue?", id="a question"),
        pytest.param("Hi there, write a poem.", "Write a poem", id="greeting"),
        pytest.param("Hello! Please could you sort this", "Sort this", id="several greetings"),
        pytest.param("history of Rome", "History of Rome", id="a word that begins with hi"),
        pytest.param("Heyerdahl's raft", "Heyerdahl's raft", id="a word that begins with hey"),
        pytest.param("pleased to meet you", "Pleased to meet you", id="begins with please"),
        pytest.param("hello", "Hello", id="nothing but a greeting"),
        pytest.param("你好\uff0c写一首诗\u3002谢谢", "写一首诗", id="Chinese greeting"),
        pytest.param("请求头是什么", "请求头是什么", id="a Chinese word that begins so"),
        pytest.param("你好吗", "你好吗", id="a Chinese question that begins so"),
        pytest.param("# Plan\n\nfor today", "Plan", id="markdown heading"),
        pytest.param("**Bold** and `code`", "Bold and code", id="markdown emphasis"),
        pytest.param("explain my_function", "Explain my_function", id="name with underscore"),
        pytest.param("```py\nx = 1\n```\nWhat is this", "What is this", id="code first"),
        pytest.param("...\n---\nwords", "Words", id="lines without words"),
        pytest.param("First part. Second part.", "First part", id="two sentences"),
        pytest.param("What is 3.5 times 2?", "What is 3.5 times 2?", id="decimal point"),
        pytest.param("a\x1b]0;x\x07b\u202e", "A␛]0;x␇b", id="escape sequence"),
        pytest.param("tabs\tand  blanks", "Tabs and blanks", id="white space"),
    ],
)
def test_title_is_the_first_sentence(prompt: str, title: str) -> None:
    assert title_from(prompt) == title


def test_title_comes_from_the_answer_when_the_prompt_has_no_words() -> None:
    assert title_from("???", "Here is a poem. It rhymes.") == "Here is a poem"


@pytest.mark.parametrize("prompt", ["", "  \n", "?!", "***", "```\ncode only\n```"])
def test_title_is_empty_when_there_are_no_words(prompt: str) -> None:
    assert title_from(prompt) == ""


def test_long_title_ends_between_words() -> None:
    title = title_from("the quick brown fox jumps over the lazy dog and then runs away")

    assert title == "The quick brown fox jumps over the lazy dog…"


def test_long_title_without_blanks_is_cut() -> None:
    assert title_from("汉" * 80) == "汉" * (MAX_CELLS // 2 - 1) + "…"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_title_is_one_clean_line_that_fits(prompt: str, answer: str) -> None:
    title = title_from(prompt, answer)

    assert _cells(title) <= MAX_CELLS
    assert len(title.splitlines()) <= 1
    assert title == title.strip()
    assert not any(unicodedata.category(character) == "Cc" for character in title)


@pytest.mark.parametrize(
    ("title", "taken", "copy"),
    [
        ("Tides", [], "Tides (2)"),
        ("Tides", ["Tides", "Tides (2)", "Tides (3)"], "Tides (4)"),
        ("Tides (2)", ["Tides (2)"], "Tides (3)"),
        ("(7)", [], "(7) (2)"),
        ("", ["", " (2)"], ""),
        ("Budget (2021)", [], "Budget (2021) (2)"),
        ("word " * 12, [], "word word word word word word word word… (2)"),
    ],
)
def test_copy_has_the_title_with_the_next_free_number(
    title: str, taken: list[str], copy: str
) -> None:
    assert numbered_title(title, taken) == copy
    assert len(copy) <= MAX_CELLS


def test_title_of_a_file_is_its_name_where_that_tells_something() -> None:
    assert title_of_file("my\n\tcat.png") == "my cat.png"
    assert "\x1b" not in title_of_file("\x1b[31mcat.png")
    assert len(title_of_file("x" * 90 + ".png")) <= MAX_CELLS
    assert title_of_file("clipboard") == title_of_file("") == ""
