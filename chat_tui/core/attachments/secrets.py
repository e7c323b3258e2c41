"""What in a file may not be meant to be sent: names like `.env`, lines that look like keys.

Only what is likely is told, and never its value: a warning that comes with every source file is
read by nobody. The time is linear in the text, whatever is in it: words are found first, and each
is looked at with patterns whose repetitions are bounded.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import chain
from typing import Literal, NamedTuple

from chat_tui.core.keylike import looks_like_key

MOST_CHARACTERS = 4_000_000
"""What of a text is searched, from its beginning."""

_MOST_HITS = 20_000
"""How often one word is looked at."""

_MOST_LINES = 3
"""How many lines a sentence names."""

_REMEMBERED = 256

Kind = Literal["private", "key", "password"]


class _Name(NamedTuple):
    """Names of files that usually hold secrets."""

    patterns: tuple[str, ...]
    words: str


_NAMES = (
    _Name((".env", ".env.*", "*.env", ".envrc"), "A .env file usually holds keys and passwords."),
    _Name(
        ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_*_sk", "*.ppk", "*.pem", "*.key"),
        "A file with a name like this usually holds a private key.",
    ),
    _Name(
        ("*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.kdb", "*.gpg", "*.asc", "*.agekey"),
        "A file with a name like this usually holds keys or certificates.",
    ),
    _Name(
        (
            *(".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", "pgpass.conf", ".my.cnf"),
            *(".git-credentials", ".htpasswd", ".dockercfg", ".s3cfg", ".boto", ".vault-token"),
            *("credentials", "credentials.*", "client_secret*.json", "service-account*.json"),
            *("secrets", "secrets.*", ".secrets", ".secrets.*", "*.tfstate", "*.tfvars"),
            *("wp-config.php", "shadow", "gshadow", "application_default_credentials.json"),
        ),
        "A file with a name like this usually holds passwords or access keys.",
    ),
    _Name(
        ("kubeconfig", "*.kubeconfig", "kubeconfig.*", ".kube/config", ".docker/config.json"),
        "A file with a name like this usually holds the access to a server.",
    ),
    _Name(
        (
            *(".bash_history", ".zsh_history", ".sh_history", ".history", "fish_history"),
            *(".python_history", ".node_repl_history", ".psql_history", ".mysql_history"),
            *(".sqlite_history", ".rediscli_history", ".irb_history", "consolehost_history.txt"),
        ),
        "What was typed at a prompt often has passwords in it.",
    ),
    _Name((".ssh/*", ".gnupg/*", ".aws/*", ".azure/*"), "This folder holds keys."),
)
_HARMLESS = (
    *(".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults", "*.pub"),
    *(".ssh/config", ".ssh/known_hosts", ".ssh/authorized_keys", ".aws/config", "*.py", "*.md"),
)

_SETTINGS = re.compile(
    r"(^|/)(\.env(\..*)?|.*\.(env|envrc|ini|cfg|conf|cnf|config|properties|ya?ml|txt|netrc|tfvars)"
    r"|[^./]+|\.[^./]+)$"
)
"""Files whose values need no quotes; in others such a value is most likely a name."""

_PRIVATE = re.compile(
    rb"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY( BLOCK)?-----"
    rb"(\s|\\r|\\n|[A-Za-z-]{1,20}: [^\n]{0,100}\n){0,8}[A-Za-z0-9+/=]{20}"
)
_KEYS = {
    rb"sk-": rb"sk-[A-Za-z0-9_-]{20}",
    rb"sk_": rb"sk_(live|test)_[A-Za-z0-9]{16}",
    rb"rk_": rb"rk_(live|test)_[A-Za-z0-9]{16}",
    rb"AKIA": rb"AKIA[0-9A-Z]{16}(?![0-9A-Za-z])",
    rb"ASIA": rb"ASIA[0-9A-Z]{16}(?![0-9A-Za-z])",
    rb"AIza": rb"AIza[0-9A-Za-z_-]{35}",
    rb"ya29.": rb"ya29\.[0-9A-Za-z_-]{20}",
    rb"hf_": rb"hf_[A-Za-z0-9]{30}",
    rb"gsk_": rb"gsk_[A-Za-z0-9]{30}",
    rb"xai-": rb"xai-[A-Za-z0-9]{30}",
    rb"pplx-": rb"pplx-[A-Za-z0-9]{30}",
    rb"nvapi-": rb"nvapi-[A-Za-z0-9_-]{30}",
    rb"ghp_": rb"ghp_[A-Za-z0-9]{30}",
    rb"gho_": rb"gho_[A-Za-z0-9]{30}",
    rb"ghu_": rb"ghu_[A-Za-z0-9]{30}",
    rb"ghs_": rb"ghs_[A-Za-z0-9]{30}",
    rb"ghr_": rb"ghr_[A-Za-z0-9]{30}",
    rb"github_pat_": rb"github_pat_[A-Za-z0-9_]{30}",
    rb"glpat-": rb"glpat-[A-Za-z0-9_-]{20}",
    rb"xox": rb"xox[abeoprs]-[A-Za-z0-9-]{20}",
    rb"npm_": rb"npm_[A-Za-z0-9]{36}",
    rb"pypi-": rb"pypi-AgE[A-Za-z0-9_-]{30}",
    rb"SG.": rb"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{30}",
    rb"dop_v1_": rb"dop_v1_[a-f0-9]{40}",
    rb"eyJ": rb"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20}",
    rb"AGE-SECRET-KEY-1": rb"AGE-SECRET-KEY-1[0-9A-Z]{50}",
}
"""What keys begin with, as their makers publish it, and how they go on."""

_KEY_PATTERNS = {start: re.compile(rb"(?<![A-Za-z0-9_])" + rest) for start, rest in _KEYS.items()}
_WORDS: dict[bytes, Kind] = {
    b"password": "password",
    b"passwd": "password",
    b"passphrase": "password",
    b"secret": "key",
    b"token": "key",
    b"api_key": "key",
    b"api-key": "key",
    b"apikey": "key",
    b"access_key": "key",
    b"accesskey": "key",
    b"private_key": "key",
    b"authorization": "key",
}
_ASSIGNED = re.compile(
    rb"([_.-][A-Za-z0-9_.-]{0,30}|[A-Z][A-Za-z0-9_]{0,30}|[0-9]{1,3})?[\"'`]?\]?[ \t]{0,8}"
    rb"(?:=>|:=|==?|:)[ \t]{0,8}(?:[Bb]earer |[Bb]asic )?[bru]?"
    rb"(?P<quote>[\"'`]?)(?:[Bb]earer |[Bb]asic )?(?P<value>[^\s\"'`,;(){}\[\]<>]{4,300})"
    rb"(?P<end>[\"'`]?)"
)
_ADDRESS = re.compile(rb"://[^\s/:@\"'<>]{1,64}:(?P<value>[^\s/@\"'<>]{3,200})@[A-Za-z0-9.\[-]")
_NO_VALUE = re.compile(
    r"(?i)[$%*x.…·•#-]+|[$%{<@].*|.*(\.\.\.|…|\*\*\*|xxxx).*"
    r"|.*(your|my)[-_ ]?(own|api|key|pass|tok|sec).*"
    r"|.*(example|changeme|change-me|change_me|placeholder|replace|redacted|dummy|env(iron)?\b).*"
    r"|none|null|nil|true|false|undefined|optional|required|str(ing)?|bytes|int(eger)?|text"
    r"|pass(word|wd|phrase)?s?|passw(or)?d?|secrets?|tokens?|keys?|user(name)?|hidden|empty|not-?needed"
    r"|\d{1,7}|[a-z_]\w*(\.[a-z_]\w*)+"
)

_WORDED: dict[Kind, tuple[str, str]] = {
    "private": ("begins a private key", "begin private keys"),
    "key": ("looks like an access key", "look like access keys"),
    "password": ("seems to have a password", "seem to have passwords"),
}


class _Hits(NamedTuple):
    """What was found in a text."""

    sentences: tuple[str, ...]
    lines: tuple[int, ...]
    """The numbers of the lines, ascending."""


_found: OrderedDict[tuple[bool, int, int], _Hits] = OrderedDict()
"""Of texts by their hashes: the same document is asked for again before it is sent."""


def secrets_in(name: str, text: str) -> tuple[str, ...]:
    """Sentences about what in a file may not be meant to be sent; none of them has a value in it.

    Args:
        name: of the file, with the folders that are known.
        text: what was read of it; lines are counted from 1.
    """
    return (*name_warnings(name), *_hits(name, text).sentences)


def secret_lines(name: str, text: str) -> tuple[int, ...]:
    """The numbers of the lines of which `secrets_in` tells, ascending."""
    return _hits(name, text).lines


def _hits(name: str, text: str) -> _Hits:
    plain = _SETTINGS.search(name.replace("\\", "/").lower()) is not None
    key = (plain, len(text), hash(text))
    known = _found.get(key)
    if known is None:
        lines = _lines(text[:MOST_CHARACTERS], plain=plain)
        known = _Hits(tuple(_told(lines)), tuple(sorted(chain(*lines.values()))))
        _found[key] = known
        while len(_found) > _REMEMBERED:
            _found.popitem(last=False)
    return known


def name_warnings(name: str) -> tuple[str, ...]:
    """The same of the name alone."""
    folders = name.replace("\\", "/").lower().split("/")
    # Each part is looked at with the one before it: patterns may name a folder.
    shown = {folders[-1], *("/".join(folders[at : at + 2]) for at in range(len(folders) - 1))}
    if _any(shown, _HARMLESS):
        return ()
    return next(((each.words,) for each in _NAMES if _any(shown, each.patterns)), ())


def _any(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def _told(lines: dict[Kind, list[int]]) -> Iterator[str]:
    for kind, numbers in lines.items():
        if not numbers:
            continue
        one, several = _WORDED[kind]
        shown = [f"{number:,}" for number in numbers[:_MOST_LINES]]
        more = len(numbers) - len(shown)
        if more:
            yield f"Lines {', '.join(shown)} and {more:,} more {several}."
        elif len(shown) > 1:
            yield f"Lines {', '.join(shown[:-1])} and {shown[-1]} {several}."
        else:
            yield f"Line {shown[0]} {one}."


def _lines(text: str, *, plain: bool) -> dict[Kind, list[int]]:
    """The numbers of the lines in which something was found, by what it is, ascending.

    It is searched as bytes: their lower case has the same length.

    Args:
        text: what is searched.
        plain: whether values need no quotes there.
    """
    content = text.encode("utf-8", "surrogatepass")
    hits: list[tuple[int, Kind]] = [
        *((at, "private") for at in _private(content)),
        *((at, "key") for at in _keys(content)),
        *_assigned(content, content.lower(), plain),
        *((at, "password") for at in _addresses(content)),
    ]
    numbers: dict[Kind, list[int]] = {"private": [], "key": [], "password": []}
    line, last = 1, 0
    taken = 0
    for at, kind in sorted(hits):
        line += content.count(b"\n", last, at)
        last = at
        if line != taken:  # one reason a line is enough
            numbers[kind].append(line)
            taken = line
    return numbers


def _places(content: bytes, word: bytes) -> Iterator[int]:
    """Where a word stands."""
    at = content.find(word)
    for _ in range(_MOST_HITS):
        if at < 0:
            return
        yield at
        at = content.find(word, at + len(word))


def _private(content: bytes) -> Iterator[int]:
    return (at for at in _places(content, b"-----BEGIN ") if _PRIVATE.match(content, at))


def _keys(content: bytes) -> Iterator[int]:
    for start, pattern in _KEY_PATTERNS.items():
        for at in _places(content, start):
            found = pattern.match(content, at)
            if found and _is_random(found[0].decode("ascii", "replace")):
                yield at


def _is_random(key: str) -> bool:
    """Whether it is no name that only begins like a key, and no row of x."""
    digits = sum(character.isdigit() for character in key)
    return len(set(key)) >= 10 and (digits >= 2 or key.startswith(("AKIA", "ASIA")))


def _addresses(content: bytes) -> Iterator[int]:
    for at in _places(content, b"://"):
        found = _ADDRESS.match(content, at)
        if found and not _NO_VALUE.fullmatch(found["value"].decode("utf-8", "replace")):
            yield at


def _assigned(content: bytes, lower: bytes, plain: bool) -> Iterator[tuple[int, Kind]]:
    """Where a value is given to something whose name says that it is secret.

    Args:
        content: the text.
        lower: it in lower case.
        plain: whether values need no quotes there.
    """
    for word, kind in _WORDS.items():
        for at in _places(lower, word):
            found = _ASSIGNED.match(content, at + len(word))
            if found is None:
                continue
            value = found["value"].decode("utf-8", "replace")
            quoted = bool(found["quote"]) and found["end"] == found["quote"]
            if not _NO_VALUE.fullmatch(value) and _is_secret(kind, value, quoted, plain):
                yield at, kind


def _is_secret(kind: Kind, value: str, quoted: bool, plain: bool) -> bool:
    if looks_like_key(value):
        return True
    if not (quoted or plain) or len(value) > 100:
        return False
    odd = sum(not character.isalpha() and character not in "_-./:" for character in value)
    if kind == "password":
        return odd >= 1 if quoted and not plain else len(value) >= 6 or odd >= 1
    mixed = not (value.islower() or value.isupper())
    return (len(value) >= 16 and odd >= 2) or (len(value) >= 30 and odd >= 1 and mixed)
