"""The catalogue that comes with the app."""

import gzip
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chat_tui.core.targets import Prices
from chat_tui.providers.models.catalogue import DATA, Catalogue
from chat_tui.providers.models.names import names_of
from chat_tui.tokens.images import image_rule
from chat_tui.tokens.models import encoding_name, own_encoding
from tests.model_catalogue.__main__ import packed
from tests.model_catalogue.places import PLACES

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


def test_threads_that_ask_first_all_know_the_same(shipped: Catalogue) -> None:
    last = "models.github.ai"
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(3):
            fresh = Catalogue()
            with ThreadPoolExecutor(4) as threads:
                found = list(threads.map(fresh.find, [last] * 8, ["openai/gpt-4.1"] * 8))
            assert found == [shipped.find(last, "openai/gpt-4.1")] * 8
    finally:
        sys.setswitchinterval(interval)


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
