"""The user's providers over the ready-made ones, and which of them the environment offers.

Free of httpx, so that it can be asked before the first frame.
"""

from collections.abc import Mapping
from dataclasses import replace

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile, Quirks
from chat_tui.providers.catalogue import (
    ADDRESS_VARIABLES,
    AZURE,
    DEMO_BASE_URL,
    FOR_MORE,
    KEY_VARIABLES,
    PROFILES,
    SEARCHED,
    AddressVariable,
)
from chat_tui.providers.endpoints import parse_base_url

__all__ = [
    "BUILT_IN",
    "DEMO_BASE_URL",
    "LOCAL",
    "address_hint",
    "built_in",
    "detect_environment",
    "has_key_source",
    "inherited",
    "merge_profiles",
    "no_provider",
    "problems_of_environment",
    "profile_for_url",
]

BUILT_IN: Mapping[str, ProviderProfile] = {profile.name: profile for profile in PROFILES}
"""By name, in the order in which the environment is searched, as they are without one."""

_LIKELY = 5
"""How many names are offered in place of a wrong one."""

LOCAL = tuple(BUILT_IN[name] for name in SEARCHED)
"""The local servers that are looked for when nothing is configured."""


def built_in(environ: Mapping[str, str]) -> dict[str, ProviderProfile]:
    """The ready-made providers with the addresses and key variables that the environment has."""
    profiles = dict(BUILT_IN)
    for place in ADDRESS_VARIABLES:
        if not _set(environ, place.variable):
            continue
        # One that cannot be read must not send the key to the usual address.
        standard = profiles.pop(place.provider, AZURE)
        if _problem(place, environ) is None:
            profiles = {place.provider: _elsewhere(standard, place, environ), **profiles}
    for name, variables in KEY_VARIABLES.items():
        profile = profiles[name]
        found = next(filter(lambda each: _set(environ, each), (profile.key_env, *variables)), "")
        if found:
            profiles[name] = replace(profile, key_env=found)
    order = [*BUILT_IN]
    order.insert(order.index("openai") + 1, AZURE.name)
    return {name: profiles[name] for name in order if name in profiles}


def problems_of_environment(environ: Mapping[str, str]) -> list[str]:
    """Sentences about addresses in the environment that cannot be read."""
    return [
        f"{place.variable}: {problem.message} {problem.hint}"
        for place in ADDRESS_VARIABLES
        if (problem := _problem(place, environ)) is not None
    ]


def address_hint(name: str) -> str:
    """How to say where a provider is whose address is everybody's own; empty for others."""
    for place in ADDRESS_VARIABLES:
        if place.provider == name:
            return f"Set {place.variable} to its address, as in {place.example}."
    return ""


def merge_profiles(
    own: Mapping[str, ProviderProfile], environ: Mapping[str, str] | None = None
) -> dict[str, ProviderProfile]:
    """The built-in profiles with the user's own over them.

    Fields that the user left empty come from the built-in profile of the same name, but the key
    and the model only while the origin is the same: a key belongs to one origin. Where the user
    names a source of the key, the built-in one is not asked.

    Raises:
        UsageError: a base URL cannot be one.
    """
    ready_made = built_in(environ or {})
    merged = dict(ready_made)
    for name, profile in own.items():
        merged[name] = _complete(replace(profile, name=name), _below(profile, name, ready_made))
    return merged


def inherited(profile: ProviderProfile, environ: Mapping[str, str]) -> ProviderProfile | None:
    """What a provider has without a word in the settings file; None where none is built in.

    A word about another base URL excepted: from there on, key and model are its own. This is for
    `storage.settings.edit.write_provider`, which writes what differs.

    Raises:
        UsageError: its base URL cannot be one.
    """
    base = _below(profile, profile.name, built_in(environ))
    if base is None:
        return None
    bare = _complete(ProviderProfile(profile.name, profile.base_url), base)
    return replace(bare, base_url=base.base_url)


def _below(
    profile: ProviderProfile, name: str, ready_made: Mapping[str, ProviderProfile]
) -> ProviderProfile | None:
    """The ready-made provider that lies below a user's own one.

    The address in the environment is for the key beside it: one from another source belongs to
    the usual address, or to the one that the user names.
    """
    base = ready_made.get(name)
    if profile.key_command or profile.key_file or profile.keyring:
        return BUILT_IN.get(name, base)
    beside = base is None or profile.key_env in ("", base.key_env)
    return base if beside else BUILT_IN.get(name, base)


