"""What the app is given: opened late, and honest about what is missing."""

import asyncio
import stat
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from chat_tui.cli import backend as backend_module
from chat_tui.cli.backend import AppBackend
from chat_tui.cli.choosing import choose
from chat_tui.cli.compose import load_setup
from chat_tui.cli.options import TargetOptions
from chat_tui.core.clock import SystemClock
from chat_tui.core.context.budget import Window
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import Conversation
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TurnEvent, TurnFinished
from chat_tui.storage import Store, paths_under
from tests.servers import LoopbackServer, Reply, Request, Stall, answer, stream

DEMO = TargetOptions(demo=True)
MARKER = "xyzzy plugh"


def backend_under(
    home: Path, options: TargetOptions = DEMO, environ: Mapping[str, str] | None = None
) -> AppBackend:
    environ = {"CHAT_TUI_HOME": str(home), "CHAT_TUI_DEMO_RATE": "0", **(environ or {})}
    setup = load_setup(environ)
    choice = choose(options, setup.settings, setup.profiles, environ)
    return AppBackend(setup, choice, SystemClock())


def ignore(_: object) -> None:
    """What storage tells is not looked at."""


async def test_nothing_is_touched_before_it_is_opened(tmp_path: Path) -> None:
    backend = backend_under(tmp_path / "home")

    assert backend.target.provider == "demo"
    assert backend.label("demo") == "Demo"
    assert backend.label("elsewhere") == "elsewhere"
    assert not (tmp_path / "home").exists()
    await backend.close()


async def test_opened_backend_answers_and_keeps(tmp_path: Path) -> None:
    backend = backend_under(tmp_path)
    opened = await backend.open(ignore, ignore)
    chat = opened.manager.start(backend.target)
    async with aclosing(opened.manager.send(chat, "/echo hello")) as events:
        finished = [event async for event in events if isinstance(event, TurnFinished)]
    await backend.close()
    await backend.close()

    assert finished[0].reply.text == "hello"
    again = backend_under(tmp_path)
    store = (await again.open(ignore, ignore)).store
    assert [row.id for row in await store.summaries()] == [chat.id]
    await again.close()


async def test_requests_are_planned_by_what_is_known_and_set_now(tmp_path: Path) -> None:
    backend = backend_under(tmp_path)
    opened = await backend.open(ignore, ignore)
    planner = opened.manager.context
    chat = opened.manager.start(backend.target)

    assert planner.facts.window(backend.target) == Window(8192, "list")
    assert planner.policy(chat) == ContextPolicy()
    await opened.settings.save({"context_policy": "warn", "max_history": 7})
    assert planner.policy(chat) == ContextPolicy("warn", 7)
    await opened.desk.save_window(backend.target, 4096)
    assert planner.facts.window(backend.target) == Window(4096, "settings")
    assert not planner.counter.ready
    await backend.close()
    with pytest.raises(UsageError):
        await planner.counter.count_text("nothing is counted after the end", "gpt-4o")


async def test_nothing_of_a_temporary_conversation_is_ever_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    backend = backend_under(home)
    opened = await backend.open(ignore, ignore)
    manager = opened.manager
    kept = manager.start(backend.target)
    await all_of(manager.send(kept, "/echo kept"))
    chat = manager.start(backend.target, system_prompt=f"system {MARKER}", temporary=True)
    await all_of(manager.send(chat, f"/echo {MARKER}"))
    prompt, reply = chat.tree.path()
    await all_of(manager.edit(chat, prompt, f"/echo edited {MARKER}"))
    await all_of(manager.regenerate(chat, reply))
    await manager.branches.delete_messages(chat, reply, branch=False)
    await manager.branches.undo(chat)
    await manager.conversations.rename(chat.id, f"title {MARKER}")
    await manager.conversations.set_system_prompt(chat, f"other {MARKER}")
    chat.store.save_draft(chat.id, Draft(f"draft {MARKER}"))
    assert (await chat.store.draft(chat.id)).text == f"draft {MARKER}"
    assert len(await chat.store.recent_prompts()) == 2
    while_open = files_with(MARKER, tmp_path)
    left_open = manager.start(backend.target, temporary=True)
    await all_of(manager.send(left_open, f"/echo {MARKER}"))
    await manager.branches.fork(left_open, left_open.tree.path()[-1])
    manager.close(chat)
    assert await opened.store.recent_prompts() == ["/echo kept"]
    assert [row.id for row in await opened.store.summaries()] == [kept.id]
    await backend.close()

    assert (while_open, files_with(MARKER, tmp_path)) == ([], [])
    assert files_with("/echo kept", tmp_path) != []


