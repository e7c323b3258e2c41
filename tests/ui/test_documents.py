"""Files before they are attached: marks, totals, the rule by which long ones are cut."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.attachments.limits import MOST_FILES
from chat_tui.core.attachments.media import DocumentWish, FileList, ListedFile
from chat_tui.ui.screens.documents import DocumentsScreen
from chat_tui.ui.screens.documents_sum import USUAL_LIMIT, Choosing, Room, Selection
from chat_tui.ui.widgets.file_rows import FileFacts
from tests.fakes import eventually
from tests.ui.host import hosting


def _file(name: str, size: int = 100, *warnings: str) -> ListedFile:
    return ListedFile(Path("/nowhere") / name, name, size, "document", warnings)


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=10), st.integers(0, 20_000))
def test_what_is_cut_to_the_room_has_room(lengths: list[int], free: int) -> None:
    choosing = Choosing([_file(str(at)) for at in range(len(lengths))], Room(free, free, None))
    choosing.marked = set(range(len(lengths)))
    choosing.facts = {at: FileFacts(length, -(-length // 4)) for at, length in enumerate(lengths)}
    whole = choosing.totals()
    assert whole.exact
    assert whole.kept == whole.characters == sum(lengths)
    choosing.fit()
    totals = choosing.totals()
    assert choosing.cuts == (whole.tokens > free)
    # Each is left its first hundred characters: less says nothing of a document.
    assert totals.tokens <= max(free, 25 * len(lengths) + len(lengths))
    assert totals.characters == whole.characters


def test_limit_is_the_users_else_a_usual_one_where_no_room_is_known() -> None:
    choosing = Choosing([_file("a", 1_000_000), _file("b")], Room(None, None, 2.0))
    choosing.mark_all(range(2))
    assert choosing.marked == {0, 1}
    assert choosing.wish == DocumentWish()
    assert not choosing.totals().exact
    choosing.next_rule()
    assert choosing.wish == DocumentWish("head", USUAL_LIMIT)
    assert choosing.totals().kept == USUAL_LIMIT + 100
    choosing.own_limit = 70
    choosing.next_rule()
    assert choosing.wish == DocumentWish("head-and-tail", 70)
    choosing.facts[1] = FileFacts(0, 0, failed="b is no text.")
    choosing.marked = {0}
    choosing.mark_all(range(2))
    assert choosing.marked == set()
    choosing.mark_all(range(2))
    assert choosing.marked == {0}


def test_no_more_are_marked_than_can_be_attached() -> None:
    files = [_file(str(at), 1, *(["A key."] if at == 3 else [])) for at in range(MOST_FILES + 20)]
    choosing = Choosing(files, Room(None, None, None))
    choosing.mark_first()
    assert choosing.marked == {*range(MOST_FILES + 1)} - {3}
    some = range(MOST_FILES, MOST_FILES + 20)
    choosing.mark_all(some)  # all of them that there is room for were marked
    assert choosing.marked == {*range(MOST_FILES)} - {3}
    choosing.mark_all(some)
    assert choosing.marked == {*range(MOST_FILES + 1)} - {3}
    choosing.mark_all(range(MOST_FILES + 20))
    assert choosing.marked == {*range(MOST_FILES)}
    choosing.mark_all(range(MOST_FILES + 20))
    assert not choosing.marked


def test_what_is_very_large_is_cut_where_nobody_knows_the_room() -> None:
    choosing = Choosing([_file("a"), _file("b")], Room(None, None, None))
    choosing.marked = {0, 1}
    choosing.facts = {0: FileFacts(390_000, 97_500), 1: FileFacts(8_000, 2_000)}
    choosing.fit()
    assert not choosing.cuts
    choosing.facts[0] = FileFacts(2_000_000, 500_000)
    choosing.fit()
    assert choosing.wish == DocumentWish("head-and-tail", USUAL_LIMIT - 8_000)


async def test_many_hostile_and_unreadable_files_are_told() -> None:
    files = [_file(f"file{number:03}.md") for number in range(MOST_FILES + 2)]
    files[0] = _file("a\x1b[31mred\nname.md")
    files[1] = _file(".env", 100, "A file named .env usually holds keys.")

    async def weigh(file: ListedFile) -> FileFacts:
        if file.name == "file002.md":
            return FileFacts(0, 0, failed="file002.md is no text.")
        return FileFacts(400, 100, "4 lines")

    found = FileList(tuple(files), (("x\x1b[2J.bin", "It is no text."),), more=7)
    screen = DocumentsScreen("Attach here", found, weigh, Room(100_000, 120_000, 2.0))
    async with hosting(screen, size=(60, 16)) as host:
        await eventually(lambda: len(screen.choosing.facts) == len(files))
        await host.pilot.pause()
        drawn = host.drawn()
        assert "\x1b" not in drawn
        assert "99 of 102 files" in drawn  # neither .env nor what cannot be read, nor the last
        assert "at most 100 at once" in drawn
        assert "≈$0.020" in drawn
        assert "8 passed over." in drawn
        await host.pilot.press("down", "space")
        assert 1 in screen.choosing.marked
        await host.pilot.pause()
        assert "usually holds keys" in host.drawn()
        await host.pilot.press("j", "space")
        await eventually(lambda: host.toasts[-1:] == ["file002.md is no text."])
        await host.pilot.press("end", "space", "enter")
        await eventually(lambda: "at most 100 can be attached" in host.toasts[-1])
        await host.pilot.press("p")
        await eventually(lambda: "7 more were passed over." in host.drawn())
        await host.pilot.press("p", "home", *["down"] * 7)
        assert screen.rows.at == 7
        assert screen.rows.scroll_y > 0, "the view follows the mark"
        await host.pilot.press("slash", *"101", "enter")
        await eventually(lambda: len(screen.rows.rows) == 1)
        assert "1 of them have 101" in host.drawn()
        await host.pilot.press("space", "slash", *["backspace"] * 3, "enter")
        await eventually(lambda: len(screen.rows.rows) == len(files))
        await host.pilot.press("enter")
        await eventually(lambda: bool(host.results))
        (chosen,) = host.results
        assert isinstance(chosen, Selection)
        assert len(chosen.files) == MOST_FILES
        assert chosen.wish == DocumentWish()
