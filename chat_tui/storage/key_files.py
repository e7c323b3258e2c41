"""Keys in files: one for each provider, for their owner only. Reading is the providers' part."""

import os
import re
import stat
from pathlib import Path

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.storage.private_files import sync_folder, write_private

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEY = re.compile(r"[\x21-\x7e]{1,8192}")


def save_key_file(folder: Path, provider: str, value: str) -> Path:
    """Keep a provider's key; gives the file, of mode 0600 in a folder of mode 0700.

    Args:
        folder: `config/keys`.
        provider: its name, which becomes that of the file.
        value: the key; white space around it is dropped.

    Raises:
        UsageError: it cannot be a key, or the name is none; the message never holds the key.
        StorageError: the file cannot be written.
    """
    if not _NAME.fullmatch(provider):
        raise UsageError(
            "A key can be kept for a named provider only.",
            hint="Give the provider a name of letters, digits, - and _.",
        )
    key = value.strip()
    if not _KEY.fullmatch(key):
        raise UsageError(
            "The key is empty, longer than 8192 characters, or has spaces or other characters in"
            " it that cannot be part of a key.",
            hint="Copy the key once more, and nothing around it.",
        )
    path = folder / provider
    try:
        _make_private(folder)
        # A link in the place of the file would carry the key elsewhere.
        if path.is_symlink():
            path.unlink()
        write_private(path, key.encode("ascii") + b"\n")
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be written: {error.strerror or error}.",
            hint="Check the permissions of its folder, or name a variable that holds the key.",
        ) from error
    return path


def delete_key_file(folder: Path, key_file: str) -> bool:
    """Remove a key file, where it is one of ours: in `folder`. Gives whether it was there.

    Raises:
        StorageError: it cannot be removed.
    """
    if not key_file or Path(key_file).parent != folder:
        return False
    path = Path(key_file)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be removed: {error.strerror or error}.",
            hint="Remove it yourself: it holds a key.",
        ) from error
    sync_folder(folder)
    return True


def rename_key_file(folder: Path, key_file: str, provider: str) -> str:
    """Let a key file of ours follow its provider to another name; gives the path to keep.

    A file that is not ours, or not there, stays as it is named.

    Raises:
        StorageError: it cannot be renamed.
    """
    path = Path(key_file)
    if not key_file or path.parent != folder or not _NAME.fullmatch(provider):
        return key_file
    new = folder / provider
    try:
        path.replace(new)
    except FileNotFoundError:
        return key_file
    except OSError as error:
        raise StorageError(
            f"The key file {path} cannot be renamed: {error.strerror or error}."
        ) from error
    return str(new)


def _make_private(folder: Path) -> None:
    """The folder, closed to others also where it was there already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        os.chmod(folder, 0o700)  # noqa: PTH101 - the same, and follows a linked folder
