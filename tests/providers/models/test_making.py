"""How the catalogue is made of public snapshots."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chat_tui.core.targets import Prices
from chat_tui.providers.models.catalogue import Catalogue, Entry
from tests.model_catalogue.__main__ import packed
from tests.model_catalogue.genai_prices import read_data
from tests.model_catalogue.merging import Sources, catalogue_of
from tests.model_catalogue.snapshots import newest, read_litellm, read_models_dev

OPENAI, GATEWAY = "api.openai.com", "models.example.com"

SAMPLE = """
import datetime
providers: list[Provider] = [
    Provider(
        id='openai',
        models=[
            ModelInfo(
                id='gpt-x',
                match=ClauseOr(or_=[ClauseEquals(equals='gpt-X'), ClauseStartsWith(starts_with='gpt-x-pro')]),
                context_window=1000,
                prices=[
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('9'), output_mtok=Decimal('9'))),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 1, 1)),
                        prices=ModelPrice(
                            input_mtok=TieredPrices(
                                base=Decimal('1.5'), tiers=[Tier(start=200, price=Decimal('3'))]
                            ),
                            output_mtok=Decimal('2'),
                            cache_read_mtok=Decimal('0.1'),
                        ),
                    ),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2027, 1, 1)),
                        prices=ModelPrice(input_mtok=Decimal('7')),
                    ),
                    ConditionalPrice(
                        constraint=TimeOfDateConstraint(
                            start_time=datetime.time(0, 30, tzinfo=datetime.UTC),
                            end_time=datetime.time(16, 30, tzinfo=datetime.UTC),
                        ),
                        prices=ModelPrice(input_mtok=Decimal('8')),
                    ),
                ],
            ),
            ModelInfo(
                id='gpt-y',
                match=ClauseEquals(equals='gpt-y'),
                prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('4')),
            ),
            ModelInfo(
                id='gpt-z',
                match=ClauseOr(
                    or_=[
                        ClauseEquals(equals='gpt-z'), ClauseEquals(equals='gpt-z-2'),
                        ClauseEquals(equals='gpt-z-chat'), ClauseEquals(equals='gpt-z-max'),
                        ClauseEquals(equals='gpt-z-mini-latest'),
                    ]
                ),
                context_window=1000,
                prices=ModelPrice(input_mtok=Decimal('3'), output_mtok=Decimal('4')),
            ),
            ModelInfo(
                id='text-embedding-x', match=ClauseEquals(equals='text-embedding-x'),
                context_window=10, prices=ModelPrice(),
            ),
            ModelInfo(id='nothing', match=ClauseEquals(equals='nothing'), prices=ModelPrice()),
        ],
    ),
    OTHERS
]
"""  # noqa: E501


MODELS_DEV: dict[str, Any] = {
    "openai": {
        "models": {
            "GPT-X": {
                "modalities": {"input": ["text", "image"], "output": ["text"]},
                "tool_call": True,
                "reasoning": False,
                "structured_output": True,
                "cost": {"input": 50, "output": 60},
                "limit": {"context": 1000, "output": 300},
                "release_date": "2026-01-02",
                "last_updated": "2026-05-06",
            },
            "gpt-new": {
                "modalities": {"input": ["text"], "output": ["text"]},
                "tool_call": False,
                "reasoning": True,
                "limit": {"context": 5000, "output": 0},
                "release_date": "2026-05-05",
                "last_updated": "2026-05-05",
            },
            "gpt-paints": {
                "modalities": {"input": ["text"], "output": ["image"]},
                "tool_call": False,
                "reasoning": False,
                "limit": {"context": 5000, "output": 0},
                "release_date": "2026-05-05",
                "last_updated": "2026-05-05",
            },
        }
    },
    "nvidia": {
        "models": {
            "a/trial": {
                "modalities": {"input": ["text"], "output": ["text"]},
                "tool_call": False,
                "reasoning": False,
                "cost": {"input": 0, "output": 0},
                "limit": {"context": 4000, "output": 0},
                "release_date": "2025-05-05",
                "last_updated": "2025-05-05",
            },
        }
    },
}
LITELLM: dict[str, Any] = {
    "gpt-x": {"litellm_provider": "openai", "mode": "chat", "max_output_tokens": 7},
    "gpt-y-2026-03-04": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 3000,
        "max_output_tokens": 100,
        "supports_vision": False,
        "supports_response_schema": True,
    },
    "gpt-old": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 10,
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 1e-05,
        "deprecation_date": "2026-11-22",
    },
    "gpt-other": {
        "litellm_provider": "openai",
        "mode": "responses",
        "max_input_tokens": 10,
        "supported_endpoints": ["/v1/responses"],
    },
    "ft:gpt-x": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 10},
    "cohere/command-z": {"litellm_provider": "cohere_chat", "mode": "chat", "max_input_tokens": 9},
    "speaks": {"litellm_provider": "openai", "mode": "audio_speech"},
}
DAY = date(2026, 11, 22)


def made_catalogue() -> dict[str, Any]:
    others = [f"Provider(id='{name}', models=[])" for name in ("groq", "meta")]
    gateway = (
        "Provider(id='openrouter', models=[ModelInfo(id='openai/gpt-y', context_window=2000,"
        " match=ClauseEquals(equals='openai/gpt-y'), prices=ModelPrice())])"
    )
    source = SAMPLE.replace("OTHERS", ",\n".join([*others, gateway]))
    sources = Sources(read_data(source), read_models_dev(MODELS_DEV), read_litellm(LITELLM, DAY))
    return catalogue_of(sources, DAY, ["a test"])


def test_it_is_made_from_all_snapshots_without_running_them(tmp_path: Path) -> None:
    made = made_catalogue()
    places = {place["name"]: place["models"] for place in made["providers"]}
    rows = places["openai"]
    names = ["gpt-z-2", "gpt-z-chat", "gpt-z-max", "gpt-z-mini-latest"]
    # Names, beginnings; window, prices, longest reply; abilities …
    assert [row[:13] for row in rows] == [
        ["GPT-X", [], ["gpt-x-pro"], 1000, 1.5, 2.0, 0.1, 300, "VTJr", "", "", "2026-01-02", 1],
        ["gpt-y", [], [], 3000, 1.0, 4.0, None, 100, "vJ", "", "", "", 0],
        ["gpt-z", names, [], 1000, 3.0, 4.0, None, None, "", "", "", "", 0],
        ["gpt-new", [], [], 5000, None, None, None, None, "vtR", "", "", "2026-05-05", 1],
        ["gpt-old", [], [], 10, 2.5, 10.0, None, None, "", "", "", "", 0],
    ]
    # … and who said each of it.
    assert [row[13] for row in rows] == ["ggmmmmmm", "lgll-l--", "gg------", "m--mm-mm", "ll------"]
    assert places["cohere"][0][0] == "command-z"
    assert places["nvidia"][0][4:7] == [None, None, None]
    assert newest(MODELS_DEV) == "2026-05-06"
    assert packed(made) == packed(made_catalogue())

    path = tmp_path / "catalogue.json.gz"
    path.write_bytes(packed(made))
    small = Catalogue(path)
    known = small.find(OPENAI, "gpt-x-pro-max")
    assert known[:3] == (1000, Prices(1.5, 2.0, 0.1), 300)
    assert known.abilities == {"vision": True, "tools": True, "json": True, "reasoning": False}
    assert small.find(OPENAI, "text-embedding-x") == Entry()
    assert small.find(GATEWAY, "openai/gpt-new").released == "2026-05-05"
    assert (small.date, small.current(OPENAI)) == ("2026-11-22", ["gpt-new", "GPT-X"])
    assert small.current(GATEWAY) == ()
    with pytest.raises(ValueError, match="no literal"):
        read_data("providers: list[Provider] = [open('x' + 'y')]")


def rows_where(dev: dict[str, Any], told: dict[str, Any]) -> dict[str, list[Any]]:
    """The rows of OpenAI's models by their ids, of these entries of models.dev and LiteLLM."""
    plain = MODELS_DEV["openai"]["models"]["GPT-X"]
    snapshots = {"openai": {"models": {id_: plain | entry for id_, entry in dev.items()}}}
    listed = {id_: LITELLM["gpt-x"] | entry for id_, entry in told.items()}
    source = read_data(SAMPLE.replace("OTHERS", ""))
    sources = Sources(source, read_models_dev(snapshots), read_litellm(listed, DAY))
    return {row[0]: row for row in catalogue_of(sources, DAY, [])["providers"][0]["models"]}


