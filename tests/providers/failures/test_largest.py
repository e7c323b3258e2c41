"""Which part of a request is named as the largest."""

from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart, ToolCall, text_parts
from chat_tui.providers.failures.largest import largest_in_bytes, largest_in_tokens

PHOTO = ImagePart(sha256="a", name="photo.png")
IMAGES = {"a": 4_200_000}


def conversation(*messages: ChatMessage) -> tuple[ChatMessage, ...]:
    return (ChatMessage("s", "system", text_parts("Be kind.")), *messages)


def test_a_picture_is_the_largest_in_bytes() -> None:
    messages = conversation(
        ChatMessage("1", "user", text_parts("x" * 120_000)),
        ChatMessage("2", "user", (TextPart("look"), PHOTO)),
    )
    assert largest_in_bytes(messages, IMAGES) == (
        "The largest is the picture photo.png in message 2 of 2 (4.2 MB)."
    )


def test_a_long_text_fills_the_window_more_than_a_picture() -> None:
    messages = conversation(
        ChatMessage("1", "user", text_parts("x" * 120_000)),
        ChatMessage("2", "user", (TextPart("look"), PHOTO)),
    )
    assert largest_in_tokens(messages, IMAGES) == (
        "The largest is your message 1 of 2 (120,000 characters)."
    )


def test_a_picture_fills_the_window_more_than_a_short_text() -> None:
    messages = conversation(ChatMessage("2", "user", (TextPart("look"), PHOTO)))
    assert "photo.png" in largest_in_tokens(messages, IMAGES)


def test_files_answers_and_results_are_named_for_what_they_are() -> None:
    file = FilePart("b", "notes\x1b.txt", text="y" * 900)
    calls = (ToolCall("c", "f", "z" * 800),)
    messages = conversation(
        ChatMessage("1", "user", (file,)),
        ChatMessage("2", "assistant", tool_calls=calls),
        ChatMessage("3", "tool", text_parts("w" * 700), tool_call_id="c"),
    )
    assert largest_in_tokens(messages, {}) == (
        "The largest is the file notes␛.txt in message 1 of 3 (900 characters)."
    )
    assert largest_in_tokens((messages[0], *messages[2:]), {}) == (
        "The largest is the answer in message 1 of 2 (800 characters)."
    )
    assert largest_in_tokens((messages[0], messages[3]), {}) == (
        "The largest is the result of a tool (700 characters)."
    )
    short = ChatMessage("1", "user", text_parts("hi"))
    assert largest_in_tokens((messages[0], short), {}) == (
        "The largest is the system prompt (8 characters)."
    )


def test_a_picture_from_an_address_has_no_bytes() -> None:
    parts = (ImagePart(url="https://e.com/x.png"), ImagePart(url="https://e.com/y.png"))
    assert largest_in_bytes((ChatMessage("1", "user", parts),), {}) == (
        "The largest is the picture (from an address)."
    )


def test_a_message_alone_is_not_called_the_largest() -> None:
    assert largest_in_bytes((), {}) == ""
    assert largest_in_bytes((ChatMessage("1", "user", text_parts("x" * 900)),), {}) == ""
