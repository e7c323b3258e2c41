"""Completing files and folders after @."""

import os
from pathlib import Path

import pytest

from chat_tui.ui.path_completion import AddressSource, PathSource
from tests.fakes import eventually


class Typist:
    """Types @paths in a folder."""

    def __init__(self, folder: Path) -> None:
        self.looks = 0
        self.source = PathSource(self._again, folder)

    def _again(self) -> None:
        self.looks += 1

    async def names(self, before: str) -> list[str]:
        """What is offered, once folders are read."""
        seen = self.looks
        offer = self.source.offer(0, before)
        assert offer is not None
        if not offer.choices:
            await eventually(lambda: self.looks > seen)
            offer = self.source.offer(0, before)
            assert offer is not None
        return [choice.insert for choice in offer.choices]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Beta.txt", "alpha.txt", ".hidden", "two words.md", "a\x1b[31mred", 'q"uote'):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner file").touch()
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "x").touch()
    return tmp_path


async def test_folders_come_first_and_hidden_or_dangerous_names_do_not(folder: Path) -> None:
    typist = Typist(folder)
    assert await typist.names("see @") == [
        '@"a folder/',
        "@sub/",
        "@alpha.txt ",
        "@Beta.txt ",
        '@"two words.md" ',
    ]
    assert await typist.names("@b") == ["@Beta.txt "]
    assert await typist.names("@.h") == ["@.hidden "]
    assert await typist.names("(@sub/") == ['@"sub/inner file" ']
    assert await typist.names("@sub//") == ['@"sub/inner file" ']
    assert await typist.names('@"a folder/') == ['@"a folder/x" ']
    assert await typist.names(f"@{folder}/al") == [f"@{folder}/alpha.txt "]


async def test_offer_takes_the_place_of_what_was_typed(folder: Path) -> None:
    typist = Typist(folder)
    await typist.names("look at @al")
    offer = typist.source.offer(0, "look at @al")
    assert offer is not None
    assert (offer.start, offer.choices[0].name) == (8, "alpha.txt")
    assert not offer.choices[0].passes
    whole = typist.source.offer(0, "look at @alpha.txt")
    assert whole is not None
    assert whole.choices[0].passes


async def test_home_and_folders_that_are_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    typist = Typist(folder / "sub")
    assert await typist.names("@~/alp") == ["@~/alpha.txt "]
    nowhere = typist.source.offer(0, "@nowhere/at/all")
    assert nowhere is not None
    await eventually(lambda: typist.looks == 2)
    again = typist.source.offer(0, "@nowhere/at/all")
    assert again is not None
    assert not again.choices


@pytest.mark.parametrize("before", ["plain", "mail@example.com", "@done with it", "a @b c", ""])
def test_what_is_no_path_is_left_alone(before: str, folder: Path) -> None:
    assert PathSource(lambda: None, folder).offer(0, before) is None


async def test_large_folder_is_capped(tmp_path: Path) -> None:
    for number in range(120):
        os.close(os.open(tmp_path / f"file{number:03}", os.O_CREAT))
    assert len(await Typist(tmp_path).names("@file")) == 50


async def test_paths_after_a_command_are_completed_without_a_sign(folder: Path) -> None:
    typist = Typist(folder)
    assert await typist.names("/attach b") == ["Beta.txt "]
    offer = typist.source.offer(0, "/attach b")
    assert offer is not None
    assert (offer.start, offer.choices[0].file) == (len("/attach "), "")
    assert await typist.names("/file Beta.txt tw") == ['"two words.md" ']
    assert await typist.names('/image "a folder/') == ['"a folder/x" ']
    assert await typist.names('/document "two words.md" s') == ["sub/"]
    # Elsewhere they are words; and in other lines.
    assert typist.source.offer(0, "see /attach b") is None
    assert typist.source.offer(1, "/attach b") is None
    assert typist.source.offer(0, "/attach " + " " * 900 + '"a"b') is None


async def test_files_after_the_sign_are_attached_and_folders_are_not(folder: Path) -> None:
    typist = Typist(folder)
    await typist.names("see @")
    offer = typist.source.offer(0, "see @")
    assert offer is not None
    files = {choice.name: choice.file for choice in offer.choices}
    assert files["alpha.txt"] == str(folder / "alpha.txt")
    assert files["sub/"] == ""


@pytest.mark.parametrize(
    ("before", "address"),
    [
        ("look at https://x.example/a/cat.PNG", "https://x.example/a/cat.PNG"),
        ("(http://x.example/cat.jpeg?size=2", "http://x.example/cat.jpeg?size=2"),
        ("https://x.example/cat.html", ""),
        ("https://x.example/cat.png and", ""),
        ("seehttps://x.example/cat.png", ""),
        ("https://png", ""),
    ],
)
def test_picture_of_an_address_is_offered(before: str, address: str) -> None:
    offer = AddressSource().offer(3, before)
    assert (offer.choices[0].file if offer is not None else "") == address
    assert offer is None or before[offer.start :] == address
    assert offer is None or offer.choices[0].passes
