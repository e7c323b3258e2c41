"""The composition root: settings, providers and storage, put together in one place."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.cli.output import say, say_error
from chat_tui.core.errors import UsageError
from chat_tui.core.settings import Settings
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.profiles import built_in, merge_profiles, problems_of_environment
from chat_tui.storage import Paths, find_paths
from chat_tui.storage.settings.file import read_settings

if TYPE_CHECKING:
    from chat_tui.storage import Store

_DEFAULT_KEYMAP = "default"
"""The keys that the actions have of themselves."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What there is before anything is opened."""

    paths: Paths
    environ: Mapping[str, str]
    settings: Settings
    profiles: Mapping[str, ProviderProfile]
    """All providers by name, the user's own over the built-in ones."""
    problems: tuple[str, ...] = ()
    """Sentences about the settings."""


def load_setup(environ: Mapping[str, str]) -> Setup:
    """Read the settings; what is wrong in them becomes problems, and defaults stand in."""
    paths = find_paths(environ)
    profiles = built_in(environ)
    report = read_settings(paths.config_file, frozenset(profiles))
    problems = [*report.problems, *problems_of_environment(environ)]
    for name, profile in report.settings.providers.items():
        try:
            profiles[name] = merge_profiles({name: profile}, environ)[name]
        except UsageError as error:
            problems.append(f"{paths.config_file}: [providers.{name}] {error.told}")
    return Setup(paths, environ, report.settings, profiles, tuple(problems))


def chosen_keymap(setup: Setup) -> tuple[Mapping[str, str], list[str]]:
    """The keymap that the settings name, action id → keys, and what is wrong with it."""
    name = setup.settings.keymap
    if name == _DEFAULT_KEYMAP:
        return {}, []
    # 25 ms with tomllib, where another keymap is wanted (and Textual, where no app runs).
    from chat_tui.ui.keymaps import load_keymap

    return load_keymap(name, setup.paths.keymaps)


@asynccontextmanager
async def stored(paths: Paths) -> AsyncIterator["Store"]:
    """The store for a command; what it has to tell goes to standard error."""
    # 11 ms that the app's first frame need not pay.
    from chat_tui.storage import open_store

    async with open_store(paths) as store:
        store.on_notice(say)
        yield store


def say_trouble(store: "Store") -> bool:
    """Tell what keeps a store from writing; gives whether there is anything."""
    if store.trouble is None:
        return False
    say_error(store.trouble)
    return True