@pytest.mark.parametrize(("days", "left"), [(30, 1), (0, 0)])
async def test_what_was_deleted_long_ago_is_removed_after_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, left: int
) -> None:
    monkeypatch.setattr(backend_module, "WARM_UP_DELAY", 0.0)
    now = time.time()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(f"keep_deleted_days = {days}\n")
    async with Store(paths_under(tmp_path)) as store:
        for id_, ago in (("old", 31), ("new", 29), ("kept", 0)):
            deleted = now - ago * 86_400 if ago else None
            await store.add_messages(Conversation(id_, deleted=deleted), [])
    backend = backend_under(tmp_path)
    store = await opened_store(backend)
    await eventually_async(lambda: store.deleted(), (left, 0))
    assert await store.conversation("kept") is not None
    await backend.close()


def files_with(text: str, folder: Path) -> list[Path]:
    """All files below a folder in which a text stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


async def opened_store(backend: AppBackend) -> Store:
    store = (await backend.open(ignore, ignore)).store
    assert isinstance(store, Store)
    return store


async def eventually_async(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until the answer is the wanted one; every question goes through another thread."""
    async with asyncio.timeout(10):
        while await ask() != wanted:
            pass


async def all_of(events: AsyncGenerator[TurnEvent, None]) -> None:
    async with aclosing(events):
        assert isinstance([event async for event in events][-1], TurnFinished)


async def test_trouble_is_told_while_opening(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    told: list[StorageError | None] = []
    backend = backend_under(tmp_path)
    await backend.open(told.append, ignore)
    await backend.close()

    assert told
    assert told[0] is not None


async def test_unnamed_model_is_taken_from_the_server(tmp_path: Path) -> None:
    async with LoopbackServer([answer({"data": [{"id": "tiny"}, {"id": "large"}]})]) as server:
        backend = backend_under(tmp_path, TargetOptions(base_url=server.base_url))
        await backend.open(ignore, ignore)
        await backend.close()

    assert backend.target.model == "tiny"
    assert [request.path for request in server.requests] == ["/v1/models"]


async def test_server_that_is_slow_with_its_models_is_asked_again_with_the_prompt(
    tmp_path: Path,
) -> None:
    def script(request: Request) -> Reply:
        if not request.path.endswith("/models"):
            return stream("hello")
        if len(server.requests) == 1:
            return Reply([Stall()])
        return answer({"data": [{"id": "tiny"}]})

    async with LoopbackServer(script) as server:
        backend = backend_under(tmp_path, TargetOptions(base_url=server.base_url))
        opened = await backend.open(ignore, ignore)
        assert backend.target.model == ""
        chat = opened.manager.start(backend.target)
        async with aclosing(opened.manager.send(chat, "hi")) as events:
            finished = [event async for event in events if isinstance(event, TurnFinished)]
        await backend.close()

    assert finished[0].reply.text == "hello"
    assert server.requests[-1].json["model"] == "tiny"


async def test_nothing_is_looked_for_where_something_is_configured(tmp_path: Path) -> None:
    for options, environ in ((DEMO, {}), (TargetOptions(), {"OPENAI_API_KEY": "sk-1"})):
        backend = backend_under(tmp_path, options, environ)
        assert await backend.discover() is None
        await backend.close()


async def test_discovery_can_be_switched_off(tmp_path: Path) -> None:
    backend = backend_under(tmp_path, TargetOptions(), {"CHAT_TUI_DISCOVERY": "0"})
    async with asyncio.timeout(5):
        assert await backend.discover() is None
    await backend.close()


async def test_crash_report_is_private(tmp_path: Path) -> None:
    backend = backend_under(tmp_path / "home")
    path = await backend.write_crash_report("what happened")
    await backend.close()

    assert_private(path, tmp_path / "home" / "state", "what happened")


async def test_crash_report_that_cannot_be_written_has_no_path(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    backend = backend_under(tmp_path)

    assert await backend.write_crash_report("lost") == ""
    await backend.close()


def assert_private(path: str, folder: Path, content: str) -> None:
    file = Path(path)
    assert file.parent == folder
    assert file.read_text() == content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
