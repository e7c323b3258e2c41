"""Whom to talk to: the command line, then the settings, then keys in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chat_tui.cli.options import TargetOptions
from chat_tui.core.errors import UsageError
from chat_tui.core.settings import Settings
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.profiles import (
    address_hint,
    detect_environment,
    has_key_source,
    no_provider,
    profile_for_url,
)

ChosenBy = Literal["options", "settings", "environment", "nothing"]
"""Who decided about the provider; `nothing` is configured where the demo stands in."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider and a model, and why."""

    profile: ProviderProfile
    model: str
    """Empty: the first that the server lists, asked when it is first needed."""
    by: ChosenBy
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Those of the settings, with which new conversations begin."""

    @property
    def target(self) -> Target:
        """Where prompts of new conversations go."""
        return Target(self.profile.name, self.model, self.parameters)


def choose(
    options: TargetOptions,
    settings: Settings,
    profiles: Mapping[str, ProviderProfile],
    environ: Mapping[str, str],
) -> Choice:
    """Decide whom to talk to.

    The model of the settings is meant for their provider, or for the one that is found where
    they name none; another provider that is named has its own default.

    Raises:
        UsageError: a provider is named that does not exist, or a key without a provider.
    """
    profile, by = _provider(options, settings, profiles, environ)
    if options.api_key_env:
        if not (options.names_provider or settings.provider):
            raise UsageError(
                "--api-key-env says where a key is, but not whom it is for.",
                hint="Add --base-url or --provider.",
            )
        # The one that is named is the one that is meant: no other source is asked.
        profile = replace(
            profile, key_env=options.api_key_env, key_command=(), key_file="", keyring=False
        )
    meant = by in ("settings", "environment") or (
        settings.provider == profile.name and not options.base_url
    )
    model = options.model or (settings.model if meant else "") or profile.default_model
    return Choice(profile, model, by, settings.parameters)


def _provider(
    options: TargetOptions,
    settings: Settings,
    profiles: Mapping[str, ProviderProfile],
    environ: Mapping[str, str],
) -> tuple[ProviderProfile, ChosenBy]:
    if options.base_url:
        return profile_for_url(options.base_url), "options"
    if options.demo:
        return profiles[DEMO], "options"
    if options.provider:
        return _named(options.provider, profiles, environ), "options"
    if settings.provider:
        return _named(settings.provider, profiles, environ), "settings"
    for name, own in settings.providers.items():
        # What is said of models says nothing of whom to talk to.
        bare = replace(own, windows={}, max_outputs={}, abilities={})
        is_meant = bare != ProviderProfile(name, "")
        if is_meant and name in profiles and has_key_source(profiles[name], environ):
            return profiles[name], "settings"
    found = detect_environment(environ, profiles)
    return (found, "environment") if found else (profiles[DEMO], "nothing")


def _named(
    name: str, profiles: Mapping[str, ProviderProfile], environ: Mapping[str, str]
) -> ProviderProfile:
    if (profile := profiles.get(name)) is not None:
        return profile
    if hint := address_hint(name):
        raise UsageError(f"The address of {name} is not known.", hint=hint)
    problem = no_provider(name, profiles, environ)
    raise UsageError(problem.message, hint=f"{problem.hint} Any other is reached with --base-url.")


def key_variables(profiles: Mapping[str, ProviderProfile]) -> list[str]:
    """The environment variables that are looked at for a key."""
    return list(dict.fromkeys(p.key_env for p in profiles.values() if p.key_env))
