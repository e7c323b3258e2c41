"""The links of a message: its sources, and what its text links to."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.style import Style

from chat_tui.core.extras import sources_of
from chat_tui.core.messages import ChatMessage, ImagePart
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.rendered import RenderedMessage

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}]", re.IGNORECASE)
"""An address in a prompt, which is shown as it was written."""


class NamedLink(NamedTuple):
    """An address, raw, and the words that it goes by in a message."""

    url: str
    labels: tuple[str, ...]
    """Raw; none where the address stands for itself."""


def links_of(message: ChatMessage, rendered: RenderedMessage) -> list[NamedLink]:
    """The links of a message, each address once: the sources first, by their numbers."""
    found: dict[str, dict[str, None]] = {}
    for source in sources_of(message):
        found.setdefault(source.url, {})[source.title.strip()] = None
    for url, label in _linked(rendered.text_lines):
        found.setdefault(url, {})[label.strip()] = None
    for part in message.parts:
        if isinstance(part, ImagePart) and part.url:
            found.setdefault(part.url, {})
    if message.role == "user":
        for match in _ADDRESS.finditer(message.text):
            found.setdefault(match[0], {})
    return [
        NamedLink(url, tuple(label for label in labels if label not in ("", url)))
        for url, labels in found.items()
    ]


def _linked(lines: Iterable[Line]) -> Iterator[tuple[str, str]]:
    """Addresses with the words that lead there."""
    known: dict[Style, str] = {}
    open_, label = "", ""
    for line in lines:
        label += line.joint
        for segment in line.strip:
            style = segment.style
            if style is not None and segment.text.strip():
                if style not in known:
                    known[style] = str(style.meta.get("link", ""))
                if (url := known[style]) != open_:
                    if open_:
                        yield open_, label
                    open_, label = url, ""
            label += segment.text if open_ else ""
    if open_:
        yield open_, label
