"""Slash commands: the actions of the registry by their words, and some that take words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import definition, parse_parameter
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.texts import text
from chat_tui.ui.actions import ACTIONS, Action

_COMMAND = re.compile(r"/([^\W\d_][\w.-]*)(?:\s+(.*))?", re.DOTALL)
"""A word after a slash, and what follows it; a path has another slash and is none."""

_ASSIGNMENT = re.compile(r"(?:^|\s)([^\W\d]\w*)=")

DEMO_WORDS = (
    *("markdown", "code", "table", "poem", "think", "json", "tools", "picture", "long", "echo"),
    "error",
)
"""What the built-in demo answers to in its own way (see `providers/demo/answers.py`)."""

PATH_WORDS = ("attach", "image", "file", "document")
"""The commands that take paths, folders, patterns and addresses."""

ARGUMENTS = {
    "model": "NAME",
    "system": "TEXT",
    "title": "TEXT",
    "rename": "TEXT",
    "temp": "[0.7]",
    "set": "NAME=VALUE",
    "prompt": "NAME",
    "policy": "[trim]",
    "history": "[20]",
    "compact": "[MODEL]",
    **dict.fromkeys(PATH_WORDS, "[PATH]"),
    "url": "[ADDRESS]",
}
"""The commands that take words, and what these are."""


class Command(NamedTuple):
    """What was typed."""

    word: str
    """In lower case, without the slash."""
    rest: str
    """What follows, without white space around it."""


class Entry(NamedTuple):
    """A command that there is."""

    words: tuple[str, ...]
    label: str
    action: Action | None = None
    """None where it has no action behind it."""
    prompt: SavedPrompt | None = None
    """The saved prompt that it takes."""
    demo: bool = False
    """Whether it is a word of the demo: sent as it is."""


def parse_command(words: str) -> Command | None:
    """Read a text as a command; None where it is none: a path, a number, plain words."""
    found = _COMMAND.fullmatch(words.strip())
    return Command(found[1].lower(), (found[2] or "").strip()) if found else None


def escaped(words: str) -> str | None:
    """The text that stands after a second slash: `//model` means “/model”; None where none does."""
    return words[1:] if words.startswith("//") and parse_command(words[1:]) else None


def entries(
    can_run: Callable[[Action], bool], prompts: Sequence[SavedPrompt], *, demo: bool
) -> list[Entry]:
    """All commands that there are now, each word once: actions before saved prompts."""
    taken: set[str] = set()
    found: list[Entry] = []
    for entry in _all(can_run, prompts, demo=demo):
        words = tuple(word for word in entry.words if word not in taken)
        taken.update(words)
        if words:
            found.append(entry._replace(words=words))
    return found


def _all(
    can_run: Callable[[Action], bool], prompts: Sequence[SavedPrompt], *, demo: bool
) -> Iterator[Entry]:
    for action in ACTIONS:
        if action.palette and can_run(action):
            words = tuple(action.slash.split(",")) if action.slash else (action.id,)
            yield Entry(words, action.label, action)
    yield Entry(("set",), text("slash.set"))
    yield Entry(("prompt",), text("slash.prompt"))
    yield Entry(("history",), text("slash.history"))
    if demo:
        for word in DEMO_WORDS:
            yield Entry((word,), text("slash.demo", about=text(f"demo-word.{word}")), demo=True)
    for prompt in prompts:
        yield Entry((word_of(prompt),), text("slash.saved"), prompt=prompt)


def word_of(prompt: SavedPrompt) -> str:
    """The word after the slash that takes a saved prompt."""
    return "-".join(prompt.name.lower().split())


def find(word: str, among: Sequence[Entry]) -> Entry | None:
    """The command of a word."""
    return next((entry for entry in among if word in entry.words), None)


def unknown(word: str, among: Sequence[Entry]) -> UsageError:
    """What is told where there is no such command; names one that may be meant."""
    words = [each for entry in among for each in entry.words]
    close = get_close_matches(word, words, 1)
    guess = text("slash.guess", name=close[0]) if close else ""
    hint = text("slash.as-text", word=word)
    return UsageError(text("slash.unknown", word=word), hint=f"{guess} {hint}".strip())


def assignments(rest: str) -> Mapping[str, object]:
    """Read `name=value name=value`; a value goes on to the next name and may be JSON.

    Raises:
        UsageError: it is not written that way, or a value is none for its parameter.
    """
    starts = list(_ASSIGNMENT.finditer(rest))
    if not starts or rest[: starts[0].start()].strip():
        raise UsageError(text("slash.set-how"))
    ends = [start.start() for start in starts[1:]] + [len(rest)]
    return {
        definition(start[1]).name: parse_parameter(start[1], rest[start.end() : end])
        for start, end in zip(starts, ends, strict=True)
    }
