"""Files before they are attached: which of them, what they weigh, how the long ones are cut."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.core.attachments.limits import MOST_FILES
from chat_tui.core.attachments.media import FileList, ListedFile
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.dialogs import LineDialog
from chat_tui.ui.screens.documents_sum import Choosing, Room, Selection, rule_words, total_words
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.file_rows import FileFacts, FileRow, FileRows
from chat_tui.ui.widgets.text_lines import Line, TextLines

_BESIDES = 11
"""Lines that are left for all but the rows."""

_PACE = 0.1
"""Seconds between two totals while files are read."""

Weigh = Callable[[ListedFile], Awaitable[FileFacts]]


class _FilterDialog(LineDialog):
    """Asks for words of names; gives a blank for none."""

    def read(self, written: str) -> str:
        """See `LineDialog.read`: an empty line is no leaving."""
        return written.strip() or " "


class DocumentsScreen(ActionDialog[Selection | None]):
    """Lists files with marks and a total; gives what is to be attached, None where it was left.

    Args:
        title: clean.
        found: the files; those with warnings are not marked at first.
        weigh: reads one of them.
        room: what there is for them.
    """

    SCOPE = "documents"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("documents")]
    DEFAULT_CSS: ClassVar[str] = """
    DocumentsScreen {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & #documents-total { height: auto; }
        & #documents-rule-words { height: auto; color: $text-muted; margin: 0 0 1 0; }
        & #documents-about { height: auto; max-height: 2; color: $text-muted; }
        & MarkedRows, & TextLines {
            background: $surface; scrollbar-background: $surface; height: 5;
        }
        & TextLines { display: none; }
        &.-passed TextLines { display: block; }
        &.-passed MarkedRows { display: none; }
    }
    """

    rows = query_one(FileRows)
    passed = query_one(TextLines)

    def __init__(self, title: str, found: FileList, weigh: Weigh, room: Room) -> None:
        super().__init__()
        self._title = title
        self._found = found
        self._weigh = weigh
        self.choosing = Choosing(found.files, room)
        """What is chosen so far."""
        self.choosing.mark_first()
        self._filter = ""
        """What is in the names of the files that are shown; clean."""

    # As the registry of actions asks for it

    @property
    def cuts(self) -> bool:
        """Whether long documents are cut, at a limit that can be changed."""
        return self.choosing.cuts

    @property
    def passed_over(self) -> bool:
        """Whether there is anything that is not among the files."""
        return bool(self._found.passed_over or self._found.more)

    @property
    def many(self) -> bool:
        """Whether there is something to look for among the files."""
        return len(self._found.files) > 1

    def compose(self) -> ComposeResult:
        """The total, the rule, the files, what is known of the marked one, the keys."""
        with Vertical() as box:
            box.border_title = Content(self._title)
            yield Static("", id="documents-total", markup=False)
            yield Static("", id="documents-rule-words", markup=False)
            yield FileRows()
            yield TextLines()
            yield Static("", id="documents-about", markup=False)
            yield ActionHints()

    def on_mount(self) -> None:
        """Show what is known by now, and read the rest."""
        self.rows.focus()
        self.rows.on_marked = lambda at: at in self.choosing.marked
        self._show_files(self._files(""))
        self.passed.show(self._passed_lines())
        self._fit()
        self._show()
        self._read_all()

    def _files(self, words: str) -> list[FileRow]:
        """Those with some words in their names, whatever the case."""
        wanted = words.casefold()
        rows = (FileRow(str(at), file) for at, file in enumerate(self._found.files))
        return [row for row in rows if wanted in clean_line(row.file.name, code=True).casefold()]

    def _show_files(self, rows: list[FileRow]) -> None:
        self.rows.show_rows(rows, 0)
        # What was read meanwhile is known; rows ask for nothing here.
        self.rows.supply({str(at): facts for at, facts in self.choosing.facts.items()})

    def on_resize(self) -> None:
        """Keep total and keys in view."""
        self._fit()

    def _fit(self) -> None:
        room = max(self.size.height - _BESIDES, 2)
        self.rows.styles.height = min(max(len(self._found.files), 1), room)
        self.passed.styles.height = min(max(len(self._passed_lines()), 1), room)

    @work(name="weigh", exit_on_error=False)
    async def _read_all(self) -> None:
        """Read the files, those that are marked first, and tell the total as it grows."""
        told, choosing = monotonic(), self.choosing
        order = sorted(range(len(choosing.files)), key=lambda at: at not in choosing.marked)
        for at in order:
            facts = choosing.facts[at] = await self._weigh(choosing.files[at])
            if facts.failed:
                choosing.marked.discard(at)
            self.rows.supply({str(at): facts})
            if monotonic() - told > _PACE:
                told = monotonic()
                self._show()
        choosing.fit()
        self._show()

    # Showing

    def _show(self) -> None:
        choosing, totals = self.choosing, self.choosing.totals()
        keys = active_keys(self)
        window, context = keys.shown("context-window"), keys.shown("context")
        unknown = text("documents.room-unknown", window=window, context=context)
        told = total_words(choosing, totals, unknown)
        if self._filter:
            count = f"{len(self.rows.rows):,}"
            words = text("documents.filtered", count=count, words=self._filter)
            told += Content.styled(f"\n{words}", "$accent")
        if skipped := len(self._found.passed_over) + self._found.more:
            words = text("documents.passed", count=f"{skipped:,}")
            told += Content.styled(f"\n{words}", "$foreground 60%")
        self.query_one("#documents-total", Static).update(told)
        self.query_one("#documents-rule-words", Static).update(rule_words(choosing, totals))
        self.query_one("#documents-about", Static).update(self._about())
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))
        self.rows.refresh()

    def _about(self) -> Content:
        """What is to be known of the row that the keyboard is on."""
        row = self.rows.marked
        if row is None:
            return Content("")
        facts = self.choosing.facts.get(int(row.id))
        if facts is not None and facts.failed:
            return Content.styled(facts.failed, "$error")
        warnings = row.file.warnings or (facts.warnings if facts is not None else ())
        if warnings:
            told = clean_line(" ".join(warnings), code=True)
            return Content.styled(told, "$warning")
        return Content("")

    def _passed_lines(self) -> list[Line]:
        lines = [
            Line(clean_line(f"{name}: {reason}", code=True))
            for name, reason in self._found.passed_over
        ]
        if self._found.more:
            lines.append(Line(text("documents.more", count=f"{self._found.more:,}"), "muted"))
        return lines

    # Keys

    @on(FileRows.Moved)
    def follow(self) -> None:
        """Tell about another row."""
        self.query_one("#documents-about", Static).update(self._about())

    @on(FileRows.Chosen)
    def action_mark(self) -> None:
        """Mark this file, or no longer."""
        row = self.rows.marked
        if row is None:
            return
        at = int(row.id)
        if self.choosing.fails(at):
            self.app.notify(self.choosing.facts[at].failed, timeout=6, markup=False)
            return
        self.choosing.marked ^= {at}
        self._show()

    def action_mark_all(self) -> None:
        """Mark all that are shown and can be read; where all are marked, none."""
        self.choosing.mark_all(int(row.id) for row in self.rows.rows)
        self._show()

    def action_next_rule(self) -> None:
        """Cut long ones in another way, or not at all."""
        self.choosing.next_rule()
        self._show()

    @work(name="limit", exit_on_error=False)
    async def action_change_limit(self) -> None:
        """Say how many characters of each are sent at most."""
        words, trouble = str(self.choosing.own_limit or ""), ""
        while True:
            asks = LineDialog(
                text("documents.limit"),
                words,
                text("documents.limit-hint"),
                longest=16,
                trouble=trouble,
            )
            written = await self.app.push_screen_wait(asks)
            if written is None:
                return
            try:
                self.choosing.own_limit = read_count(written)
            except UsageError as error:
                words, trouble = clean_line(written), clean_line(error.told)
            else:
                self._show()
                return

    @work(name="filter", exit_on_error=False)
    async def action_filter(self) -> None:
        """Show only the files with some words in their names; empty words show all."""
        asks = _FilterDialog(
            text("documents.filter"), self._filter, text("documents.filter-hint"), longest=100
        )
        written = await self.app.push_screen_wait(asks)
        if written is None:
            return
        words = clean_line(written.strip(), code=True)
        if not (rows := self._files(words)):
            told = text("documents.filtered-none", words=words)
            self.app.notify(told, timeout=6, markup=False)
            return
        self._filter = words
        self._show_files(rows)
        self._show()

    def action_show_passed(self) -> None:
        """Show what is not among the files and why, or the files again."""
        self.toggle_class("-passed")

    def action_move(self, step: int) -> None:
        """Go to another file."""
        self.rows.move_by(step)

    def action_pages(self, pages: int) -> None:
        """Go some pages further."""
        self.rows.move_pages(pages)

    def action_end(self, end: int) -> None:
        """Go to the first file (0) or the last one (1)."""
        self.rows.move_to_end(end)

    def action_take(self) -> None:
        """Attach what is marked, unless it cannot be read by the model at all."""
        choosing, keys = self.choosing, active_keys(self)
        totals, most = choosing.totals(), choosing.room.most
        if not totals.files:
            told = text("documents.none-marked", key=keys.shown("documents-mark"))
        elif totals.files > MOST_FILES:
            counts = {"count": f"{totals.files:,}", "most": f"{MOST_FILES:,}"}
            told = text("documents.too-many", **counts)
        elif most is not None and totals.tokens > most:
            told = text("documents.cannot", key=keys.shown("documents-rule"))
        else:
            files = tuple(choosing.files[at] for at in sorted(choosing.marked))
            self.dismiss(Selection(files, choosing.wish))
            return
        self.app.notify(told, timeout=6, markup=False)
