"""Looks at pictures and makes them ready to be sent, each once for the same wish."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from chat_tui.core.attachments.media import Media, PictureWish, PreparedPicture, Source
from chat_tui.core.attachments.values import PictureInfo

_SPARE = 3
"""Pictures that are not marked and kept ready all the same: one goes back and forth."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may be taken."""

    id: str
    """Its path; what is no file has a name that is no path."""
    name: str
    """Clean."""
    content: bytes = b""
    """What is in it, where it is no file."""
    address: str = ""
    """Where the provider fetches it; then it is looked at by nobody here."""

    @property
    def source(self) -> Source:
        """What is read."""
        return self.content or Path(self.id)


class Workshop:
    """Keeps what is known of pictures.

    Args:
        media: reads them.
    """

    def __init__(self, media: Media) -> None:
        self._media = media
        self._infos: dict[str, PictureInfo] = {}
        self._ready: dict[tuple[str, PictureWish], PreparedPicture] = {}
        self._refused: dict[tuple[str, PictureWish], str] = {}

    def info(self, candidate: Candidate) -> PictureInfo | None:
        """What its file says of itself; None while nobody has looked."""
        return self._infos.get(candidate.id)

    def ready(self, candidate: Candidate, wish: PictureWish) -> PreparedPicture | None:
        """The picture as it is sent; None while it is not made."""
        return self._ready.get((candidate.id, wish))

    def refusal(self, candidate: Candidate, wish: PictureWish) -> str:
        """Why it could not be made when it was tried last; clean, empty where nothing is known."""
        return self._refused.get((candidate.id, wish), "")

    def refuse(self, candidate: Candidate, wish: PictureWish, reason: str) -> None:
        """Note why it cannot be made."""
        self._refused[candidate.id, wish] = reason

    async def look(self, candidate: Candidate) -> PictureInfo:
        """Look at its file; raises as `Media.look`."""
        info = self._infos.get(candidate.id)
        if info is None:
            info = await self._media.look(candidate.source)
            self._infos[candidate.id] = info
        return info

    async def prepare(self, candidate: Candidate, wish: PictureWish) -> PreparedPicture:
        """Make it ready; raises as `Media.prepare`."""
        made = self.ready(candidate, wish)
        if made is None:
            made = await self._media.prepare(candidate.source, wish, candidate.name)
            if made.source.name != candidate.name:
                made = replace(made, source=made.source._replace(name=candidate.name))
            self._ready[candidate.id, wish] = made
        self._refused.pop((candidate.id, wish), None)
        return made

    def tidy(self, marked: Collection[str], wish: PictureWish) -> None:
        """Forget what is made for another wish, and of what is not marked all but the last."""
        spare = 0
        for key in reversed([*self._ready]):
            spare += key[0] not in marked
            if key[1] != wish or (key[0] not in marked and spare > _SPARE):
                del self._ready[key]
