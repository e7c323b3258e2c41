"""Pastes that are paths of files, as terminals give what is dropped on them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.ui.dropped_paths import dropped_files, path_readings


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        ("/a/cat.png", ["/a/cat.png"]),
        ("  '/a/my cat.png' ", ["/a/my cat.png"]),
        (r"/a/my\ cat\'s.png /b/x.md", ["/a/my cat's.png", "/b/x.md"]),
        ('"/a/b c.txt"\n/d', ["/a/b c.txt", "/d"]),
        ("file:///a/my%20cat.png\r\n", ["/a/my cat.png"]),
        ("file://localhost/a/%E6%BC%A2.png", ["/a/漢.png"]),
        (r"C:\Users\me\cat.png", ["/mnt/c/Users/me/cat.png"]),
        (r'"C:\My Files\a.png" D:\b.png', ["/mnt/c/My Files/a.png", "/mnt/d/b.png"]),
        (r"\\wsl.localhost\Debian\home\me\a.png", ["/home/me/a.png"]),
    ],
)
def test_paths_are_read_however_they_are_written(pasted: str, read: list[str]) -> None:
    assert [Path(each) for each in read] in path_readings(pasted)


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "cat.png",
        "./cat.png",
        "see /a/cat.png",
        "https://example.org/cat.png",
        "file://elsewhere/share/a.png",
        "/",
        "~",
        "//",
        "'/a/cat.png",
        "/a\0b",
        "/a" * 20_000,
    ],
)
def test_words_are_no_paths(pasted: str) -> None:
    assert not [each for each in path_readings(pasted) if all(path.exists() for path in each)]
    if not pasted.startswith(("/", "'")):
        assert path_readings(pasted) == []


@settings(max_examples=60, derandomize=True)
@given(st.text("/~'\"\\ \nab:%fileC", max_size=60))
def test_no_paste_is_too_odd_to_be_read(pasted: str) -> None:
    for reading in path_readings(pasted):
        assert reading
        assert all(path.is_absolute() for path in reading)


async def test_only_regular_files_that_are_there_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, spaced = tmp_path / "a.png", tmp_path / "my cat & dog.png"
    plain.touch()
    spaced.touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert await dropped_files(f"{plain} '{spaced}'") == [plain, spaced]
    # As file managers copy a path: a line of its own, nothing escaped.
    assert await dropped_files(f"{spaced}\n{plain}") == [spaced, plain]
    assert await dropped_files(spaced.as_uri()) == [spaced]
    assert await dropped_files("~/a.png") == [plain]
    assert await dropped_files(f"{plain} is a picture") == []
    assert await dropped_files(f"{plain} {tmp_path / 'gone.png'}") == []
    assert await dropped_files(f"{tmp_path} /dev/null") == []
    assert await dropped_files("any words") == []
