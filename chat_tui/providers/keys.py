"""API keys: found, checked, and kept out of sight.

Free of httpx, so that providers can be listed with the state of their keys before the first frame.
"""

import asyncio
import importlib.util
import json
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import quote

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.key_sources import (
    ask_command,
    ask_keyring,
    check_key_file,
    command_words,
    file_words,
    read_key_file,
    without_keys,
)

PASTED = "the form"
"""The source of a key that was pasted and is not kept yet."""

REDACTED = "[key]"
"""What stands where a key was."""

_MAX_LENGTH = 8192
_MIN_REDACTED = 8
"""Shorter keys are placeholders (`EMPTY`); taking them out of texts would harm the texts."""

_BAD = re.compile(r"[^\x21-\x7e]")


class Key:
    """An API key. Its value shows in no representation; `reveal` is for the request alone.

    Args:
        value: as the user gave it; white space around it is dropped.
        source: where it came from, for messages ("OPENAI_API_KEY").
        mend: how to put another one there; for a variable when left out.

    Raises:
        UsageError: it cannot be a key; the message names the position, never the value.
    """

    __slots__ = ("_forms", "_value", "mend", "source")

    def __init__(self, value: str, source: str, mend: str = "") -> None:
        value = value.strip()
        mend = mend or f"Set {source} to the key alone."
        if wrong := _what_is_wrong(value):
            raise UsageError(f"The key from {source} {wrong}.", hint=mend)
        self._value = value
        self._forms = _forms(value)
        self.source = source
        self.mend = mend
        """How to put another one there, in a sentence."""

    def __repr__(self) -> str:
        return f"Key(source={self.source!r})"

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    @property
    def words(self) -> str:
        """The key as a sentence names it ("the key from OPENAI_API_KEY"); never its value."""
        if self.source == PASTED:
            return "the pasted key"
        return f"the key {'of' if self.source.startswith('`') else 'from'} {self.source}"

    @property
    def is_short(self) -> bool:
        """Whether it is too short for a secret: `redact` leaves it in texts."""
        return len(self._value) < _MIN_REDACTED

    def redact(self, text: str) -> str:
        """The text with every occurrence of the key taken out, escaped ones too."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def redact_bytes(self, data: bytearray, start: int = 0) -> None:
        """Take the key out of bytes that grow, in place.

        Args:
            data: what came so far.
            start: where the newest bytes begin; the key may have begun before them.
        """
        for form in self._forms:
            value = form.encode()
            at = data.find(value, max(start - len(value) + 1, 0))
            while at >= 0:
                data[at : at + len(value)] = REDACTED.encode()
                at = data.find(value, at)


def _what_is_wrong(value: str) -> str:
    if not value:
        return "is empty"
    if len(value) > _MAX_LENGTH:
        return f"has {len(value)} characters; {_MAX_LENGTH} is the limit"
    if bad := _BAD.search(value):
        return f"has a character at position {bad.start() + 1} that cannot be part of a key"
    return ""


def _forms(value: str) -> tuple[str, ...]:
    """How a key may be spelt in a text, the longest first: as it is, in JSON, in a URL."""
    if len(value) < _MIN_REDACTED:
        return ()
    in_json = json.dumps(value)[1:-1]
    forms = {value, in_json, in_json.replace("/", "\\/"), quote(value, safe="")}
    return tuple(sorted(forms, key=len, reverse=True))


def key_from_environment(name: str, environ: Mapping[str, str]) -> Key | None:
    """The key in an environment variable; None where it is not set, or empty.

    Raises:
        UsageError: what is there cannot be a key.
    """
    value = environ.get(name, "").strip() if name else ""
    return Key(value, name) if value else None


class KeyState(NamedTuple):
    """How a provider stands with its key."""

    ready: bool
    """Whether a prompt can be sent, as far as can be told without asking a program."""
    words: str
    """Where the key comes from, or what is missing; never the key."""


def key_state(profile: ProviderProfile, environ: Mapping[str, str]) -> KeyState:
    """How a provider stands with its key; cheap, and without asking programs or the keyring."""
    try:
        return _state(profile, environ)
    except UsageError as error:
        return KeyState(ready=False, words=error.message)


def key_problem(profile: ProviderProfile, environ: Mapping[str, str]) -> UsageError | None:
    """Why no prompt can be sent to a provider, as far as `key_state` can tell; else None."""
    try:
        return None if _state(profile, environ).ready else _missing(profile)
    except UsageError as error:
        return error


def _state(profile: ProviderProfile, environ: Mapping[str, str]) -> KeyState:
    """See `key_state`; raises UsageError where what is there cannot be a key, or not be used."""
    if not profile.wants_key:
        return KeyState(ready=True, words="none needed")
    if profile.key_command:
        return KeyState(ready=True, words=f"asked of {command_words(profile.key_command)}")
    if key_from_environment(profile.key_env, environ) is not None:
        return KeyState(ready=True, words=f"from {profile.key_env}")
    if profile.keyring and _has_keyring():
        return KeyState(ready=True, words="asked of the keyring")
    if profile.key_file and check_key_file(profile.key_file):
        return KeyState(ready=True, words=f"from {file_words(profile.key_file)}")
    return KeyState(ready=False, words=f"missing: {_what_is_missing(profile)}")


async def find_key(
    profile: ProviderProfile, environ: Mapping[str, str], private: Collection[str] = ()
) -> Key | None:
    """The key of a provider: its command's, the environment's, the keyring's, its file's.

    Takes up to 10 s where a program is asked, and 2 s for the keyring. A command that fails ends
    the search; a keyring that fails does so only where nothing comes after it.

    Args:
        profile: whose key it is.
        environ: where variables are looked up.
        private: variables that hold the keys of other providers: no program gets them.

    Returns:
        None where the provider takes no key.

    Raises:
        UsageError: it takes one, and it is missing, cannot be read, or cannot be one.
    """
    if not profile.wants_key:
        return None
    if profile.key_command:
        source = command_words(profile.key_command)
        mend = "Let the program print the key alone on its first line."
        env = without_keys(environ, {profile.key_env, *private})
        return Key(await ask_command(profile.key_command, env), source, mend)
    if (key := key_from_environment(profile.key_env, environ)) is not None:
        return key
    failure: UsageError | None = None
    if profile.keyring:
        try:
            if found := await ask_keyring(profile.name):
                return Key(found, "the keyring", f"Store it again as chat-tui / {profile.name}.")
        except UsageError as error:
            failure = error
    if profile.key_file and check_key_file(profile.key_file):
        source = file_words(profile.key_file)
        return Key(read_key_file(profile.key_file), source, f"Write the key alone into {source}.")
    raise failure or _missing(profile)


class KnownKeys:
    """The keys that were found, each for the origin that it belongs to.

    Args:
        environ: where variables are looked up.
        profiles: all providers by name, as they are at each moment.
    """

    def __init__(self, environ: Mapping[str, str], profiles: Mapping[str, ProviderProfile]) -> None:
        self._environ = environ
        self._profiles = profiles
        self._known: dict[tuple[object, ...], Key | None] = {}
        self._locks: dict[tuple[object, ...], asyncio.Lock] = {}

    async def of(self, profile: ProviderProfile) -> Key | None:
        """The key of a provider, looked for once; see `find_key`."""
        place = _place(profile)
        # Two replies at once must not ask for a pass phrase twice.
        async with self._locks.setdefault(place, asyncio.Lock()):
            if place not in self._known:
                private = {each.key_env for each in self._profiles.values()}
                self._known[place] = await find_key(profile, self._environ, private)
            return self._known[place]

    def forget(self, profile: ProviderProfile) -> None:
        """Look for the key anew when it is needed next: it was refused."""
        self._known.pop(_place(profile), None)


def _place(profile: ProviderProfile) -> tuple[object, ...]:
    """What a key depends on: another origin asks again."""
    sources = (profile.key_command, profile.key_env, profile.keyring, profile.key_file)
    return (profile.name, parse_base_url(profile.base_url).origin, *sources)


def _has_keyring() -> bool:
    return importlib.util.find_spec("keyring") is not None


def _missing(profile: ProviderProfile) -> UsageError:
    hint = "Put it there, or choose another provider."
    if profile.key_env:
        hint = f"Set {profile.key_env} in the environment, or choose another provider."
    elif profile.keyring and not _has_keyring():
        hint = "Install chat-tui[keyring], or name another source of the key."
    return UsageError(
        f"The key for {profile.label or profile.name} is missing: {_what_is_missing(profile)}.",
        hint=hint,
    )


def _what_is_missing(profile: ProviderProfile) -> str:
    """Where was looked, in words."""
    parts = [f"{profile.key_env} is not set"] if profile.key_env else []
    if profile.keyring:
        there = _has_keyring()
        name = f"chat-tui / {profile.name}"
        parts.append(f"the keyring has no {name}" if there else "no keyring is installed")
    if profile.key_file:
        parts.append(f"there is no file {file_words(profile.key_file)}")
    return ", ".join(parts)
