"""Messages as markdown: what is copied, paged and edited elsewhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.as_markdown import as_markdown, cleaned, close_block
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    TextPart,
    ToolCall,
    in_fence,
    text_parts,
)


def test_conversation_reads_well() -> None:
    code = "```python\nprint('hi')\n```"
    messages = [
        ChatMessage(
            "1",
            "user",
            (
                TextPart("What is this?"),
                ImagePart("ab" * 32, name="cat.png"),
                ImagePart(url="https://example.com/a.png"),
                FilePart("cd" * 32, "notes.txt", text="never shown"),
            ),
        ),
        ChatMessage(
            "2",
            "assistant",
            text_parts(f"A cat.\n\n{code}\n"),
            reasoning="Ears, </details> whiskers.",
            model="model-1",
            annotations=(
                {"type": "url_citation", "url": "https://cats.org", "title": "Cats [all]\\"},
                {"type": "url_citation", "url": "https://cats.org/b"},
            ),
        ),
    ]
    written = as_markdown(messages, title="Cats", system_prompt="Be short.")

    assert written.hidden == 0
    assert (
        written.text
        == f"""\
# Cats

## System

Be short.

## You

What is this?

*Image: cat.png*

![Image](<https://example.com/a.png>)

*File: notes.txt*

## Assistant · model-1

A cat.

{code}

Sources:

1. [Cats (all)\\\\](<https://cats.org>)
2. <https://cats.org/b>
"""
    )
    with_reasoning = as_markdown(messages[1:], reasoning=True).text
    assert with_reasoning.startswith(
        "## Assistant · model-1\n\n<details>\n<summary>Reasoning</summary>\n\n"
        "Ears, &lt;/details> whiskers.\n\n</details>\n\nA cat."
    )


def test_broken_off_reply_is_named_and_swallows_nothing() -> None:
    error = ErrorInfo("server", "It broke.", "Try again.", 500)
    messages = [
        ChatMessage("1", "assistant", text_parts("So:\n~~~sh\nls"), status="stopped"),
        ChatMessage("2", "assistant", status="error", error=error),
        ChatMessage("3", "assistant", refusal="I will not."),
    ]

    blocks = as_markdown(messages).text.split("\n\n")

    assert blocks == [
        "## Assistant",
        "So:\n~~~sh\nls\n~~~",
        "*Stopped here.*",
        "## Assistant",
        f"> {error.told}",
        "## Assistant",
        "I will not.\n",
    ]


def test_tool_calls_stand_in_fences_longer_than_those_within() -> None:
    call = ToolCall("c", "write", '{"text": "```\\n"}\n````')
    messages = [
        ChatMessage("1", "assistant", tool_calls=(call, ToolCall("d", "now", ""))),
        ChatMessage("2", "tool", text_parts("done"), tool_call_id="c"),
    ]

    text = as_markdown(messages).text

    assert f"`write`\n\n`````json\n{call.arguments}\n`````\n\n" in text
    assert "tool `now`\n\n## Tool\n\ndone" in text


def test_hidden_and_control_characters_are_dropped_and_counted() -> None:
    tricky = "a\u202eb\U000e0041c\x1b[31m"

    assert cleaned(tricky) == ("abc␛[31m", 2)
    assert as_markdown([ChatMessage("1", "user", text_parts(tricky))]).hidden == 2


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.text("`~ a\n", max_size=40))
def test_any_code_survives_its_fence(code: str) -> None:
    whole = in_fence(code)
    fence, *lines, end = whole.split("\n")

    assert "\n".join(lines) == code.removesuffix("\n")
    assert end == fence
    assert not any(line.strip().startswith(fence) for line in lines)
    assert close_block(whole) == whole


def test_only_an_open_block_is_closed() -> None:
    assert close_block("```\na\n```\nb\n") == "```\na\n```\nb\n"
    assert close_block("````\n```\nx") == "````\n```\nx\n````"
    assert close_block("inline ``` ticks") == "inline ``` ticks"
    assert close_block("``` with ` tick\n```x") == "``` with ` tick\n```x\n```"


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("a\n<!-- b\n\nc", "-->"),
        ("<!-- a --> b", ""),
        ("<!-->\nb", ""),
        ("  <PRE class=x>\n```\nb", "</PRE>"),
        ("<pre>\n<!--\n</pre>\nb", ""),
        ("<pre", "</pre>"),
        ("<pretty>", ""),
        ("<script>a</script>\n<?php", "?>"),
        ("<![CDATA[ a", "]]>"),
        ("<!DOCTYPE html>", ""),
        ("    <!-- code", ""),
        ("an inline <!-- comment", ""),
        ("```\n<!--\n```\n", ""),
        ("```\n<!--", "```"),
    ],
)
def test_html_that_swallows_what_follows_is_closed(words: str, end: str) -> None:
    closed = f"{words}\n{end}" if end else words
    assert close_block(words) == closed
    assert close_block(closed) == closed


def test_summary_is_headed_as_one_with_who_made_it() -> None:
    summary = ChatMessage(
        "s", "system", text_parts("They met."), model="gpt-4o", covers=("first", "last")
    )
    assert as_markdown([summary]).text == "## Summary · gpt-4o\n\nThey met.\n"
