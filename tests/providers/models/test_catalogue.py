"""The catalogue that comes with the app, and how it is made."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from chat_tui.core.targets import Prices
from chat_tui.providers.models.catalogue import Catalogue, Entry, names_of
from tests.model_catalogue import HOSTS, MAKERS, catalogue_of, packed, read_data

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
                id='text-embedding-x', match=ClauseEquals(equals='text-embedding-x'),
                context_window=10, prices=ModelPrice(),
            ),
            ModelInfo(id='nothing', match=ClauseEquals(equals='nothing'), prices=ModelPrice()),
        ],
    ),
    OTHERS
]
"""  # noqa: E501


def test_it_is_made_from_the_data_file_without_running_it(tmp_path: Path) -> None:
    others = [f"Provider(id='{name}', models=[])" for name in HOSTS if name != "openai"]
    gateway = (
        "Provider(id='openrouter', models=[ModelInfo(id='openai/gpt-y', context_window=2000,"
        " match=ClauseEquals(equals='openai/gpt-y'), prices=ModelPrice())])"
    )
    source = SAMPLE.replace("OTHERS", ",\n".join([*others, gateway]))
    made = catalogue_of(read_data(source), date(2026, 11, 22), "a test")
    assert made["providers"][0]["models"] == [
        [["gpt-x"], ["gpt-x-pro"], 1000, 1.5, 2.0, 0.1],
        [["gpt-y"], [], 2000, 1.0, 4.0, None],
    ]
    assert packed(made) == packed(made)
    path = tmp_path / "catalogue.json.gz"
    path.write_bytes(packed(made))
    small = Catalogue(path)
    assert small.find(OPENAI, "gpt-x-pro-max") == Entry(1000, Prices(1.5, 2.0, 0.1))
    assert small.find(OPENAI, "text-embedding-x") == Entry()
    with pytest.raises(ValueError, match="no literal"):
        read_data("providers: list[Provider] = [open('x' + 'y')]")


def test_every_maker_is_somewhere() -> None:
    assert HOSTS.keys() >= MAKERS


def test_nothing_is_read_before_something_is_asked() -> None:
    code = (
        "import sys, chat_tui.providers.models.catalogue as c; c.Catalogue();"
        "sys.exit('httpx' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
