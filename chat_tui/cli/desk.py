"""Providers as the app's screens see them: looked at, tested, edited; see `ui.desk`."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from chat_tui.cli.compose import Setup
from chat_tui.cli.models import ModelLists
from chat_tui.core.checks import CheckStep
from chat_tui.core.clock import Clock
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.exchanges import ExchangeLog, ExchangeRecord
from chat_tui.core.memory import Learnt, ModelMemory
from chat_tui.core.parameters import check_parameters
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.clients import Clients
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import PASTED, Key, key_state
from chat_tui.providers.profiles import BUILT_IN, built_in, inherited, merge_profiles
from chat_tui.storage.key_files import delete_key_file, new_key_file, save_key_file
from chat_tui.storage.settings.edit import (
    check_window,
    delete_provider,
    write_parameters,
    write_provider,
    write_window,
)
from chat_tui.ui.desk import ProviderRow


@dataclass(frozen=True, slots=True)
class Workings:
    """What the app runs on, and the desk looks into."""

    clients: Clients
    """What is saved is used by them at once."""
    lists: ModelLists
    memory: ModelMemory
    log: ExchangeLog
    clock: Clock
    """For the durations of tests."""


class _Pasted(NamedTuple):
    """A key that was pasted into the form."""

    file: Path
    """Where it is to be kept; it is written with the provider."""
    key: Key


class AppDesk:
    """The `ProviderDesk` of the app.

    Args:
        setup: settings, folders, providers as they were read.
        workings: of the running app.
        use_parameters: told when new conversations are to begin with other parameters.
        leave_provider: told when a provider has another name, or (with an empty one) is gone.
    """

    def __init__(
        self,
        setup: Setup,
        workings: Workings,
        use_parameters: Callable[[Mapping[str, Any]], None],
        leave_provider: Callable[[str, str], None],
    ) -> None:
        self._environ = setup.environ
        self._file = setup.paths.config_file
        self._keys = setup.paths.config / "keys"
        self._in = workings
        self._use_parameters = use_parameters
        self._leave_provider = leave_provider
        self._own = set(setup.settings.providers)
        self._built_in = built_in(setup.environ)
        self._pasted: _Pasted | None = None

    @property
    def own(self) -> Mapping[str, ProviderProfile]:
        """The user's providers by name."""
        profiles = self._in.clients.profiles
        return {name: profile for name, profile in profiles.items() if name in self._own}

    def providers(self) -> Sequence[ProviderRow]:
        """See `ProviderDesk.providers`."""
        rows = [self._row(profile) for profile in self._in.clients.profiles.values()]
        return sorted(rows, key=_place)

    def _row(self, profile: ProviderProfile) -> ProviderRow:
        state = key_state(profile, self._environ)
        name = profile.name
        own, built_in = name in self._own, name in self._built_in
        return ProviderRow(profile, own, state.ready, state.words, built_in)

    async def check(
        self, profile: ProviderProfile, model: str = ""
    ) -> AsyncGenerator[CheckStep, None]:
        """See `ProviderDesk.check`."""
        environ = self._environ
        if (key := self._pasted_key(profile)) is not None:
            profile = _with_sources(profile, key_env=key.source)
            environ = {**environ, key.source: key.reveal()}
        # In a thread, so that keys stay responsive: 0.34 s for httpx.
        checking = await asyncio.to_thread(
            importlib.import_module, "chat_tui.providers.listing.checking"
        )
        check = checking.check_connection(
            profile,
            environ,
            self._in.clock,
            model=model,
            others=self._in.clients.profiles,
            memory=self._in.memory,
        )
        async with aclosing(check) as steps:
            async for step in steps:
                yield step

    async def save_provider(self, profile: ProviderProfile, *, was: str = "") -> None:
        """See `ProviderDesk.save_provider`."""
        if profile.name != was and profile.name in self._own:
            raise UsageError(
                f"There is a provider named {profile.name} already.", hint="Choose another name."
            )
        if profile.base_url or profile.name not in self._built_in:
            parse_base_url(profile.base_url)
        before = self._in.clients.profiles.get(was or profile.name)
        saved = await asyncio.to_thread(self._write, profile, was)
        self._own.add(saved.name)
        self._in.clients.add(saved)
        if was and was != saved.name:
            self._forget(was, saved.name)
        # A program or a file may give another one than before.
        self._in.clients.forget_key(saved)
        if before is not None:
            # What is listed depends on the address and on the key.
            await self._in.lists.forget(before.name)
            if (before.name, _origin(before)) != (saved.name, _origin(saved)):
                self._in.memory.forget(before.name)
            await self._drop_key(before.key_file)

    def _write(self, profile: ProviderProfile, was: str) -> ProviderProfile:
        """Write a provider, and its key if one was pasted; gives what the next start will read."""
        if (key := self._pasted_key(profile)) is not None:
            profile = _with_sources(profile, key_file=profile.key_file)
            save_key_file(Path(profile.key_file), key.reveal())
        # What is there in this environment only is written whole.
        base = inherited(profile, self._environ) if profile.name in BUILT_IN else None
        try:
            write_provider(self._file, profile, was, base=base)
        except ChatError:
            if key is not None:
                delete_key_file(self._keys, profile.key_file)
            raise
        self._pasted = None
        return merge_profiles({profile.name: profile}, self._environ)[profile.name]

    async def delete_provider(self, name: str) -> None:
        """See `ProviderDesk.delete_provider`."""
        profile = self._in.clients.profiles.get(name)
        await asyncio.to_thread(
            delete_provider, self._file, name, keep_choice=name in self._built_in
        )
        self._forget(name)
        self._in.memory.forget(name)
        await self._in.lists.forget(name)
        if profile is not None:
            await self._drop_key(profile.key_file)

    async def _drop_key(self, key_file: str) -> None:
        """Remove a key file of ours that no provider names any more."""
        if all(profile.key_file != key_file for profile in self._in.clients.profiles.values()):
            await asyncio.to_thread(delete_key_file, self._keys, key_file)

    def _forget(self, name: str, now: str = "") -> None:
        """Let go of a provider of the user's; a built-in one of its name shows again."""
        self._own.discard(name)
        shows_again = name in self._built_in
        if shows_again:
            self._in.clients.add(self._built_in[name])
        else:
            self._in.clients.remove(name)
        if now or not shows_again:
            self._leave_provider(name, now)

    async def save_key(self, profile: ProviderProfile, value: str) -> ProviderProfile:
        """See `ProviderDesk.save_key`; it comes to the disk when the provider is saved.

        Until then it is in memory alone: a key that was only tested leaves nothing behind.
        """
        key = Key(value, PASTED, "Copy the key once more, and nothing around it.")
        file = await asyncio.to_thread(new_key_file, self._keys, profile.name)
        self._pasted = _Pasted(file, key)
        return _with_sources(profile, key_file=str(file))

    def _pasted_key(self, profile: ProviderProfile) -> Key | None:
        """The key of a profile that came from `save_key` and is not saved."""
        pasted = self._pasted
        return pasted.key if pasted is not None and profile.key_file == str(pasted.file) else None

    async def save_parameters(self, parameters: Mapping[str, Any]) -> None:
        """See `ProviderDesk.save_parameters`."""
        checked = check_parameters(parameters)
        await asyncio.to_thread(write_parameters, self._file, checked)
        self._use_parameters(checked)

    async def save_window(self, target: Target, window: int | None) -> None:
        """See `ProviderDesk.save_window`.

        For a provider that stands in no file, as the demo or one of the command line, and for one
        whose address is only in the environment, it is kept with what is learnt of the model.
        """
        name, clients, memory = target.provider, self._in.clients, self._in.memory
        check_window(window)
        if name not in self._own and (name not in BUILT_IN or name == DEMO):
            known = memory.learnt(name, target.model)
            memory.learn(name, target.model, replace(known, own_window=window))
            return
        await asyncio.to_thread(write_window, self._file, name, target.model, window)
        if window is not None:
            self._own.add(name)
        profile = clients.profile(name)
        windows = {model: size for model, size in profile.windows.items() if model != target.model}
        if window is not None:
            windows[target.model] = window
        clients.add(replace(profile, windows=windows))

    def learnt(self, target: Target) -> Learnt:
        """See `ProviderDesk.learnt`."""
        return self._in.memory.learnt(target.provider, target.model)

    def leave_out(self, target: Target, parameter: str, *, left_out: bool = True) -> None:
        """See `ProviderDesk.leave_out`."""
        known = self.learnt(target)
        changed = known.left_out | {parameter} if left_out else known.left_out - {parameter}
        self._in.memory.learn(target.provider, target.model, replace(known, left_out=changed))

    def exchanges(self, reply: str) -> Sequence[ExchangeRecord]:
        """See `ProviderDesk.exchanges`."""
        return self._in.log.of(reply)


def _place(row: ProviderRow) -> int:
    """The user's own first, then those with a key, then the others."""
    return 0 if row.own else 1 if row.ready and row.profile.wants_key else 2


def _origin(profile: ProviderProfile) -> str:
    """Who answers; empty where the address is none."""
    try:
        return parse_base_url(profile.base_url).origin
    except UsageError:
        return ""


def _with_sources(
    profile: ProviderProfile, *, key_env: str = "", key_file: str = ""
) -> ProviderProfile:
    """The profile with one source of its key: whatever the others hold is not for it."""
    return replace(profile, key_env=key_env, key_file=key_file, key_command=(), keyring=False)
