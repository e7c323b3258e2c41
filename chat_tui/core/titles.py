"""A title for a conversation from its first exchange, made here, without asking a model."""

import re
from collections.abc import Collection

from chat_tui.core.safety import clean, clean_line

MAX_CELLS = 48
"""A title's length at the most, in characters; wide ones count two."""

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_NOISE = re.compile(r"^[\s#>*_`~\-–—=|+.]+|`+|(?<!\w)[*_~]+|[*_~]+(?!\w)")
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|bonjour|please|could you|can you|would you|i need you to"
    r"|i want you to)\b|[你您]好(?!吗)|请问|请你|请帮我|请(?![假愿教求客示])|帮我)"
    r"(?:\s+there\b)?[\s,.!:\u3001\u3002\uff01\uff0c\uff1a]*(?=\S)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]|[^\W_]+")
_LEAST_WORDS = 2
"""Words (or Chinese characters) that must be left for a greeting to be dropped."""

_NUMBER = re.compile(r"\s*\((\d{1,3})\)\Z")

_ENDS = " \t.:,;\u3002\uff0c\uff1a\uff1b"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[\u3002\uff01\uff1f])")


def title_from(prompt: str, answer: str = "") -> str:
    """Make a title from the first prompt, or from the answer where the prompt has no words.

    Gives one clean line of at most `MAX_CELLS` cells; empty where there are no words at all.
    """
    for text in (prompt, answer):
        if title := _first_sentence(text):
            return _shorten(title)
    return ""


def title_of_file(name: str) -> str:
    """A title from the name of a file; empty where it has no ending: such a name tells nothing."""
    line = clean_line(name)
    return _shorten(line) if "." in line.strip(".") else ""


def numbered_title(title: str, taken: Collection[str]) -> str:
    """The title of a copy: `Tides (2)`, or the next number that is not taken; none stays none."""
    if not title:
        return ""
    base = _NUMBER.sub("", title) or title
    number = 2
    while (numbered := f"{_shorten(base, MAX_CELLS - len(str(number)) - 3)} ({number})") in taken:
        number += 1
    return numbered


def _first_sentence(text: str) -> str:
    text = _FENCE.sub("\n", clean(text[:4000])) if text else ""
    for line in text.splitlines():
        words = _NOISE.sub("", line).strip()
        if not any(character.isalnum() for character in words):
            continue
        for _ in range(3):
            shorter = _GREETING.sub("", words, count=1)
            if shorter == words or len(_WORD.findall(shorter)) < _LEAST_WORDS:
                break
            words = shorter
        sentence = _SENTENCE_END.split(words, maxsplit=1)[0].strip(_ENDS)
        if sentence:
            return " ".join((sentence[0].upper() + sentence[1:]).split())
    return ""


def _shorten(title: str, limit: int = MAX_CELLS) -> str:
    cells = 0
    for index, character in enumerate(title):
        cells += 1 if character.isascii() else 2
        if cells > limit:
            cut = title[: index - 1]
            head, space, _ = cut.rpartition(" ")
            return (head if space and len(head) > limit // 2 else cut).rstrip(_ENDS) + "…"
    return title


TITLE_REQUEST = (
    "Give this conversation a title of at most six words, in its own language. "
    "Answer with the title alone, without quotation marks."
)
"""What a model is asked where the user switched titles by model on."""
