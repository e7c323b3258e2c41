"""Prompts that the user keeps, with places to be filled in."""

import re
from dataclasses import dataclass
from typing import Protocol

_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*(?:=([^{}\n]*))?\}\}")
"""`{{name}}`, or `{{name=what stands there at first}}`."""


@dataclass(frozen=True, slots=True)
class SavedPrompt:
    """A prompt of the library."""

    name: str
    """Letters of any script, digits, `-`, `_`, `.` and spaces; it is the name of its file too."""
    text: str
    built_in: bool = False
    """Whether it comes with the app: it can be copied, but neither changed nor deleted."""

    @property
    def variables(self) -> dict[str, str]:
        """The places to be filled in, in the order in which they come, with their first values."""
        found: dict[str, str] = {}
        for name, default in _VARIABLE.findall(self.text):
            found[name] = found.get(name) or default.strip()
        return found

    def filled(self, values: dict[str, str]) -> str:
        """The text with its places filled in; those that are not named stay as they are."""
        return _VARIABLE.sub(lambda place: values.get(place[1], place[0]), self.text)


class PromptLibrary(Protocol):
    """Keeps the user's prompts. No call blocks the event loop."""

    async def prompts(self) -> list[SavedPrompt]:
        """All of them, by name.

        Raises:
            StorageError: they cannot be read.
        """
        ...

    async def save(self, prompt: SavedPrompt, *, was: str = "") -> None:
        """Keep a prompt.

        Args:
            prompt: its new state.
            was: its name so far, where it is edited.

        Raises:
            UsageError: the name cannot be one, or another prompt has it.
            StorageError: it cannot be written.
        """
        ...

    async def delete(self, name: str) -> None:
        """Remove a prompt.

        Raises:
            StorageError: it cannot be removed.
        """
        ...
