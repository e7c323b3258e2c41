"""Cards of models: what is known, and who says it; window and prices as they are used."""

import time
from dataclasses import replace
from pathlib import Path

from chat_tui.core.models import Fact, ModelCard, ModelInfo
from chat_tui.core.targets import DEMO, Prices, ProviderProfile, Target
from chat_tui.providers.demo.models import MODELS
from tests.cli.test_facts import GPT, paths, rig
from tests.servers import LoopbackServer, answer

LISTED = ModelInfo(
    "gpt-4o",
    "GPT Four",
    64_000,
    1000,
    1.0,
    2.0,
    abilities=frozenset({"tools"}),
    lacks=frozenset({"vision"}),
    released="2024-05-14",
    raw={"owned_by": "x"},
)


async def test_each_value_has_its_source(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        facts = here.facts
        assert facts.card(Target("nobody", "m")) == ModelCard("nobody", "m")
        assert facts.card(Target("openai", "")) == ModelCard("openai", "")

        shipped = facts.card(GPT)
        assert shipped.window == Fact(128_000, "catalogue")
        assert shipped.max_output == Fact(16_384, "catalogue")
        assert shipped.input_price == Fact(2.5, "catalogue")
        assert shipped.cached_price == Fact(1.25, "catalogue")
        assert shipped.tokenizer == Fact("o200k_base", "catalogue")
        assert shipped.image_rule == Fact("tiles 85 + 170", "catalogue")
        assert shipped.released == Fact("2024-05-13", "catalogue")
        assert shipped.abilities["vision"] == Fact(True, "catalogue")
        assert shipped.can("reasoning") is False
        assert shipped.catalogue_date >= "2026-11-22"

        here.keep("openai", LISTED)
        assert facts.card(GPT) == shipped
        found = await facts.read_lists(["openai", "groq", "nobody", DEMO])
        assert found.keys() == {"openai", DEMO}
        assert found["openai"] == [LISTED]
        listed = facts.card(GPT)
        assert (listed.name, listed.window) == ("GPT Four", Fact(64_000, "list"))
        assert listed.max_output == Fact(1000, "list")
        assert listed.output_price == Fact(2.0, "list")
        # A list that says prices says all that there are.
        assert listed.cached_price is None
        assert listed.released == Fact("2024-05-14", "list")
        assert listed.abilities == {
            **shipped.abilities,
            "tools": Fact(True, "list"),
            "vision": Fact(False, "list"),
        }
        assert listed.image_rule is None

        here.learn(GPT, 32_000)
        assert facts.card(GPT).window == Fact(32_000, "error")

        own = replace(
            here.clients.profile("openai"),
            windows={"gpt-4o": 1000},
            max_outputs={"gpt-4o": 10},
            abilities={"gpt-4o": frozenset({"json"})},
            prices={"gpt-4o": Prices(7.0)},
        )
        here.clients.add(own)
        mine = facts.card(GPT)
        assert mine.window == Fact(1000, "settings")
        assert mine.max_output == Fact(10, "settings")
        assert (mine.input_price, mine.output_price) == (Fact(7.0, "settings"), None)
        assert [name for name, fact in mine.abilities.items() if fact.value] == ["json"]
        assert {fact.source for fact in mine.abilities.values()} == {"settings"}
        assert facts.card(Target("openai", "gpt-4o-mini")).can("vision") is True


async def test_demo_has_a_list_that_nobody_need_be_asked_for() -> None:
    async with rig(None) as here:
        found = await here.facts.read_lists([DEMO, "openai"])
        assert [info.id for info in found[DEMO]] == list(MODELS)
        card = here.facts.card(Target(DEMO, "demo-reasoner"))
        assert card.window == Fact(8192, "list")
        assert card.abilities["reasoning"] == Fact(True, "list")
        assert here.facts.card(Target(DEMO, "demo")).can("reasoning") is False
        assert (card.input_price, card.tokenizer, card.catalogue_date) == (None, None, "")
        assert here.facts.shipped(DEMO) == ()


async def test_server_of_ones_own_is_known_by_what_it_says(tmp_path: Path) -> None:
    entry = {"id": "gpt-4o", "created": 1_700_000_000, "max_model_len": 8192}
    async with LoopbackServer([answer({"data": [entry]})]) as server:
        mine = ProviderProfile("mine", server.base_url)
        async with rig(tmp_path, mine) as here:
            await here.facts.look_up(Target("mine", "gpt-4o"))
            card = here.facts.card(Target("mine", "gpt-4o"))
            assert card.window == Fact(8192, "server")
            # Its name is anybody's, but it is counted as one that is called so.
            assert (card.max_output, card.abilities, card.released) == (None, {}, None)
            assert card.tokenizer == Fact("o200k_base", "catalogue")
            assert here.facts.shipped("mine") == ()
            assert paths(server) == ["/v1/models"]


async def test_catalogue_has_models_where_nobody_was_asked() -> None:
    async with rig(None) as here:
        ids = here.facts.shipped("openai")
        assert "gpt-4o-mini" in ids
        assert here.facts.shipped("openrouter") == here.facts.shipped("nobody") == ()
        cards = [here.facts.card(Target("openai", each)) for each in ids]
        assert all(card.window or card.input_price for card in cards)
        assert not any(card.model.startswith("text-embedding") for card in cards)


async def test_ten_thousand_cards_are_made_at_once() -> None:
    ids = [f"openai/gpt-4o-{number}:free" for number in range(10_000)]
    async with rig(None) as here:
        await here.facts.take_list("openrouter", [replace(LISTED, id=each) for each in ids])
        started = time.process_time()
        cards = [here.facts.card(Target("openrouter", each)) for each in ids]
        assert time.process_time() - started < 1.0
        assert all(card.name == "GPT Four" for card in cards)
        here.clients.remove("openrouter")
        await here.facts.take_list("openrouter", [LISTED])
        assert here.facts.card(Target("openrouter", "gpt-4o")).name == ""


async def test_window_and_prices_agree_with_the_card(tmp_path: Path) -> None:
    near = ProviderProfile("near", "http://127.0.0.1:9/v1")
    async with rig(tmp_path, near) as here:
        here.keep("openai", LISTED, ModelInfo("o3", output_price=1.0))
        here.keep("near", ModelInfo("gpt-4o", window=5000, raw={"n_ctx": 4096}))
        await here.facts.read_lists(["openai", "near"])
        here.learn(Target("openai", "o3"), 500)
        models = ("gpt-4o", "o3", "gpt-4o-mini", "unheard-of")
        for target in (Target(name, model) for name in ("openai", "near") for model in models):
            card, window = here.facts.card(target), here.facts.window(target)
            assert (card.window and tuple(card.window)) == (
                tuple(window) if window.tokens else None
            )
            said = (card.input_price, card.output_price, card.cached_price)
            values = [fact.value if fact else None for fact in said]
            assert Prices(*values) == (here.facts.prices(target) or Prices())
