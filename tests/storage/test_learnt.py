"""What models refuse: kept over restarts, between instances, and without waiting for a disk."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.core.context.calibration import Calibration
from chat_tui.core.memory import Learnt, ModelMemory
from chat_tui.storage.learnt import LearntFile

NOTHING = Learnt()
REFUSES = Learnt(
    frozenset({"temperature", "top_p"}),
    {"max_tokens": "max_completion_tokens"},
    8192,
    Calibration(1.3125, 0.02, 7, vague=True, pictures=0.25, pictured=2),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "learnt.json"


def test_what_was_learnt_is_there_after_a_restart(path: Path) -> None:
    memory: ModelMemory = LearntFile(path)
    assert memory.learnt("a", "m") == NOTHING
    assert not path.parent.exists()

    first = LearntFile(path)
    first.learn("a", "m", REFUSES)
    first.learn("a", "n", Learnt(window=1))
    first.learn("a", "p", Learnt(calibration=Calibration(pictures=4.0, pictured=1)))
    first.learn("a", "", Learnt(root="https://a.test/v1"))
    assert first.learnt("a", "m") == REFUSES
    first.flush()

    second = LearntFile(path)
    assert second.learnt("a", "m") == REFUSES
    assert second.learnt("a", "n") == Learnt(window=1)
    assert second.learnt("a", "p").calibration == Calibration(pictures=4.0, pictured=1)
    assert second.learnt("a", "").root == "https://a.test/v1"
    assert second.learnt("b", "m") == NOTHING
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_taken_back_is_gone(path: Path) -> None:
    first = LearntFile(path)
    first.learn("a", "m", REFUSES)
    first.flush()
    first.learn("a", "m", NOTHING)
    first.flush()

    assert LearntFile(path).learnt("a", "m") == NOTHING
    assert json.loads(path.read_text()) == {"models": []}


def test_two_instances_keep_what_both_have_learnt(path: Path) -> None:
    first, second = LearntFile(path), LearntFile(path)
    assert first.learnt("a", "m") == second.learnt("a", "m") == NOTHING
    first.learn("a", "m", REFUSES)
    first.flush()
    second.learn("b", "m", Learnt(window=7))
    second.flush()

    third = LearntFile(path)
    assert (third.learnt("a", "m"), third.learnt("b", "m")) == (REFUSES, Learnt(window=7))
    # The second one has read the file before it wrote.
    assert second.learnt("a", "m") == REFUSES


def test_two_instances_keep_what_both_have_learnt_of_one_model(path: Path) -> None:
    first, second = LearntFile(path), LearntFile(path)
    assert first.learnt("a", "m") == second.learnt("a", "m") == NOTHING
    first.learn("a", "m", Learnt(frozenset({"seed"}), window=8192))
    first.flush()
    second.learn("a", "m", Learnt(calibration=Calibration(1.2, None, 1)))
    second.learn("a", "m", Learnt(calibration=Calibration(1.3, 0.02, 2)))
    second.flush()

    both = Learnt(frozenset({"seed"}), window=8192, calibration=Calibration(1.3, 0.02, 2))
    assert LearntFile(path).learnt("a", "m") == second.learnt("a", "m") == both
    second.learn("a", "m", replace(both, window=None))
    second.flush()
    assert LearntFile(path).learnt("a", "m") == replace(both, window=None)


def test_instances_that_begin_at_the_same_time_lose_nothing(path: Path) -> None:
    """There is not even a folder yet."""
    for number in range(20):
        home = path.parent / str(number) / path.name
        memories = [LearntFile(home) for _ in range(4)]
        for name, memory in enumerate(memories):
            memory.learn("a", f"m{name}", REFUSES)
        for memory in memories:
            memory.flush()
        assert len(json.loads(home.read_text())["models"]) == 4


def test_nothing_new_writes_nothing(path: Path) -> None:
    memory = LearntFile(path)
    memory.learn("a", "m", NOTHING)
    memory.flush()
    assert not path.exists()
    memory.learn("a", "m", REFUSES)
    memory.flush()
    written = path.stat().st_ino
    memory.learn("a", "m", replace(REFUSES, spellings=dict(REFUSES.spellings)))
    memory.flush()
    assert path.stat().st_ino == written


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"models": 5}', b"\xff", b"[" * 100_000, b" " * 2_000_000],
    ids=["empty", "cut", "list", "number", "bytes", "deep", "large"],
)
def test_a_damaged_file_is_moved_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    memory = LearntFile(path)

    assert memory.learnt("a", "m") == NOTHING
    memory.learn("a", "m", REFUSES)
    memory.flush()

    assert LearntFile(path).learnt("a", "m") == REFUSES
    aside = [each for each in path.parent.iterdir() if each != path]
    assert [each.read_bytes() for each in aside] == [content]


def test_entries_of_other_shapes_are_passed_over(path: Path) -> None:
    path.parent.mkdir()
    entries = [
        5,
        {"provider": 1, "model": "m"},
        {"provider": "a", "model": "m", "left_out": ["x", 5], "spellings": [], "window": True},
        {"provider": "a", "model": "n", "left_out": "xy", "spellings": {"a": 1, "b": "c"}},
    ]
    path.write_text(json.dumps({"models": entries, "more": 1}))

    memory = LearntFile(path)

    assert memory.learnt("a", "m") == Learnt(frozenset({"x"}))
    assert memory.learnt("a", "n") == Learnt(spellings={"b": "c"})


def test_what_was_learnt_of_a_provider_is_forgotten_as_a_whole(path: Path) -> None:
    memory: ModelMemory = LearntFile(path)
    for provider, model in (("a", "m"), ("a", "n"), ("b", "m")):
        memory.learn(provider, model, REFUSES)
    memory.forget("a")
    assert memory.learnt("a", "m") == memory.learnt("a", "n") == NOTHING
    assert isinstance(memory, LearntFile)
    memory.flush()

    again = LearntFile(path)
    assert again.learnt("a", "n") == NOTHING
    assert again.learnt("b", "m") == REFUSES


def test_a_disk_that_refuses_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder belongs")
    memory = LearntFile(tmp_path / "state" / "learnt.json")

    memory.learn("a", "m", REFUSES)
    memory.flush()
    assert memory.learnt("a", "m") == REFUSES

    (tmp_path / "state").unlink()
    memory.learn("a", "n", REFUSES)
    memory.flush()
    # What was refused before is written with what is learnt next.
    assert LearntFile(tmp_path / "state" / "learnt.json").learnt("a", "m") == REFUSES


def test_the_oldest_of_thousands_are_forgotten(path: Path) -> None:
    memory = LearntFile(path)
    for number in range(2100):
        memory.learn("a", f"m{number}", Learnt(window=number + 1))
    memory.flush()

    kept = LearntFile(path)
    assert kept.learnt("a", "m2099") == Learnt(window=2100)
    assert len(json.loads(path.read_text())["models"]) == 2000
