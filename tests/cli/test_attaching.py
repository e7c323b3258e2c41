"""What `ask` reads of files and of standard input, in the process of the test."""

import os
from pathlib import Path

import pytest

from chat_tui.cli.attaching import Attached, gather
from chat_tui.cli.options import AttachOptions
from chat_tui.core.attachments.limits import MOST_FILES
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.settings import Settings
from chat_tui.core.targets import Target
from tests.media.document_files import docx, paragraph, pdf, row, xlsx
from tests.ui.pictures import picture_bytes

KEY = "OPENAI_API_KEY=sk-abcdefghijklmnopqrstuvwxyz123456\n"


class Scales:
    """Each attachment weighs a thousand tokens."""

    async def draft_tokens(self, prompt: Prompt, target: Target) -> int:
        return 1000 * len(prompt.attached)


async def gathered(
    wanted: AttachOptions, piped: bytes = b"", targets: tuple[Target, ...] = (Target("p", "m"),)
) -> Attached:
    return await gather(wanted, Settings(), targets, piped, Scales())


def files(*paths: Path | str) -> AttachOptions:
    return AttachOptions(tuple(("file", str(path)) for path in paths))


async def test_standard_input_is_attached_as_what_it_is() -> None:
    wanted = files("-")
    for content, words, kind in (
        (docx(paragraph("A letter.")), "A letter.", "wordprocessingml"),
        (xlsx({"Sums": row(1, "Rent", 800)}), "Rent", "spreadsheetml"),
        (pdf("A page."), "A page.", "application/pdf"),
        ("Größe".encode("utf-16"), "Größe", "text/plain"),
    ):
        (part,) = (await gathered(wanted, content)).parts
        assert isinstance(part, FilePart)
        assert words in part.text
        assert kind in part.media_type
    for each in (wanted, AttachOptions()):
        (part,) = (await gathered(each, picture_bytes(2, 2))).parts
        assert isinstance(part, ImagePart)
    with pytest.raises(UsageError, match="archive"):
        await gathered(wanted, b"PK\x03\x04 a zip of anything" + bytes(200))


async def test_keys_are_refused_wherever_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text(KEY)
    (tmp_path / "id_rsa").write_text("nothing like a key")
    (tmp_path / "plain.txt").symlink_to(tmp_path / "id_rsa")
    for wanted, piped in (
        (files("-"), KEY.encode()),
        (files(tmp_path / "notes.txt"), b""),
        (files(tmp_path), b""),
        (files(tmp_path / "plain.txt"), b""),
    ):
        with pytest.raises(UsageError, match="was not sent") as refused:
            await gathered(wanted, piped)
        assert "--send-secrets" in refused.value.hint
        assert (await gathered(wanted._replace(send_secrets=True), piped)).parts
    told = capsys.readouterr().err
    assert "notes.txt: Line 1" in told
    assert "sk-abc" not in told


async def test_what_is_lost_of_a_document_is_said_and_refuses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf("Words.", ""))
    assert len((await gathered(files(tmp_path / "scan.pdf"))).parts) == 1
    assert "scan.pdf: 1 of 2 pages has no text" in capsys.readouterr().err


async def test_files_of_a_folder_that_cannot_be_read_are_passed_over_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "a.txt").write_text("words")
    (folder / "cut.png").write_bytes(picture_bytes(9, 9)[:60])
    (folder / "scan.pdf").write_bytes(pdf(""))
    assert [part.name for part in (await gathered(files(folder))).parts] == ["a folder/a.txt"]
    told = capsys.readouterr().err
    assert "1 file, 5 characters, ≈1,000 tokens." in told
    assert "a folder/cut.png was passed over: " in told
    assert "a folder/scan.pdf was passed over: " in told
    (folder / "a.txt").unlink()
    with pytest.raises(UsageError, match="no file that can be attached"):
        await gathered(files(folder))


async def test_a_long_document_is_cut_by_the_rule_or_refused_with_numbers(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("a line\n" * 1000)
    wanted = files(tmp_path / "long.txt")._replace(most_characters=500, cut="head")
    (part,) = (await gathered(wanted)).parts
    assert isinstance(part, FilePart)
    assert part.text.startswith("a line")
    assert len(part.text) < 700
    for each in (tmp_path / "long.txt", tmp_path):
        whole = files(each)._replace(most_characters=500, cut="whole")
        with pytest.raises(UsageError, match="7,000 characters; at most 500"):
            await gathered(whole)


async def test_pictures_fit_the_strictest_of_the_models(tmp_path: Path) -> None:
    (tmp_path / "a%23b.png").write_bytes(picture_bytes(8_100, 2))
    address = f"file://localhost{tmp_path}/a%2523b.png"
    wanted = AttachOptions((("picture", address),))
    one, other = Target("openai", "gpt-4o"), Target("anthropic", "claude-x")
    for targets, width in (((one,), 8_100), ((one, other), 8_000)):
        (part,) = (await gathered(wanted, targets=targets)).parts
        assert isinstance(part, ImagePart)
        assert part.width == width


async def test_a_folder_that_may_not_be_looked_at_is_told(tmp_path: Path) -> None:
    long = "x" * 300  # no file has such a name: looking for it fails
    for kind in ("picture", "file"):
        with pytest.raises(UsageError):
            await gathered(AttachOptions(((kind, os.fspath(tmp_path / long)),)))


async def test_more_files_than_are_attached_at_once_are_refused_with_their_number(
    tmp_path: Path,
) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.txt").write_text("Words.")
    with pytest.raises(UsageError, match="101 files; at most 100"):
        await gathered(files(tmp_path))
