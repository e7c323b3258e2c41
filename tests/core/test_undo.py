"""The changes that can be taken back: how many are kept, and what they hold."""

from chat_tui.core.undo import MAX_CHANGES, Change, Kind, Side, UndoStack


def change(kind: Kind, before: str | None, after: str | None, at: float = 0.0) -> Change:
    return Change(kind, Side(before, None), Side(after, None), at)


def undo_all(stack: UndoStack) -> list[Change]:
    undone = []
    while stack.undoable is not None:
        undone.append(stack.undoable)
        stack.step(back=True)
    return undone


def test_empty_stack_has_nothing_to_take_back() -> None:
    stack = UndoStack()

    assert (stack.undoable, stack.redoable) == (None, None)


def test_changes_come_back_in_reverse_and_forth_in_order() -> None:
    stack = UndoStack()
    changes = [change("send", None, "a"), change("delete", "a", None), change("fork", "a", "a")]
    for each in changes:
        stack.record(each)

    assert undo_all(stack) == changes[::-1]
    assert stack.redoable == changes[0]
    stack.step(back=False)
    assert (stack.undoable, stack.redoable) == (changes[0], changes[1])


def test_new_change_forgets_what_could_be_done_again() -> None:
    stack = UndoStack()
    stack.record(change("send", None, "a"))
    stack.step(back=True)

    stack.record(change("send", None, "b"))

    assert stack.redoable is None


def test_oldest_changes_are_forgotten_first() -> None:
    stack = UndoStack()
    for number in range(MAX_CHANGES + 5):
        stack.record(change("send", None, str(number)))

    undone = undo_all(stack)

    assert len(undone) == MAX_CHANGES
    assert undone[-1].after.head == "5"


def test_looking_at_several_branches_is_one_change() -> None:
    stack = UndoStack()
    stack.record(change("select", "a", "b", at=1.0))
    stack.record(change("select", "b", "c", at=2.0))

    assert undo_all(stack) == [change("select", "a", "c", at=2.0)]


def test_looking_about_and_coming_back_is_no_change() -> None:
    stack = UndoStack()
    sent = change("send", None, "a")
    stack.record(sent)
    stack.record(change("select", "a", "b"))
    stack.record(change("select", "b", "a"))

    assert undo_all(stack) == [sent]


def test_change_that_cannot_be_made_any_more_is_dropped_wherever_it_is() -> None:
    stack = UndoStack()
    first, second = change("delete", "a", "b"), change("delete", "b", "c")
    stack.record(first)
    stack.record(second)
    stack.step(back=True)

    stack.drop(second)
    stack.drop(first)

    assert (stack.undoable, stack.redoable) == (None, None)
