"""What providers' lists say of all their models, kept at hand."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from chat_tui.core.models import ModelInfo
from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.demo.models import entries
from chat_tui.providers.listing.model_facts import model_infos, stated

_MANY = 500
"""Models that are too many for the loop: some 5 µs each."""


class Listed(NamedTuple):
    """A model as its provider lists it."""

    info: ModelInfo
    """Without what is not read here."""
    window: int | None
    """Tokens; what it was trained for does not count."""
    effective: bool
    """Whether the server has loaded it with this window."""
    owner: str
    """Whom the list says that it is owned by: local servers put their own names there."""


class Endpoint(NamedTuple):
    """Where a list is from: what is known of it is forgotten where any of this changes."""

    provider: str
    base_url: str
    key: tuple[object, ...]
    """Where the key comes from: lists depend on it."""


def endpoint_of(profile: ProviderProfile) -> Endpoint:
    """Where a provider answers now, and with which key."""
    key = (profile.key_env, profile.key_command, profile.key_file, profile.keyring)
    return Endpoint(profile.name, profile.base_url, key)


class ListsAtHand:
    """The lists that were read, by where they are from."""

    def __init__(self) -> None:
        self._lists: dict[Endpoint, Mapping[str, Listed]] = {}

    @cached_property
    def demo(self) -> Sequence[ModelInfo]:
        """The demo's list, which nobody need be asked for."""
        return model_infos(entries(), 0)

    async def take(self, profile: ProviderProfile, models: Sequence[ModelInfo]) -> None:
        """Take a list, in the place of an older one; long ones in a thread."""
        endpoint = endpoint_of(profile)
        if len(models) > _MANY:
            self._lists[endpoint] = await asyncio.to_thread(_table, models)
        else:
            self._lists[endpoint] = _table(models)

    def of(self, profile: ProviderProfile, model: str) -> Listed | None:
        """What is said of a model; None where there is no list, or it is not in it."""
        endpoint = endpoint_of(profile)
        if profile.name == DEMO and endpoint not in self._lists:
            self._lists[endpoint] = _table(self.demo)
        if (there := self._lists.get(endpoint)) is None:
            return None
        if (listed := there.get(model)) is None:
            other = model.removeprefix("models/")
            listed = there.get(f"models/{model}" if other == model else other)
        return listed


def _table(models: Sequence[ModelInfo]) -> Mapping[str, Listed]:
    return {model.id: _listed(model) for model in models}


def _listed(info: ModelInfo) -> Listed:
    if not info.raw:
        return Listed(info, info.window, False, "")
    tokens, effective = stated(info)
    return Listed(replace(info, raw={}), tokens, effective, str(info.raw.get("owned_by") or ""))
