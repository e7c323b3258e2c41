"""Slash commands: what is one, which there are, what follows them."""

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.providers.demo.answers import answer
from chat_tui.ui.actions import ACTIONS
from chat_tui.ui.completion import rank
from chat_tui.ui.slash import (
    ARGUMENTS,
    DEMO_WORDS,
    Command,
    assignments,
    entries,
    escaped,
    find,
    parse_command,
    unknown,
)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("/model gpt-4o", Command("model", "gpt-4o")),
        ("  /Temp  0.7 \n", Command("temp", "0.7")),
        ("/system You are kind.\nAlways.", Command("system", "You are kind.\nAlways.")),
        ("/copy-answer", Command("copy-answer", "")),
        ("/翻译 this", Command("翻译", "this")),
        ("/etc/hosts is empty", None),
        ("/usr/bin", None),
        ("/", None),
        ("/ model", None),
        ("/1 of them", None),
        ("/*comment*/", None),
        ("model", None),
        ("not /model", None),
    ],
)
def test_word_after_a_slash_is_a_command(words: str, command: Command | None) -> None:
    assert parse_command(words) == command


def test_second_slash_makes_it_text() -> None:
    assert escaped("//model") == "/model"
    assert escaped("//model is nice") == "/model is nice"
    assert escaped("// a comment") is None
    assert escaped("//server/share") is None
    assert escaped("/model") is None


def test_commands_come_from_the_registry_and_each_word_means_one_thing() -> None:
    prompts = [SavedPrompt("Code review", "…"), SavedPrompt("model", "never reached")]
    found = entries(lambda _: True, prompts, demo=True)
    words = [word for entry in found for word in entry.words]
    assert len(words) == len(set(words))
    for action in ACTIONS:
        if action.palette:
            first = action.slash.split(",")[0] if action.slash else action.id
            assert find(first, found) is not None
    entry = find("model", found)
    assert entry is not None
    assert entry.action is not None
    assert entry.action.id == "switch-model"
    entry = find("code-review", found)
    assert entry is not None
    assert entry.prompt is prompts[0]
    entry = find("help", found)
    assert entry is not None
    assert not entry.demo
    assert set(ARGUMENTS) <= set(words)
    assert find("quit", entries(lambda action: action.id != "quit", [], demo=False)) is None
    assert find("markdown", entries(lambda _: True, [], demo=False)) is None


def test_demo_answers_to_all_its_words() -> None:
    plain = answer({"messages": [{"role": "user", "content": "/nonsense"}]})
    for word in DEMO_WORDS:
        told = answer({"messages": [{"role": "user", "content": f"/{word} x"}]})
        assert (told.text, told.fault) != (plain.text, plain.fault), word


def test_unknown_command_names_a_near_one() -> None:
    error = unknown("modle", entries(lambda _: True, [], demo=False))
    assert error.told == (
        "There is no command /modle. Did you mean /model? //modle sends it as text."
    )
    assert "mean" not in unknown("qqqq", entries(lambda _: True, [], demo=False)).told


def test_parameters_are_read_one_after_the_other() -> None:
    assert assignments('temperature=0.2 stop=["a b", "c"] seed=7') == {
        "temperature": 0.2,
        "stop": ["a b", "c"],
        "seed": 7,
    }
    assert assignments("max_completion_tokens=10 temperature=") == {
        "max_tokens": 10,
        "temperature": None,
    }
    for wrong in ("", "hot", "hot temperature=1", "temperature=9", "nonsense=1"):
        with pytest.raises(UsageError):
            assignments(wrong)


def test_rank_puts_beginnings_before_parts_and_letters_in_order() -> None:
    assert rank("model", ["model"]) == 0
    assert rank("mod", ["model"]) == 1
    assert rank("ans", ["copy-answer"]) == 2
    assert rank("temp", ["x"], "Temporary conversation") == 3
    assert rank("cpa", ["copy-answer"]) == 4
    assert rank("zz", ["copy-answer"], "Copy") is None
    assert rank("", ["anything"]) == 1
