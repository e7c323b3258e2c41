"""The catalogue that comes with the app, and how it is made."""

import gzip
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chat_tui.core.targets import Prices
from chat_tui.providers.models.catalogue import DATA, Catalogue, Entry, names_of
from chat_tui.tokens.images import image_rule
from chat_tui.tokens.models import encoding_name, own_encoding
from tests.model_catalogue.__main__ import packed
from tests.model_catalogue.genai_prices import read_data
from tests.model_catalogue.merging import Sources, catalogue_of
from tests.model_catalogue.places import PLACES
from tests.model_catalogue.snapshots import newest, read_litellm, read_models_dev

OPENAI, GATEWAY = "api.openai.com", "models.example.com"
MINI = Prices(0.15, 0.6, 0.075)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue()


@pytest.mark.parametrize(
    ("host", "model", "window"),
    [
        (OPENAI, "gpt-4o", 128_000),
        (OPENAI, "gpt-4o-2024-08-06", 128_000),
        (OPENAI, "GPT-4o", 128_000),
        (OPENAI, "gpt-4", 8192),
        (OPENAI, "ft:gpt-4o-mini-2024-07-18:us::x1", 128_000),
        ("api.anthropic.com", "claude-sonnet-4-5-20250929", 200_000),
        ("api.anthropic.com", "claude-sonnet-4-5", 200_000),
        ("generativelanguage.googleapis.com", "models/gemini-2.5-flash", 1_048_576),
        ("generativelanguage.googleapis.com", "gemini-2.5-pro", 1_048_576),
        ("api.fireworks.ai", "accounts/fireworks/models/gpt-oss-120b", 131_072),
        ("name.openai.azure.com", "gpt-4o", 128_000),
        ("name.openai.azure.com", "our-deployment", None),
        (GATEWAY, "openai/gpt-4o", 128_000),
        (GATEWAY, "anthropic/claude-sonnet-4.5:beta", 200_000),
        (GATEWAY, "gemini-2.5-pro", 1_048_576),
        (GATEWAY, "meta-llama/llama-3.3-70b-instruct", None),
        (GATEWAY, "openrouter/auto", None),
        (GATEWAY, "gpt-4ohno", None),
        (GATEWAY, "x" * 5000, None),
        (GATEWAY, "", None),
    ],
)
def test_windows_are_found_however_a_model_is_called(
    shipped: Catalogue, host: str, model: str, window: int | None
) -> None:
    assert shipped.find(host, model).window == window


@pytest.mark.parametrize(
    ("host", "model", "prices"),
    [
        (OPENAI, "gpt-4o-mini", MINI),
        (OPENAI, "gpt-4o-mini-2024-07-18", MINI),
        (GATEWAY, "openai/gpt-4o-mini", MINI),
        # A variant may be free, and what was tuned has a price of its own.
        (GATEWAY, "openai/gpt-4o-mini:free", None),
        (OPENAI, "ft:gpt-4o-mini-2024-07-18:us::x1", Prices(0.3, 1.2)),
        # Each that runs it asks for something else.
        (GATEWAY, "openai/gpt-oss-120b", None),
        ("api.cerebras.ai", "gpt-oss-120b", Prices(0.35, 0.75)),
        # By the length of the prompt: the first ones.
        ("generativelanguage.googleapis.com", "gemini-2.5-pro", Prices(1.25, 10.0, 0.125)),
    ],
)
def test_prices_are_those_of_the_place(
    shipped: Catalogue, host: str, model: str, prices: Prices | None
) -> None:
    assert shipped.find(host, model).prices == prices


def test_names_go_from_the_nearest_to_the_farthest() -> None:
    assert [name.text for name in names_of("openai/gpt-4o-2024-08-06:free")] == [
        "openai/gpt-4o-2024-08-06:free",
        "gpt-4o-2024-08-06:free",
        "gpt-4o-2024-08-06",
        "gpt-4o",
    ]
    assert [name.same_price for name in names_of("a/b:free")] == [True, True, False]


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


@pytest.mark.parametrize(
    ("model", "abilities"),
    [
        ("openai/gpt-4o", {"vision": True, "tools": True, "json": True, "reasoning": False}),
        ("gpt-oss-120b", {"vision": False, "tools": True, "json": True, "reasoning": True}),
        ("claude-sonnet-4.5", {"vision": True, "tools": True, "json": True, "reasoning": True}),
        ("nobody/knows-it", {}),
    ],
)
def test_abilities_are_told_by_name_everywhere(
    shipped: Catalogue, model: str, abilities: dict[str, bool]
) -> None:
    assert shipped.find(GATEWAY, model).abilities == abilities
    assert shipped.find("api.together.xyz", model).abilities == abilities


def test_most_decide_what_a_model_can(tmp_path: Path) -> None:
    def place(name: str, maker: bool, letters: str, window: int) -> dict[str, Any]:
        row = ["m", [], [], window, None, None, None, window, letters, "", "", "2025-01-01", 1, ""]
        host = f"{name}.example"
        return {"name": name, "hosts": [host], "maker": maker, "also": [], "models": [row]}

    runners = [place("b", False, "VTj", 1), place("c", False, "VtJ", 2), place("d", False, "V", 3)]
    path = tmp_path / "data"
    path.write_bytes(packed({"date": "", "providers": [place("a", True, "R", 9), *runners]}))
    catalogue = Catalogue(path)
    found = catalogue.find("elsewhere.example", "m")
    # One against one says nothing; the maker's word comes first, and its window alone holds.
    assert found.abilities == {"vision": True, "reasoning": True}
    assert (found.window, found.max_output) == (9, 9)
    here = catalogue.find("c.example", "m")
    assert here.abilities == {"vision": True, "tools": False, "json": True, "reasoning": True}
    assert (here.window, here.max_output) == (2, 2)


def test_what_is_shipped_agrees_with_what_counts(shipped: Catalogue) -> None:
    places = json.loads(gzip.decompress(DATA.read_bytes()))["providers"]
    rows = [row for place in places for row in place["models"]]
    assert 600 < len(rows) < 2000
    assert DATA.stat().st_size < 60_000
    for id_, *_, letters, vocabulary, rule, released, _, _ in rows:
        assert own_encoding(id_) == (vocabulary in ("o200k_base", "cl100k_base"))
        assert not own_encoding(id_) or vocabulary == encoding_name(id_)
        assert rule == ("" if "v" in letters else image_rule(id_))
        if released:
            date.fromisoformat(f"{released}-01"[:10])
    assert sum(bool(row[8]) for row in rows) > 0.7 * len(rows)
    assert sum(bool(row[7]) for row in rows) > 0.7 * len(rows)
    assert "gpt-4o-mini" in shipped.current(OPENAI)
    for place in places:
        current = shipped.current(place["hosts"][0].replace("*", "x"))
        assert len(set(current)) == len(current)


def test_ten_thousand_models_are_looked_up_at_once(shipped: Catalogue) -> None:
    shipped.find(GATEWAY, "")
    names = [f"openai/gpt-4o-{number}:free" for number in range(10_000)]
    started = time.process_time()
    for name in names:
        shipped.find(GATEWAY, name)
    assert time.process_time() - started < 0.6


def test_every_place_is_somewhere() -> None:
    assert all(place.hosts for place in PLACES.values())
    hosts = [host for place in PLACES.values() for host in place.hosts]
    assert len(hosts) == len(set(hosts))


def test_nothing_is_read_before_something_is_asked() -> None:
    code = (
        "import sys, chat_tui.providers.models.catalogue as c; c.Catalogue();"
        "sys.exit('httpx' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
