"""Joins what is known of a model into one card, each value with who says it."""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from chat_tui.core.context.budget import Window
from chat_tui.core.models import ABILITIES, Ability, Fact, FactSource, ModelCard, ModelInfo
from chat_tui.core.targets import Prices, ProviderProfile, Target
from chat_tui.providers.models.catalogue import Entry
from chat_tui.tokens.images import image_rule
from chat_tui.tokens.models import encoding_name, own_encoding

T = TypeVar("T")

_UNLISTED = ModelInfo("")


class SaidPrices(NamedTuple):
    """What a model costs, and who says it."""

    prices: Prices | None = None
    source: FactSource = "catalogue"


class Known(NamedTuple):
    """What there is to join besides window and prices."""

    profile: ProviderProfile
    """With what the user says."""
    listed: ModelInfo | None
    """What the provider's list says."""
    shipped: Entry
    """What the catalogue says; empty where it says nothing about this provider's models."""
    date: str
    """Of the catalogue."""
    near: bool
    """Whether it is a server of one's own: days in its list are those of files, or of today."""


def card_of(target: Target, window: Window, said: SaidPrices, known: Known) -> ModelCard:
    """Make the card of a model."""
    listed, shipped = known.listed or _UNLISTED, known.shipped
    prices = said.prices or Prices()
    abilities = _abilities(target.model, known)
    sees = abilities.get("vision")
    rule = "" if sees is not None and not sees.value else _image_rule(target.model, shipped)
    return ModelCard(
        target.provider,
        target.model,
        listed.name,
        Fact(window.tokens, window.source) if window.tokens and window.source else None,
        _max_output(target.model, known),
        _fact(prices.input, said.source),
        _fact(prices.output, said.source),
        _fact(prices.cached, said.source),
        abilities,
        Fact(vocabulary, "catalogue")
        if (vocabulary := _tokenizer(target.model, shipped))
        else None,
        Fact(rule, "catalogue") if rule else None,
        _said("" if known.near else listed.released, shipped.released),
        listed.active,
        known.date,
    )


def _fact(value: T | None, source: FactSource) -> Fact[T] | None:
    return None if value is None else Fact(value, source)


def _said(listed: T | None, shipped: T | None) -> Fact[T] | None:
    """What the list says, else what the catalogue says."""
    if listed:
        return Fact(listed, "list")
    return Fact(shipped, "catalogue") if shipped else None


def _max_output(model: str, known: Known) -> Fact[int] | None:
    if own := known.profile.max_outputs.get(model):
        return Fact(own, "settings")
    listed = known.listed.max_output if known.listed is not None else None
    return _said(listed, known.shipped.max_output)


def _abilities(model: str, known: Known) -> Mapping[Ability, Fact[bool]]:
    if (own := known.profile.abilities.get(model)) is not None:
        return {ability: Fact(ability in own, "settings") for ability in ABILITIES}
    listed, shipped = known.listed or _UNLISTED, known.shipped.abilities
    found: dict[Ability, Fact[bool]] = {}
    for ability in ABILITIES:
        if ability in listed.abilities:
            found[ability] = Fact(True, "list")
        elif ability in listed.lacks:
            found[ability] = Fact(False, "list")
        elif ability in shipped:
            found[ability] = Fact(shipped[ability], "catalogue")
    return found


def _tokenizer(model: str, shipped: Entry) -> str:
    """By the rule by which it is counted."""
    return encoding_name(model) if own_encoding(model) else shipped.tokenizer


def _image_rule(model: str, shipped: Entry) -> str:
    """Likewise."""
    return image_rule(model) or shipped.image_rule
