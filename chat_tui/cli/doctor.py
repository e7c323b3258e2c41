"""`chat-tui doctor`: folders, versions, providers, whom it would talk to, and what is wrong."""

import os
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from chat_tui import __version__
from chat_tui.cli import loop
from chat_tui.cli.choosing import Choice, choose
from chat_tui.cli.compose import Setup, chosen_keymap, load_setup
from chat_tui.cli.database_check import check_database
from chat_tui.cli.options import DoctorOptions, TargetOptions
from chat_tui.cli.output import write_out
from chat_tui.core.checks import CheckStep
from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import UsageError, together
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, ProviderProfile
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import key_problem, key_state
from chat_tui.storage.encoding import dump, escape_hidden
from chat_tui.storage.learnt import LearntFile

_PACKAGES = ("textual", "rich", "httpx", "markdown-it-py", "pygments", "pillow")
_EXTRAS = {
    "HEIC": ("heic", ("pillow-heif",)),
    "PDF": ("documents", ("pypdf",)),
    "docx": ("documents", ("mammoth", "markdownify")),
    "xlsx": ("documents", ("python-calamine",)),
    "HTML": ("documents", ("markdownify",)),
}
"""What can be attached with an extra: its name, and what it brings for that."""

_SECTIONS = ("versions", "paths", "provider", "providers", "database", "attachments", "terminal")
_MARKS = {"ok": "✓", "failed": "✗", "skipped": "–"}


def run(options: DoctorOptions) -> int:
    """Print the findings; gives the exit code: 1 where something is wrong.

    Raises:
        UsageError: a provider is named that does not exist.
        ClosedOutputError, StorageError: standard output cannot be written.
    """
    setup = load_setup(os.environ)
    found, choice = examine(setup, options.target)
    wanted = options.test or options.target.names_provider
    if not options.json:
        write_out(_told(found))
    steps: list[CheckStep] | None = None
    if choice is not None and wanted:
        tell = _say_nothing if options.json else _tell_step
        steps = loop.run(_test(choice, setup, tell))
        found["problems"] += [_problem(step) for step in steps if step.status == "failed"]
        found["ok"] = not found["problems"]
    if options.json:
        found["connection"] = None if steps is None else [asdict(step) for step in steps]
        write_out(escape_hidden(dump(found, indent=1)) + "\n")
    else:
        write_out(_ended(found, tested=steps is not None))
    return 0 if found["ok"] else 1


def examine(
    setup: Setup, target: TargetOptions | None = None
) -> tuple[dict[str, Any], Choice | None]:
    """Look at everything; nothing is changed and nothing is sent.

    Gives the findings, and whom a connection test would be for.

    Raises:
        UsageError: the command line names a provider that does not exist.
    """
    paths = setup.paths
    database = asdict(check_database(paths.database, paths.state))
    problems: list[str] = [
        *setup.problems,
        *_interface_problems(setup),
        *database.pop("problems"),
    ]
    choice = _choose(setup, target or TargetOptions(), problems)
    provider = _provider(choice, setup.environ, problems) if choice is not None else None
    found = {
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
        "providers": [_row(profile, setup) for profile in setup.profiles.values()],
        "connection": None,
        "database": database,
        "settings": {"exists": paths.config_file.exists(), "problems": list(setup.problems)},
        "attachments": _attachments(setup.environ),
        "terminal": {
            "TERM": setup.environ.get("TERM", ""),
            "COLORTERM": setup.environ.get("COLORTERM", ""),
            "NO_COLOR": "NO_COLOR" in setup.environ,
            "CHAT_TUI_GRAPHICS": setup.environ.get("CHAT_TUI_GRAPHICS", ""),
            "encoding": sys.stdout.encoding if sys.stdout is not None else "",
        },
    }
    return found, choice


async def _test(choice: Choice, setup: Setup, tell: Callable[[CheckStep], None]) -> list[CheckStep]:
    """Test the connection; each step is told as it comes."""
    # httpx (0.34 s), where something is to be sent.
    from chat_tui.providers.listing.checking import check_connection

    steps: list[CheckStep] = []
    checks = check_connection(
        choice.profile,
        setup.environ,
        SystemClock(),
        model=choice.model,
        others=setup.profiles,
        memory=LearntFile(setup.paths.state / "learnt.json"),
    )
    async with aclosing(checks) as found:
        async for step in found:
            steps.append(step)
            tell(step)
    return steps


def _versions() -> dict[str, str]:
    found = {
        "chat-tui": __version__,
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
    }
    return found | {package: _version(package) or "not installed" for package in _PACKAGES}


