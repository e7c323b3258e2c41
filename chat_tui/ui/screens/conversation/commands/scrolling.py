"""Scrolling by lines and pages; a mark that leaves the view moves to the nearest message in it."""

from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class ScrollCommands(CommandGroup):
    """Scrolling by lines and pages; a mark that leaves the view moves to what is seen."""

    def by_lines(self, lines: int) -> None:
        """Scroll down by lines; up by negative ones."""
        self._screen.transcript.scroll_lines(lines)

    def by_halves(self, halves: int) -> None:
        """Scroll down by half pages; up by negative ones."""
        self.by_lines(halves * max(self._screen.transcript.size.height // 2, 1))

    def by_pages(self, pages: int) -> None:
        """Scroll down by pages, of which a line stays in view; up by negative ones."""
        self._screen.transcript.scroll_pages(pages)
