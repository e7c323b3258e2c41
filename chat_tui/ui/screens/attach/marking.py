"""What was marked: how it is told, what all of it weighs, what is wrong with it."""

from collections.abc import Sequence
from dataclasses import replace

from textual.content import Content

from chat_tui.core.attachments.media import Media, PictureWish
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.figures import data_size
from chat_tui.core.messages import ImagePart
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.attach.browsing import AttachBrowser
from chat_tui.ui.screens.attach.facts import Seen, told_cost
from chat_tui.ui.screens.attach.options import Audience, Options
from chat_tui.ui.screens.attach.view import WIDE
from chat_tui.ui.screens.attach.workshop import Candidate, Workshop
from chat_tui.ui.widgets.action_hints import clickable


class AttachMarker(AttachBrowser):
    """Keeps what was marked, and tells of it.

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
        self._taking = False
        """Whether what was taken is being made ready."""

    # Marks

    @property
    def _wish(self) -> PictureWish:
        return self.options.wish(self._audience.limits)

    def _unmark(self, candidate: Candidate) -> bool:
        """Take a mark away, and with it what is no file; False where there was none."""
        if self.marks.pop(candidate.id, None) is None:
            return False
        if self._kept.pop(candidate.id, None) is not None:
            kept = self._folders.kept
            self._folders.kept = [entry for entry in kept if entry.path != candidate.id]
            self._show_rows(None)
        return True

    def _show_marks(self) -> None:
        self.rows.set_marks(self.marks)
        self._tell()
        self.refresh_hints()

    def standing_trouble(self) -> str:
        """What stays wrong until a mark goes; empty where nothing is."""
        limits = self._audience.limits
        many = len(self.marks) > limits.pictures and limits.who
        words = text("pictures.too-many-marked", who=limits.who, most=limits.pictures)
        return words if many else ""

    # What is told

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
        row = self.row
        other = row is not None and row.is_picture and row.entry.path not in self.marks
        if other and not self._seen.refused and self.app.size.width >= WIDE:
            words += text("pictures.this-too", key=keys.shown("pictures-take"))
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
