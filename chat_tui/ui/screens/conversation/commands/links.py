"""Links and sources: listing them, opening them, copying them."""

import os
from typing import TYPE_CHECKING

from chat_tui.core.links import Link, checked_link, misleads
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.opener import open_link, opener
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.widgets.transcript.link_list import NamedLink, links_of

if TYPE_CHECKING:
    from chat_tui.ui.widgets.transcript import Transcript


class LinkCommands(CommandGroup):
    """Links and sources: listing them, opening them, copying them."""

    def show(self) -> None:
        """Open or copy a link of the marked message, else of the last one."""
        self._in_background(self._show(), "links")

    def follow(self, event: "Transcript.LinkActivated") -> None:
        """Open a link that was clicked."""
        links = self._links_at(event.message)
        link = next((each for each in links if each.url == event.url), NamedLink(event.url, ()))
        self._in_background(self.open(link), "open link")

    async def open(self, link: NamedLink) -> None:
        """Open an address in the browser; where there is none, copy it.

        Raises:
            UsageError: it may not be opened.
        """
        checked = checked_link(link.url)
        if not await self._is_meant(link, checked):
            return
        program = opener(os.environ)
        if program and await open_link(checked, program):
            self._tell("links.opened", host=clean_line(checked.host), timeout=3)
        else:
            await self._screen.copy(checked.url)
            self._tell("links.failed" if program else "links.cannot-open", timeout=6)

    async def _show(self) -> None:
        # 3 ms that only who opens links need pay.
        from chat_tui.ui.screens.links import LinksDialog

        chat, reading = await self._ready(), self._screen.reading
        marked, index = reading.marked, reading.meant
        rendered = None if index is None else await self._screen.stage.rendered(chat, index)
        links = self._links_at(index) if index is not None and rendered is not None else []
        if not links:
            self._tell("links.none" if marked is None else "links.none-marked")
            return
        chosen = await self._screen.app.push_screen_wait(LinksDialog(links))
        if chosen is None:
            return
        if chosen.purpose == "copy":
            await self._screen.copy(links[chosen.row].url)
        else:
            await self.open(links[chosen.row])

    def _links_at(self, index: int) -> list[NamedLink]:
        """The links of a message whose text is loaded."""
        column = self._screen.transcript.column
        if not 0 <= index < len(column):
            return []
        rendered = column.render(index)
        # Sources come with the end of a reply.
        message = column.message(index)
        return links_of(message, rendered) if message and rendered else []

    async def _is_meant(self, link: NamedLink, checked: Link) -> bool:
        """Ask where the words of a link say something else than where it leads."""
        labels = map(clean_line, link.labels)
        label = next((each for each in labels if misleads(each, checked)), "")
        if not label and not checked.disguised:
            return True
        # 3 ms that only who is asked need pay.
        from chat_tui.ui.screens.dialogs import ConfirmDialog

        url = clean_line(checked.url, code=True)
        more = (
            text("links.misleads", label=label, url=url)
            if label
            else text("links.disguised", host=clean_line(checked.host), url=url)
        )
        question = text("links.open", host=clean_line(checked.host))
        dialog = ConfirmDialog(question, more)
        return await self._screen.app.push_screen_wait(dialog)
