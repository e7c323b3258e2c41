"""How many tokens the demo has read: estimated as the app does it, for it has no vocabulary."""

import json
from typing import Any

from chat_tui.core.estimate import PER_MESSAGE, PER_PICTURE, PRIMING, estimate_tokens
from chat_tui.providers.fields import as_dict, as_list, as_text


def prompt_tokens(body: dict[str, Any]) -> int:
    """The tokens of a request: its messages with their pictures, tools and a schema."""
    told = (body.get(name) for name in ("tools", "response_format"))
    defined = (json.dumps(each, ensure_ascii=False) for each in told if each)
    messages = map(as_dict, as_list(body.get("messages")))
    return PRIMING + sum(map(estimate_tokens, defined)) + sum(map(_message, messages))


def _message(message: dict[str, Any]) -> int:
    content = message.get("content")
    parts = [as_dict(part) for part in as_list(content)]
    texts = [as_text(content), as_text(message.get("name"))]
    texts += [as_text(part.get("text")) for part in parts]
    for call in as_list(message.get("tool_calls")):
        function = as_dict(as_dict(call).get("function"))
        texts += [as_text(function.get("name")), as_text(function.get("arguments"))]
    pictures = sum("image_url" in part for part in parts)
    return PER_MESSAGE + sum(map(estimate_tokens, texts)) + PER_PICTURE * pictures
