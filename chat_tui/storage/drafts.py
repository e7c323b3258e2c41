"""Drafts as they are stored: what is written and not sent yet, as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.storage.decoding import readable_part
from chat_tui.storage.encoding import dump, to_json


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


def draft_to_text(draft: Draft) -> str:
    """A draft as it stands in its column."""
    return dump(draft_to_json(draft))


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


def draft_from_text(text: str) -> Draft:
    """Read a draft from its column."""
    try:
        return draft_from_json(json.loads(text))
    except (ValueError, RecursionError, TypeError):
        return Draft()


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
