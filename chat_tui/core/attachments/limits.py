"""What providers take of pictures, as they publish it. These change; each has its source."""

from typing import NamedTuple

from chat_tui.core.attachments.media import PictureWish
from chat_tui.core.targets import Target


class PictureLimits(NamedTuple):
    """What one provider takes."""

    side: int
    """Pixels of the longer side."""
    bytes: int
    """Of one picture, before it is Base64."""
    pictures: int
    """In one request."""
    formats: frozenset[str]
    who: str
    """Whose limits these are, as it is shown; empty where they are assumed."""

    def wish(self, *, keep_metadata: bool = False) -> PictureWish:
        """What is to become of a picture so that it is taken."""
        return PictureWish(self.side, self.bytes, self.formats, keep_metadata)


def limits_for(target: Target) -> PictureLimits:
    """The limits of a target's provider, else of its model's maker, else careful ones."""
    raise NotImplementedError
