"""What servers of one's own say of the models that they have loaded."""

from typing import Any

import pytest

from chat_tui.core.models import ModelInfo
from chat_tui.providers.listing.loaded import PROBES, probes_for, window_of
from chat_tui.providers.listing.model_facts import model_infos, stated

PROPS, OLLAMA, LMSTUDIO, OLDER = PROBES
LOADED = {"id": "a:2", "config": {"context_length": 2048}}


@pytest.mark.parametrize(
    ("probe", "value", "windows"),
    [
        (PROPS, {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 1}, {"": 4096}),
        (PROPS, {"default_generation_settings": {}}, {}),
        (PROPS, {"default_generation_settings": None}, {}),
        (PROPS, {"error": "no"}, None),
        (
            OLLAMA,
            {"models": [{"name": "qwen3:8b", "model": "qwen3:8b", "context_length": 4096}]},
            {"qwen3:8b": 4096},
        ),
        (OLLAMA, {"models": [{"name": "older:1b"}, "?"]}, {}),
        (OLLAMA, {"models": None}, None),
        (
            LMSTUDIO,
            {
                "models": [
                    {
                        "key": "a",
                        "max_context_length": 131072,
                        "loaded_instances": [
                            {"id": "a", "config": {"context_length": 4096}},
                            LOADED,
                            {"id": "a:3", "config": None},
                        ],
                    },
                    {"key": "b", "loaded_instances": []},
                ]
            },
            {"a": 2048, "a:2": 2048},
        ),
        (LMSTUDIO, {"models": [{"name": "of Ollama"}]}, None),
        (
            OLDER,
            {
                "data": [
                    {"id": "a", "max_context_length": 131072, "loaded_context_length": 4096},
                    {"id": "b", "max_context_length": 8192, "state": "not-loaded"},
                ]
            },
            {"a": 4096},
        ),
        (OLDER, {"data": [{"id": "gpt-4o"}]}, None),
    ],
)
def test_answers_are_read(probe: Any, value: dict[str, Any], windows: dict[str, int]) -> None:
    assert probe.read(value) == windows


def test_a_model_is_found_by_its_name_with_or_without_latest() -> None:
    assert window_of({"llama3:latest": 5}, "llama3") == 5
    assert window_of({"llama3": 5}, "llama3:latest") == 5
    assert window_of({"": 5}, "whatever") == 5
    assert window_of({"llama3:8b": 5}, "llama3") is None


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"owned_by": "vllm", "max_model_len": 8192}, (8192, True)),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 40960}}, (4096, True)),
        ({"meta": {"n_ctx_train": 40960}}, (None, False)),
        ({"max_context_length": 131072, "loaded_context_length": 2048}, (2048, True)),
        ({"context_length": 131072}, (131072, False)),
        ({}, (None, False)),
    ],
)
def test_lists_state_what_is_loaded_or_what_could_be(
    entry: dict[str, Any], expected: tuple[int | None, bool]
) -> None:
    (info,) = model_infos([{"id": "m", **entry}], 0.0)
    assert isinstance(info, ModelInfo)
    assert stated(info) == expected


def test_only_likely_servers_are_asked() -> None:
    assert probes_for("ollama", "library", near=True) == [OLLAMA]
    assert probes_for("lmstudio", "", near=True) == [LMSTUDIO, OLDER]
    assert probes_for("mine", "", near=True) == PROBES
    assert probes_for("mine", "llamacpp", near=False) == [PROPS]
    assert probes_for("ollama", "", near=False) == []
    assert probes_for("openai", "system", near=False) == []