def _version(package: str) -> str:
    """Which version of a package is installed; empty for none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _attachments(environ: Mapping[str, str]) -> dict[str, str]:
    """What can be attached beside text and the usual pictures, and from which clipboard."""
    # 20 ms, where somebody asks for it.
    from chat_tui.media.clipboard import Clipboard

    found = {}
    for kind, (extra, packages) in _EXTRAS.items():
        versions = {package: _version(package) for package in packages}
        missing = [package for package, known in versions.items() if not known]
        found[kind] = (
            f"needs {' and '.join(missing)}: pip install 'chat-tui[{extra}]'"
            if missing
            else ", ".join(f"{package} {known}" for package, known in versions.items())
        )
    try:
        found["clipboard"] = Clipboard(environ).program()
    except UsageError as error:
        found["clipboard"] = error.told
    return found


def _interface_problems(setup: Setup) -> list[str]:
    """What the app would say about themes and keys."""
    # Textual (0.2 s), for what only it can judge.
    from chat_tui.ui.keymap import keys_in_force
    from chat_tui.ui.themes import load_themes, theme_folder, unknown_theme

    themes, problems = load_themes(theme_folder())
    unknown = unknown_theme(setup.settings.theme, themes)
    keymap, faults = chosen_keymap(setup)
    settings = setup.settings
    _, of_keys = keys_in_force(keymap, settings.keys, settings.send_key)
    return [*problems, *filter(None, [unknown]), *faults, *of_keys]


def _choose(setup: Setup, target: TargetOptions, problems: list[str]) -> Choice | None:
    """Whom a new conversation would talk to; what is wrong in the settings is a problem."""
    try:
        return choose(target, setup.settings, setup.profiles, setup.environ)
    except UsageError as error:
        if target.names_provider or target.api_key_env:
            raise
        problems.append(f"{setup.paths.config_file}: provider: {error.told}")
        return None


def _provider(choice: Choice, environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """The chosen provider, and where the key comes from (never the key)."""
    profile = choice.profile
    if (problem := key_problem(profile, environ)) is not None:
        problems.append(problem.told)
    return {
        "name": profile.name,
        "label": profile.label or profile.name,
        "base_url": _address(profile),
        "model": choice.model,
        "key": key_state(profile, environ).words,
        "key_env": profile.key_env,
        "chosen_by": choice.by,
    }


def _row(profile: ProviderProfile, setup: Setup) -> dict[str, Any]:
    state = key_state(profile, setup.environ)
    return {
        "name": profile.name,
        "label": profile.label or profile.name,
        "base_url": _address(profile),
        "key": state.words,
        "ready": state.ready,
        "own": profile.name in setup.settings.providers,
    }


def _address(profile: ProviderProfile) -> str:
    """The base URL without its query, which may hold a token; empty where it is none."""
    try:
        parse_base_url(profile.base_url)
    except UsageError:
        return ""
    return "" if profile.name == DEMO else profile.base_url.partition("?")[0]


def _problem(step: CheckStep) -> str:
    return f"The connection test failed at {step.name}: {together(step.message, step.hint)}"


def _told(found: dict[str, Any]) -> str:
    """All that is known without sending anything."""
    lines: list[str] = []
    for title in _SECTIONS:
        lines.append(title.capitalize())
        if title == "providers":
            lines += _table([_cells(row) for row in found[title]])
        else:
            values = found[title] or {}
            lines += _table([(name, _shown(value)) for name, value in values.items()])
        lines.append("")
    return "\n".join([*lines, "Connection"]) + "\n"


def _ended(found: dict[str, Any], *, tested: bool) -> str:
    lines = [] if tested else ["  not tested; add --test"]
    problems = found["problems"] or ["none"]
    return "\n".join([*lines, "", "Problems", *(f"  {problem}" for problem in problems)]) + "\n"


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    own = "yours" if row["own"] else ""
    return row["name"], row["base_url"] or "–", row["key"], own


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return [f"  {'  '.join(row)}".rstrip() for row in cells]


def _tell_step(step: CheckStep) -> None:
    """A step and how it went: a mark, and the same in a word."""
    seconds = f" ({step.seconds:.2f} s)" if step.status != "skipped" else ""
    line = f"  {_MARKS[step.status]} {step.name:6}  {step.status:7}  {step.message}{seconds}\n"
    write_out(line + (f"{'':21}{step.hint}\n" if step.hint else ""))


def _say_nothing(_: CheckStep) -> None:
    """With --json all steps are printed at the end."""


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return clean_line(str(value)) if value != "" else "–"
