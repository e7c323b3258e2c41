"""Which models of a list are there to talk to: lists hold those for pictures and sound too."""

import re
from collections.abc import Iterable

from chat_tui.core.models import ModelInfo
from chat_tui.providers.fields import as_dict, as_list, as_text

_NOT_CHAT = re.compile(
    r"(?:\A|[^a-z0-9])(?:"
    r"(?:text-)?embed(?:ding|dings|der)?|bge|minilm|e5|gte|rerank(?:er)?|colbert"
    r"|whisper|transcribe|transcription|asr|tts|speech|voice|audio|realtime|lyria"
    r"|dall-e|image|imagen|imagine|flux|sdxl|stable-diffusion|sora|veo|video"
    r"|moderation|guard|safeguard|ocr|aqa|(?:babbage|davinci)-002|computer-use"
    r")(?=\Z|[^a-z])|turbo-instruct",
    re.IGNORECASE,
)
_LONGEST_NAME = 120
"""Characters of an id that are looked at: of longer ones, 10,000 would take seconds."""
_NOT_CHAT_TYPES = {
    "embedding",
    "embeddings",
    "rerank",
    "moderation",
    "image",
    "video",
    "audio",
    "transcribe",
    "tts",
    "speech",
    "image_generation",
    "audio_transcription",
    "audio_speech",
}


def is_chat_model(model: ModelInfo) -> bool:
    """Whether a model is one to talk to, as far as its name and its provider tell."""
    type_ = as_text(model.raw.get("type")).lower()
    chats = as_dict(model.raw.get("capabilities")).get("completion_chat")
    out = as_list(as_dict(model.raw.get("architecture")).get("output_modalities"))
    chats = chats is not False and model.raw.get("supports_chat") is not False
    if type_ in _NOT_CHAT_TYPES or not chats or (out and "text" not in out):
        return False
    return not _NOT_CHAT.search(model.id, 0, _LONGEST_NAME)


def first_chat_model(models: Iterable[ModelInfo]) -> str:
    """The id of the first model to talk to, else of the first one; empty where there is none."""
    all_ = list(models)
    there = [model for model in all_ if model.active] or all_
    return next((model.id for model in there if is_chat_model(model)), there[0].id if there else "")
