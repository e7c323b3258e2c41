"""One table `[providers.NAME]` of the settings file."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

from chat_tui.core.keylike import looks_like_key
from chat_tui.core.models import ABILITIES
from chat_tui.core.parameters import PARAMETERS
from chat_tui.core.targets import DEMO, AuthScheme, Prices, ProviderProfile, Quirks, TimeLimits
from chat_tui.storage.settings.faults import Faults
from chat_tui.storage.settings.toml_edit import key_text, rendered
from chat_tui.storage.settings.toml_text import KeyPath

PROVIDER_KEYS = (
    "base_url",
    "key_env",
    "key_command",
    "key_file",
    "keyring",
    "model",
    "label",
    "headers",
    "proxy",
    "ca_file",
    "allow_http",
    "max_concurrency",
    "timeouts",
    "quirks",
    "prices",
    "windows",
    "max_outputs",
    "abilities",
)
"""What a provider's table may hold, in the order in which it is written."""

LIMIT_KEYS = tuple(each.name for each in fields(TimeLimits))
QUIRK_KEYS = tuple(each.name for each in fields(Quirks))
PRICE_KEYS = tuple(each.name for each in fields(Prices))

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a provider may be called; also a safe name for a file."""

MOST_TOKENS = 1_000_000_000
"""No window is larger; a number that is, is a mistake."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"https?://[^\s/\x00-\x1f\x7f-\x9f\\][^\s\x00-\x1f\x7f-\x9f\\]*")
_PROXY = re.compile(r"(https?|socks5h?)://[^\s/][^\s]*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_HEADERS = ("authorization", "proxy-authorization", "api-key", "x-api-key")
_KEY_QUERIES = ("key", "api_key", "api-key", "apikey", "token", "access_token")
_ROLES = ("system", "developer", "user")
_PARAMETERS = tuple(definition.name for definition in PARAMETERS)


def read_provider(name: str, value: Any, faults: Faults, known: bool) -> ProviderProfile | None:
    """A provider; None where there is none to speak of, with a fault that says why.

    Args:
        name: of the table.
        value: what stands there.
        faults: gathers what is wrong.
        known: whether it may do without a base URL, since one of its name is built in.
    """
    key: KeyPath = ("providers", name)
    if not NAME.fullmatch(name) or name == DEMO:
        faults.add(key, "is not a name for a provider: letters, digits, - and _ make one")
        return None
    if not isinstance(value, dict):
        faults.expect(key, f"a table, [{'.'.join(map(key_text, key))}]")
        return None
    faults.only(value, key, PROVIDER_KEYS)
    reader = _ProviderReader(value, key, faults)
    base_url = reader.base_url(known)
    # All of it is read in any case: every fault is told at once.
    profile = ProviderProfile(
        name,
        base_url or "",
        reader.key_env(),
        faults.text(value, key, "model"),
        faults.text(value, key, "label"),
        reader.headers(),
        reader.key_command(),
        faults.text(value, key, "key_file"),
        faults.flag(value, key, "keyring", False),
        reader.proxy(),
        faults.text(value, key, "ca_file"),
        faults.flag(value, key, "allow_http", False),
        reader.limits(),
        reader.max_concurrency(),
        reader.quirks(),
        reader.prices(),
        reader.counts("windows", "8192"),
        reader.counts("max_outputs", "4096"),
        reader.abilities(),
    )
    return None if base_url is None else profile


class _ProviderReader:
    """Reads the fields that are more than a text or a truth value."""

    def __init__(self, table: Mapping[str, Any], key: KeyPath, faults: Faults) -> None:
        self._table = table
        self._key = key
        self._faults = faults

    def base_url(self, known: bool) -> str | None:
        """The base URL; empty for the built-in one, None where the provider is of no use."""
        written = "base_url" in self._table
        if not written and known:
            return ""
        key = (*self._key, "base_url") if written else self._key
        value = self._table.get("base_url")
        if not isinstance(value, str) or not _URL.fullmatch(value.strip()):
            self._faults.add(key, "needs a base_url that begins with https:// or http://")
            return None
        if fault := _fault_of_url(value.strip()):
            self._faults.add(key, fault)
            return None
        return value.strip()

    def key_env(self) -> str:
        """The variable that holds the key."""
        value = self._faults.text(self._table, self._key, "key_env")
        if value and (not _VARIABLE.fullmatch(value) or looks_like_key(value)):
            self._faults.expect(
                (*self._key, "key_env"),
                "the name of an environment variable, not the key itself",
            )
            return ""
        return value

    def key_command(self) -> tuple[str, ...]:
        """The program that prints the key."""
        key = (*self._key, "key_command")
        return self._faults.texts(self._table, key, '["pass", "show", "my-key"]')

    def headers(self) -> dict[str, str]:
        """The headers that are sent with every request."""
        headers: dict[str, str] = {}
        at = (*self._key, "headers")
        for name, value in self._faults.table(self._table, at).items():
            key = (*at, name)
            if name.lower() in _KEY_HEADERS:
                self._faults.add(key, "is not for this file; name the key's variable with key_env")
            elif not _HEADER.fullmatch(name):
                self._faults.add(key, "is not a name for a header")
            elif not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
                self._faults.expect(key, "a text of ASCII characters")
            else:
                headers[name] = value
        return headers

    def proxy(self) -> str:
        """The proxy on the way."""
        value = self._faults.text(self._table, self._key, "proxy").strip()
        if value and not _PROXY.fullmatch(value):
            self._faults.expect(
                (*self._key, "proxy"), "an address that begins with http://, https:// or socks5://"
            )
            return ""
        return value

    def max_concurrency(self) -> int:
        """How many requests may run at the same time."""
        value = self._table.get("max_concurrency", 0)
        if type(value) is int and value >= 0:
            return value
        self._faults.expect((*self._key, "max_concurrency"), "a whole number from 0 on")
        return 0

    def limits(self) -> TimeLimits:
        """How long it may take."""
        key = (*self._key, "timeouts")
        table = self._faults.table(self._table, key)
        self._faults.only(table, key, LIMIT_KEYS)
        given = {name: self._faults.number(table, key, name, above=True) for name in LIMIT_KEYS}
        return TimeLimits(**{name: value for name, value in given.items() if value is not None})

    def quirks(self) -> Quirks:
        """Where it differs from others."""
        key = (*self._key, "quirks")
        table = self._faults.table(self._table, key)
        self._faults.only(table, key, QUIRK_KEYS)
        plain = Quirks()
        faults = self._faults
        left_out = faults.texts(table, (*key, "left_out"), '["seed", "user"]')
        for name in left_out:
            if name not in _PARAMETERS:
                faults.add((*key, "left_out"), f"names no parameter; known are {_words()}")
                break
        return Quirks(
            auth=_choice(faults, table, (*key, "auth"), get_args(AuthScheme), plain.auth),
            max_tokens=self._max_tokens(table, key),
            stream_options=faults.flag(table, key, "stream_options", plain.stream_options),
            system_role=_choice(faults, table, (*key, "system_role"), _ROLES, plain.system_role),
            null_content=faults.flag(table, key, "null_content", plain.null_content),
            reasoning_back=faults.flag(table, key, "reasoning_back", plain.reasoning_back),
            alternate=faults.flag(table, key, "alternate", plain.alternate),
            left_out=frozenset(left_out).intersection(_PARAMETERS),
        )

    def _max_tokens(self, table: Mapping[str, Any], key: KeyPath) -> str:
        value = self._faults.text(table, key, "max_tokens")
        if value and not _FIELD.fullmatch(value):
            self._faults.expect((*key, "max_tokens"), "the name of a field, max_completion_tokens")
            return ""
        return value

    def prices(self) -> dict[str, Prices]:
        """What its models cost."""
        prices: dict[str, Prices] = {}
        at = (*self._key, "prices")
        for model, value in self._faults.table(self._table, at).items():
            key = (*at, model)
            if not isinstance(value, dict):
                self._faults.expect(key, "a table, { input = 1.0, output = 2.0 }")
                continue
            self._faults.only(value, key, PRICE_KEYS)
            given = {name: self._faults.number(value, key, name) for name in PRICE_KEYS}
            if any(price is not None for price in given.values()):
                prices[model] = Prices(**given)
        return prices

    def counts(self, name: str, example: str) -> dict[str, int]:
        """How many tokens its models take, or give."""
        counts: dict[str, int] = {}
        at = (*self._key, name)
        for model, value in self._faults.table(self._table, at).items():
            if type(value) is int and 0 < value <= MOST_TOKENS:
                counts[model] = value
            else:
                self._faults.expect((*at, model), f"a whole number of tokens, {example}")
        return counts

    def abilities(self) -> dict[str, frozenset[str]]:
        """What its models can do."""
        abilities: dict[str, frozenset[str]] = {}
        at = (*self._key, "abilities")
        for model, value in self._faults.table(self._table, at).items():
            if isinstance(value, list) and all(each in ABILITIES for each in value):
                abilities[model] = frozenset(value)
            else:
                words = ", ".join(map(rendered, ABILITIES))
                self._faults.expect((*at, model), f"a list of some of {words}; [] for none")
        return abilities


def _choice(
    faults: Faults, table: Mapping[str, Any], key: KeyPath, words: tuple[Any, ...], default: Any
) -> Any:
    value = table.get(key[-1], default)
    if value in words:
        return value
    faults.expect(key, f"one of {', '.join(words)}")
    return default


def _fault_of_url(url: str) -> str:
    """What is wrong with a base URL that looks like one; empty where nothing is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        return "has a host or a port that cannot be read"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it; take it out and name the key with key_env"
    if any(name.lower() in _KEY_QUERIES for name, _ in parse_qsl(parts.query)):
        return "has a key in it; take it out and name its variable with key_env"
    return ""


def _words() -> str:
    return ", ".join(_PARAMETERS)
