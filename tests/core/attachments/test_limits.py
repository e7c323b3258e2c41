"""Whose limits of pictures hold."""

import pytest

from chat_tui.core.attachments.limits import limits_for, limits_for_all
from chat_tui.core.targets import DEMO, Target
from chat_tui.providers.catalogue import PROFILES


@pytest.mark.parametrize(
    ("provider", "model", "who"),
    [
        ("openai", "anything", "OpenAI"),
        ("OpenAI", "gpt-4o", "OpenAI"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "Anthropic"),
        ("bedrock", "us.anthropic.claude-3-5-haiku", "Anthropic"),
        ("openrouter", "openai/gpt-4o-mini:free", "OpenAI"),
        ("mine", "o3", "OpenAI"),
        ("mine", "google/gemini-2.5-pro", "Gemini"),
        ("mine", "pixtral-12b", "Mistral"),
        ("openrouter", "x-ai/grok-4", "xAI"),
        ("huggingface", "zai-org/GLM-4.5V", "Z.ai"),
        ("groq", "openai/gpt-oss-120b", "Groq"),
        ("ollama", "gpt-4o", ""),
        ("vllm", "claude-like", ""),
        ("mine", "llava", ""),
        ("mine", "octopus-1", ""),
    ],
)
def test_limits_are_the_providers_else_the_makers(provider: str, model: str, who: str) -> None:
    assert limits_for(Target(provider, model)).who == who


def test_whatever_is_not_known_takes_only_what_all_take() -> None:
    careful = limits_for(Target("llamacpp", "gemma-3"))

    assert careful.formats == {"PNG", "JPEG"}
    assert careful.wish(keep_metadata=True) == (careful.wish().__class__)(
        careful.side, careful.bytes, careful.formats, True
    )
    assert limits_for(Target(DEMO, DEMO)).formats > careful.formats


def test_every_limit_makes_sense() -> None:
    for profile in PROFILES:
        limits = limits_for(Target(profile.name, ""))
        assert limits.formats & {"PNG", "JPEG"} == {"PNG", "JPEG"}
        assert 1_000 <= limits.side <= 50_000
        assert 1_000_000 <= limits.bytes <= 64_000_000
        assert limits.pictures >= 1
        assert not limits.total or limits.total >= limits.bytes


def test_base64_of_the_largest_picture_is_within_what_anthropic_takes() -> None:
    assert limits_for(Target("anthropic", "claude-x")).bytes * 4 / 3 <= 5_242_880


def test_who_hands_pictures_on_reads_no_format_that_only_the_maker_reads() -> None:
    itself, handed_on = (
        limits_for(Target(provider, "google/gemini-2.5-pro"))
        for provider in ("gemini", "openrouter")
    )
    assert itself.formats - handed_on.formats == {"HEIC"}
    assert handed_on.formats == {"PNG", "JPEG", "WebP"}


def test_limits_of_several_are_those_that_each_of_them_takes() -> None:
    openai, claude = Target("openai", "gpt-5"), Target("anthropic", "claude-x")
    grok = Target("xai", "grok-4")
    both = limits_for_all([openai, claude])
    assert (both.side, both.bytes) == (limits_for(claude).side, limits_for(claude).bytes)
    assert both.formats == limits_for(openai).formats
    assert limits_for_all([openai, grok]).formats == limits_for(grok).formats
    assert limits_for_all([openai]) == limits_for(openai)
    groq, mistral = Target("groq", "llama-4-scout"), Target("mistral", "pixtral-large")
    both = limits_for_all([mistral, groq, openai])
    assert (both.pictures, both.total) == (5, limits_for(groq).total)
