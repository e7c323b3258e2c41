"""What lists say of abilities, in all the words that they have for them. Pure."""

import re
from functools import lru_cache

from chat_tui.core.models import ABILITIES
from chat_tui.providers.fields import as_dict, as_list

_WORDS = {
    "vision": ("vision", "imageinput", "imagein", "imageunderstanding", "multimodal", "vlm"),
    "tools": (
        "tools",
        "tool",
        "tooluse",
        "toolcall",
        "toolcalling",
        "toolcalls",
        "functioncalling",
        "trainedfortooluse",
    ),
    "json": (
        "json",
        "jsonmode",
        "responseformat",
        "responseschema",
        "jsonschema",
        "structuredoutput",
        "structuredoutputs",
    ),
    "reasoning": ("reasoning", "thinking", "includereasoning", "reasoningeffort"),
}
_BY_WORD = {word: ability for ability, words in _WORDS.items() for word in words}
_SIGNS = re.compile(r"[^a-z]")

_PARAMETERS = frozenset(ABILITIES) - {"vision"}
"""What shows in the parameters that a model takes."""


class Words:
    """What one entry says; other words among them do no harm."""

    __slots__ = ("_can", "_cannot")

    def __init__(self) -> None:
        self._can: list[str] = []
        self._cannot: list[str] = []

    def say(self, word: str, can: bool) -> None:
        """Note that something is true, or that it is not."""
        (self._can if can else self._cannot).append(word)

    def read(self, value: object, *, whole: bool = False) -> None:
        """Read what a list names, or what a table says is true or not.

        Args:
            value: the list, or the table.
            whole: whether a list names all request parameters that the model takes.
        """
        if isinstance(value, list):
            words = [word for word in value if isinstance(word, str)]
            self._can += words
            if whole and words:
                self._cannot += _PARAMETERS
        elif isinstance(value, str):
            self._can.append(value)
        for name, says in as_dict(value).items():
            told = says if isinstance(says, bool) else as_dict(says).get("supported")
            if isinstance(told, bool):
                self.say(name, told)
            elif isinstance(says, dict):
                for inner, yes in says.items():
                    if isinstance(yes, bool):
                        self.say(inner, yes)

    def read_modalities(self, value: object) -> None:
        """Read what may be put in."""
        # "text+image->text": what goes in stands before the arrow.
        given = value.split("->")[0].split("+") if isinstance(value, str) else as_list(value)
        if given:
            self.say("vision", "image" in given)

    def abilities(self) -> frozenset[str]:
        """What the model can do."""
        return _abilities(tuple(self._can))

    def denied(self) -> frozenset[str]:
        """What somebody says that it cannot do; others may say that it can."""
        return _abilities(tuple(self._cannot))


@lru_cache(maxsize=256)
def _abilities(words: tuple[str, ...]) -> frozenset[str]:
    """Most models of a list are said the same things of."""
    return frozenset(filter(None, map(_ability, words)))


@lru_cache(maxsize=1024)
def _ability(word: str) -> str:
    """The ability that a word stands for, however it is spelt; empty for none."""
    return _BY_WORD.get(_SIGNS.sub("", word[:40].lower()).removeprefix("supports"), "")