@pytest.mark.parametrize(
    ("dev", "told", "window", "source"),
    [
        (2000, 2000, 2000, "m"),
        # Both call it much larger, whatever it is now.
        (3000, 2000, 3000, "m"),
        # A round figure, for what the others say exactly.
        (1048, 1048, 1048, "m"),
        (1048, None, 1048, "m"),
        (1048, 1024, 1000, "g"),
        (2000, None, 1000, "g"),
        (900, 900, 1000, "g"),
    ],
)
def test_window_is_corrected_where_both_others_agree(
    dev: int, told: int | None, window: int, source: str
) -> None:
    entry = {"limit": {"context": dev, "output": 3000}}
    row = rows_where({"gpt-x": entry}, {"gpt-x": {"max_input_tokens": told}})["gpt-x"]
    assert (row[3], row[-1][0]) == (window, source)
    assert row[7] == min(3000, window)  # no reply is longer than all that there is room for
    # Its prices are as old as its window.
    assert row[4] == (50 if window >= 2000 else 1.5)


def test_older_names_keep_what_was_said_of_an_outdated_model() -> None:
    entry = {"limit": {"context": 5000, "output": 300}}
    rows = rows_where({"gpt-x": entry}, {"gpt-x": {"max_input_tokens": 5000}})
    assert rows["gpt-x"][1:4] == [[], [], 5000]
    assert rows["gpt-x-pro"][1:6] == [[], ["gpt-x-pro"], 1000, 1.5, 2.0]


