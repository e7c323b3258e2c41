"""The raw view: what was sent for a reply, what came, and how long each part of it took."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.core.curl import as_curl
from chat_tui.core.exchanges import ExchangeRecord
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import action_called, active_keys, screen_bindings
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.raw.pages import (
    answer_page,
    reply_page,
    request_page,
    summary,
    timings_page,
)
from chat_tui.ui.widgets.action_hints import ActionHints, ClickableLine, clickable, hints_of
from chat_tui.ui.widgets.text_lines import Line, TextLines

_LOOK_INTERVAL = 1.0
"""Seconds between two looks at a reply that is still coming."""

_ROOM_FOR_SPACES = 50
"""Columns from which on there are spaces around the names of the pages."""

_PAGES = {
    "request": "raw-request",
    "answer": "raw-answer",
    "timings": "raw-timings",
    "reply": "raw-stored",
}
"""The pages, each with the action that shows it."""


class RawScreen(ActionDialog[None]):
    """Shows the exchanges of a reply, page by page.

    Args:
        reply: the message.
        exchanges: gives its attempts, oldest first; none where they are not kept any more.
        copy: puts a clean text on the clipboard.
    """

    SCOPE = "raw"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("raw")]
    DEFAULT_CSS: ClassVar[str] = """
    RawScreen {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #tabs { background: $surface; }
        & > #attempt { color: $text-muted; margin: 0 0 1 0; }
        & > TextLines { padding: 0 1; }
        & > ActionHints { background: $surface; }
    }
    """

    body = query_one(TextLines)

    def __init__(
        self,
        reply: ChatMessage,
        exchanges: Callable[[], Sequence[ExchangeRecord]],
        copy: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__()
        self._reply = reply
        self._exchanges = exchanges
        self._copy = copy
        self._records = exchanges()
        self._at = len(self._records) - 1
        self._page = "request" if self._records else "reply"
        self._seen: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The pages' names, the attempt, the page, and the keys."""
        yield ClickableLine(id="tabs")
        yield Static("", id="attempt", markup=False)
        yield TextLines()
        yield ActionHints()

    def on_mount(self) -> None:
        """Show the last request; look again while the reply comes."""
        self.body.focus()
        self._show()
        if self._records and "ended" not in self._records[-1].phases:
            self.set_interval(_LOOK_INTERVAL, self.look_again)

    def on_resize(self) -> None:
        """Fit the pages to the new width."""
        if self.is_mounted:
            self._show(keep_place=True)

    # Pages

    def look_again(self) -> None:
        """Show what has come meanwhile."""
        at_end = self._at == len(self._records) - 1
        self._records = self._exchanges() or self._records
        if at_end:
            self._at = len(self._records) - 1
        if self._state() != self._seen:
            self._show(keep_place=True)

    def action_turn_page(self, step: int) -> None:
        """Go to the page beside."""
        pages = self._pages
        self._page = pages[(pages.index(self._page) + step) % len(pages)]
        self._show()

    def action_show_page(self, page: str) -> None:
        """Go to a page."""
        if page in self._pages:
            self._page = page
            self._show()

    def action_show_attempt(self, step: int) -> None:
        """Go to an earlier or later attempt."""
        if 0 <= self._at + step < len(self._records):
            self._at += step
            self._show()

    @property
    def has_exchanges(self) -> bool:
        """Whether what went over the wire is still known."""
        return bool(self._records)

    @property
    def has_attempts(self) -> bool:
        """Whether there was more than one attempt."""
        return len(self._records) > 1

    @property
    def _pages(self) -> tuple[str, ...]:
        return tuple(_PAGES) if self._records else ("reply",)

    def _state(self) -> tuple[int, ...]:
        """Changes when there is more to show."""
        if not self._records:
            return ()
        record = self._records[self._at]
        return len(self._records), self._at, record.size, len(record.phases), len(record.error)

    def _show(self, *, keep_place: bool = False) -> None:
        self._seen = self._state()
        self.query_one(ClickableLine).update(self._tabs(), layout=False)
        told = summary(self._records, self._at) if self._records else text("raw.stored")
        model = clean_line(self._reply.model, code=True)
        line = " · ".join(filter(None, (told, model)))
        self.query_one("#attempt", Static).update(Content(line), layout=False)
        self.body.show(self._page_lines(), keep_place=keep_place)
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    def _page_lines(self) -> list[Line]:
        match self._page:
            case "request":
                return request_page(self._records[self._at])
            case "answer":
                return answer_page(self._records[self._at])
            case "timings":
                return timings_page(self._records[self._at], self.size.width)
            case _:
                return reply_page(self._reply, kept=bool(self._records))

    def _tabs(self) -> Content:
        names: list[Content] = []
        side = " " if self.size.width >= _ROOM_FOR_SPACES else ""
        keys = active_keys(self)
        for page in self._pages:
            style = "bold $accent on $panel" if page == self._page else "$foreground 70%"
            action = action_called(_PAGES[page])
            name = Content.styled(f"{side}{keys.shown(action.id)} {action.label}{side}", style)
            names.append(clickable(name, action.run))
        return Content(" ").join(names)

    # Copying

    def action_copy_curl(self) -> None:
        """Copy the request as a command; the key is a variable in it."""
        if self._records:
            self._copy_words(as_curl(self._records[self._at]))

    def action_copy_request(self) -> None:
        """Copy the body of the request."""
        if self._records:
            self._copy_words(self._records[self._at].body)

    def action_copy_answer(self) -> None:
        """Copy the body of the answer, as far as it is kept."""
        if self._records:
            received = bytes(self._records[self._at].received)
            self._copy_words(received.decode("utf-8", "replace"))

    def action_copy_page(self) -> None:
        """Copy what is shown."""
        self._copy_words("\n".join(line.text for line in self.body.lines))

    @work(name="copy", exit_on_error=False)
    async def _copy_words(self, words: str) -> None:
        if words:
            await self._copy(clean(words, code=True))
        else:
            self.app.notify(text("raw.nothing-to-copy"), timeout=3, markup=False)
