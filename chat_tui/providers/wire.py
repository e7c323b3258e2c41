"""The one place that builds requests: from the core's messages to the JSON that servers take."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from chat_tui.core.errors import BadRequestError, ChatError, UsageError
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, TextPart
from chat_tui.core.requests import ChatRequest

Body = dict[str, Any]
"""The body of a request before it is JSON."""


def pictures(request: ChatRequest) -> set[str]:
    """The hashes of the stored pictures that a request needs."""
    return {
        part.sha256
        for message in request.messages
        for part in message.parts
        if isinstance(part, ImagePart) and not part.url
    }


def encode_request(request: ChatRequest, images: Mapping[str, bytes]) -> Body:
    """Build the body of a request.

    Args:
        request: what to send. A parameter of None is left out; the parameter `extra` is an object
            whose fields go into the body as they are.
        images: the bytes of stored pictures by hash.

    Raises:
        UsageError: a picture's bytes are missing.
    """
    body: Body = {
        "model": request.target.model,
        "messages": [_message(message, images) for message in request.messages],
    }
    if request.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    parameters = dict(request.target.parameters)
    extra = parameters.pop("extra", None)
    body |= {name: value for name, value in parameters.items() if value is not None}
    return body | extra if isinstance(extra, dict) else body


def encode_body(body: Body) -> bytes:
    """The JSON of a body. Lone surrogates, which UTF-8 cannot hold, become question marks."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def adapt(body: Body, error: ChatError) -> tuple[Body, str] | None:
    """The body without a field that the app chose itself and the server refused.

    Gives it with a sentence for the user; None where the refusal is about something else.
    """
    if not isinstance(error, BadRequestError):
        return None
    words = f"{error.param or ''} {error.message}"
    if "stream_options" in body and "stream_options" in words:
        rest = {name: value for name, value in body.items() if name != "stream_options"}
        return rest, "The server does not take stream_options; it may report no usage."
    if "max_tokens" in body and "max_completion_tokens" in words:
        rest = {name: value for name, value in body.items() if name != "max_tokens"}
        rest["max_completion_tokens"] = body["max_tokens"]
        return rest, "The model wants max_tokens spelt max_completion_tokens; it was sent so."
    return None


def _message(message: ChatMessage, images: Mapping[str, bytes]) -> Body:
    encoded: Body = {"role": message.role, "content": _content(message, images)}
    if message.role == "tool":
        encoded["tool_call_id"] = message.tool_call_id
    elif message.name:
        encoded["name"] = message.name
    if message.tool_calls:
        encoded["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return encoded


def _content(message: ChatMessage, images: Mapping[str, bytes]) -> str | list[Body]:
    """A string where there is only text: not every server takes a list."""
    if message.role != "user" or not any(isinstance(part, ImagePart) for part in message.parts):
        return "\n\n".join(_text(part) for part in message.parts if not isinstance(part, ImagePart))
    return [_part(part, images) for part in message.parts]


def _part(part: Part, images: Mapping[str, bytes]) -> Body:
    if not isinstance(part, ImagePart):
        return {"type": "text", "text": _text(part)}
    image: Body = {"url": part.url or _data_url(part, images)}
    if part.detail != "auto":
        image["detail"] = part.detail
    return {"type": "image_url", "image_url": image}


def _text(part: TextPart | FilePart) -> str:
    if isinstance(part, TextPart):
        return part.text
    return f"File {part.name}:\n\n{part.text}"


def _data_url(part: ImagePart, images: Mapping[str, bytes]) -> str:
    content = images.get(part.sha256)
    if content is None:
        raise UsageError(
            f"The picture {part.name or part.sha256[:12]} is not there any more.",
            hint="Attach it again, or leave the message out.",
        )
    return f"data:{part.media_type or 'image/png'};base64,{b64encode(content).decode()}"
