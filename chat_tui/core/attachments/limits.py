"""What providers take of pictures, as they publish it. These change; each has its source."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chat_tui.core.attachments.media import PictureWish
from chat_tui.core.targets import DEMO, Target

MOST_FILES = 100
"""Files that folders and patterns may stand for and that are attached at once."""

_MB = 1_000_000
_ALL = frozenset({"PNG", "JPEG", "GIF", "WebP"})
_PLAIN = frozenset({"PNG", "JPEG"})


class PictureLimits(NamedTuple):
    """What one provider takes."""

    side: int
    """Pixels of the longer side."""
    bytes: int
    """Of one picture, before it is Base64."""
    pictures: int
    """In one request."""
    formats: frozenset[str]
    who: str
    """Whose limits these are, as it is shown; empty where they are assumed."""
    total: int = 0
    """Bytes of all pictures of a request, before they are Base64; 0 where only each one counts."""
    many: int = 0
    """In a request of more pictures than this, `side_of_many` holds; 0: there is no such rule."""
    side_of_many: int = 0

    def wish(self, *, keep_metadata: bool = False) -> PictureWish:
        """What is to become of a picture so that it is taken."""
        return PictureWish(self.side, self.bytes, self.formats, keep_metadata)


# Base64 makes four bytes of three: where a limit is one of the request, three quarters of it.
# What was tried in December 2025 is in earendil-works/pi, pull request 120.
_LIMITS: Mapping[str, PictureLimits] = {
    # platform.openai.com/docs/guides/images-vision: 50 MB and 500 pictures a request; PNG, JPEG,
    # WebP, GIF that does not move. Sides of 20,000 pixels were taken when it was tried.
    "openai": PictureLimits(20_000, 20 * _MB, 500, _ALL, "OpenAI", 36 * _MB),
    # learn.microsoft.com/azure/ai-foundry/openai/quotas-limits: 50 pictures a request, 20 MB each.
    "azure": PictureLimits(20_000, 20 * _MB, 50, _ALL, "Azure OpenAI", 36 * _MB),
    # platform.claude.com/docs/en/build-with-claude/vision: 8,000 pixels, 2,000 where there are more
    # than 20 pictures; 100 pictures (600 for some models), 32 MB a request. 5 MB each are of its
    # Base64, as its error says: "image.source.base64: image exceeds 5 MB maximum: 6275800 bytes >
    # 5242880 bytes" (lobehub/lobehub pull request 14711, May 2026).
    "anthropic": PictureLimits(8_000, 3_900_000, 100, _ALL, "Anthropic", 23 * _MB, 20, 2_000),
    # ai.google.dev/gemini-api/docs/image-understanding: 20 MB for a request with all that is in
    # it; PNG, JPEG, WebP, HEIC, HEIF; 3,600 pictures. Above 8,000 pixels: refused when tried.
    "gemini": PictureLimits(
        8_000, 14 * _MB, 3_600, frozenset({"PNG", "JPEG", "WebP", "HEIC"}), "Gemini", 14 * _MB
    ),
    # docs.mistral.ai/capabilities/vision: 10 MB each, 8 a request; PNG, JPEG, WebP, GIF that does
    # not move. Above 8,000 pixels they were refused when it was tried.
    "mistral": PictureLimits(8_000, 10 * _MB, 8, _ALL, "Mistral"),
    # console.groq.com/docs/vision: 5 a request, 33 megapixels each, 4 MB of Base64 in a request.
    "groq": PictureLimits(5_700, 2_900_000, 5, _ALL, "Groq", 2_900_000),
    # docs.x.ai/developers/model-capabilities/images/understanding: 20 MiB each, any number, JPEG
    # and PNG alone. Above 8,000 pixels they were refused when it was tried.
    "xai": PictureLimits(8_000, 20 * _MB, 100, _PLAIN, "xAI"),
    # docs.z.ai/guides/vlm: 5 MB, 6,000 pixels; JPEG and PNG.
    "zai": PictureLimits(6_000, 5 * _MB, 50, _PLAIN, "Z.ai"),
    # docs.fireworks.ai/guides/querying-vision-language-models: 30 a request, 10 MB of Base64.
    "fireworks": PictureLimits(8_192, 7 * _MB, 30, _ALL, "Fireworks", 7 * _MB),
    # docs.perplexity.ai/guides/image-attachments: 50 MB each; PNG, JPEG, WebP, GIF.
    "perplexity": PictureLimits(8_192, 36 * _MB, 30, _ALL, "Perplexity"),
    # lmstudio-ai/lmstudio-bug-tracker, issue 2003 (June 2026): more than 5,120 x 5,120 pixels are
    # refused. It decodes with llama.cpp.
    "lmstudio": PictureLimits(5_120, 20 * _MB, 100, _PLAIN, ""),
    # It reads what a file says of itself, and nothing else.
    DEMO: PictureLimits(20_000, 20 * _MB, 100, _ALL, ""),
}

_CAREFUL = PictureLimits(8_192, 20 * _MB, 100, _PLAIN, "")
"""Where nothing is published: every server that takes pictures takes these. llama.cpp and Ollama
decode with stb_image, which reads no WebP."""

_LOCAL = frozenset({"ollama", "llamacpp", "vllm"})
"""They decode pictures themselves, whoever made the model."""

_MAKERS = (
    (re.compile(r"(?:.*[./])?claude\b"), "anthropic"),
    (re.compile(r"(?:.*/)?(?:chatgpt|gpt-\d|o[134]\b)"), "openai"),
    (re.compile(r"(?:.*/)?gemini\b"), "gemini"),
    (re.compile(r"(?:.*/)?(?:mistral|pixtral|ministral|magistral)\b"), "mistral"),
    (re.compile(r"(?:.*/)?grok\b"), "xai"),
    (re.compile(r"(?:.*/)?glm\b"), "zai"),
)
"""How names of models begin, behind who hands prompts on to them; the first that fits holds."""


def limits_for(target: Target) -> PictureLimits:
    """The limits of a target's provider, else of its model's maker, else careful ones."""
    provider = target.provider.lower()
    if provider in _LIMITS:
        return _LIMITS[provider]
    if provider in _LOCAL:
        return _CAREFUL
    model = target.model.lower()
    maker = next((maker for names, maker in _MAKERS if names.match(model)), "")
    if not maker:
        return _CAREFUL
    # Who hands pictures on reads no more than what all read (openrouter.ai/docs/features/
    # multimodal/images: PNG, JPEG, WebP, GIF).
    limits = _LIMITS[maker]
    return limits._replace(formats=limits.formats & _ALL)


def limits_for_all(targets: Sequence[Target]) -> PictureLimits:
    """The narrowest limits of several targets: what fits them is taken by each."""
    found = [limits_for(target) for target in targets]
    narrow = min(found, key=lambda each: (each.side, each.bytes))
    formats = frozenset.intersection(*(each.formats for each in found))
    return narrow._replace(
        bytes=min(each.bytes for each in found),
        pictures=min(each.pictures for each in found),
        total=min((each.total for each in found if each.total), default=0),
        formats=formats or narrow.formats,
    )
