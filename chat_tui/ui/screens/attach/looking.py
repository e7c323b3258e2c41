"""Looking at pictures: the one under the cursor, what is sent of it, what all marked ones weigh."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from textual import on, work
from textual.content import Content

from chat_tui.core.attachments.media import Media, PictureWish
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.errors import ChatError
from chat_tui.core.figures import data_size
from chat_tui.core.messages import ImageDetail, ImagePart
from chat_tui.core.safety import clean
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.attach.browsing import AttachBrowser
from chat_tui.ui.screens.attach.facts import Seen, facts_of, told_cost
from chat_tui.ui.screens.attach.options import Audience, Options
from chat_tui.ui.screens.attach.preview import PicturePreview
from chat_tui.ui.screens.attach.tree import TreeRow
from chat_tui.ui.screens.attach.view import WIDE
from chat_tui.ui.screens.attach.workshop import Candidate, Workshop
from chat_tui.ui.widgets.action_hints import clickable

_REST = 0.12
"""Seconds on a picture after which it is looked at."""


class AttachLooker(AttachBrowser):
    """Looks at the picture under the cursor, and does with it what the options say.

    Args:
        media: reads pictures.
        audience: who looks at them.
        options: what is done with them at first.
        here: the current folder.
        recent: the folders used last, the last one first.
    """

    def __init__(
        self,
        media: Media,
        audience: Audience,
        options: Options,
        here: str,
        recent: Sequence[str],
    ) -> None:
        super().__init__(here, recent)
        self._media = media
        self._audience = audience
        self.options = options
        """What is done with all pictures that are taken."""
        self._workshop = Workshop(media)
        self.marks: dict[str, Candidate] = {}
        """What was marked, in its order."""
        self._kept: dict[str, Candidate] = {}
        """What is no file."""
        self._seen = Seen("")
        self._looked_at = ""
        """The picture that the preview shows, or is going to."""
        self._taking = False
        """Whether what was taken is being made ready."""

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
        try:
            info = await self._workshop.look(candidate)
            self._see(self._seen._replace(info=info))
            if self.has_class("-preview"):
                width, height = self.preview.room
                ground = self.preview.background_colors[1].hex6
                pixels = await self._media.pixels(candidate.source, width, height, ground)
                await self.preview.show(pixels)
            await self._prepare(candidate)
        except ChatError as error:
            self.preview.say(clean(error.told))

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

    @property
    def _wish(self) -> PictureWish:
        return self.options.wish(self._audience.limits)

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
        self._seen = self._seen._replace(prepared=None)
        self._show_seen()
        row = self.row
        if row is not None and row.is_picture and not self._seen.address:
            self._prepare_seen(self._candidate(row))
        self._prepare_marked()
        self._tell()

    @work(name="again", group="again", exclusive=True, exit_on_error=False)
    async def _prepare_seen(self, candidate: Candidate) -> None:
        try:
            await self._prepare(candidate)
        except ChatError as error:
            self.say_trouble(clean(error.told))

    # What was marked

    @work(name="marked", group="marked", exclusive=True, exit_on_error=False)
    async def _prepare_marked(self) -> None:
        """Make ready what was marked, so that it is known what all of it weighs."""
        for candidate in [*self.marks.values()]:
            if not candidate.address:
                try:
                    await self._prepare(candidate)
                except ChatError as error:
                    self.say_trouble(clean(error.told))
                self._tell()

    def _tell(self) -> None:
        """Say what was marked and what it weighs; else how pictures are taken."""
        if self._taking:
            return
        keys = active_keys(self)
        if not self.marks:
            words = text(
                "pictures.how",
                take=keys.shown("pictures-take"),
                mark=keys.shown("pictures-mark"),
            )
            weight = self._weight()
            # The hints say it too.
            how = "" if weight and self.app.size.width < WIDE else words
            self.show_told(Content.styled(how, "$foreground 60%"), weight)
            return
        count = len(self.marks)
        key = "pictures.marked" if count > 1 else "pictures.marked-one"
        words = text(key, count=count, key=keys.shown("pictures-take-marked"))
        left = clickable(Content.styled(words, "$success"), "screen.take_marked")
        self.show_told(left, self._total())

    def _weight(self) -> str:
        """Tokens and cost of the picture under the cursor."""
        part = self._seen.part
        if part is None:
            return ""
        return told_cost(self._audience.cost(replace(part, detail=self.options.detail)))

    def _total(self) -> str:
        """Bytes, tokens and cost of what was marked."""
        size, tokens, cost, sure = 0, 0, 0.0, True
        rule = ""
        for candidate in self.marks.values():
            made = self._workshop.ready(candidate, self._wish)
            part = ImagePart(url=candidate.address) if candidate.address else None
            if made is not None:
                part, size = made.part(), size + len(made.attachment.content)
            if part is None:
                return text("pictures.preparing")
            weight = self._audience.cost(replace(part, detail=self.options.detail))
            tokens, rule = tokens + weight.tokens, weight.rule
            sure &= weight.cost is not None
            cost += weight.cost or 0
        words = told_cost(PictureCost(tokens, cost if sure else None, rule))
        return f"{data_size(size)} · {words}" if size else words
