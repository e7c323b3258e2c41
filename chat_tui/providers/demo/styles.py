"""How the demo's models say the same thing in other words, so that they can be compared. Pure."""

import re
from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "demo-fast": {
        "small": "tiny",
        "really": "truly",
        "saved": "stored",
        "quiet": "wide",
        "valley": "plain",
        "frequent": "common",
        "planets": "worlds",
        "riddle": "puzzle",
    },
    "demo-slow": {
        "small": "modest",
        "really": "properly",
        "answers": "replies",
        "quiet": "calm",
        "valley": "forest",
        "looks": "gazes",
        "function": "routine",
        "planets": "bodies",
    },
    "demo-flaky": {
        "small": "wobbly",
        "really": "reliably",
        "words": "letters",
        "quiet": "stormy",
        "lost": "missing",
        "text": "passage",
        "kind": "sort",
    },
}
"""Model → the words that it has others for, one for one."""

_LITERAL = re.compile(r"(```.*?```|`[^`\n]*`|^>[^\n]*$)", re.DOTALL | re.MULTILINE)
"""Code, and what it quotes: these stay as they are."""

_SHORT = 40
"""Letters that make a short answer."""


def in_words_of(model: str, text: str) -> str:
    """An answer in a model's own words; the plain demo's stays as it is."""
    if model == "demo-brief":
        return _shortened(text)
    words = _WORDS.get(model)
    if words is None:
        return text
    others = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)

    def other(found: re.Match[str]) -> str:
        word = words[found[0].lower()]
        return word.capitalize() if found[0][0].isupper() else word

    parts = _LITERAL.split(text)
    return "".join(part if at % 2 else others.sub(other, part) for at, part in enumerate(parts))


def _shortened(text: str) -> str:
    """The first sentences that make an answer, without what it quotes; a first list or code."""
    blocks = text.split("\n\n")
    for at, block in enumerate(blocks):
        if block.startswith(">"):
            continue
        if not block.endswith(":"):
            return _sentences(block)
        after = blocks[at + 1] if at + 1 < len(blocks) else ">"
        if not after.startswith(">"):
            # Code may have empty lines in it.
            rest = "\n\n".join(blocks[at + 1 :])
            return f"{block}\n\n{rest[: rest.find('```', 3) + 3] if after[:3] == '```' else after}"
    return text


def _sentences(block: str) -> str:
    said = ""
    for sentence in re.split(r"(?<=\. )", block):
        said += sentence
        if len(said) >= _SHORT:
            break
    return said.strip()
