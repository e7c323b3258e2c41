"""Moving through folders: opened in the tree, gone into, found by letters or by a path."""

import os
from collections.abc import Sequence
from pathlib import Path

from textual import on

from chat_tui.core.texts import text
from chat_tui.ui.screens.attach.folders import Batch, Entry, FolderReader, shown_folder
from chat_tui.ui.screens.attach.tree import PARENT, FolderTree, TreeRow, best_row, place_of
from chat_tui.ui.screens.attach.tree_view import PictureTree
from chat_tui.ui.screens.attach.view import AttachView, Place

_ADDRESS = ("http:/", "https:/")


def is_address(words: str) -> bool:
    """Whether something that was typed is an address of the web, or going to be one."""
    return words.strip().lower().startswith(_ADDRESS)


def places_of(here: str, recent: Sequence[str]) -> list[Place]:
    """The folders that a key leads to: home, the current one, those used last; each once."""
    home = str(Path.home())
    named = {home: text("pictures.home")}
    if here not in named:
        named[here] = text("pictures.here", name=shown_folder(here).rpartition(os.sep)[2])
    for folder in recent:
        shown = shown_folder(folder)
        named.setdefault(folder, shown.rpartition(os.sep)[2] or shown)
    return [Place(label, folder) for folder, label in named.items()]


