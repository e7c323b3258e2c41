"""Keys in files: one for each provider, for their owner only. Reading is the providers' part."""

import os
import stat
from pathlib import Path

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.storage.private_files import sync_folder, write_private
from chat_tui.storage.settings.provider import NAME


def new_key_file(folder: Path, provider: str) -> Path:
    """The file for a provider's key: always a new one, which is not made yet.

    Until the settings name it, the old key stays with the address that it is for.

    Args:
        folder: `config/keys`.
        provider: its name, with which that of the file begins.

    Raises:
        UsageError: the name is none.
    """
    if not NAME.fullmatch(provider):
        raise UsageError(
            "A key can be kept for a named provider only.",
            hint="Give the provider a name of letters, digits, - and _.",
        )
    path, number = folder / provider, 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{provider}-{number}"
    return path


def save_key_file(path: Path, key: str) -> None:
    """Write a key, to a file of mode 0600 in a folder of mode 0700.

    Args:
        path: from `new_key_file`.
        key: as `providers.keys.Key` has it.

    Raises:
        StorageError: the file cannot be written.
    """
    try:
        _make_private(path.parent)
        write_private(path, key.encode("ascii") + b"\n")
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be written: {error.strerror or error}.",
            hint="Check the permissions of its folder, or name a variable that holds the key.",
        ) from error


def delete_key_file(folder: Path, key_file: str) -> None:
    """Remove a key file, where it is one of ours: in `folder`.

    Raises:
        StorageError: it cannot be removed.
    """
    path = Path(key_file)
    if not key_file or path.parent != folder:
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be removed: {error.strerror or error}.",
            hint="Remove it yourself: it holds a key.",
        ) from error
    sync_folder(folder)


def _make_private(folder: Path) -> None:
    """The folder, closed to others also where it was there already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        os.chmod(folder, 0o700)  # noqa: PTH101 - the same, and follows a linked folder
