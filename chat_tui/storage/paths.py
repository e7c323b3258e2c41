"""Where things are kept: platformdirs by default, one folder under `CHAT_TUI_HOME`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chat_tui.core.errors import StorageError

APP = "chat-tui"
HOME_VARIABLE = "CHAT_TUI_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders. Nothing is created by making a `Paths`."""

    config: Path
    """Holds `config.toml`, written by the user."""
    data: Path
    """Holds the database: what cannot be made anew."""
    state: Path
    """Lock files and rescue files."""
    cache: Path
    """What can be made anew."""

    @property
    def config_file(self) -> Path:
        """The settings file."""
        return self.config / "config.toml"

    @property
    def prompts(self) -> Path:
        """The folder of the prompt library."""
        return self.config / "prompts"

    @property
    def keymaps(self) -> Path:
        """The folder of the user's keymaps."""
        return self.config / "keymaps"

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.data / "chat-tui.db"

    @property
    def backups(self) -> Path:
        """The folder of the copies made before migrations."""
        return self.data / "backups"

    @property
    def instances(self) -> Path:
        """The folder of the lock files that show which instances are alive."""
        return self.state / "instances"

    def create(self) -> None:
        """Make the folders that are missing, for their owner only.

        Raises:
            StorageError: one cannot be made; names it.
        """
        for folder in (self.config, self.data, self.state, self.cache):
            try:
                make_private(folder)
            except OSError as error:
                raise StorageError(
                    f"The folder {folder} cannot be made: {error.strerror or error}.",
                    hint=f"Check its permissions, or set {HOME_VARIABLE} to another folder.",
                ) from error


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """Give the folders for this user, from `CHAT_TUI_HOME` or as the platform has it."""
    if home := environ.get(HOME_VARIABLE, ""):
        return paths_under(Path(home))
    # 8 ms, saved where CHAT_TUI_HOME is set.
    from platformdirs import PlatformDirs

    folders = PlatformDirs(APP, appauthor=False)
    return Paths(
        folders.user_config_path,
        folders.user_data_path,
        folders.user_state_path,
        folders.user_cache_path,
    )


def paths_under(home: Path) -> Paths:
    """Give the four folders under one, as `CHAT_TUI_HOME` has them."""
    home = Path(os.path.abspath(home.expanduser()))  # noqa: PTH100 - resolve() follows links
    return Paths(home / "config", home / "data", home / "state", home / "cache")


def make_private(folder: Path) -> None:
    """Make a folder of mode 0700, and its parents likewise; one that exists stays as it is.

    Raises:
        OSError: it cannot be made, or something else is there.
    """
    missing = [folder]
    while not missing[-1].parent.is_dir() and missing[-1] != missing[-1].parent:
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
