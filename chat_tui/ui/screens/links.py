"""The links and sources of a message, to be opened or copied."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.choices import ChoiceDialog
from chat_tui.ui.widgets.transcript.link_list import NamedLink


class LinksDialog(ChoiceDialog):
    """Asks for one of the links of a message.

    Args:
        links: in their order.
    """

    SCOPE = "links"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("links")]

    def __init__(self, links: Sequence[NamedLink]) -> None:
        super().__init__(text("links.title"), [_row(link) for link in links], "open")


def _row(link: NamedLink) -> Content:
    url = clean_line(link.url, code=True)
    label = clean_line(link.labels[0]) if link.labels else ""
    return Content.assemble(label, "  " if label else "", (url, "$foreground 60%"))
