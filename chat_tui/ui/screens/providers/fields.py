"""The form of a provider as data: its fields, what stands in them, and what they are read as."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

from chat_tui.core.errors import UsageError
from chat_tui.core.keylike import looks_like_key
from chat_tui.core.parameters import definition
from chat_tui.core.targets import AuthScheme, ProviderProfile, Quirks, TimeLimits
from chat_tui.core.texts import text

KEPT = "[kept]"
"""Stands for a secret that was given before and is not shown."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form; its label and help are texts of the catalogue."""

    name: str
    words: tuple[str, ...] = ()
    """What it takes, where that is a choice."""
    more: bool = False
    """Whether it is folded away: few need it."""


_YES_NO = ("yes", "no")

FIELDS: tuple[FormField, ...] = (
    FormField("base_url"),
    FormField("name"),
    FormField("key"),
    FormField("key_env"),
    FormField("default_model"),
    FormField("headers"),
    FormField("label", more=True),
    FormField("key_command", more=True),
    FormField("proxy", more=True),
    FormField("ca_file", more=True),
    FormField("allow_http", _YES_NO, more=True),
    FormField("max_concurrency", more=True),
    FormField("connect", more=True),
    FormField("first_token", more=True),
    FormField("stall", more=True),
    FormField("auth", get_args(AuthScheme), more=True),
    FormField("max_tokens", ("max_tokens", "max_completion_tokens"), more=True),
    FormField("system_role", ("system", "developer"), more=True),
    FormField("stream_options", _YES_NO, more=True),
    FormField("null_content", _YES_NO, more=True),
    FormField("reasoning_back", _YES_NO, more=True),
    FormField("left_out", more=True),
)
"""In the order in which they are shown."""

_LIMITS = tuple(each.name for each in fields(TimeLimits))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*)")
_SECRET = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_KEY_HEADERS = ("authorization", "proxy-authorization", "api-key", "x-api-key")
"""They carry the key, which has a field of its own."""
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_SETTING = re.compile(r'\bproviders\.(?:"[^"]*"|[\w-]+)\.([\w.-]+)')
_CALLED_OTHERWISE = {"model": "default_model", "key_file": "key"}
"""Settings → fields, where they have other names."""
_DULL = ("api", "www", "inference", "router")
"""Parts of host names that say nothing about whose they are."""


def shown_values(profile: ProviderProfile) -> dict[str, str]:
    """What stands in the fields for a provider; what is as always is left empty."""
    usual, quirks = Quirks(), profile.quirks
    values = {
        "name": profile.name,
        "base_url": profile.base_url,
        "key": "",
        "key_env": profile.key_env,
        "default_model": profile.default_model,
        "headers": "\n".join(f"{name}: {_hidden(name, profile)}" for name in profile.headers),
        "label": profile.label,
        "key_command": shlex.join(profile.key_command),
        "proxy": without_secret(profile.proxy),
        "ca_file": profile.ca_file,
        "allow_http": "yes" if profile.allow_http else "",
        "max_concurrency": str(profile.max_concurrency or ""),
        "left_out": ", ".join(sorted(quirks.left_out)),
    }
    for name in _LIMITS:
        seconds = getattr(profile.limits, name)
        values[name] = "" if seconds == getattr(TimeLimits(), name) else f"{seconds:g}"
    for name in ("auth", "max_tokens", "system_role"):
        value = getattr(quirks, name)
        values[name] = "" if value == getattr(usual, name) else value
    for name in ("stream_options", "null_content", "reasoning_back"):
        value = getattr(quirks, name)
        values[name] = "" if value == getattr(usual, name) else _YES_NO[not value]
    return values


def read_form(
    values: Mapping[str, str], before: ProviderProfile, taken: frozenset[str] = frozenset()
) -> tuple[ProviderProfile | None, dict[str, str]]:
    """The provider that is written in the fields.

    Args:
        values: what stands in them, by name.
        before: the provider that is edited; an empty one where it is new.
        taken: names that other providers have.

    Returns:
        The provider (None where something is wrong), and a sentence for each field that is wrong.
    """
    reader = _FormReader(values, before)
    base_url = reader.take("base_url", _base_url) or ""
    name = reader.words("name")
    if name or base_url:
        # Without an address there is nothing to take a name from, which is told already.
        name = reader.take("name", lambda words: _name(words or name_from(base_url), taken)) or ""
    quirks = replace(
        before.quirks,
        auth=reader.choice("auth") or Quirks().auth,
        max_tokens=reader.choice("max_tokens"),
        system_role=reader.choice("system_role") or Quirks().system_role,
        stream_options=reader.yes("stream_options", Quirks().stream_options),
        null_content=reader.yes("null_content", Quirks().null_content),
        reasoning_back=reader.yes("reasoning_back", Quirks().reasoning_back),
        left_out=reader.take("left_out", _parameters) or frozenset(),
    )
    usual = TimeLimits()
    limits = {each: reader.take(each, _seconds) or getattr(usual, each) for each in _LIMITS}
    profile = replace(
        before,
        name=name,
        base_url=base_url,
        key_env=reader.take("key_env", _variable) or "",
        default_model=reader.words("default_model"),
        label=reader.words("label"),
        headers=reader.take("headers", lambda words: _headers(words, before)) or {},
        key_command=reader.take("key_command", _command) or (),
        proxy=reader.take("proxy", lambda words: _proxy(words, before)) or "",
        ca_file=reader.words("ca_file"),
        allow_http=reader.yes("allow_http", False),
        limits=TimeLimits(**limits),
        max_concurrency=reader.take("max_concurrency", _count) or 0,
        quirks=quirks,
    )
    return (None if reader.errors else profile), reader.errors


