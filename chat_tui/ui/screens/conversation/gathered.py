"""What was read to be attached, and what is told of it: what was done to it, what it weighs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.core.attachments.media import Document, PreparedPicture
from chat_tui.core.attachments.values import MOST_FRAMES, Attachment
from chat_tui.core.errors import ChatError
from chat_tui.core.figures import data_size, short_count
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.attached_words import counted

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_TOLD = 3
"""Files of which each is told what was done to it; of more their sum is."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that was read."""

    part: ImagePart | FilePart
    attachment: Attachment | None
    """None for an address, which is kept nowhere."""
    told: str
    """What it is and what was done to it, in a line; clean."""
    tokens: int = 0
    warnings: tuple[str, ...] = ()
    """Sentences; clean."""


@dataclass(slots=True)
class Gathered:
    """What came of reading several files."""

    taken: list[Taken]
    failures: list[ChatError]
    """One for each file that could not be read."""
    left: bool = False
    """Whether the user was asked about some and left it."""

    @property
    def parts(self) -> list[ImagePart | FilePart]:
        """What is to be attached."""
        return [each.part for each in self.taken]

    @property
    def attachments(self) -> list[Attachment]:
        """The bytes that it names."""
        return [each.attachment for each in self.taken if each.attachment is not None]

    def add(self, taken: "list[Taken] | None") -> None:
        """Add what was read; None where the user left it."""
        self.taken += taken or []
        self.left = self.left or taken is None

    def tell(
        self, screen: "ConversationView", chat: "OpenConversation", *, quiet: bool = False
    ) -> None:
        """Tell what was attached to a conversation's prompt, and what is not.

        Args:
            screen: tells it.
            chat: the conversation.
            quiet: whether words stay for what is not attached: then it is no trouble.
        """
        lines = [each.told for each in self.taken if each.told]
        if len(self.taken) > _TOLD:
            tokens = f"{sum(each.tokens for each in self.taken):,}"
            lines = [text("attaching.several", what=counted(self.parts), tokens=tokens)]
        if lines and chat is screen.session.chat:
            screen.app.notify("\n".join(lines), timeout=6, markup=False)
        for warning in [line for each in self.taken for line in each.warnings][:_TOLD]:
            screen.warn(warning)
        for error in self.failures[:_TOLD]:
            if quiet:
                screen.app.notify(clean(error.message), timeout=6, markup=False)
            else:
                screen.show_error(error.info)
        if len(self.failures) > _TOLD:
            more = f"{len(self.failures) - _TOLD:,}"
            screen.warn(text("attaching.more-failures", count=more))


def picture_words(prepared: PreparedPicture, tokens: int) -> str:
    """`cat.png: 4,032×3,024 → 2,048×1,536, 5.1 MB → 0.6 MB, its place taken out, ≈765 tokens`."""
    source, changes = prepared.source, prepared.changes
    told = [_arrow(_pixels(source.width, source.height), _pixels(prepared.width, prepared.height))]
    if "shrunk" in changes or "compressed" in changes:
        told.append(_arrow(data_size(source.size), data_size(len(prepared.attachment.content))))
    if "stripped" in changes:
        told.append(text("attaching.place-out" if source.place else "attaching.metadata-out"))
    if "turned" in changes:
        told.append(text("attaching.turned"))
    if "converted" in changes:
        kind = prepared.attachment.media_type.rpartition("/")[2].upper()
        told.append(text("attaching.converted", before=source.format, kind=kind))
    if "first-frame" in changes:
        long = source.frames > MOST_FRAMES
        key = "attaching.first-frame-long" if long else "attaching.first-frame"
        told.append(text(key, count=f"{min(source.frames, MOST_FRAMES):,}"))
    told.append(text("attaching.tokens", count=f"{tokens:,}"))
    name = clean_line(source.name, code=True) or text("attaching.picture")
    return f"{name}: {', '.join(told)}"


def document_words(document: Document, tokens: int) -> str:
    """`notes.md: 120 lines, ≈890 tokens`, or how much of it was left out."""
    told = []
    if document.pages:
        told.append(text("attaching.pages", count=f"{document.pages:,}"))
    if document.cut:
        kept, of = short_count(len(document.text)), short_count(document.characters)
        told.append(text("attaching.cut", kept=kept, of=of))
    else:
        key = "attaching.line" if document.lines == 1 else "attaching.lines"
        told.append(text(key, count=f"{document.lines:,}"))
    told.append(text("attaching.tokens", count=f"{tokens:,}"))
    return f"{clean_line(document.name, code=True)}: {', '.join(told)}"


def _pixels(width: int, height: int) -> str:
    return f"{width:,}×{height:,}"


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"
