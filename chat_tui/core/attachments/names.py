"""Which stored bytes messages and drafts name."""

from collections.abc import Iterable, Iterator

from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part


def named_in(parts: Iterable[Part]) -> Iterator[str]:
    """The hashes of the attachments that parts name, in their order."""
    for part in parts:
        if isinstance(part, ImagePart | FilePart) and part.sha256:
            yield part.sha256


def named_by(messages: Iterable[ChatMessage]) -> list[str]:
    """The hashes of the attachments that messages name, each once, in their order."""
    return list(dict.fromkeys(sha for each in messages for sha in named_in(each.parts)))


def named_in_draft(draft: Draft) -> list[str]:
    """The same of a draft, with what waits behind it and what is set aside."""
    queued = (part for prompt in draft.queued for part in prompt.attached)
    aside = named_in_draft(draft.set_aside) if draft.set_aside is not None else []
    return list(dict.fromkeys([*named_in(draft.attached), *named_in(queued), *aside]))
