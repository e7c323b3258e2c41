"""The attach screen: pictures found by some letters, seen, weighed, and taken, several at once."""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input

from chat_tui.core.attachments.media import Media
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.messages import ImagePart
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.attach.browsing import is_address
from chat_tui.ui.screens.attach.folders import Entry
from chat_tui.ui.screens.attach.looking import AttachLooker
from chat_tui.ui.screens.attach.options import Audience, ChosenPicture, Options
from chat_tui.ui.screens.attach.workshop import Candidate
from chat_tui.ui.screens.picture_address import ask_address, picture_address


class AttachScreen(AttachLooker):
    """Asks for pictures; gives None where none were taken.

    Args:
        media: reads them.
        audience: who looks at them.
        options: what is done with them at first.
        here: the current folder.
        recent: the folders used last, the last one first.
        note_folder: called with the folder of what was taken.
    """

    SCOPE = "attach"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("attach")]

    def __init__(
        self,
        media: Media,
        audience: Audience,
        options: Options,
        here: str,
        recent: Sequence[str] = (),
        note_folder: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(media, audience, options, here, recent)
        self._note_folder = note_folder
        self._clipboard_pictures = 0
        """How many were taken. Each has a number of its own, by which it is known."""

    # Marking

    def action_mark(self) -> None:
        """Mark the picture under the cursor to be taken with others, or mark it no longer."""
        row = self.row
        if row is None or not row.is_picture:
            return
        candidate = self._candidate(row)
        marked = candidate.id in self.marks
        if not marked and (reason := self._workshop.refusal(candidate, self._wish)):
            self.say_trouble(reason)
            return
        if marked:
            self._unmark(candidate)
        else:
            self.marks[candidate.id] = candidate
        # What is typed next looks for another one.
        self.line.select_all()
        self._marks_changed()

    def _keep(self, candidate: Candidate) -> None:
        """Mark what is no file; it stands at the top of the tree."""
        self._kept[candidate.id] = self.marks[candidate.id] = candidate
        self._folders.kept.append(Entry(candidate.name, candidate.id, False))
        self._clear_line()
        self._show_rows(len(self._folders.kept) - 1)
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.say_trouble(self.standing_trouble())
        self._show_marks()
        self._prepare_marked()

    @property
    def has_marks(self) -> bool:
        """Whether something was marked."""
        return bool(self.marks)

    # Other ways in

    @work(name="clipboard", group="clipboard", exclusive=True, exit_on_error=False)
    async def action_take_clipboard(self) -> None:
        """Take the picture on the clipboard."""
        try:
            content = await self._media.clipboard_picture()
        except UsageError as error:
            self.say_trouble(clean(error.told))
            return
        self._clipboard_pictures = number = self._clipboard_pictures + 1
        name = text("pictures.clipboard-name", number=number)
        self._keep(Candidate(f"\0{number}", name, content))

    @work(name="address", group="address", exclusive=True, exit_on_error=False)
    async def action_write_address(self) -> None:
        """Write an address of the web, which the provider fetches."""
        url = await ask_address(self.app)
        if url is not None:
            self._keep_address(url)

    def _keep_address(self, url: str) -> None:
        if url not in self._kept:
            self._keep(Candidate(url, clean_line(url, code=True), address=url))

    # Taking

    @on(Input.Submitted)
    def take_what_is_here(self) -> None:
        """Do what Enter does."""
        self.action_take()

    def action_take(self) -> None:
        """Open the folder under the cursor; else take the picture under it with all marked ones."""
        row = self.row
        if is_address(self.line.value):
            self._take_typed_address()
        elif row is not None and not row.note and row.entry.is_folder:
            self.enter_folder(row.entry)
        elif row is not None and row.is_picture:
            candidate = self._candidate(row)
            self._take([*{**self.marks, candidate.id: candidate}.values()])
        else:
            self.action_take_marked()

    def _take_typed_address(self) -> None:
        try:
            self._keep_address(picture_address(self.line.value))
        except UsageError as error:
            self.say_trouble(clean(error.told))

    def action_take_marked(self) -> None:
        """Take what was marked."""
        if self.marks:
            self._take([*self.marks.values()])

    def _take(self, candidates: Sequence[Candidate]) -> None:
        if not self._taking:
            self._taking = True
            self._finish(candidates)

    @work(name="take", group="take", exit_on_error=False)
    async def _finish(self, candidates: Sequence[Candidate]) -> None:
        chosen, wish = [], self._wish
        try:
            for at, candidate in enumerate(candidates, 1):
                if len(candidates) > 1:
                    count = len(candidates)
                    words = text("pictures.making", number=at, count=count, name=candidate.name)
                else:
                    words = text("pictures.making-one", name=candidate.name)
                self.show_told(Content.styled(words, "$accent"), "")
                chosen.append(await self._choose_one(candidate))
        except ChatError as error:
            self._taking = False
            self._refuse(candidate, wish, error, here=True)
            self._tell()
            return
        files = [each for each in candidates if not (each.content or each.address)]
        if files:
            await self._note(os.path.dirname(files[-1].id))  # noqa: PTH120 - a path as text
        self.dismiss(chosen)

    async def _note(self, folder: str) -> None:
        """Have the folder noted; where that fails, the pictures are taken all the same."""
        if self._note_folder is not None:
            try:
                await self._note_folder(folder)
            except ChatError as error:
                told = clean(error.told)
                self.app.notify(told, severity="warning", timeout=6, markup=False)

    async def _choose_one(self, candidate: Candidate) -> ChosenPicture:
        detail = self.options.detail
        if candidate.address:
            return ChosenPicture(ImagePart(url=candidate.address, detail=detail), None)
        made = await self._workshop.prepare(candidate, self._wish)
        return ChosenPicture(made.part(detail), made.attachment)

    def action_leave(self) -> None:
        """Take none."""
        self.dismiss(None)
