"""The one place that builds requests: from the core's messages to the JSON that servers take."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from chat_tui.core.attachments.signatures import MEDIA_TYPES, format_of
from chat_tui.core.errors import UsageError
from chat_tui.core.memory import Learnt
from chat_tui.core.messages import ChatMessage, ImagePart, Part, TextPart, part_text
from chat_tui.core.parameters import NEEDS, check_parameters
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Quirks
from chat_tui.providers.quirks import spelling_of_max_tokens

Body = dict[str, Any]
"""The body of a request before it is JSON."""

_Address = Callable[[ImagePart], str]
"""Gives what stands for a stored picture."""

ROLES, ALTERNATE = "roles", "alternate"
"""What is kept in `Learnt.spellings` of a model that wants roles to take turns."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request as it goes out, and where its fields come from."""

    body: Body
    sent: Mapping[str, str]
    """Fields that the user set, as they are spelt in the body → the parameter's name."""
    own_fields: frozenset[str]
    """Fields that the app chose itself, by being there or by their spelling."""
    system_role: str = ""
    """How the role of the system prompt is spelt; empty where there is none."""
    left_out: tuple[str, ...] = ()
    """A sentence for each parameter that the user set and that is not sent."""
    neighbours: bool = False
    """Whether two messages of one role that could be one follow each other."""


def pictures(request: ChatRequest) -> set[str]:
    """The hashes of the stored pictures that a request needs."""
    return {
        part.sha256
        for message in request.messages
        for part in message.parts
        if isinstance(part, ImagePart) and not part.url
    }


def encode_request(
    request: ChatRequest,
    images: Mapping[str, bytes],
    quirks: Quirks | None = None,
    learnt: Learnt | None = None,
    *,
    address: Callable[[ImagePart], str] | None = None,
) -> Encoded:
    """Build a request.

    Args:
        request: what to send. A parameter of None is left out; the parameter `extra` is an object
            whose fields go into the body as they are, over all others.
        images: the bytes of stored pictures by hash.
        quirks: what the server wants; see `quirks.quirks_for`.
        learnt: what the model refused before.
        address: what stands for a stored picture; by default it itself, as a `data:` URL.

    Raises:
        UsageError: a parameter cannot be sent, or a picture's bytes are missing.
    """
    quirks, learnt = quirks or Quirks(), learnt or Learnt()
    model = request.target.model
    given = check_parameters(request.target.parameters)
    extra = given.pop("extra", {})
    left_out = _left_out([*given, *extra], quirks, learnt, model)
    given, extra = (
        {name: value for name, value in some.items() if name not in left_out}
        for some in (given, extra)
    )
    address = address or (lambda part: _data_url(part, images))
    messages = _messages(request, address, quirks, learnt)
    body: Body = {"model": model, "messages": messages}
    own = _set_stream(body, given, request, quirks, learnt)
    sent = {name: name for name in (*given, *extra)}
    if "max_tokens" in given:
        known = learnt.spellings.get("max_tokens") or quirks.max_tokens
        spelling = known or spelling_of_max_tokens(model)
        body[spelling] = given.pop("max_tokens")
        sent[spelling] = "max_tokens"
        own.add(spelling)
    body |= {name: value for name, value in given.items() if name not in _STREAM_FIELDS} | extra
    return Encoded(
        body,
        {name: parameter for name, parameter in sent.items() if name in body},
        frozenset(own & body.keys() - extra.keys()),
        _system_role(quirks, learnt) if _has_system(request) else "",
        tuple(left_out.values()),
        any(first["role"] == second["role"] in _TAKE_TURNS for first, second in pairwise(messages)),
    )


_STREAM_FIELDS = frozenset({"stream", "stream_options"})


def _left_out(names: list[str], quirks: Quirks, learnt: Learnt, model: str) -> dict[str, str]:
    """Which of the user's parameters are not sent, with a sentence about each."""
    out: dict[str, str] = {}
    for name in names:
        if name in learnt.left_out:
            out[name] = f"{model} refused {name} before; it was left out."
        elif name in quirks.left_out:
            out[name] = f"{name} was left out, as the provider's settings say."
    for name, needed in NEEDS.items():
        if needed in out and name in names and name not in out:
            out[name] = f"{name} was left out too: it needs {needed}."
    return out


def _set_stream(
    body: Body, given: Body, request: ChatRequest, quirks: Quirks, learnt: Learnt
) -> set[str]:
    """Put what is about streaming into the body; gives the fields that the app chose itself."""
    never = quirks.left_out | learnt.left_out
    streams = given.get("stream", request.stream and "stream" not in never)
    if not streams:
        if "stream" in given:
            body["stream"] = False
        return set()
    body["stream"] = True
    asks = quirks.stream_options and "stream_options" not in never
    if options := ({"include_usage": True} if asks else {}) | given.get("stream_options", {}):
        body["stream_options"] = options
    return {name for name in _STREAM_FIELDS if name in body and name not in given}


