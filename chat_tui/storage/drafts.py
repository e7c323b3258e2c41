"""Drafts as they are stored: what is written and not sent yet, as JSON.

A draft is written again while somebody types. The long text of a document is therefore put apart,
once, and named by the draft: `"text_at": {"sha256": …}` in the place of its `"text"`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.safety import join_surrogates
from chat_tui.storage.decoding import readable_part
from chat_tui.storage.encoding import dump, to_json

LONG_TEXT = 16_384
"""Characters of a document from which on its text is put apart."""


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """A draft as JSON values; what is empty is left out."""
    values = {
        "text": draft.text,
        "pastes": list(draft.pastes),
        "attached": to_json(draft.attached),
        "queued": [_prompt_to_json(each) for each in draft.queued],
        "editing": draft.editing,
        "set_aside": draft_to_json(draft.set_aside) if draft.set_aside else None,
    }
    return {name: value for name, value in values.items() if value}


def draft_to_text(draft: Draft, put_apart: Callable[[bytes], str] | None = None) -> str:
    """A draft as it stands in its column.

    Args:
        draft: what is written.
        put_apart: keeps a long text and gives its hash; by default nothing is put apart.
    """
    values = draft_to_json(draft)
    for part in _attached_in(values):
        if put_apart is not None and len(part.get("text", "")) >= LONG_TEXT:
            text = join_surrogates(part.pop("text")).encode()
            part["text_at"] = {"sha256": put_apart(text)}
    return dump(values)


def draft_from_json(values: Any) -> Draft:
    """Read a draft; what cannot be read of it is left out."""
    values = values if isinstance(values, Mapping) else {}
    text, editing = values.get("text"), values.get("editing")
    aside = values.get("set_aside")
    return Draft(
        text if isinstance(text, str) else "",
        _texts(values.get("pastes")),
        _attached(values.get("attached")),
        _prompts(values.get("queued")),
        editing if isinstance(editing, str) and editing else None,
        # One level: what is set aside is no other version itself.
        draft_from_json({**aside, "set_aside": None}) if isinstance(aside, Mapping) else None,
    )


def draft_from_text(text: str, get: Callable[[str], bytes] | None = None) -> Draft:
    """Read a draft from its column.

    Args:
        text: what stands there.
        get: gives what was put apart under a hash; by default it is left out.
    """
    try:
        values = json.loads(text)
        for part in _attached_in(values):
            match part.pop("text_at", None):
                case {"sha256": str(sha)} if get is not None:
                    part["text"] = get(sha).decode("utf-8", "replace")
        return draft_from_json(values)
    except (ValueError, RecursionError, TypeError):
        return Draft()


def _attached_in(values: Any) -> Iterator[dict[str, Any]]:
    """What is attached anywhere in a draft."""
    if not isinstance(values, dict):
        return
    queued = values.get("queued")
    for each in (values, *(queued if isinstance(queued, list) else ())):
        parts = each.get("attached") if isinstance(each, dict) else None
        yield from (part for part in (parts or ()) if isinstance(part, dict))
    yield from _attached_in(values.get("set_aside"))


def _prompt_to_json(prompt: Prompt) -> Any:
    """Words alone as they are: an older version reads them too."""
    if not prompt.attached:
        return prompt.text
    return {"text": prompt.text, "attached": to_json(prompt.attached)}


def _prompts(values: Any) -> tuple[Prompt, ...]:
    prompts = []
    for value in values if isinstance(values, list) else ():
        match value:
            case str(text):
                prompts.append(Prompt(text))
            case {"text": str(text), **rest}:
                prompts.append(Prompt(text, _attached(rest.get("attached"))))
    return tuple(prompts)


def _attached(values: Any) -> tuple[ImagePart | FilePart, ...]:
    parts = map(readable_part, values if isinstance(values, list) else ())
    return tuple(part for part in parts if isinstance(part, ImagePart | FilePart))


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(value for value in values if isinstance(value, str))
