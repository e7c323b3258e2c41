"""The prompt library on the disk: a folder with a file a prompt, made to be edited by hand too."""

import asyncio
from pathlib import Path
from unicodedata import category, normalize

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.safety import clean_line, join_surrogates
from chat_tui.storage.private_files import held, read_small, write_private

MAX_FILES = 500
MAX_BYTES = 256 * 1024
"""Of one file."""
MAX_NAME = 80
"""Characters of a name."""
_MAX_NAME_BYTES = 240
"""Of a name in UTF-8; file systems take 255, ending and all."""
_SUFFIX = ".md"


class PromptFiles:
    """A `PromptLibrary` of files `NAME.md`, UTF-8, for their owner alone.

    Args:
        folder: where they are; made with the first prompt.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: tuple[str, ...] = ()
        """Sentences about files that were passed over when they were read last."""

    async def prompts(self) -> list[SavedPrompt]:
        """See `PromptLibrary.prompts`; what cannot be read is told by `problems`."""
        found, problems = await asyncio.to_thread(self._read)
        self.problems = tuple(problems)
        return found

    async def save(self, prompt: SavedPrompt, *, was: str = "") -> None:
        """See `PromptLibrary.save`."""
        if reason := _refusal(prompt.name):
            raise UsageError(f"A prompt cannot be named so: {reason}.", hint="Choose another name.")
        content = join_surrogates(prompt.text).encode()
        if len(content) > MAX_BYTES:
            raise UsageError(
                f"The prompt is larger than {MAX_BYTES // 1024} KB.", hint="Make it shorter."
            )
        await asyncio.to_thread(self._save, prompt.name, content, was)

    async def delete(self, name: str) -> None:
        """See `PromptLibrary.delete`; one that is not there is as good as removed."""
        await asyncio.to_thread(self._delete, name)

    def _read(self) -> tuple[list[SavedPrompt], list[str]]:
        prompts: list[SavedPrompt] = []
        problems: list[str] = []
        files = self._files()
        for path in files[:MAX_FILES]:
            try:
                prompts.append(_prompt(path))
            except OSError as error:
                problems.append(f"{path} cannot be read: {error.strerror or error}.")
            except ValueError as error:
                problems.append(f"{path} was passed over: {error}.")
        if len(files) > MAX_FILES:
            problems.append(f"{self._folder} holds more than {MAX_FILES} prompts.")
        return prompts, [clean_line(problem) for problem in problems]

    def _files(self) -> list[Path]:
        """The files of prompts, by name.

        Raises:
            StorageError: the folder cannot be read.
        """
        try:
            paths = [path for path in self._folder.iterdir() if _is_prompt(path)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._trouble("read", error) from error
        return sorted(paths, key=lambda path: (_folded(path.stem), path.stem))

    def _save(self, name: str, content: bytes, was: str) -> None:
        try:
            with held(self._folder):
                names = {_folded(path.stem): path for path in self._files()}
                there = names.get(_folded(name))
                before = names.get(_folded(was)) if was else None
                if there is not None and there != before:
                    raise UsageError(
                        f"There is a prompt named {clean_line(there.stem)} already.",
                        hint="Choose another name.",
                    )
                path = self._folder / f"{name}{_SUFFIX}"
                if before is None and there is None and len(names) >= MAX_FILES:
                    raise UsageError(
                        f"There are {MAX_FILES} prompts already.", hint="Delete some of them."
                    )
                write_private(path, content)
                if before is not None and before.name != path.name and not _same(before, path):
                    before.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble("written", error) from error

    def _delete(self, name: str) -> None:
        # Looked for among those that are there: whatever the name is, it leads nowhere else.
        for path in self._files():
            if path.stem == name:
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise self._trouble("written", error) from error

    def _trouble(self, done: str, error: OSError) -> StorageError:
        return StorageError(
            f"The prompts in {self._folder} cannot be {done}: {error.strerror or error}.",
            hint="Check the permissions of the folder.",
        )


def _prompt(path: Path) -> SavedPrompt:
    """Read a prompt.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none; says why.
    """
    if reason := _refusal(path.stem):
        raise ValueError(f"its name cannot be a prompt's ({reason})")
    if not path.is_file():
        raise ValueError("it is no file")
    try:
        content = read_small(path, MAX_BYTES)
    except ValueError:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024} KB") from None
    try:
        text = (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    return SavedPrompt(path.stem, text)


def _is_prompt(path: Path) -> bool:
    return path.suffix == _SUFFIX and not path.name.startswith(".")


def _refusal(name: str) -> str:
    """Why a text cannot be a name; empty where it can."""
    if not name.strip():
        return "it is empty"
    if len(name) > MAX_NAME or len(join_surrogates(name).encode()) > _MAX_NAME_BYTES:
        return f"it has more than {MAX_NAME} characters"
    if name != name.strip() or name.startswith("."):
        return "it begins with a dot or a space, or ends with a space"
    if not all(each.isalnum() or each in "-_. " or category(each)[0] == "M" for each in name):
        return "it may have letters, digits, -, _, . and spaces"
    return ""


def _folded(name: str) -> str:
    """What two names share that some file systems take for the same."""
    return normalize("NFC", name).casefold()


def _same(path: Path, other: Path) -> bool:
    """Whether two names mean one file, where the file system does not tell cases apart."""
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return False
