"""Messages as values."""

import pytest

from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    Part,
    TextPart,
    ToolCall,
    in_fence,
    part_text,
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


def test_document_is_sent_under_its_name_in_a_fence_of_its_language() -> None:
    code = FilePart("0" * 64, "a\nb.py", text="x = 1\n", language="python")
    assert part_text(code) == "File a b.py:\n\n```python\nx = 1\n```"
    assert part_text(FilePart("0" * 64, " ", text="")) == "File document:\n\n```\n\n```"
    assert part_text(TextPart("as it is")) == "as it is"


@pytest.mark.parametrize("ticks", [0, 1, 2, 3, 4, 7])
def test_no_text_ends_its_own_fence(ticks: int) -> None:
    inside = f"a\n{'`' * ticks}\nb `` c"
    first, *lines, last = in_fence(inside, "c++`\n").split("\n")
    assert (first, "\n".join(lines)) == (f"{last}c++", inside)
    assert last == "`" * max(3, ticks + 1)