def _complete(profile: ProviderProfile, base: ProviderProfile | None) -> ProviderProfile:
    if base is None:
        return profile
    base_url = profile.base_url or base.base_url
    completed = replace(
        profile,
        base_url=base_url,
        label=profile.label or base.label,
        quirks=profile.quirks if profile.quirks != Quirks() else base.quirks,
    )
    if parse_base_url(base_url).origin != parse_base_url(base.base_url).origin:
        return completed
    return replace(
        completed,
        default_model=profile.default_model or base.default_model,
        key_env=profile.key_env if profile.wants_key else base.key_env,
    )


def detect_environment(
    environ: Mapping[str, str], profiles: Mapping[str, ProviderProfile] | None = None
) -> ProviderProfile | None:
    """The first provider that has a key, the user's own before the built-in ones.

    Args:
        environ: where keys are looked up.
        profiles: all providers by name; by default the built-in ones.
    """
    ready_made = built_in(environ)
    profiles = ready_made if profiles is None else profiles
    own = [profile for name, profile in profiles.items() if profile != ready_made.get(name)]
    others = [profiles.get(name, profile) for name, profile in ready_made.items()]
    for profile in (*own, *others):
        meant = profile in own or profile.key_env not in FOR_MORE
        if profile.wants_key and meant and has_key_source(profile, environ):
            return profile
    return None


def has_key_source(profile: ProviderProfile, environ: Mapping[str, str]) -> bool:
    """Whether a key can be looked for, or none is needed.

    A program, a file or a keyring that the user names counts, even where it gives no key: that is
    told when it is asked, better than by talking to somebody else.
    """
    if not profile.wants_key or profile.key_command or profile.key_file or profile.keyring:
        return True
    return _set(environ, profile.key_env)


def profile_for_url(base_url: str, key_env: str = "", model: str = "") -> ProviderProfile:
    """A profile for `--base-url`: no key is sent unless the variable that holds it is named.

    Raises:
        UsageError: it is no http(s) address.
    """
    place = parse_base_url(base_url).origin.split("://")[1]
    return ProviderProfile(place, base_url.strip(), key_env, model)


def no_provider(
    name: str, profiles: Mapping[str, ProviderProfile], environ: Mapping[str, str]
) -> UsageError:
    """What is said of a provider that does not exist: which ones were perhaps meant."""
    # 3 ms, after a mistake alone.
    from difflib import get_close_matches

    near = get_close_matches(name, profiles, 3)
    own = [known for known in profiles if known not in BUILT_IN]
    ready = [
        known
        for known, profile in profiles.items()
        if profile.wants_key and has_key_source(profile, environ)
    ]
    likely = list(dict.fromkeys([*near, *own, *ready, *profiles]))[:_LIKELY]
    others = " and others" if len(profiles) > len(likely) else ""
    return UsageError(
        f"There is no provider named {name}.", hint=f"There are {', '.join(likely)}{others}."
    )


def _set(environ: Mapping[str, str], variable: str) -> bool:
    return bool(variable and environ.get(variable, "").strip())


def _address(place: AddressVariable, environ: Mapping[str, str]) -> str:
    address = environ[place.variable].strip().rstrip("/")
    inside = not place.suffix or place.suffix.split("/")[1] in address.split("/")
    return address if inside else address + place.suffix


def _problem(place: AddressVariable, environ: Mapping[str, str]) -> UsageError | None:
    if not _set(environ, place.variable):
        return None
    try:
        parse_base_url(_address(place, environ))
    except UsageError as error:
        return error
    return None


def _elsewhere(
    profile: ProviderProfile, place: AddressVariable, environ: Mapping[str, str]
) -> ProviderProfile:
    """A provider at the address that the environment says."""
    address = _address(place, environ)
    moved = bool(profile.base_url)
    if moved and parse_base_url(address).origin == parse_base_url(profile.base_url).origin:
        return replace(profile, base_url=address)
    model = environ.get(place.model_variable, "").strip() if place.model_variable else ""
    return replace(
        profile,
        base_url=address,
        # The usual model is that of the usual place.
        default_model=model or ("" if moved else profile.default_model),
    )
