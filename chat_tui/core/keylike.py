"""Whether a text is likely an API key: pasted where a name belongs, it must not be repeated."""

import re

_SHORTEST = 20
_LONGEST_WORD = 32
_PREFIX = re.compile(
    r"sk[-_]|pk[-_]|rk[-_]|gsk_|AIza|ya29\.|hf_|gh[pousr]_|github_pat_|xai-|pplx-|nvapi-|tgp_|csk-"
    r"|fw_|r8_|key-|eyJ"
)
_WORDS = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*|[a-z0-9]+(_[a-z0-9]+)*|([A-Z][a-z0-9]*)+")


def looks_like_key(text: str) -> bool:
    """Whether a text has the looks of a key: what providers put in front, or no words in it."""
    text = text.strip()
    if len(text) < _SHORTEST or any(character.isspace() for character in text):
        return False
    if _PREFIX.match(text):
        return True
    digits = sum(character.isdigit() for character in text)
    is_name = _WORDS.fullmatch(text) and ("_" in text or len(text) < _LONGEST_WORD)
    return digits >= 4 and not is_name
