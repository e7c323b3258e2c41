"""Changes to the settings file made by the app: what they do not concern stays, to the byte.

Meant for a thread: each call reads, writes and waits for the disk. Import it when it is needed.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import check_parameters, definition
from chat_tui.core.safety import join_surrogates
from chat_tui.core.settings import SETTINGS
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, TimeLimits
from chat_tui.storage.settings.change import Edit, change
from chat_tui.storage.settings.faults import Faults
from chat_tui.storage.settings.provider import (
    LIMIT_KEYS,
    MOST_TOKENS,
    PRICE_KEYS,
    QUIRK_KEYS,
    read_provider,
)
from chat_tui.storage.settings.reader import AS_JSON
from chat_tui.storage.settings.toml_text import KeyPath

_KEY_SOURCES = ("key_env", "key_command", "key_file", "keyring")
_KNOWN_INSIDE: Mapping[str, tuple[str, ...]] = {"timeouts": LIMIT_KEYS, "quirks": QUIRK_KEYS}
"""Tables that may hold keys which are not ours; of the others every key is."""


def write_provider(
    path: Path, profile: ProviderProfile, was: str = "", *, base: ProviderProfile | None = None
) -> None:
    """Write a provider's table, `[providers.NAME]`: new, or in the place of the old state.

    Only what differs from `base` is written; keys of the table that are not known stay.

    Args:
        path: of the settings file.
        profile: the new state.
        was: its name so far, where it is edited; another one renames its table.
        base: what it has without a word in the file: see `profiles.inherited`. By default
            nothing.

    Raises:
        UsageError: the next start would not read it as it is, or another one has its name.
        StorageError: the file cannot be read or written, or is not valid TOML.
    """
    fields = _fields(profile)
    _refuse_unreadable(path, profile.name, fields, known=base is not None)
    plain = _fields(base or ProviderProfile(profile.name, ""))
    if any(fields[name] != plain[name] for name in _KEY_SOURCES):
        # A profile that names one source has all of its sources from the file, and the address
        # that they are for: another one that the environment may say later is not to get the key.
        plain |= {name: type(fields[name])() for name in (*_KEY_SOURCES, "base_url")}

    def plan(table: Mapping[str, Any]) -> Iterator[Edit]:
        at = ("providers", profile.name)
        known = _table(table, "providers")
        old = known.get(was or profile.name, {})
        if was and was != profile.name and was in known:
            if profile.name in known:
                raise UsageError(
                    f"There is a provider named {profile.name} already.",
                    hint="Choose another name, or delete that one.",
                )
            yield Edit(("providers", was), name=profile.name)
            if table.get("provider") == was:
                yield Edit(("provider",), profile.name)
        if not isinstance(old, dict):
            yield Edit(at)
            old = {}
        changes = list(_changes(at, old, fields, plain))
        if profile.base_url and not old and not changes:
            # A table must have something in it to be there.
            changes.append(Edit((*at, "base_url"), profile.base_url))
        yield from changes

    change(path, plan)


def check_window(window: int | None) -> None:
    """Refuse what no window can be.

    Raises:
        UsageError: it is none.
    """
    if window is not None and not 0 < window <= MOST_TOKENS:
        raise UsageError("This is no size of a window.", hint="Give a number of tokens, 8192.")


def write_window(path: Path, provider: str, model: str, window: int | None) -> None:
    """Write how many tokens a model takes, `[providers.NAME.windows]`; None takes it out.

    Args:
        path: of the settings file.
        provider: one that has a table there, or is built in.
        model: its model.
        window: tokens of prompt and reply together.

    Raises:
        UsageError: no window has that size.
        StorageError: the file cannot be read or written, or is not valid TOML.
    """
    check_window(window)
    place = ("providers", provider, "windows")

    def plan(table: Mapping[str, Any]) -> Iterator[Edit]:
        windows = _table(_table(_table(table, "providers"), provider), "windows")
        if window is not None:
            yield Edit((*place, model), window)
        elif model in windows:
            yield Edit((*place, model) if len(windows) > 1 else place)

    change(path, plan)


def delete_provider(path: Path, name: str, *, keep_choice: bool = False) -> None:
    """Take a provider's table out, and the settings `provider` and `model` that mean it.

    Args:
        path: of the settings file.
        name: of the provider.
        keep_choice: whether those two stay: a built-in one of this name shows again.

    Raises:
        StorageError: the file cannot be read or written, or is not valid TOML.
    """

    def plan(table: Mapping[str, Any]) -> Iterator[Edit]:
        if name in _table(table, "providers"):
            yield Edit(("providers", name))
        if table.get("provider") == name and not keep_choice:
            yield Edit(("provider",))
            if "model" in table:
                yield Edit(("model",))

    change(path, plan)


def write_settings(path: Path, changes: Mapping[str, Any]) -> None:
    """Write some scalar settings; each in the place of its old value.

    A setting that the file does not name and that gets its default stays away.

    Args:
        path: of the settings file.
        changes: the new values by name.

    Raises:
        UsageError: there is no such setting, or a value cannot be one of its own; nothing is
            written then.
        StorageError: the file cannot be read or written, or is not valid TOML.
    """
    known = {setting.name: setting for setting in SETTINGS}
    values: dict[str, Any] = {}
    faults = Faults(path, {})
    for name, value in changes.items():
        if name not in known:
            faults.unknown((name,), known)
        elif faults.fits((name,), value, known[name]):
            values[name] = join_surrogates(value) if isinstance(value, str) else value
    if faults.problems:
        raise UsageError(faults.problems[0].removeprefix(f"{path}: "))

    def plan(table: Mapping[str, Any]) -> Iterator[Edit]:
        for name, value in values.items():
            had = table.get(name, known[name].default)
            if had != value or type(had) is not type(value):
                yield Edit((name,), value)

    change(path, plan)


def write_parameters(path: Path, parameters: Mapping[str, Any]) -> None:
    """Make parameters the table `[parameters]`; others are taken out, unknown ones stay.

    Raises:
        UsageError: one of them cannot be sent.
        StorageError: the file cannot be read or written, or is not valid TOML.
    """
    checked = {name: _storable(name, value) for name, value in check_parameters(parameters).items()}

    def plan(table: Mapping[str, Any]) -> Iterator[Edit]:
        old = _table(table, "parameters")
        for name, value in old.items():
            try:
                known = definition(name).name
            except UsageError:
                continue
            if known not in checked or (known != name and known in old):
                yield Edit(("parameters", name))
            elif checked[known] != value or type(checked[known]) is not type(value):
                yield from _replaced(("parameters", name), value, checked[known])
        written = {_canonical(name) for name in old}
        for name, value in checked.items():
            if name not in written:
                yield Edit(("parameters", name), value)

    change(path, plan)


def _refuse_unreadable(path: Path, name: str, fields: Mapping[str, Any], *, known: bool) -> None:
    """Refuse what would not be read again; a key that is in the wrong place never gets written."""
    faults = Faults(path, {})
    read_provider(name, {field: value for field, value in fields.items() if value}, faults, known)
    if faults.problems:
        raise UsageError(faults.problems[0].removeprefix(f"{path}: "))


def _fields(profile: ProviderProfile) -> dict[str, Any]:
    """A profile as its table has it; what is empty there is as good as absent."""
    limits, plain = profile.limits, Quirks()
    quirks = {
        name: getattr(profile.quirks, name)
        for name in QUIRK_KEYS
        if getattr(profile.quirks, name) != getattr(plain, name)
    }
    if "left_out" in quirks:
        quirks["left_out"] = sorted(profile.quirks.left_out)
    return {
        "base_url": profile.base_url,
        "key_env": profile.key_env,
        "key_command": list(profile.key_command),
        "key_file": profile.key_file,
        "keyring": profile.keyring,
        "model": profile.default_model,
        "label": profile.label,
        "headers": dict(profile.headers),
        "proxy": profile.proxy,
        "ca_file": profile.ca_file,
        "allow_http": profile.allow_http,
        "max_concurrency": profile.max_concurrency,
        "timeouts": {
            name: getattr(limits, name)
            for name in LIMIT_KEYS
            if getattr(limits, name) != getattr(TimeLimits(), name)
        },
        "quirks": quirks,
        "prices": {model: _prices(prices) for model, prices in profile.prices.items()},
        "windows": dict(profile.windows),
        "max_outputs": dict(profile.max_outputs),
        "abilities": {model: sorted(can) for model, can in profile.abilities.items()},
    }


def _prices(prices: Prices) -> dict[str, float]:
    given = {name: getattr(prices, name) for name in PRICE_KEYS}
    return {name: price for name, price in given.items() if price is not None}


def _changes(
    at: KeyPath, old: Mapping[str, Any], fields: Mapping[str, Any], plain: Mapping[str, Any]
) -> Iterator[Edit]:
    """What turns a provider's old table into the new one."""
    for name, value in fields.items():
        had = old.get(name)
        if name in old and had == value and type(had) is type(value):
            continue
        if value and value != plain[name]:
            known = _KNOWN_INSIDE.get(name)
            yield from _replaced((*at, name), had, value, known)
        elif name in old:
            known = _KNOWN_INSIDE.get(name)
            foreign = isinstance(had, dict) and known and set(had) - set(known)
            yield from (_replaced((*at, name), had, {}, known) if foreign else [Edit((*at, name))])


def _replaced(
    at: KeyPath, had: Any, value: Any, known: tuple[str, ...] | None = None
) -> Iterator[Edit]:
    """A value in the place of another one; of two tables only what differs."""
    if not (isinstance(had, dict) and isinstance(value, dict) and had):
        if isinstance(had, dict):
            # Perhaps with a header of its own, which cannot stand beside a value.
            yield Edit(at)
        yield Edit(at, value)
        return
    for name in had:
        if name not in value and (known is None or name in known):
            yield Edit((*at, name))
    for name, each in value.items():
        if name not in had:
            yield Edit((*at, name), each)
        elif had[name] != each:
            yield from _replaced((*at, name), had[name], each)


def _storable(name: str, value: Any) -> Any:
    """A parameter's value as TOML has it: JSON in a text where there is a null in it."""
    if definition(name).kind in AS_JSON and _has_null(value):
        return json.dumps(value, ensure_ascii=False)
    return value


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return any(map(_has_null, value)) if isinstance(value, list) else value is None


def _canonical(name: str) -> str:
    try:
        return definition(name).name
    except UsageError:
        return name


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = table.get(name, {})
    return value if isinstance(value, dict) else {}