def _has_system(request: ChatRequest) -> bool:
    return any(message.role == "system" for message in request.messages)


def _system_role(quirks: Quirks, learnt: Learnt) -> str:
    return learnt.spellings.get("system", quirks.system_role)


def _messages(
    request: ChatRequest, address: _Address, quirks: Quirks, learnt: Learnt
) -> list[Body]:
    role = _system_role(quirks, learnt)
    alternate = quirks.alternate or learnt.spellings.get(ROLES) == ALTERNATE
    encoded: list[Body] = []
    before = ""
    for message in request.messages:
        body = _message(message, address, quirks)
        if message.role == "system":
            body["role"] = role
        # Where the system prompt is the user's, most want the roles to take turns.
        turns = alternate or (before == "system" and role == "user")
        if turns and encoded and body["role"] == encoded[-1]["role"] in _TAKE_TURNS:
            _merge(encoded[-1], body)
        else:
            encoded.append(body)
        before = message.role
    return encoded


_TAKE_TURNS = frozenset({"system", "developer", "user", "assistant"})
"""Roles of which two neighbours can be one message; each tool result answers a call of its own."""


def _merge(first: Body, second: Body) -> None:
    """Put a message into its neighbour of the same role."""
    first["content"] = _joined(first["content"], second["content"])
    if first.get("name") != second.get("name"):
        first.pop("name", None)
    if reasoning := "\n\n".join(
        each["reasoning_content"] for each in (first, second) if each.get("reasoning_content")
    ):
        first["reasoning_content"] = reasoning
    if calls := [*first.get("tool_calls", ()), *second.get("tool_calls", ())]:
        first["tool_calls"] = calls


def _joined(
    first: str | list[Body] | None, second: str | list[Body] | None
) -> str | list[Body] | None:
    if not first or not second:
        return first or second
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    lists = (
        [{"type": "text", "text": each}] if isinstance(each, str) else each
        for each in (first, second)
    )
    return [part for parts in lists for part in parts]


def _message(message: ChatMessage, address: _Address, quirks: Quirks) -> Body:
    encoded: Body = {"role": message.role, "content": _content(message, address)}
    if message.role == "tool":
        encoded["tool_call_id"] = message.tool_call_id
    elif message.name:
        encoded["name"] = message.name
    if message.tool_calls:
        if not encoded["content"] and quirks.null_content:
            encoded["content"] = None
        if quirks.reasoning_back:
            encoded["reasoning_content"] = message.reasoning
        encoded["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return encoded


def _content(message: ChatMessage, address: _Address) -> str | list[Body]:
    """A string where there is only text: not every server takes a list."""
    if message.role != "user" or not any(isinstance(part, ImagePart) for part in message.parts):
        return "\n\n".join(
            part_text(part) for part in message.parts if not isinstance(part, ImagePart)
        )
    # Some servers refuse a part without words.
    parts = (part for part in message.parts if not isinstance(part, TextPart) or part.text.strip())
    return [_part(part, address) for part in parts]


def _part(part: Part, address: _Address) -> Body:
    if not isinstance(part, ImagePart):
        return {"type": "text", "text": part_text(part)}
    image: Body = {"url": part.url or address(part)}
    if part.detail != "auto":
        image["detail"] = part.detail
    return {"type": "image_url", "image_url": image}


_MEDIA_TYPE = re.compile(r"image/[a-z0-9.+-]{1,40}")


class Picture(NamedTuple):
    """A picture as a `data:` URL has it."""

    head: str
    """What stands before the Base64."""
    content: bytes


def picture_of(part: ImagePart, images: Mapping[str, bytes]) -> Picture:
    """A stored picture.

    Raises:
        UsageError: its bytes are missing.
    """
    content = images.get(part.sha256)
    if content is None:
        raise UsageError(
            f"The picture {part.name or part.sha256[:12]} is not there any more.",
            hint="Attach it again, or leave the message out.",
        )
    # Its bytes know best: what comes from an import may say anything.
    if (format_ := format_of(content[:32])) is not None:
        kind = MEDIA_TYPES[format_]
    else:
        kind = part.media_type if _MEDIA_TYPE.fullmatch(part.media_type) else "image/png"
    return Picture(f"data:{kind};base64,", content)


def _data_url(part: ImagePart, images: Mapping[str, bytes]) -> str:
    picture = picture_of(part, images)
    return picture.head + b64encode(picture.content).decode()
