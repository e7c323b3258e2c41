"""Favourites, sets and votes are kept, in good times and bad."""

import sqlite3
from contextlib import closing

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.model_choices import ModelSet, ModelUse, Place
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.targets import Target
from chat_tui.storage import Store, open_store
from chat_tui.storage.model_choices import MOST_FOLDERS, StoredChoices
from chat_tui.storage.paths import Paths
from chat_tui.storage.salvage import salvage
from tests.storage.faulty import FULL, NEVER, Faulty, faulty_store

A, B = Place("openai", "gpt-4o"), Place("own/…", 'a "quoted" name')
WARM = Target("openai", "gpt-4o", {"temperature": 1.2}, "Rhyme.")
PAIR = ModelSet("Two of them", (Target("openai", "gpt-4o"), WARM), "own", 1)
VOTE = Vote("t1", "c1", 5.0, ("p/m", "p/n"), "win", "p/n", ("code",))


class NoRoom(Faulty):
    """What is there can be read."""

    def check(self, statement: str) -> None:
        if statement.startswith("BEGIN"):
            super().check(statement)


async def test_all_of_it_is_there_after_a_restart(paths: Paths) -> None:
    async with open_store(paths) as store:
        choices = StoredChoices(store)
        assert (await choices.uses(), await choices.sets(), await choices.votes()) == ({}, [], [])
        await choices.set_favourite(A, True)
        await choices.note_used([A, B, A], 12.5)
        await choices.note_used([B], 13.0)
        await choices.save_set(PAIR)
        await choices.save_vote(VOTE)
    async with open_store(paths) as store:
        choices = StoredChoices(store)
        assert await choices.uses() == {A: ModelUse(True, 12.5, 1), B: ModelUse(False, 13.0, 2)}
        assert await choices.sets() == [PAIR]
        assert await choices.votes() == [VOTE]
        await choices.set_favourite(A, False)
        assert (await choices.uses())[A] == ModelUse(False, 12.5, 1)


async def test_a_later_one_replaces_and_deleting_forgets(any_store: Store) -> None:
    choices = StoredChoices(any_store)
    tie = Vote("t1", "c1", 6.0, ("p/m", "p/n"), "tie")
    await choices.save_vote(VOTE)
    await choices.save_vote(tie)
    assert await choices.votes() == [tie]
    await choices.delete_vote("t1")
    assert await choices.votes() == []
    await choices.save_set(PAIR)
    await choices.delete_set(PAIR.name)
    assert await choices.sets() == []
    await choices.set_favourite(A, True)
    await choices.set_favourite(A, False)
    assert await choices.uses() == {}


async def test_folders_used_last_come_first_and_only_some_are_kept(any_store: Store) -> None:
    clock = iter(range(1, 100))
    choices = StoredChoices(any_store, lambda: float(next(clock)))
    assert await choices.folders() == []
    for number in (*range(12), 7, 7):
        await choices.note_folder(f"/pictures/{number}")
    await choices.note_folder("/no \udcff text")
    expected = [7, 11, 10, 9, 8, 6, 5, 4][:MOST_FOLDERS]
    assert await choices.folders() == [f"/pictures/{number}" for number in expected]


@pytest.mark.parametrize(
    ("models", "words"),
    [
        (ModelSet("  ", PAIR.targets), "no name"),
        (ModelSet("x" * 81, PAIR.targets), "81 characters"),
        (ModelSet("one", PAIR.targets[:1]), "has 1"),
        (ModelSet("seven", PAIR.targets[:1] * 7), "has 7"),
    ],
)
async def test_set_that_cannot_be_one_is_refused(
    any_store: Store, models: ModelSet, words: str
) -> None:
    choices = StoredChoices(any_store)
    with pytest.raises(UsageError, match=words):
        await choices.save_set(models)
    assert await choices.sets() == []


async def test_records_that_cannot_be_read_cost_nothing_else(paths: Paths) -> None:
    async with open_store(paths) as store:
        await StoredChoices(store).save_vote(VOTE)
        await StoredChoices(store).save_set(PAIR)
    with closing(sqlite3.connect(paths.database)) as connection:
        for kind in ("model", "model-set", "vote"):
            for number, data in enumerate(("", "[]", '{"models": 3}', '{"verdict": "win"}')):
                values = (kind, f"x{number}", "soon", data)
                connection.execute("INSERT INTO choices VALUES (?, ?, ?, ?)", values)
        connection.commit()
    async with open_store(paths) as store:
        choices = StoredChoices(store)
        assert await choices.uses() == {}
        assert await choices.sets() == [PAIR]
        assert await choices.votes() == [VOTE]


async def test_what_the_disk_refuses_is_read_and_comes_out_of_the_rescue_file(
    paths: Paths,
) -> None:
    faulty = NoRoom()
    async with open_store(paths) as store:
        await StoredChoices(store).save_set(PAIR)
    store = faulty_store(paths, faulty, NEVER)
    choices = StoredChoices(store)
    assert await choices.sets() == [PAIR]
    faulty.fault = FULL
    await choices.save_vote(VOTE)
    await choices.delete_set(PAIR.name)
    assert (await choices.votes(), await choices.sets()) == ([VOTE], [])
    await store.aclose()
    async with open_store(paths) as store:
        choices = StoredChoices(store)
        assert (await choices.votes(), await choices.sets()) == ([VOTE], [])


async def test_they_are_salvaged_from_a_damaged_database(paths: Paths) -> None:
    async with open_store(paths) as store:
        await StoredChoices(store).save_vote(VOTE)
    saved = salvage(paths.database)
    assert [(kind, name) for kind, name, _ in saved.choices] == [("vote", "t1")]