def test_prices_on_which_both_others_agree_hold() -> None:
    entry = {"cost": {"input": 5, "output": 6}}
    rows = rows_where(
        {"gpt-x": entry, "gpt-y": entry | {"limit": {"context": 9, "output": 9}}},
        {
            "gpt-x": {"input_cost_per_token": 5e-06, "output_cost_per_token": 6e-06},
            "gpt-y": {"input_cost_per_token": 5e-06, "output_cost_per_token": 7e-06},
        },
    )
    assert (rows["gpt-x"][4:6], rows["gpt-x"][-1][1]) == ([5, 6], "m")
    assert (rows["gpt-y"][4:6], rows["gpt-y"][-1][1]) == ([1.0, 4.0], "g")


def test_name_of_which_others_say_something_else_is_a_model_of_its_own() -> None:
    dev = {"gpt-z": {}, "gpt-z-chat": {"limit": {"context": 128, "output": 16}}, "gpt-z-max": {}}
    told = {"gpt-z": {}, "gpt-z-mini-latest": {"supports_vision": False}}
    rows = rows_where(dev, told)
    # One row a name, but the names of which nobody says anything else.
    assert rows["gpt-z"][1] == ["gpt-z-2", "gpt-z-max"]
    assert rows["gpt-z"][3:9] == [1000, 3.0, 4.0, None, 300, "VTJr"]
    assert rows["gpt-z-chat"][3:9] == [128, 3.0, 4.0, None, 16, "VTJr"]
    assert rows["gpt-z-chat"][-1][:3] == "mgm"
    # Its window is its own only where somebody says it.
    assert rows["gpt-z-mini-latest"][3:9] == [1000, 3.0, 4.0, None, 7, "v"]


def test_what_snapshots_disagree_about_it_can() -> None:
    said = {"supports_vision": True, "supports_function_calling": True, "supports_reasoning": True}
    blind = {"modalities": {"input": ["text"], "output": ["text"]}, "tool_call": False}
    row = rows_where({"gpt-x": blind}, {"gpt-x": said})["gpt-x"]
    # LiteLLM says of whole families that they reason.
    assert (row[8], row[-1][3:7]) == ("VTJr", "llmm")


@pytest.mark.parametrize(
    ("name", "said", "released", "source"),
    [
        ("gpt-w-2026-03-04", "2026-03-10", "2026-03-10", "m"),
        ("gpt-w-2026-03-04", "2024-11-01", "2026-03-04", "n"),
        ("gpt-w-2603", "2024-11-01", "2026-03", "n"),
        ("gpt-4", "2023-11-06", "2023-03-14", "f"),
    ],
)
def test_day_in_a_name_holds_where_another_is_far_off(
    name: str, said: str, released: str, source: str
) -> None:
    row = rows_where({name: {"release_date": said}}, {})[name]
    assert (row[11], row[-1][-1]) == (released, source)
