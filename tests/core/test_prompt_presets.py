"""Prompts that set a conversation up."""

import pytest

from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.prompt_presets import BUILT_IN, preset_of, with_built_in


def test_built_in_ones_set_a_system_prompt_and_ask_for_a_document() -> None:
    assert [prompt.name for prompt in BUILT_IN] == ["Document analysis", "文档分析"]
    for prompt in BUILT_IN:
        preset = preset_of(prompt)
        assert preset.system
        assert preset.parameters == {"temperature": 0.2}
        assert preset.document
        assert "---" not in preset.text
        assert prompt.variables == {"question": ""}
    assert "文档分析专家" in preset_of(BUILT_IN[1]).system


def test_head_may_have_lines_that_go_on() -> None:
    written = "---\nsystem: One.\n Two.\nmax_tokens: 7\n---\n\nText."
    preset = preset_of(SavedPrompt("mine", written))
    assert preset.system == "One.\nTwo."
    assert preset.parameters == {"max_tokens": 7}
    assert preset.text == "Text."
    assert preset.sets
    assert not preset.document


@pytest.mark.parametrize(
    "written",
    [
        "Just text.",
        "---\nA rule, then text.\n---\nMore.",
        "---\nsystem: never closed",
        "---\ntemperature: warm\n---\nText.",
        "---\nno_such_parameter: 1\n---\nText.",
        "---\nattach: picture\n---\nText.",
        "---\nsystem: a\nsystem: b\n---\nText.",
    ],
)
def test_what_is_no_head_is_text(written: str) -> None:
    preset = preset_of(SavedPrompt("mine", written))
    assert preset.text == written
    assert not preset.sets


def test_own_prompt_of_the_same_name_comes_in_place_of_a_built_in_one() -> None:
    own = SavedPrompt("document ANALYSIS", "mine")
    assert with_built_in([own]) == [own, BUILT_IN[1]]
    assert with_built_in([]) == list(BUILT_IN)
