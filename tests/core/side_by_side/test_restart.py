"""A round over the app's own database, and what a kill in the middle of it leaves."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from chat_tui.core.events import TextDelta
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.storage import Store
from tests.core.side_by_side.table import Table, consume, target
from tests.fakes import DEADLINE, Step, answer, eventually
from tests.storage.samples import paths_in

TARGETS = [target(0), Target("p1", "m1", {"temperature": 0.5}, "Rhyme."), target(2)]


async def _shown(table: Table) -> list[tuple[str, str]]:
    """The newest answer of each column, with how it ended."""
    about = table.chat.conversation
    ids = [about.heads[slot] for slot in about.board.slots]
    newest: Sequence[ChatMessage] = await table.chat.messages(ids)
    return [(each.text, each.status) for each in newest]


async def test_killed_in_the_middle_all_columns_come_back_with_their_texts_and_states(
    tmp_path: Path,
) -> None:
    held: list[Step] = [TextDelta("so far"), asyncio.Event()]
    scripts = {0: [answer("0:1"), held], 2: [answer("2:1"), held]}
    async with Store(paths_in(tmp_path / "first")) as store:
        table = Table(3, scripts, store=store)
        table.targets = list(TARGETS)
        await table.sit("own", at_once=3)
        await table.send("one")
        round_ = table.sides.send(table.chat, "two")
        started = await round_.begin()
        assert started is not None
        running = asyncio.create_task(consume(round_, started))
        held_up = [table.clients[name].waiting for name in ("p0", "p2")]
        await eventually(lambda: all(each.is_set() for each in held_up))
        await eventually(lambda: table.chat.rounds.keys() == {0, 2})
        async with asyncio.timeout(DEADLINE):  # the journal writes by time
            ids = [started.replies[slot].id for slot in (0, 2)]
            while not all(each.text for each in await store.messages(ids)):
                pass
        # What is on the disk now is what a kill would leave.
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        about = table.chat.conversation
        assert table.manager.stop(table.chat)
        await running
        await table.manager.aclose()

    async with Store(paths_in(tmp_path / "second")) as store:
        after = Table(3, store=store)
        after.chat = await after.manager.open(about.id)
        now = after.chat.conversation
        assert (now.board, now.targets, now.heads) == (about.board, tuple(TARGETS), about.heads)
        assert await _shown(after) == [
            ("so far", "interrupted"),
            ("1:2", "complete"),
            ("so far", "interrupted"),
        ]
        assert await after.columns() == [
            ["one", "0:1", "two", "so far"],
            ["one", "1:1", "two", "1:2"],
            ["one", "2:1", "two", "so far"],
        ]
        await after.answer(0, 2)
        assert [status for _, status in await _shown(after)] == ["complete"] * 3
        assert [len(path) for path in await after.columns()] == [4, 4, 4]
        await after.manager.aclose()


async def test_list_names_the_model_that_is_asked_alone(tmp_path: Path) -> None:
    async with Store(paths_in(tmp_path)) as store:
        table = Table(2, store=store)

        async def listed() -> list[str]:
            return [row.model for row in await store.summaries()]

        await table.sit()
        await table.send("one")
        assert await listed() == ["m0"]
        await table.sides.end(table.chat, 1)
        assert await listed() == ["m1"]
        await table.manager.conversations.set_parameters(table.chat, {"temperature": 0.5})
        assert await listed() == ["m1"]
        await table.manager.conversations.switch_target(table.chat, Target("p2", "m2"))
        assert await listed() == ["m2"]
        await table.manager.aclose()
