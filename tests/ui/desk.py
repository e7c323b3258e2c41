"""A desk of providers that keeps everything in memory and does as it is told."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_tui.core.checks import CheckStep
from chat_tui.core.errors import ChatError
from chat_tui.core.exchanges import ExchangeLog, ExchangeRecord
from chat_tui.core.memory import ForgetfulMemory, Learnt
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.ui.desk import ProviderRow
from tests.fakes import TARGET

FAKE = ProviderProfile(
    TARGET.provider, "http://127.0.0.1:9/v1", default_model=TARGET.model, label="Fake"
)
"""The provider of `tests.fakes.TARGET`."""


class FakeDesk:
    """A `ProviderDesk` without disk or network.

    Args:
        rows: the providers; the one of `TARGET` alone, unless told otherwise.
    """

    def __init__(self, rows: Sequence[ProviderRow] = ()) -> None:
        self.rows = list(rows or [ProviderRow(FAKE, own=False, ready=True, key="none needed")])
        self.memory = ForgetfulMemory()
        self.log = ExchangeLog()
        """What `exchanges` gives; add records to it."""
        self.steps: Sequence[CheckStep | asyncio.Event] = ()
        """What `check` yields; an event is waited for."""
        self.windows: dict[tuple[str, str], int | None] = {}
        """What was given to `save_window`, by provider and model."""
        self.failure: ChatError | None = None
        """Raised by everything that may fail, while it is set."""
        self.checked: list[tuple[ProviderProfile, str]] = []
        """What was tested: profiles with the model."""
        self.saved: list[tuple[ProviderProfile, str]] = []
        """What was saved: profiles with what they were called before."""
        self.deleted: list[str] = []
        self.keys: list[str] = []
        """Keys that were given to be kept."""
        self.parameters: list[Mapping[str, Any]] = []
        """What was made the defaults, oldest first."""

    def providers(self) -> Sequence[ProviderRow]:
        """See `ProviderDesk.providers`."""
        return list(self.rows)

    async def check(
        self, profile: ProviderProfile, model: str = ""
    ) -> AsyncGenerator[CheckStep, None]:
        """See `ProviderDesk.check`."""
        self.checked.append((profile, model))
        for step in self.steps:
            if isinstance(step, asyncio.Event):
                await step.wait()
            else:
                yield step

    async def save_provider(self, profile: ProviderProfile, *, was: str = "") -> None:
        """See `ProviderDesk.save_provider`."""
        await self._pass()
        self.saved.append((profile, was))
        row = ProviderRow(profile, own=True, ready=True, key="from a test")
        gone = {profile.name, was}
        self.rows = [row, *(each for each in self.rows if each.profile.name not in gone)]

    async def delete_provider(self, name: str) -> None:
        """See `ProviderDesk.delete_provider`."""
        await self._pass()
        self.deleted.append(name)
        self.rows = [row for row in self.rows if row.profile.name != name]

    async def save_key(self, profile: ProviderProfile, value: str) -> ProviderProfile:
        """See `ProviderDesk.save_key`."""
        await self._pass()
        self.keys.append(value)
        return replace(profile, key_file=f"/keys/{profile.name}")

    async def save_parameters(self, parameters: Mapping[str, Any]) -> None:
        """See `ProviderDesk.save_parameters`."""
        await self._pass()
        self.parameters.append(dict(parameters))

    async def save_window(self, target: Target, window: int | None) -> None:
        """See `ProviderDesk.save_window`; `windows` has what was saved."""
        await self._pass()
        self.windows[target.provider, target.model] = window

    def learnt(self, target: Target) -> Learnt:
        """See `ProviderDesk.learnt`."""
        return self.memory.learnt(target.provider, target.model)

    def leave_out(self, target: Target, parameter: str, *, left_out: bool = True) -> None:
        """See `ProviderDesk.leave_out`."""
        known = self.learnt(target)
        names = known.left_out | {parameter} if left_out else known.left_out - {parameter}
        self.memory.learn(target.provider, target.model, replace(known, left_out=names))

    def exchanges(self, reply: str) -> Sequence[ExchangeRecord]:
        """See `ProviderDesk.exchanges`."""
        return self.log.of(reply)

    async def _pass(self) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