def name_from(base_url: str) -> str:
    """A name for a provider, from its address: `https://api.example.com/v1` → `example`."""
    host = urlsplit(base_url).hostname or ""
    parts = [part for part in host.split(".") if part not in _DULL]
    if not parts or re.fullmatch(r"[0-9.:]+", host) or ":" in host:
        return "local" if parts else ""
    return parts[-2] if len(parts) > 1 else parts[0]


def origin(url: str) -> str:
    """The server of an address that was read: scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def moves_key(before: ProviderProfile, profile: ProviderProfile) -> bool:
    """Whether a key of before would go to another server: a key belongs to one."""
    if not before.base_url or origin(before.base_url) == origin(profile.base_url):
        return False
    return any(
        getattr(profile, source) and getattr(profile, source) == getattr(before, source)
        for source in ("key_env", "key_command", "key_file", "keyring")
    )


def without_secret(url: str) -> str:
    """An address without the user and password in it."""
    before, at, after = url.rpartition("@")
    if not at:
        return url
    scheme, mark, _ = before.partition("://")
    return f"{scheme}{mark}{KEPT}@{after}" if mark else f"{KEPT}@{after}"


def field_named(words: str) -> str:
    """The field that a sentence about the settings file names; empty where it names none.

    `providers.work.timeouts.connect is expected to be …` → `connect`.
    """
    found = _SETTING.search(words)
    parts = found[1].split(".") if found is not None else ()
    names = {each.name: each.name for each in FIELDS} | _CALLED_OTHERWISE
    return next((names[part] for part in parts if part in names), "")


class _FormReader:
    """Reads fields one by one and gathers what is wrong."""

    def __init__(self, values: Mapping[str, str], before: ProviderProfile) -> None:
        self.errors: dict[str, str] = {}
        self._values = values
        self._before = before

    def words(self, name: str) -> str:
        """What stands in a field."""
        return self._values.get(name, "").strip()

    def take(self, name: str, read: Callable[[str], Any]) -> Any:
        """What a field is read as; None where it is wrong, which is kept."""
        try:
            return read(self.words(name))
        except UsageError as error:
            self.errors[name] = error.told
            return None

    def choice(self, name: str) -> Any:
        """One of the words of a field, or an empty text."""
        words = next(each.words for each in FIELDS if each.name == name)
        return self.take(name, lambda written: _one_of(written, words)) or ""

    def yes(self, name: str, usual: bool) -> bool:
        """Whether a field says yes; what is usual, where it is empty."""
        return {"yes": True, "no": False}.get(self.choice(name), usual)


def _base_url(words: str) -> str:
    if not words:
        raise UsageError(text("provider-form.url-missing"))
    if "://" not in words:
        raise UsageError(text("provider-form.url-scheme"))
    try:
        parts = urlsplit(words)
        host = parts.hostname
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        raise UsageError(text("provider-form.url-wrong")) from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\\]", words):
        raise UsageError(text("provider-form.url-wrong"))
    secret = any(
        _SECRET.search(name) or looks_like_key(value) for name, value in parse_qsl(parts.query)
    )
    in_path = any(looks_like_key(piece) for piece in (*parts.path.split("/"), parts.fragment))
    if parts.username is not None or secret or in_path:
        raise UsageError(text("provider-form.url-key"))
    return words


def _name(words: str, taken: frozenset[str]) -> str:
    if not words:
        raise UsageError(text("provider-form.name-missing"))
    if not _NAME.fullmatch(words) or looks_like_key(words):
        raise UsageError(text("provider-form.name-wrong"))
    if words in taken:
        raise UsageError(text("provider-form.name-taken", name=words))
    return words


def _variable(words: str) -> str:
    if words and (not _VARIABLE.fullmatch(words) or looks_like_key(words)):
        raise UsageError(text("provider-form.variable-wrong"))
    return words


def _command(words: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(words))
    except ValueError:
        raise UsageError(text("provider-form.command-wrong")) from None


def _headers(words: str, before: ProviderProfile) -> dict[str, str]:
    headers: dict[str, str] = {}
    for number, line in enumerate(words.splitlines(), 1):
        if not line.strip():
            continue
        found = _HEADER.fullmatch(line.strip())
        if found is None:
            raise UsageError(text("provider-form.header-wrong", number=number))
        name, value = found.groups()
        if name.lower() in _KEY_HEADERS:
            raise UsageError(text("provider-form.header-key", name=name))
        headers[name] = before.headers.get(name, "") if value.strip() == KEPT else value.strip()
    return headers


def _proxy(words: str, before: ProviderProfile) -> str:
    if words and words == without_secret(before.proxy):
        return before.proxy
    if words:
        scheme, mark, rest = words.partition("://")
        if scheme not in _PROXY_SCHEMES or not mark or not rest or KEPT in words:
            raise UsageError(text("provider-form.proxy-wrong"))
    return words


def _seconds(words: str) -> float:
    try:
        seconds = float(words or 0)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86_400 or (words and not seconds):
        raise UsageError(text("provider-form.seconds-wrong"))
    return seconds


def _count(words: str) -> int:
    if words and not re.fullmatch(r"[0-9]{1,4}", words):
        raise UsageError(text("provider-form.count-wrong"))
    return int(words or 0)


def _parameters(words: str) -> frozenset[str]:
    return frozenset(definition(name).name for name in re.split(r"[,\s]+", words) if name)


def _one_of(written: str, words: tuple[str, ...]) -> str:
    if written and written not in words:
        raise UsageError(text("provider-form.word-wrong", words=", ".join(words)))
    return written


def _hidden(name: str, profile: ProviderProfile) -> str:
    value = profile.headers[name]
    return KEPT if _SECRET.search(name) or looks_like_key(value) else value
