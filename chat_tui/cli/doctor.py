"""`chat-tui doctor`: folders, versions, whom it would talk to, and what is wrong."""

import os
import sqlite3
import sys
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from chat_tui import __version__
from chat_tui.cli.choosing import choose
from chat_tui.cli.compose import Setup, load_setup
from chat_tui.cli.database_check import check_database
from chat_tui.cli.options import DoctorOptions, TargetOptions
from chat_tui.cli.output import write_out
from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import ChatError
from chat_tui.core.targets import DEMO
from chat_tui.providers.clients import Clients
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.storage.encoding import dump, escape_hidden

_PACKAGES = ("textual", "rich", "httpx", "pydantic", "markdown-it-py", "pygments")


def run(options: DoctorOptions) -> int:
    """Print the findings; gives the exit code: 1 where something is wrong.

    Raises:
        ClosedOutputError, StorageError: standard output cannot be written.
    """
    found = examine(load_setup(os.environ))
    if options.json:
        write_out(escape_hidden(dump(found, indent=1)) + "\n")
    else:
        write_out(_told(found))
    return 0 if found["ok"] else 1


def examine(setup: Setup) -> dict[str, Any]:
    """Look at everything; nothing is changed and nothing is sent."""
    paths = setup.paths
    database = asdict(check_database(paths.database, paths.state))
    problems: list[str] = [
        *setup.problems,
        *_interface_problems(setup),
        *database.pop("problems"),
    ]
    provider = _provider(setup, problems)
    return {
        "ok": not problems,
        "problems": problems,
        "versions": _versions(),
        "paths": {
            "config": str(paths.config),
            "data": str(paths.data),
            "state": str(paths.state),
            "cache": str(paths.cache),
            "config_file": str(paths.config_file),
            "database": str(paths.database),
        },
        "provider": provider,
        "database": database,
        "settings": {"exists": paths.config_file.exists(), "problems": list(setup.problems)},
        "terminal": {
            "TERM": setup.environ.get("TERM", ""),
            "COLORTERM": setup.environ.get("COLORTERM", ""),
            "NO_COLOR": "NO_COLOR" in setup.environ,
            "encoding": sys.stdout.encoding if sys.stdout is not None else "",
        },
    }


def _versions() -> dict[str, str]:
    found = {
        "chat-tui": __version__,
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _interface_problems(setup: Setup) -> list[str]:
    """What the app would say about themes and keys."""
    # Textual (0.2 s), for what only it can judge.
    from chat_tui.ui.keymap import check_keys
    from chat_tui.ui.themes import load_themes, theme_folder, unknown_theme

    themes, problems = load_themes(theme_folder())
    unknown = unknown_theme(setup.settings.theme, themes)
    return [*problems, *filter(None, [unknown]), *check_keys(setup.settings.keys)[1]]


def _provider(setup: Setup, problems: list[str]) -> dict[str, Any] | None:
    """Whom a new conversation would talk to, and where the key comes from (never the key)."""
    try:
        choice = choose(TargetOptions(), setup.settings, setup.profiles, setup.environ)
    except ChatError as error:
        problems.append(f"{error.message} {error.hint}".rstrip())
        return None
    profile = choice.profile
    key = "none needed"
    try:
        if Clients(setup.profiles, setup.environ, SystemClock()).key_for(profile) is not None:
            key = f"from {profile.key_env}"
    except ChatError as error:
        problems.append(f"{error.message} {error.hint}".rstrip())
        key = f"not usable, from {profile.key_env}"
    return {
        "name": profile.name,
        "label": profile.label or profile.name,
        # Only the origin: a path or a query may hold a token.
        "base_url": "" if profile.name == DEMO else parse_base_url(profile.base_url).origin,
        "model": choice.model,
        "key": key,
        "key_env": profile.key_env,
        "chosen_by": choice.by,
    }


def _told(found: dict[str, Any]) -> str:
    lines: list[str] = []
    for title in ("versions", "paths", "provider", "database", "terminal"):
        values = found[title] or {}
        lines.append(title.capitalize())
        width = max(map(len, values), default=0)
        lines += [f"  {name.ljust(width)}  {_shown(value)}" for name, value in values.items()]
        lines.append("")
    lines += ["Problems", *(f"  {problem}" for problem in found["problems"] or ["none"])]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value) if value != "" else "–"
