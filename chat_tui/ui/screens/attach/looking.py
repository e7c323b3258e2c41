"""Looking at pictures: the one under the cursor, what is sent of it, and of the marked ones."""

import asyncio
from dataclasses import replace

from textual import on, work
from textual.content import Content

from chat_tui.core.attachments.media import PictureWish
from chat_tui.core.errors import ChatError
from chat_tui.core.messages import ImageDetail
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.attach.facts import Seen, facts_of
from chat_tui.ui.screens.attach.marking import AttachMarker
from chat_tui.ui.screens.attach.options import Options
from chat_tui.ui.screens.attach.preview import PicturePreview
from chat_tui.ui.screens.attach.tree import TreeRow
from chat_tui.ui.screens.attach.view import WIDE
from chat_tui.ui.screens.attach.workshop import Candidate

_REST = 0.12
"""Seconds on a picture after which it is looked at."""


class AttachLooker(AttachMarker):
    """Looks at the picture under the cursor, and does with it what the options say.

    Args:
        media: reads pictures.
        audience: who looks at them.
        options: what is done with them at first.
        here: the current folder.
        recent: the folders used last, the last one first.
    """

    _looked_at = ""
    """The picture that the preview shows, or is going to."""

    def on_mount(self) -> None:
        """Show who looks at the pictures."""
        self.set_class(self.app.size.width >= WIDE, "-preview")
        self._show_audience()
        self._tell()

    # Who looks

    def _show_audience(self) -> None:
        blind, key = self._audience.blind, active_keys(self).shown("pictures-model")
        warning = text("pictures.blind", model=blind, key=key) if blind else ""
        self.show_audience(text("pictures.for", model=self._audience.label), warning)

    @work(name="model", group="model", exclusive=True, exit_on_error=False)
    async def action_choose_model(self) -> None:
        """Choose who looks at them; what was marked stays."""
        await self._audience.choose()
        self._show_audience()
        self._changed()

    # What is under the cursor

    def row_changed(self) -> None:
        """Look at the picture under the cursor, as soon as the cursor rests."""
        row = self.row
        if (row.id if row else "") != self._trouble_at:
            self.say_trouble(self.standing_trouble())
        if row is None or not row.is_picture:
            self._looked_at = ""
            self.workers.cancel_group(self, "look")
            self._show_none(row)
        elif row.entry.path != self._looked_at:
            self._look_at(row)

    def _show_none(self, row: TreeRow | None) -> None:
        self._seen = Seen("")
        folder = row is not None and not row.note
        words = text("pictures.folder-here", key=active_keys(self).shown("pictures-take"))
        self.preview.say(words if folder else "")
        self._show_seen()

    def _look_at(self, row: TreeRow) -> None:
        candidate = self._candidate(row)
        self._looked_at = candidate.id
        self._seen = Seen(candidate.name, address=candidate.address)
        if candidate.address:
            self.workers.cancel_group(self, "look")
            self.preview.say(text("pictures.address-seen"))
        else:
            self._look(candidate)
        self._show_seen()

    def _candidate(self, row: TreeRow) -> Candidate:
        id_ = row.entry.path
        return self._kept.get(id_) or Candidate(id_, row.shown)

    @work(name="look", group="look", exclusive=True, exit_on_error=False)
    async def _look(self, candidate: Candidate) -> None:
        await asyncio.sleep(_REST)
        self.preview.say(text("pictures.loading"))
        wish = self._wish
        try:
            info = await self._workshop.look(candidate)
            self._see(self._seen._replace(info=info))
            if self.has_class("-preview"):
                width, height = self.preview.room
                ground = self.preview.background_colors[1].hex6
                pixels = await self._media.pixels(candidate.source, width, height, ground)
                await self.preview.show(pixels)
            wish = self._wish
            await self._prepare(candidate)
        except ChatError as error:
            reason = clean(error.told)
            self._workshop.refuse(candidate, wish, reason)
            self.preview.say(reason)
            self._see(self._seen._replace(refused=True))

    @on(PicturePreview.Resized)
    def look_again(self) -> None:
        """Draw the picture in its new room."""
        row = self.row
        if row is not None and row.is_picture and not self._seen.address:
            self._look(self._candidate(row))
        self._show_seen()

    def _see(self, seen: Seen) -> None:
        self._seen = seen
        self._show_seen()

    def _show_seen(self) -> None:
        seen = self._seen
        lines = Content("")
        if seen.name:
            lines = facts_of(seen, self.options, self._audience, self.facts_width)
        self.show_facts(lines)
        self._tell()

    # What is done with them

    async def _prepare(self, candidate: Candidate) -> None:
        """Make a picture ready as it is wished for now, and show what came of it."""
        await self._workshop.prepare(candidate, self._wish)
        self._workshop.tidy(self.marks, self._wish)
        if candidate.id == self._looked_at:
            # There may be another wish by now.
            ready = self._workshop.ready(candidate, self._wish)
            self._see(self._seen._replace(prepared=ready))

    def action_next_detail(self, step: int) -> None:
        """How closely models look: the next way."""
        self._choose(self.options.next_detail(step))

    def action_choose_detail(self, detail: ImageDetail) -> None:
        """How closely models look."""
        self._choose(replace(self.options, detail=detail))

    def action_next_side(self, step: int) -> None:
        """Shrink to the next size."""
        self._choose(self.options.next_side(step))

    def action_toggle_metadata(self) -> None:
        """Send what the files tell beside their pixels, or take it out."""
        self._choose(self.options.other_metadata())

    def _choose(self, options: Options) -> None:
        before, self.options = self._wish, options
        if self._wish != before:
            self._changed()
        else:
            self._show_seen()

    def _changed(self) -> None:
        """What is sent is another now."""
        self._seen = self._seen._replace(prepared=None, refused=False)
        self._show_seen()
        row = self.row
        marked = row is not None and row.entry.path in self.marks
        if row is not None and row.is_picture and not self._seen.address and not marked:
            self._prepare_seen(self._candidate(row))
        self._prepare_marked()
        self._tell()

    @work(name="again", group="again", exclusive=True, exit_on_error=False)
    async def _prepare_seen(self, candidate: Candidate) -> None:
        wish = self._wish
        try:
            await self._prepare(candidate)
        except ChatError as error:
            self._refuse(candidate, wish, error, here=True)

    # What was marked

    @work(name="marked", group="marked", exclusive=True, exit_on_error=False)
    async def _prepare_marked(self) -> None:
        """Make ready what was marked, so that it is known what all of it weighs."""
        for candidate in [*self.marks.values()]:
            if not candidate.address:
                wish = self._wish
                try:
                    await self._prepare(candidate)
                except ChatError as error:
                    # It may have lost its mark meanwhile.
                    if candidate.id in self.marks:
                        here = candidate.id == self._looked_at
                        self._refuse(candidate, wish, error, here=here)
                self._tell()

    def _refuse(
        self, candidate: Candidate, wish: PictureWish, error: ChatError, *, here: bool
    ) -> None:
        """Say that a picture cannot be made, and take its mark away: it would block the others.

        Args:
            candidate: the picture.
            wish: as what it was to be made.
            error: why not.
            here: say it on the screen, until the cursor moves; else beside it, for a while.
        """
        reason = clean(error.told)
        self._workshop.refuse(candidate, wish, reason)
        if candidate.id == self._looked_at:
            self._see(self._seen._replace(refused=True))
        if self._unmark(candidate):
            reason = f"{reason}\n{text('pictures.unmarked', name=candidate.name)}"
            self._show_marks()
        if here:
            self.say_trouble(reason)
        else:
            self.app.notify(reason, severity="warning", timeout=8, markup=False)
