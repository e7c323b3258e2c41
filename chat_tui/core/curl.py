"""A request as a `curl` command that runs in a POSIX shell. Its key is a variable, not a value."""

import json
import re
import shlex

from chat_tui.core.exchanges import HIDDEN, ExchangeRecord
from chat_tui.core.safety import clean_line

_KEY = "[key]"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OWN_HEADERS = frozenset({"host", "content-length", "connection", "user-agent", "accept-encoding"})
"""Headers that curl makes itself."""

_LONGEST_ARGUMENT = 100_000
"""Bytes of a body that go into an argument: Linux takes 128 KB in one."""
_END = "END_OF_BODY"

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def as_curl(record: ExchangeRecord) -> str:
    """The command that sends a request again.

    The key is `$NAME` where it came from a variable of this name, else `$API_KEY`; other secrets
    are variables named like their header (`$X_TOKEN`).
    """
    key = record.key_source if _VARIABLE.match(record.key_source) else "API_KEY"
    parts = ["curl" + (" -N" if _streams(record.body) else "") + " " + _url(record.url, key)]
    if record.method != ("POST" if record.body else "GET"):
        parts.insert(1, f"-X {shlex.quote(clean_line(record.method))}")
    for name, value in record.headers.items():
        if name.lower() not in _OWN_HEADERS:
            variable = re.sub(r"\W", "_", name.upper(), flags=re.ASCII)
            text = clean_line(f"{name}: {value}")
            parts.append("-H " + _quoted(text, {_KEY: key, HIDDEN: variable}))
    ending = ""
    if record.body:
        body = _UNSAFE.sub(_escaped, record.body)
        if len(body.encode()) <= _LONGEST_ARGUMENT:
            parts.append(f"--data-raw {shlex.quote(body)}")
        else:
            parts.append(f"--data-binary @- <<'{_END}'")
            ending = f"\n{body}\n{_END}"
    return " \\\n  ".join(parts) + ending


def _streams(body: str) -> bool:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(request, dict) and request.get("stream") is True


def _url(url: str, key: str) -> str:
    # Brackets and braces stand for many addresses unless this is switched off.
    glob_off = "--globoff " if re.search(r"[\[\]{}]", url) else ""
    return glob_off + _quoted(clean_line(url), {_KEY: key, HIDDEN: "SECRET"})


def _quoted(text: str, variables: dict[str, str]) -> str:
    """One word of the shell, with variables in place of what must not be in it."""
    places = "|".join(map(re.escape, variables))
    words = []
    for part in re.split(f"({places})", text):
        if part in variables:
            words.append(f'"${variables[part]}"')
        elif part:
            words.append(shlex.quote(part))
    return "".join(words) or "''"


def _escaped(match: re.Match[str]) -> str:
    """A character as JSON escapes it: it can only be inside of a string there."""
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
