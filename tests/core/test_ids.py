"""Ids sort by the time they were made and are never the same."""

import threading
import time
import uuid

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.core.ids import IdSource, new_id

MOMENT = 1_700_000_000.123


def test_ids_are_uuids_of_version_7() -> None:
    made = uuid.UUID(new_id())

    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert str(made) == str(uuid.UUID(str(made)))


def test_id_holds_the_milliseconds_of_its_time() -> None:
    made = uuid.UUID(IdSource(lambda: MOMENT)())

    assert made.int >> 80 == int(MOMENT * 1000)


def test_id_of_this_process_holds_the_present() -> None:
    before = int(time.time() * 1000)

    assert before <= uuid.UUID(IdSource()()).int >> 80 <= int(time.time() * 1000)


def test_ids_of_one_millisecond_are_sorted_and_unique() -> None:
    source = IdSource(lambda: MOMENT)

    made = [source() for _ in range(5_000)]

    assert made == sorted(set(made))
    assert {uuid.UUID(id_).version for id_ in made} == {7}
    assert {uuid.UUID(id_).int >> 80 for id_ in made} == {int(MOMENT * 1000)}


@given(st.lists(st.floats(-10, 4e9), min_size=2, max_size=30))
def test_ids_are_sorted_when_the_clock_jumps(moments: list[float]) -> None:
    hands = iter(moments)
    source = IdSource(lambda: next(hands))

    made = [source() for _ in moments]

    assert made == sorted(set(made))


def test_ids_differ_between_processes_of_the_same_moment() -> None:
    assert IdSource(lambda: MOMENT)() != IdSource(lambda: MOMENT)()


def test_ids_are_unique_and_sorted_per_thread_when_threads_share_a_source() -> None:
    source = IdSource(lambda: MOMENT)
    made: list[list[str]] = [[] for _ in range(4)]
    start = threading.Barrier(len(made))

    def make(into: list[str]) -> None:
        start.wait()
        into.extend(source() for _ in range(1_000))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(into == sorted(into) for into in made)
    assert len({id_ for into in made for id_ in into}) == 4_000
