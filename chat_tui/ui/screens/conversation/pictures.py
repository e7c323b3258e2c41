"""Gives transcripts the pictures that are in view."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from textual.worker import Worker

from chat_tui.core.errors import ChatError
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text

if TYPE_CHECKING:
    from chat_tui.core.attachments.values import Pixels
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.widgets.transcript.pictures import PictureKey

_KEPT = 256
"""Decoded thumbnails that are kept, 3 KB each: columns show the same ones, and widths come back."""


class PictureSupply:
    """Reads and decodes pictures, one at a time, as long as some are in view that are not there.

    Transcripts are asked each time what they still need: who scrolls by waits for nothing that
    has left the view.

    Args:
        screen: shows the transcripts.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._decoded: OrderedDict[PictureKey, Pixels | str] = OrderedDict()
        self._of = ""
        """The conversation; in another one there may be what could not be shown in it."""
        self._worker: Worker[None] | None = None

    def look(self) -> None:
        """Supply what is in view; cheap where that is done already."""
        if self._worker is None or self._worker.is_finished:
            self._worker = self._screen.run_worker(
                self._supply,
                name="pictures",
                group="pictures",
                exit_on_error=False,
            )

    async def _supply(self) -> None:
        while (wanted := self._next()) is not None:
            chat, key = wanted
            picture = self._known(chat, key)
            if picture is None:
                picture = await self._picture(chat, key)
                if chat is not self._screen.session.chat:
                    # Another conversation may have what this one has not.
                    continue
                self._keep(key, picture)
            for transcript in self._screen.panes.transcripts:
                if key in transcript.missing_pictures():
                    transcript.supply_picture(key, picture)

    def _next(self) -> "tuple[OpenConversation, PictureKey] | None":
        """The first picture in view that is not there."""
        chat = self._screen.session.chat
        if chat is None or not self._screen.is_attached:
            return None
        for transcript in self._screen.panes.transcripts:
            for key in transcript.missing_pictures():
                return chat, key
        return None

    def _known(self, chat: "OpenConversation", key: "PictureKey") -> "Pixels | str | None":
        if self._of != chat.id:
            self._of = chat.id
            for each in [each for each, found in self._decoded.items() if isinstance(found, str)]:
                del self._decoded[each]
        if (found := self._decoded.get(key)) is not None:
            self._decoded.move_to_end(key)
        return found

    def _keep(self, key: "PictureKey", picture: "Pixels | str") -> None:
        self._decoded[key] = picture
        while len(self._decoded) > _KEPT:
            self._decoded.popitem(last=False)

    async def _picture(self, chat: "OpenConversation", key: "PictureKey") -> "Pixels | str":
        """A picture's pixels, or why there are none (clean)."""
        try:
            found = await chat.store.attachment(key.sha256)
            if found is None:
                return text("attached.missing")
            return await self._screen.session.media.pixels(
                found.content, key.cells, key.rows * 2, key.background
            )
        except ChatError as error:
            return clean_line(error.info.message) or text("attached.not-shown")
