"""Files that are named in a prompt, and paths after a command."""

from os import mkfifo
from pathlib import Path

from chat_tui.ui.mentions import Unfound, mentioned, unfound, without_signs
from chat_tui.ui.path_words import path_words


def test_files_that_are_there_are_mentioned_and_words_stay_words(tmp_path: Path) -> None:
    (tmp_path / "notes.md").touch()
    (tmp_path / "two words.md").touch()
    (tmp_path / "alice").mkdir()
    (tmp_path / "src").mkdir()
    words = 'Ask @alice (see @notes.md), @"two words.md". me@notes.md @src/ @gone.md @notes.md!'
    found = mentioned(words, tmp_path)
    assert [each.path.name for each in found] == ["notes.md", "two words.md", "src", "notes.md"]
    assert without_signs(words, found) == (
        "Ask @alice (see notes.md), two words.md. me@notes.md src/ @gone.md notes.md!"
    )
    mkfifo(tmp_path / "pipe.png")
    more = f"{words} @pipe.png, @types/node @a@b.md @gone.md @./x? @app.route @notes.md @.md"
    assert unfound(more, tmp_path) == [
        Unfound("gone.md", exists=False),
        Unfound("pipe.png", exists=True),
        Unfound("./x", exists=False),
    ]
    assert mentioned("@/ @" + "x" * 5_000 + " @a\0b", tmp_path) == []


def test_words_after_a_command_are_paths_patterns_and_addresses(tmp_path: Path) -> None:
    for name in ("a.png", "my cat.png", "it's.png"):
        (tmp_path / name).touch()

    def read(written: str) -> list[tuple[str, bool]]:
        return [(word.written, word.path is not None) for word in path_words(written, tmp_path)]

    assert read("my cat.png") == [("my cat.png", True)]
    assert read("'my cat.png' a.png gone.png") == [
        ("my cat.png", True),
        ("a.png", True),
        ("gone.png", False),
    ]
    assert read(r"my\ cat.png a.png") == [("my cat.png", True), ("a.png", True)]
    assert read("it's.png") == [("it's.png", True)]
    assert read("it's a.png") == [("it's", False), ("a.png", True)]
    pattern, address = path_words("*.png https://x.example/a.png", tmp_path)
    assert pattern.is_pattern
    assert not pattern.is_address
    assert address.is_address
