"""Which vocabulary a model's texts are counted with, told from its name."""

import re
from functools import lru_cache
from typing import NamedTuple

O200K = "o200k_base"
CL100K = "cl100k_base"

_O200K_MODELS = re.compile(
    r"(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|chatgpt-4o|gpt-oss|o[134])(?![a-z0-9])"
)
_CL100K_MODELS = re.compile(
    r"gpt-4(?:$|-(?:\d|turbo|vision))|gpt-3\.5|gpt-35-turbo"
    r"|text-embedding-(?:3|ada-002)|(?:davinci|babbage)-002"
)
"""As tiktoken maps them."""

_OPEN_WEIGHTS = "gpt-oss"
"""The family that others than its maker serve under names of their own."""


class ModelName(NamedTuple):
    """What a model's name says, in small letters."""

    vendor: str
    """Who made it, where the name has it before a stroke; else empty."""
    name: str
    """Without vendor, path, tag (`:free`) and the marks of a fine-tune (`ft:…:org`)."""


@lru_cache(maxsize=256)
def parse_name(model: str) -> ModelName:
    """Take a model's name apart, as `openai/gpt-4o:free` or `ft:gpt-4o:org::id`."""
    path, _, last = model.strip().lower().rpartition("/")
    base = last.removeprefix("ft:").partition(":")[0]
    return ModelName(path.rpartition("/")[2], base)


@lru_cache(maxsize=256)
def _known(model: str) -> str:
    """The vocabulary that is known to be the model's own; empty for all others."""
    vendor, name = parse_name(model)
    if vendor not in ("", "openai", "azure") and not name.startswith(_OPEN_WEIGHTS):
        return ""
    if _O200K_MODELS.match(name):
        return O200K
    return CL100K if _CL100K_MODELS.match(name) else ""


def encoding_name(model: str) -> str:
    """The vocabulary to count a model's texts with: its own, else the newest."""
    return _known(model) or O200K


def own_encoding(model: str) -> bool:
    """Whether `encoding_name` is the model's own vocabulary; else every count is approximate."""
    return bool(_known(model))
