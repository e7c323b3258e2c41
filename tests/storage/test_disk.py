"""Row 20 of the fault table, with real limits of the kernel and real file systems."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.storage import Paths, Store, paths_under
from chat_tui.storage.importers.own_json import import_file
from tests.storage.conftest import until
from tests.storage.faulty import (
    NEVER,
    SOON,
    all_texts,
    files,
)
from tests.storage.samples import chat, message

CAPPED = """
import asyncio, resource, sys
from pathlib import Path
from chat_tui.core.messages import text_parts
from chat_tui.storage import Store, paths_under
from tests.storage.samples import chat, message

async def main():
    async with Store(paths_under(Path(sys.argv[1])), retry_delays=(3600.0,)) as store:
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
        big = [message("x" * 50_000, parent=messages[-1]) for _ in range(8)]
        for each in big:
            await store.add_messages(conversation, [each])
        ids = [node.id for node in await store.nodes(conversation.id)]
        texts = [each.text for each in await store.messages(ids)]
        print(len(texts), sum(map(len, texts)), store.trouble is not None)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

asyncio.run(main())
"""


async def test_files_that_may_not_grow_lose_nothing(tmp_path: Path, paths: Paths) -> None:
    """A real limit of the kernel, in a process of its own."""
    result = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", CAPPED, str(tmp_path / "home")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    count, characters, trouble = result.stdout.split()
    assert (count, trouble) == ("10", "True")
    assert int(characters) > 400_000
    async with Store(paths) as store:
        (row,) = await store.summaries()
        assert sum(map(len, await all_texts(store, row.id))) == int(characters)


def system(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Paths]:
    """A real file system of 1 MB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if not shutil.which("mount") or not system(
        "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)
    ):
        pytest.skip("no file system may be mounted here")
    yield paths_under(place)
    system("umount", "-l", str(place))


@pytest.fixture
def other_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for the folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


async def test_a_full_disk_is_told_and_survived(small_disk: Paths, other_folder: Path) -> None:
    async with Store(small_disk, retry_delays=NEVER) as store:
        conversation, messages = chat(1)
        await store.add_messages(conversation, messages)
        big = message("y" * 1_200_000, parent=messages[-1])
        await store.add_messages(conversation, [big])
        assert store.trouble is not None
        assert "full" in store.trouble.message
        assert (await all_texts(store, conversation.id))[-1] == big.text
        (rescue,) = files(other_folder, "chat-tui-rescue-*/rescue-*.json")
        assert str(rescue) in store.trouble.hint
        async with Store(None) as other:
            assert (await import_file(rescue, other)).messages == 1


async def test_a_read_only_disk_is_read_and_told(small_disk: Paths, other_folder: Path) -> None:
    place = str(small_disk.data.parent)
    conversation, messages = chat(1)
    async with Store(small_disk) as store:
        await store.add_messages(conversation, messages)
    assert system("mount", "-o", "remount,ro", place)
    async with Store(small_disk, retry_delays=SOON) as store:
        assert len(await store.summaries()) == 1
        assert store.trouble is not None
        await store.add_messages(conversation, [message("new", parent=messages[-1])])
        assert (await all_texts(store, conversation.id))[-1] == "new"
        assert len(files(other_folder, "chat-tui-rescue-*/rescue-*.json")) == 1
        assert system("mount", "-o", "remount,rw", place)
        await until(lambda: store.trouble is None)
    async with Store(small_disk) as store:
        assert (await all_texts(store, conversation.id))[-1] == "new"
