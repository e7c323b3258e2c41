"""What is to become of the pictures that are attached: the options, and what they lead to."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from chat_tui.core.attachments.limits import PictureLimits
from chat_tui.core.attachments.media import PictureWish
from chat_tui.core.attachments.values import Attachment
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.figures import data_size
from chat_tui.core.messages import ImageDetail, ImagePart
from chat_tui.core.texts import text

FIT = 0
"""Shrunk only as the provider wants it."""

AS_IT_IS = -1
"""Not shrunk, whatever the provider says."""

DETAILS: tuple[ImageDetail, ...] = ("low", "high", "auto")
"""In the order in which they are shown."""

_SIDES = (FIT, 2048, 1024, 512, AS_IT_IS)


class ChosenPicture(NamedTuple):
    """A picture as it goes into the prompt."""

    part: ImagePart
    attachment: Attachment | None
    """What is to be stored before; None for an address."""


class Audience(Protocol):
    """Who looks at the pictures: the models that answer the next prompt."""

    @property
    def label(self) -> str:
        """What they are called; clean."""
        ...

    @property
    def blind(self) -> str:
        """Those that are known to see no pictures; clean, empty where there are none."""
        ...

    @property
    def limits(self) -> PictureLimits:
        """What their provider takes."""
        ...

    def cost(self, part: ImagePart) -> PictureCost:
        """What a picture weighs, and costs."""
        ...

    async def choose(self) -> None:
        """Let the user choose others; returns when that is done, or was left."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What is done with all pictures that are taken."""

    detail: ImageDetail = "auto"
    side: int = FIT
    """Pixels of the longer side at the most; `FIT` or `AS_IT_IS`."""
    keep_metadata: bool = False
    own_side: int = FIT
    """The side that the settings name, among those to choose from."""

    def wish(self, limits: PictureLimits) -> PictureWish:
        """What is asked of the picture's bytes."""
        wish = limits.wish(keep_metadata=self.keep_metadata)
        if self.side == AS_IT_IS:
            return replace(wish, most_side=0, most_bytes=0)
        if self.side == FIT:
            return wish
        most = min(self.side, wish.most_side) if wish.most_side else self.side
        return replace(wish, most_side=most)

    def next_detail(self, step: int) -> "Options":
        """How closely models look: the next way."""
        at = DETAILS.index(self.detail)
        return replace(self, detail=DETAILS[(at + step) % len(DETAILS)])

    def next_side(self, step: int) -> "Options":
        """How far it is shrunk: the next way."""
        sides = sorted({*_SIDES, self.own_side, self.side}, key=_order)
        at = sides.index(self.side)
        return replace(self, side=sides[(at + step) % len(sides)])

    def other_metadata(self) -> "Options":
        """What else it tells is kept, or no longer."""
        return replace(self, keep_metadata=not self.keep_metadata)

    def shrink_words(self, limits: PictureLimits) -> str:
        """How far it is shrunk, in words."""
        if self.side == AS_IT_IS:
            return text("pictures.as-it-is")
        if self.side != FIT:
            return text("pictures.to-side", side=f"{self.side:,}")
        key = "pictures.to-fit" if limits.who else "pictures.to-fit-unknown"
        size = data_size(limits.bytes)
        return text(key, who=limits.who, side=f"{limits.side:,}", bytes=size)


def _order(side: int) -> tuple[bool, int]:
    """To fit first, then smaller and smaller, as it is last."""
    return side == AS_IT_IS, -side if side else -1_000_000
