"""Prompts that set a conversation up: what stands before their text, and those that come with us.

A prompt of the library may begin with a head between two lines of `---`:

    ---
    system: You are an expert in document analysis.
    temperature: 0.2
    attach: document
    ---
    Question: {{question}}

`system` goes on over lines that begin with a space; every other name is a request parameter. What
is no such head is text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import parse_parameter
from chat_tui.core.prompt_library import SavedPrompt

_LINE = "---"


@dataclass(frozen=True, slots=True)
class Preset:
    """A prompt, and what it sets in the conversation that it begins."""

    text: str
    """Without the head."""
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    document: bool = False
    """Whether it is about a document that is attached."""

    @property
    def sets(self) -> bool:
        """Whether it changes a conversation."""
        return bool(self.system or self.parameters)


def preset_of(prompt: SavedPrompt) -> Preset:
    """A saved prompt with its head read."""
    first, _, rest = prompt.text.partition("\n")
    head, line, text = rest.partition(f"\n{_LINE}\n")
    if first.rstrip() != _LINE or not line:
        return Preset(prompt.text)
    try:
        return _with_head(_values(head), text.strip("\n"))
    except UsageError:
        return Preset(prompt.text)


def _values(head: str) -> dict[str, str]:
    """The names of a head with their values.

    Raises:
        UsageError: a line is none of a head.
    """
    values: dict[str, str] = {}
    name = ""
    for line in head.split("\n"):
        before, colon, value = line.partition(":")
        if line.startswith(" ") and name:
            values[name] += f"\n{line.strip()}"
        elif colon and before.isidentifier() and before not in values:
            name = before
            values[name] = value.strip()
        else:
            raise UsageError("It is no head.")
    return values


def _with_head(values: dict[str, str], text: str) -> Preset:
    """What a head says.

    Raises:
        UsageError: it names something that there is not.
    """
    system = values.pop("system", "").strip()
    attached = values.pop("attach", "")
    if attached not in ("", "document"):
        raise UsageError("There is nothing else to attach.")
    parameters = {name: parse_parameter(name, value) for name, value in values.items()}
    return Preset(text, system, parameters, document=bool(attached))


BUILT_IN: tuple[SavedPrompt, ...] = (
    SavedPrompt(
        "Document analysis",
        "---\n"
        "system: You are an expert in document analysis. Answer the question on the basis of the"
        " document that is provided.\n"
        "temperature: 0.2\n"
        "attach: document\n"
        "---\n"
        "Question: {{question}}\n",
        built_in=True,
    ),
    SavedPrompt(
        "文档分析",
        "---\n"
        "system: 你是一个文档分析专家,请基于提供的文档内容回答问题。\n"
        "temperature: 0.2\n"
        "attach: document\n"
        "---\n"
        "问题:{{question}}\n",
        built_in=True,
    ),
)
"""Those that come with the app, as the guide has them."""


def with_built_in(own: Sequence[SavedPrompt]) -> list[SavedPrompt]:
    """The user's prompts, then those that come with the app and whose names are not taken."""
    names = {prompt.name.casefold() for prompt in own}
    return [*own, *(each for each in BUILT_IN if each.name.casefold() not in names)]
