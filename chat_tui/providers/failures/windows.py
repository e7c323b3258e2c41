"""The sizes of window and prompt, read from the words of a server that refused a long prompt."""

import re
from collections.abc import Iterable

_SMALLEST = 128
_LARGEST = 100_000_000
# Bounded on all sides: a hostile server's digits must not keep the matching busy.
_COUNT = r"(?<![\d,_])(?P<count>\d[\d,_]{1,12})(?![\d_%]|\.\d)"
_OTHER = r"(?<![\d,_])\d[\d,_]{0,12}"


def _compiled(*wordings: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(wording.replace("COUNT", _COUNT).replace("OTHER", _OTHER), re.IGNORECASE)
        for wording in wordings
    )


_WINDOWS = _compiled(
    # OpenAI, Azure, DeepSeek, OpenRouter, vLLM, SGLang, Fireworks, xAI
    r"max(?:imum)? (?:context|model|prompt|input) (?:length|window|size)[^\d;]{0,20}\bCOUNT",
    # Mistral
    r"COUNT (?:tokens )?max(?:imum)? (?:context|model|prompt|input) (?:length|window|size)",
    # Anthropic
    r"OTHER tokens? > COUNT",
    r"exceeds? context (?:limit|window)[^>]{0,60}> COUNT",
    # Gemini
    r"maximum number of (?:input )?tokens(?: allowed)?[^\d]{0,12}COUNT",
    # llama.cpp, llama-cpp-python, LM Studio, SGLang
    r"context (?:size|window|length) (?:of|is|=|:)?[^\d.;]{0,12}\bCOUNT",
    r"\bn_ctx\W{0,6}COUNT",
    # Text Generation Inference, Together
    r"`?max_new_tokens`? must be <= COUNT",
    r"`?inputs`? must have less than COUNT tokens",
    # OpenAI (input), Moonshot, Cohere, Cerebras, GitHub Models, DashScope
    r"configured limit of COUNT tokens",
    r"token limit[^\d]{0,12}\bCOUNT",
    r"tokens in the prompt cannot exceed COUNT",
    r"current length is OTHER while limit is COUNT",
    r"max(?:imum)? size: COUNT tokens",
    r"range of input length should be \[OTHER, ?COUNT\]",
)
_PROMPTS = _compiled(
    # OpenAI, vLLM, Mistral, xAI
    r"(?:messages|prompt|input|request) (?:resulted in|contains?|ha[sd]|have)(?: at least| about)? "
    r"COUNT (?:input |prompt )?tokens",
    # OpenAI, OpenRouter, vLLM, SGLang
    r"COUNT (?:tokens )?(?:in|of|from) (?:your |the )?(?:messages|prompt|(?:text )?input)",
    r"(?:prompt|input) \((?:length )?COUNT\b",
    # Anthropic
    r"COUNT tokens? > OTHER",
    r"\bCOUNT \+ OTHER > OTHER",
    # Gemini
    r"input token count[^\d]{0,5}\bCOUNT",
    # llama.cpp, llama-cpp-python, LM Studio
    r"request(?:ed tokens)? \(COUNT\b",
    r"keep the first COUNT tokens",
    # Text Generation Inference, Together
    r"given: COUNT",
    # Cohere, Cerebras, Moonshot
    r"\breceived COUNT",
    r"current length is COUNT while limit",
    r"prompt is too long: COUNT",
)
_BY_TIME = re.compile(r"per (?:minute|hour|day)|\b[TR]P[MD]\b", re.IGNORECASE)


def window_in(words: str) -> int | None:
    """Tokens of the window that a refusal names; None where it names none.

    Limits by time ("tokens per minute") are about something else.
    """
    return _first(_WINDOWS, words)


def prompt_in(words: str) -> int | None:
    """Tokens of the prompt by the server's own count; None where a refusal does not tell it.

    Where prompt and reply are told as one sum, that is not it.
    """
    return _first(_PROMPTS, words)


def _first(wordings: Iterable[re.Pattern[str]], words: str) -> int | None:
    if _BY_TIME.search(words):
        return None
    for wording in wordings:
        for match in wording.finditer(words):
            count = int(re.sub("[,_]", "", match["count"]))
            if _SMALLEST <= count <= _LARGEST:
                return count
    return None
