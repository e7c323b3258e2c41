"""The settings file, `config.toml`: read whole, every fault told at once, none of them fatal."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from chat_tui.core.safety import clean_line
from chat_tui.core.settings import Settings

MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """What was read, valid as it is, and what was wrong."""

    settings: Settings
    problems: tuple[str, ...] = ()
    """Sentences that name the file, the line where it is known, the key and what is expected.
    They never hold a value: it might be a key."""


def read_settings(path: Path, built_in: Collection[str] = ()) -> SettingsReport:
    """Read the settings. A missing file means the defaults; wrong values too, with a problem.

    Args:
        path: of the file.
        built_in: names of providers that may do without a base URL, since they have one.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return SettingsReport(Settings())
    except OSError as error:
        return SettingsReport(Settings(), (f"{path} cannot be read: {error.strerror or error}.",))
    if len(content) > MAX_BYTES:
        return SettingsReport(Settings(), (f"{path} is larger than 1 MB and was not read.",))
    # 9 ms, saved where there is no settings file.
    import tomllib

    from chat_tui.storage.settings.reader import read_tables

    try:
        text = content.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        return SettingsReport(Settings(), (f"{path} is not UTF-8 text and was not read.",))
    except (ValueError, RecursionError) as error:  # TOML's own, and numbers that are too long
        problem = f"{path} is not valid TOML and was not read: {clean_line(str(error))}."
        return SettingsReport(Settings(), (problem,))
    settings, problems = read_tables(path, text, table, built_in)
    return SettingsReport(settings, tuple(problems))
