"""Whom to talk to: the command line, then the settings, then keys in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from chat_tui.cli.options import TargetOptions
from chat_tui.core.errors import UsageError
from chat_tui.core.settings import Settings
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.providers.profiles import BUILT_IN, detect_environment, profile_for_url

ChosenBy = Literal["options", "settings", "environment", "nothing"]
"""Who decided about the provider; `nothing` is configured where the demo stands in."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider and a model, and why."""

    profile: ProviderProfile
    model: str
    """Empty: the first that the server lists, asked when it is first needed."""
    by: ChosenBy

    @property
    def target(self) -> Target:
        """Where prompts go."""
        return Target(self.profile.name, self.model)


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
        if by not in ("options", "settings"):
            raise UsageError(
                "--api-key-env says where a key is, but not whom it is for.",
                hint="Add --base-url or --provider.",
            )
        profile = replace(profile, key_env=options.api_key_env)
    meant = by == "environment" or (settings.provider == profile.name and not options.base_url)
    model = options.model or (settings.model if meant else "") or profile.default_model
    return Choice(profile, model, by)


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
        return _named(options.provider, profiles), "options"
    if settings.provider:
        return _named(settings.provider, profiles), "settings"
    for name in settings.providers:
        if name in profiles and _is_ready(profiles[name], environ):
            return profiles[name], "environment"
    found = detect_environment(environ, profiles)
    return (found, "environment") if found else (profiles[DEMO], "nothing")


def _is_ready(profile: ProviderProfile, environ: Mapping[str, str]) -> bool:
    return not profile.key_env or bool(environ.get(profile.key_env, "").strip())


def _named(name: str, profiles: Mapping[str, ProviderProfile]) -> ProviderProfile:
    if (profile := profiles.get(name)) is not None:
        return profile
    own = [known for known in profiles if known not in BUILT_IN]
    raise UsageError(
        f"There is no provider named {name}.",
        hint=f"Known are: {', '.join((*own, *BUILT_IN))}. Any other is reached with --base-url.",
    )


def key_variables(profiles: Mapping[str, ProviderProfile]) -> list[str]:
    """The environment variables that are looked at for a key."""
    return list(dict.fromkeys(p.key_env for p in profiles.values() if p.key_env))
