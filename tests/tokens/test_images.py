"""Pictures weigh what the providers publish."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.estimate import PER_PICTURE
from chat_tui.core.messages import ChatMessage, ImageDetail, ImagePart, TextPart
from chat_tui.tokens.images import image_tokens
from chat_tui.tokens.messages import image_weight

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1-mini", "o4-mini", "gpt-5", "claude-x", "gemini-2.5-pro")


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("gpt-4o", 1024, 1024, 765),
        ("gpt-4o-mini", 1024, 1024, 25501),
        ("o1", 1024, 1024, 675),
        ("gpt-5", 1024, 1024, 630),
        ("gpt-4o", 2048, 4096, 1105),
        ("gpt-4o", 1920, 1080, 1105),
        ("gpt-4.1-mini", 1800, 2400, 2352),
        ("gpt-4.1", 1024, 1024, 765),
        ("gpt-4.5-preview", 1024, 1024, 765),
        ("chatgpt-4o-latest", 1024, 1024, 765),
        ("openai/gpt-4o-mini-2024-07-18", 1024, 1024, 25501),
        ("o1-pro", 1024, 1024, 675),
        ("o3", 1024, 1024, 675),
        ("gpt-5-chat-latest", 1024, 1024, 630),
        ("gpt-4o", 512, 512, 255),
        ("gpt-4o", 1, 1, 255),
        ("gpt-4.1-mini", 1024, 1024, 1659),
        ("gpt-5-mini", 1024, 1024, 1659),
        ("gpt-4.1-nano", 1024, 1024, 2519),
        ("gpt-5-nano", 1024, 1024, 2519),
        ("o4-mini", 1024, 1024, 1761),
        ("o4-mini", 1800, 2400, 2497),
        ("gpt-5-mini", 1, 1, 2),
        ("gpt-5-mini", 100_000, 10, 2),
        ("claude-sonnet-4-5", 28, 28, 1),
        ("anthropic/claude-opus-4", 1092, 1092, 1521),
        ("anthropic.claude-3-haiku", 1000, 1000, 1296),
        ("claude-sonnet-4-5", 1568, 784, 1568),
        ("claude-sonnet-4-5", 3136, 1568, 1568),
        ("claude-sonnet-4-5", 4000, 4000, 1521),
        ("claude-sonnet-4-5", 100_000, 10, 56),
        ("gemini-2.5-flash", 384, 384, 258),
        ("google/gemini-2.5-pro", 385, 200, 516),
        ("gemini-2.5-flash", 960, 540, 6 * 258),
        ("gemini-2.5-flash", 1024, 1024, 4 * 258),
        ("gemini-2.5-flash", 3072, 3072, 16 * 258),
        ("llama-4-scout", 1024, 1024, PER_PICTURE),
        ("gpt-5.1", 1024, 1024, PER_PICTURE),
        ("", 0, 0, PER_PICTURE),
    ],
)
def test_published_weights(model: str, width: int, height: int, tokens: int) -> None:
    assert image_tokens(model, width, height) == tokens
    assert image_tokens(model, width, height, "high") == tokens


@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [
        ("gpt-4o", "low", 85),
        ("gpt-4o-mini", "low", 2833),
        ("o3", "low", 75),
        ("gpt-5", "low", 70),
        ("gpt-4o", "auto", 765),
        ("gpt-4.1-mini", "low", 1659),
        ("claude-sonnet-4-5", "low", 1369),
        ("mistral-small", "low", PER_PICTURE),
    ],
)
def test_pictures_of_unknown_size(model: str, detail: ImageDetail, tokens: int) -> None:
    assert image_tokens(model, 0, 0, detail) == tokens
    assert image_tokens(model, 1024, 1024, detail) == tokens


@given(st.sampled_from(MODELS), st.integers(1, 20_000), st.integers(1, 20_000))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_every_picture_weighs_something_and_the_same_on_its_side(
    model: str, width: int, height: int
) -> None:
    tokens = image_tokens(model, width, height)

    assert tokens == image_tokens(model, height, width) > 0
    if model == "claude-x":
        assert tokens <= 1568
    if model == "o4-mini":
        assert tokens <= 1536 * 1.72


def test_only_pictures_of_the_user_weigh() -> None:
    parts = (TextPart("See:"), ImagePart("ab", width=1024, height=1024), ImagePart(url="http://x"))

    assert image_weight(ChatMessage("1", "user", parts), "gpt-4o") == 2 * 765
    assert image_weight(ChatMessage("1", "assistant", parts), "gpt-4o") == 0
