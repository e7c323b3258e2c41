"""What reads pictures and documents is made when it is used first."""

from pathlib import Path

from chat_tui.cli.late_media import LateMedia
from chat_tui.core.attachments.media import DocumentWish, PictureWish
from tests.ui.pictures import FakeMedia, write_picture


async def test_media_is_made_once_and_only_where_it_is_used(tmp_path: Path) -> None:
    made: list[FakeMedia] = []

    def make() -> FakeMedia:
        made.append(FakeMedia())
        return made[-1]

    unused = LateMedia(make)
    await unused.aclose()
    assert made == []

    media = LateMedia(make)
    picture = write_picture(tmp_path / "cat.png", 4, 3)
    (tmp_path / "notes.md").write_text("Words.")
    assert (await media.look(picture)).width == 4
    assert (await media.prepare(picture, PictureWish())).height == 3
    assert len((await media.pixels(picture, 2, 2)).rgb) == 2 * 2 * 3
    assert (await media.document(tmp_path / "notes.md", DocumentWish())).text == "Words."
    assert (await media.document_of(b"More.", DocumentWish(), "more.md")).name == "more.md"
    assert await media.kind_of(tmp_path) == "folder"
    assert len((await media.list_files(["*.md"], tmp_path)).files) == 1
    made[0].clipboard = b"picture"
    assert await media.clipboard_picture() == b"picture"
    await media.aclose()
    assert len(made) == 1
    assert made[0].closed
