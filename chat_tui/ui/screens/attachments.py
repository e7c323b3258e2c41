"""The pictures and documents of a message: which one is meant, and where it is saved."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.content import Content

from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.choices import ChoiceDialog
from chat_tui.ui.screens.dialogs import LineDialog
from chat_tui.ui.widgets.transcript.attached import facts_of

AttachmentPurpose = Literal["open", "save"]

_ROOM = 80
"""Cells of a row; the dialog is 90 wide."""


class AttachmentsDialog(ChoiceDialog):
    """Asks for one of several pictures and documents.

    Args:
        attached: in their order.
        purpose: what it is wanted for.
    """

    SCOPE = "attached"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("attached")]

    def __init__(
        self, attached: Sequence[ImagePart | FilePart], purpose: AttachmentPurpose
    ) -> None:
        title = text("attached.which-save" if purpose == "save" else "attached.which-open")
        rows = [Content(facts_of(part, _ROOM)) for part in attached]
        super().__init__(title, rows, purpose)


class SaveAttachmentDialog(LineDialog):
    """Asks where a picture or a document is to be saved.

    Args:
        path: the proposed one; clean.
        trouble: why another path did not do; clean.
    """

    def __init__(self, path: str, trouble: str = "") -> None:
        hint = text("code.save-hint")
        super().__init__(text("attached.save"), path, hint, longest=1_000, trouble=trouble)
