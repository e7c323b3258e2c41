"""What folders and patterns stand for: what is listed, and why the rest is not."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Event

import pytest

from chat_tui.core.attachments.media import FileList
from chat_tui.core.errors import UsageError
from chat_tui.media.listing import Listing
from chat_tui.media.patterns import Pattern
from chat_tui.media.walking import Walk


@pytest.fixture(autouse=True)
def here(tmp_path: Path) -> Path:
    """Where everything is, in a folder that has nothing above it to heed."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def grow(folder: Path, files: Mapping[str, str | bytes] | Iterable[str]) -> None:
    """Write files; those without content have a word."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, "word")
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def listed(here: Path, *patterns: str) -> FileList:
    return Listing().list_blocking(patterns, here, Event())


def names(here: Path, *patterns: str) -> list[str]:
    return [each.name for each in listed(here, *patterns).files]


def test_patterns_stand_for_what_a_shell_makes_of_them(here: Path) -> None:
    grow(here, ["a.py", "b.md", "src/c.py", "src/deep/d.py", "src/deep/e.txt", ".hidden.py"])
    grow(here, ["odd[1].txt", "{x}.txt", ".dot/f.py", "src/.g.py"])
    cases = {
        "*.py": ["a.py"],
        "**/*.py": ["a.py", "src/c.py", "src/deep/d.py"],
        "src/": ["src/c.py", "src/deep/d.py", "src/deep/e.txt"],
        "src/*": ["src/c.py"],
        "src/**": ["src/c.py", "src/deep/d.py", "src/deep/e.txt"],
        "s*/": ["src/c.py", "src/deep/d.py", "src/deep/e.txt"],
        "src/**/deep/*.t?t": ["src/deep/e.txt"],
        "{a.py,src/{c,none}.py}": ["a.py", "src/c.py"],
        "[!a].md": ["b.md"],
        "odd[1].txt": ["odd[1].txt"],
        "{x}.txt": ["{x}.txt"],
        ".*.py": [".hidden.py"],
        ".dot": [".dot/f.py"],
        "src/.g.py": ["src/.g.py"],
        "src/../a.py": ["a.py"],
        "./b.md": ["b.md"],
        str(here / "b.md"): ["b.md"],
        "*.none": [],
    }
    assert {pattern: names(here, pattern) for pattern in cases} == cases
    assert names(here, "src", "a.py", "src/c.py", "*.py") == [
        *("a.py", "src/c.py", "src/deep/d.py", "src/deep/e.txt")
    ]
    assert listed(here, "*.none", "a.py").passed_over == (("*.none", "No file matches it."),)
    assert names(here / "src", "..", ".")[:2] == ["c.py", "deep/d.py"]
    above = listed(here / "src" / "deep", str(here / "src" / "c.py"), "~root/none*.x")
    assert [each.name for each in above.files] == ["c.py"]


IGNORED = {
    ".gitignore": (
        "*.log\n!keep.log\n/top.txt\nbuild/\n# comment\n\\#odd\n**/cache\ndoc/*.pdf\n*a*a*a*a*a*b\n"
    ),
    ".ignore": "only.rg\n!again.log\n",
    "sub/.gitignore": "!sub.log\n/local.txt\n*.tmp\n",
    ".git/info/exclude": "excluded\nexcluded.keep\n",
    ".git/config": "secret",
}


def test_ignore_files_are_heeded_as_git_does(here: Path) -> None:
    taken = [
        *(
            "keep.log",
            "again.log",
            "sub/top.txt",
            "sub/sub.log",
            "sub/keep.log",
            "sub/deep/sub.log",
        ),
        *("build.txt", "sub/build.md", "doc/deep/a.pdf", "local.txt", "a.tmp", "aaaab", "src/a.py"),
    ]
    ignored = [
        *("a.log", "sub/b.log", "top.txt", "build/x.txt", "sub/build/y.txt", "only.rg", "#odd"),
        *("cache/a", "sub/cache/b", "doc/a.pdf", "sub/local.txt", "sub/c.tmp", "sub/deep/d.tmp"),
        *("excluded", "sub/excluded"),
    ]
    grow(here, IGNORED)
    grow(here, [*taken, *ignored])
    found = listed(here, ".")
    assert [each.name for each in found.files] == sorted(taken)
    told = dict(found.passed_over)
    assert told["build"] == "It is ignored by .gitignore."
    assert told["only.rg"] == "It is ignored by .ignore."
    assert told["excluded"] == "It is ignored by exclude."
    assert told[".gitignore"] == "It is hidden."
    assert "build/x.txt" not in told
    assert ".git" not in told
    # From a folder within, and by patterns, it is the same.
    assert names(here, "sub") == sorted(name for name in taken if name.startswith("sub/"))
    assert names(here, "**/*.tmp") == ["a.tmp"]
    # What is named itself is wanted.
    assert names(here, "build", "a.log") == ["a.log", "build/x.txt"]


def test_links_devices_and_binary_files_are_passed_over(here: Path, tmp_path: Path) -> None:
    grow(tmp_path, {"outside.txt": "word", "far/a.txt": "word"})
    grow(here, {"a.txt": "word", "empty.txt": "", "bin": b"\x7fELF\0\0\0", "sub/b.txt": "word"})
    grow(here, {"p.png": b"\x89PNG\r\n\x1a\n" + bytes(30), "not.png": "words", ".env": "A=1"})
    links = {
        "out.txt": tmp_path / "outside.txt",
        "far": tmp_path / "far",
        "again.txt": here / "a.txt",
        "env.txt": here / ".env",
        "loop": here,
        "sub/up": here / "sub",
        "gone": here / "none",
        "self": here / "self",
    }
    for name, target in links.items():
        (here / name).symlink_to(target)
    os.mkfifo(here / "pipe")
    with (here / "large.txt").open("wb") as large:
        large.truncate(65 << 20)
    found = listed(here, ".")
    assert [(each.name, each.kind) for each in found.files] == [
        ("a.txt", "document"),
        ("env.txt", "document"),
        ("not.png", "document"),
        ("p.png", "picture"),
        ("sub/b.txt", "document"),
    ]
    assert found.files[1].warnings == ("A .env file usually holds keys and passwords.",)
    assert dict(found.passed_over) == {
        "bin": "It is no text, and no document or picture that is known.",
        "empty.txt": "It is empty.",
        "large.txt": "It has 68.2 MB; at most 64 MB can be attached.",
        "pipe": "It is a named pipe.",
        "far": "It is a link that leads out of the folder.",
        "out.txt": "It is a link that leads out of the folder.",
        "gone": "It is a link to nothing.",
        "self": "It is a link to nothing.",
        "loop": "It is a link that leads out of the folder.",
        "sub/up": "It is a link to a folder, and not followed.",
        ".env": "It is hidden.",
    }
    assert names(here, "out.txt", "empty.txt") == ["empty.txt", "out.txt"]
    for none in ("pipe", "gone", "none.txt", "", "x" * 5_000, "bin\0"):
        with pytest.raises(UsageError):
            listed(here, none)


def test_keys_and_odd_names_are_told(here: Path) -> None:
    odd = os.fsdecode(b"odd\x1b[2J\n\xff.txt")
    grow(here, {"a.py": "x = 1\npassword = 'hunter2!'\n", odd: "word", "id_rsa": "x"})
    found = {each.name: each for each in listed(here, ".").files}
    assert found["a.py"].warnings == ("Line 2 seems to have a password.",)
    assert len(found["id_rsa"].warnings) == 1
    assert found[odd].path == here / odd
    assert found[odd].size == 4


def test_limits_end_a_listing_with_a_sentence(here: Path) -> None:
    grow(here, [f"{at:02}/f" for at in range(12)])
    few = Listing(most=5).list_blocking(["."], here, Event())
    assert [each.name for each in few.files] == [f"{at:02}/f" for at in range(5)]
    assert few.passed_over[0][1].startswith("More than 5 files")
    walk = Walk(Pattern(here, ("**",)), Event(), most=15)
    assert len(list(walk)) == 3
    assert walk.unfinished.startswith("More than 15 files and folders")
    grow(here, ["/".join(["d"] * 45) + "/f"])
    assert "folders deep" in str(listed(here, "d/").passed_over)
    grow(here, {f".{at}": "" for at in range(210)})
    many = listed(here, ".")
    assert (len(many.passed_over), many.more) == (200, 11)
    with pytest.raises(UsageError, match="more than 200 patterns"):
        listed(here, "{a,b}" * 8)


async def test_cancelled_listing_stops_where_it_is(here: Path) -> None:
    grow(here, ["a", "b"])
    walk = Walk(Pattern(here, ("**",)), stop := Event())
    found = iter(walk)
    next(found)
    stop.set()
    assert list(found) == []
    listing = asyncio.create_task(Listing().list_files(["."], here))
    await asyncio.sleep(0)
    listing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listing
    assert [each.name for each in (await Listing().list_files(["."], here)).files] == ["a", "b"]
