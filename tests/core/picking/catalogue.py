"""Rows of models as lists have them."""

from chat_tui.core.model_choices import ModelUse
from chat_tui.core.models import ABILITIES, Fact, ModelCard
from chat_tui.core.picking.rows import NO_USE, ModelRow, row_of


def row(
    name: str,
    *,
    window: int | None = None,
    price: float | None = None,
    can: str | None = None,
    released: str = "",
    use: ModelUse = NO_USE,
    chat: bool = True,
    active: bool = True,
) -> ModelRow:
    """A row.

    Args:
        name: its provider and its name, with a colon between.
        window: tokens.
        price: of a million tokens in.
        can: all of its abilities, with spaces between; None where nobody says.
        released: ISO date.
        use: what is kept of it.
        chat: whether it is one to talk to.
        active: whether it is still there.
    """
    provider, _, model = name.partition(":")
    abilities = (
        {} if can is None else {each: Fact(each in can.split(), "list") for each in ABILITIES}
    )
    card = ModelCard(
        provider,
        model,
        window=None if window is None else Fact(window, "list"),
        input_price=None if price is None else Fact(price, "catalogue"),
        output_price=None if price is None else Fact(4 * price, "catalogue"),
        abilities={each: fact for each, fact in abilities.items() if can is not None},
        released=Fact(released, "catalogue") if released else None,
    )
    return row_of(card, provider.capitalize(), use, chat=chat, active=active)


ROWS = (
    row("openai:gpt-4o", window=128_000, price=2.5, can="vision tools json", released="2024-05-13"),
    row("openai:gpt-4o-mini", window=128_000, price=0.15, can="vision tools json"),
    row("openai:gpt-3.5-turbo", window=16_385, price=0.5, can="tools", released="2022-11-30"),
    row("openai:gpt-5", window=400_000, price=1.25, can="vision tools json reasoning"),
    row("openai:gpt-5-nano", window=400_000, price=0.05, can="vision tools json reasoning"),
    row("openai:text-embedding-3-large", price=0.13, chat=False),
    row("openai:gpt-4-0314", window=8_192, price=30.0, active=False),
    row("anthropic:claude-sonnet-4-5", window=200_000, price=3.0, can="vision tools"),
    row("anthropic:claude-3-5-sonnet-20241022", window=200_000, price=3.0, can="vision tools"),
    row("anthropic:claude-3-opus-20240229", window=200_000, price=15.0, can="vision tools"),
    row("anthropic:claude-opus-4-1", window=200_000, price=15.0, can="vision tools"),
    row("gemini:models/gemini-2.5-flash", window=1_048_576, price=0.3, can="vision tools json"),
    row("gemini:models/gemini-2.5-flash-lite", window=1_048_576, price=0.1, can="vision tools"),
    row("router:openai/gpt-4o", window=128_000, price=2.5, can="vision tools json"),
    row("router:qwen/qwen3-coder", window=262_144, price=0.2, can="tools"),
    row("router:deepseek/deepseek-r1:free", window=64_000, price=0.0, can="reasoning"),
    row("local:llama-3.2-vision"),
    row("local:phi-4-reasoning"),
)
"""What is there in the tests."""
