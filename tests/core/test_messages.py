"""Messages as values."""

import pytest

from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    Part,
    TextPart,
    ToolCall,
    text_parts,
)


def test_text_joins_the_text_parts_by_blank_lines() -> None:
    parts = (TextPart("one"), ImagePart(url="https://example.org/x.png"), TextPart("two"))

    assert ChatMessage("m", "user", parts).text == "one\n\ntwo"


@pytest.mark.parametrize(
    ("parts", "empty"),
    [
        pytest.param((), True, id="nothing"),
        pytest.param((TextPart(""),), True, id="empty text"),
        pytest.param((TextPart(""), TextPart(" \n")), True, id="white space in two parts"),
        pytest.param((TextPart("x"),), False, id="text"),
        pytest.param((ImagePart(sha256="0" * 64),), False, id="picture"),
        pytest.param((TextPart(""), FilePart("0" * 64, "a.txt")), False, id="file"),
    ],
)
def test_message_is_empty_when_a_server_would_get_nothing(
    parts: tuple[Part, ...], empty: bool
) -> None:
    assert ChatMessage("m", "user", parts).empty is empty


def test_message_with_tool_calls_is_not_empty() -> None:
    calls = (ToolCall("1", "now", "{}"),)

    assert not ChatMessage("m", "assistant", tool_calls=calls).empty


def test_text_parts_of_nothing_are_none() -> None:
    assert text_parts("") == ()
    assert text_parts("x") == (TextPart("x"),)