class AttachBrowser(AttachView):
    """The tree, and the line in which one types what is looked for in it.

    Args:
        here: the current folder.
        recent: the folders used last, the last one first.
    """

    def __init__(self, here: str, recent: Sequence[str]) -> None:
        super().__init__()
        self._here = here
        self.places = places_of(here, recent)
        self._folders = FolderTree(recent[0] if recent else here)
        self._begins = ""
        """The folder used last, while it is not known whether there are pictures in it."""
        self._placed = ""
        """The row that the cursor was put on without being moved by the user."""
        self._trouble_at = ""
        """The row under the cursor when something went wrong."""
        self._reader = FolderReader(self._came)
        self._typed = ""
        """What stands in the line, as far as it was heard."""

    def on_mount(self) -> None:
        """Begin where pictures were taken last."""
        self.line.focus()
        # Not `Input.Changed`, which comes a frame after the letter: a key is drawn once.
        self.watch(self.line, "value", self.find, init=False)
        begins = self._folders.root
        self._go(begins)
        self._begins = begins

    def on_unmount(self) -> None:
        """Read no further."""
        self._reader.stop()

    def on_resize(self) -> None:
        """Say where one is in the new width."""
        self.call_after_refresh(self.show_folder, self._folders.root)

    def say_trouble(self, words: str) -> None:
        """Say what went wrong with the row under the cursor; it goes when the cursor does."""
        self._trouble_at = self.row.id if self.row else ""
        super().say_trouble(words)

    # What subclasses are told of

    def row_changed(self) -> None:
        """Another row is under the cursor."""

    def standing_trouble(self) -> str:
        """What is wrong wherever the cursor is; clean, empty where nothing is."""
        return ""

    # Folders

    @property
    def row(self) -> TreeRow | None:
        """What is under the cursor."""
        return self.rows.marked

    def _go(self, folder: str) -> None:
        """Show another folder at the top."""
        self._begins = ""
        before, self._folders = self._folders, FolderTree(folder)
        for name in ("hidden", "newest", "kept"):
            setattr(self._folders, name, getattr(before, name))
        self._reader.stop()
        self._reader = FolderReader(self._came)
        self._read(folder)
        self.show_folder(folder)
        self._show_rows(0)
        self._placed = self.row.id if self.row else ""

    def _read(self, folder: str) -> None:
        self._folders.expect(folder)
        self._reader.read(folder)

    def _came(self, batch: Batch) -> None:
        """Show what was found in a folder, the cursor where it was."""
        root = batch.folder == self._folders.root
        first = root and not self._folders.begun(batch.folder)
        self._folders.take(batch)
        if batch.trouble and root and batch.folder != self._here and not self._typed:
            # The folder used last is gone: nothing is lost by beginning where one is.
            self.places = [place for place in self.places if place.folder != batch.folder]
            self._go(self._here)
            return
        row, rows = self.row, self._folders.rows()
        # It begins on a picture, and those come after the folders.
        waits = row is not None and row.id == self._placed and (row.kept or not row.is_picture)
        if root and batch.done and batch.folder == self._begins != self._here:
            self._begins = ""
            if waits and not self._typed and rows[best_row(rows, "")].entry.is_folder:
                # Nothing is left in it: there may be something where one is.
                self._go(self._here)
                return
        if first or (root and waits):
            self._show_rows(best_row(rows, self._words))
            self._placed = self.row.id if self.row else ""
        else:
            self._show_rows(None)

    def _show_rows(self, at: int | None) -> None:
        """Draw the tree; the cursor at a row, or (None) where it is."""
        rows, marked = self._folders.rows(), self.row
        if at is None:
            at = place_of(marked, rows) if marked else None
            at = self.rows.at if at is None else at
        before = marked.id if marked else ""
        self.rows.show_rows(rows, at, keep_place=True)
        if (self.row.id if self.row else "") != before:
            self.row_changed()

    @on(PictureTree.Moved)
    def follow_cursor(self) -> None:
        """Look at what is under the cursor now."""
        self.row_changed()

    @on(PictureTree.Chosen)
    async def take_clicked(self) -> None:
        """Do with a row that was clicked twice what Enter does."""
        await self.run_action("take")

    # Typing

    @property
    def _words(self) -> str:
        return self._folders.words

    def find(self, typed: str) -> None:
        """Show what has the words that were typed in its name; a path leads to its folder.

        A blank alone marks what is under the cursor, as it does in other lists.
        """
        if typed == self._typed:
            return
        if typed.isspace():
            self.line.value = self._typed
            self.call_next(self.run_action, "mark")
            return
        self._typed = typed
        self._placed = ""
        self.say_trouble(self.standing_trouble())
        words = typed
        if is_address(typed):
            words = ""
        elif "/" in typed or typed == "~":
            folder, _, words = os.path.expanduser(typed + "/" * (typed == "~")).rpartition("/")  # noqa: PTH111
            folder = os.path.normpath(os.path.join(self._here, folder or "/"))  # noqa: PTH118
            if folder != self._folders.root:
                self._go(folder)
        self._folders.words = words
        self._show_rows(best_row(self._folders.rows(), words))

    def _clear_line(self) -> None:
        self.line.value = ""

    # Keys

    def action_open(self) -> None:
        """Show what is in the folder under the cursor below it."""
        row, self._placed = self.row, ""
        if row is None or row.note or not row.entry.is_folder or row.entry.name == PARENT:
            return
        if not row.opened:
            self._folders.open(row.entry.path)
            if not self._folders.knows(row.entry.path):
                self._read(row.entry.path)
        self._show_rows(None)

    def action_close(self) -> None:
        """Close the folder under the cursor, or that in which it is; at the top, go up."""
        row = self.row
        if row is not None and row.opened:
            self._folders.close(row.entry.path)
            self._show_rows(None)
            return
        if row is not None and row.depth:
            above = (at for at in range(self.rows.at, -1, -1))
            self.rows.move_to(next(at for at in above if self.rows.rows[at].depth < row.depth))
            return
        self.action_up()

    def action_up(self) -> None:
        """Take the last letter back; where nothing is typed, go to the folder above."""
        if self.line.value:
            self.line.action_delete_left()
        elif self._folders.parent != self._folders.root:
            self._go(self._folders.parent)

    def enter_folder(self, entry: Entry) -> None:
        """Show a folder at the top."""
        self._clear_line()
        self._go(entry.path)

    def action_next_place(self, step: int) -> None:
        """Go to the next one of home, the current folder, and those used last."""
        folders = [place.folder for place in self.places]
        now = self._folders.root
        at = folders.index(now) + step if now in folders else 0
        self.action_go_to_place(at % len(folders))

    def action_go_to_place(self, at: int) -> None:
        """Go to one of them."""
        self._clear_line()
        self._go(self.places[at].folder)

    def action_toggle_hidden(self) -> None:
        """Show names that begin with a dot, or hide them."""
        self._folders.hidden = not self._folders.hidden
        self._show_rows(None)

    def action_toggle_newest(self) -> None:
        """Show what was changed last first, or by name again."""
        self._folders.sort(newest=not self._folders.newest)
        self._show_rows(0 if self._folders.newest else None)
        key = "pictures.by-time" if self._folders.newest else "pictures.by-name"
        self.app.notify(text(key), timeout=3, markup=False)
