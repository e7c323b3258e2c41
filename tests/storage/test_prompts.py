"""The prompt library: a folder of files, which may be edited by hand."""

import os
from pathlib import Path

import pytest

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.storage import prompts as module
from chat_tui.storage.prompts import MAX_BYTES, MAX_NAME, PromptFiles


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_prompts_are_private_files_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "prompts"
    library = PromptFiles(folder)
    assert await library.prompts() == []
    assert not folder.exists()
    await library.save(SavedPrompt("Über setzen", "Translate {{text}}\ninto {{language=German}}"))
    await library.save(SavedPrompt("\u0939\u093f\u0928\u094d\u0926\u0940-1.b", "x \ud800"))
    assert (mode(folder), mode(folder / "Über setzen.md")) == (0o700, 0o600)
    assert [(each.name, each.text) for each in await library.prompts()] == [
        ("Über setzen", "Translate {{text}}\ninto {{language=German}}"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940-1.b", "x \ufffd"),
    ]
    assert library.problems == ()
    await library.delete("Über setzen")
    await library.delete("Über setzen")
    await library.delete("../../etc/passwd")
    assert [each.name for each in await library.prompts()] == [
        "\u0939\u093f\u0928\u094d\u0926\u0940-1.b"
    ]


async def test_an_edited_prompt_may_have_another_name_unless_one_has_it(tmp_path: Path) -> None:
    library = PromptFiles(tmp_path)
    await library.save(SavedPrompt("one", "1"))
    await library.save(SavedPrompt("two", "2"))
    for name, was in (("two", "one"), ("TWO", "one"), ("one", "")):
        with pytest.raises(UsageError, match="There is a prompt named"):
            await library.save(SavedPrompt(name, "other"), was=was)
    await library.save(SavedPrompt("one", "1, changed"), was="one")
    await library.save(SavedPrompt("Two", "2, changed"), was="two")
    await library.save(SavedPrompt("three", "3"), was="gone")
    assert [(each.name, each.text) for each in await library.prompts()] == [
        ("one", "1, changed"),
        ("three", "3"),
        ("Two", "2, changed"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", " a", "a ", ".hidden", "..", "a/b", "a\\b", "a\nb", "a\0b", "a:b", "\ud800"),
        *("x" * (MAX_NAME + 1), "\U00010400" * 70),
    ],
)
async def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    library = PromptFiles(tmp_path / "prompts")
    with pytest.raises(UsageError, match="cannot be named so"):
        await library.save(SavedPrompt(name, "text"))
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - blocking is fine here


async def test_what_cannot_be_read_is_told_and_the_others_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = PromptFiles(tmp_path)
    await library.save(SavedPrompt("good", "text"))
    (tmp_path / "by hand.md").write_bytes(b"\xef\xbb\xbfwith a mark")
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe")
    (tmp_path / "big.md").write_text("x" * (MAX_BYTES + 1))
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "pipe.md").symlink_to("/dev/zero")
    (tmp_path / "lost.md").symlink_to(tmp_path / "nowhere")
    (tmp_path / "na(me).md").write_text("x")
    (tmp_path / ".hidden.md").write_text("x")
    (tmp_path / "other.txt").write_text("x")
    assert [(each.name, each.text) for each in await library.prompts()] == [
        ("by hand", "with a mark"),
        ("good", "text"),
    ]
    told = "\n".join(library.problems)
    for name in ("bad.md", "big.md", "folder.md", "pipe.md", "lost.md", "na(me).md"):
        assert str(tmp_path / name) in told
    assert len(library.problems) == 6
    monkeypatch.setattr(module, "MAX_FILES", 8)
    with pytest.raises(UsageError, match="8 prompts already"):
        await library.save(SavedPrompt("one more", "text"))
    (tmp_path / "z.md").write_text("x")
    assert len(await library.prompts()) == 2
    assert "more than 8 prompts" in library.problems[-1]


async def test_a_prompt_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="larger than 256 KB"):
        await PromptFiles(tmp_path).save(SavedPrompt("big", "é" * (MAX_BYTES // 2 + 1)))
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - blocking is fine here


async def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "prompts").write_text("in the way")
    library = PromptFiles(tmp_path / "prompts")
    for call in (
        library.prompts(),
        library.save(SavedPrompt("a", "b")),
        library.delete("a"),
    ):
        with pytest.raises(StorageError, match="prompts cannot be"):
            await call
