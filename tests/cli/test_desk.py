"""The desk of the running app: what is saved is used at once, and keys go into files alone."""

import stat
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_tui.cli.backend import AppBackend
from chat_tui.core.context.budget import Window
from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.events import TurnFinished
from chat_tui.core.model_choices import Place
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.ui.backend import Opened
from chat_tui.ui.desk import ProviderDesk
from tests.cli.test_backend import DEMO, backend_under, ignore
from tests.servers import LoopbackServer, Reply, Request, answer, stream

KEY = "sk-canary-0123456789"


@asynccontextmanager
async def opened_under(
    home: Path, environ: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[AppBackend, Opened]]:
    backend = backend_under(home, DEMO, environ)
    try:
        yield backend, await backend.open(ignore, ignore)
    finally:
        await backend.close()


def names(desk: ProviderDesk) -> list[str]:
    return [row.profile.name for row in desk.providers()]


def settings(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config" / "config.toml").read_text())


def key_files(home: Path) -> list[Path]:
    return sorted((home / "config" / "keys").iterdir())


def mode_of(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def models_and_chat(request: Request) -> Reply:
    if request.method == "GET":
        return answer({"data": [{"id": "tiny", "context_length": 4096}]})
    return stream("hello")


async def places(backend: AppBackend) -> list[Place]:
    """The models that prompts can be sent to, without anybody being asked."""
    return [row.place for row in (await backend.model_rows("")).rows]


async def reply_of(opened: Opened, target: Target) -> str:
    chat = opened.manager.start(target)
    async with aclosing(opened.manager.send(chat, "hi")) as events:
        finished = [event async for event in events if isinstance(event, TurnFinished)]
    return finished[0].reply.text


async def test_providers_come_with_their_keys_the_users_own_first(tmp_path: Path) -> None:
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text('[providers.mine]\nbase_url = "https://models.example/v1"\n')
    async with opened_under(tmp_path, {"GROQ_API_KEY": KEY}) as (_, opened):
        rows = list(opened.desk.providers())
    assert [row.profile.name for row in rows[:2]] == ["mine", "groq"]
    assert (rows[0].own, rows[0].ready, rows[0].key) == (True, True, "none needed")
    assert (rows[1].own, rows[1].ready, rows[1].key) == (False, True, "from GROQ_API_KEY")
    openai = next(row for row in rows if row.profile.name == "openai")
    assert not openai.ready
    assert "OPENAI_API_KEY is not set" in openai.key
    assert KEY not in repr(rows)


async def test_a_provider_that_is_saved_answers_at_once_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with LoopbackServer(models_and_chat) as server:
        async with opened_under(tmp_path) as (backend, opened):
            desk = opened.desk
            profile = ProviderProfile("mine", server.base_url, label="Mine", default_model="tiny")
            with_key = await desk.save_key(profile, f" {KEY}\n")
            await desk.save_provider(with_key)
            key_file = settings(tmp_path)["providers"]["mine"]["key_file"]
            assert names(desk)[0] == "mine"
            assert backend.label("mine") == "Mine"
            assert await reply_of(opened, Target("mine", "tiny")) == "hello"
            assert Place("mine", "tiny") in await places(backend)
        async with opened_under(tmp_path) as (_, opened):
            assert names(opened.desk)[0] == "mine"
            assert await reply_of(opened, Target("mine", "tiny")) == "hello"
        sent = {request.headers["authorization"] for request in server.requests}
        assert sent == {f"Bearer {KEY}"}
    assert mode_of(key_file) == 0o600
    assert KEY not in (tmp_path / "config" / "config.toml").read_text()
    assert KEY not in repr(with_key)


async def test_another_key_is_used_at_once_and_the_old_one_goes(tmp_path: Path) -> None:
    async with LoopbackServer(models_and_chat) as server, opened_under(tmp_path) as (_, opened):
        profile = ProviderProfile("mine", server.base_url, default_model="tiny")
        for key in (KEY, KEY[::-1]):
            profile = await opened.desk.save_key(profile, key)
            await opened.desk.save_provider(profile, was="mine")
            await reply_of(opened, Target("mine", "tiny"))
        sent = [request.headers["authorization"] for request in server.requests]
        assert sent == [f"Bearer {KEY}", f"Bearer {KEY[::-1]}"]
    assert [path.read_text().strip() for path in key_files(tmp_path)] == [KEY[::-1]]


async def test_a_pasted_key_wins_over_what_was_named_before(tmp_path: Path) -> None:
    """Also where the form, which still shows the variable, is saved after a test."""
    environ = {"STALE": "sk-stale-0123456789"}
    async with (
        LoopbackServer(models_and_chat) as server,
        opened_under(tmp_path, environ) as (_, opened),
    ):
        stale = ProviderProfile("mine", server.base_url, "STALE", "tiny")
        await opened.desk.save_provider(stale)
        pasted = await opened.desk.save_key(stale, KEY)
        shown = replace(stale, key_file=pasted.key_file)
        async with aclosing(opened.desk.check(shown)) as steps:
            assert [step.status async for step in steps][-1] == "ok"
        await opened.desk.save_provider(shown, was="mine")
        await reply_of(opened, Target("mine", "tiny"))
        sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {f"Bearer {KEY}"}
    assert "key_env" not in settings(tmp_path)["providers"]["mine"]


async def test_a_key_that_is_only_tested_leaves_nothing_behind(tmp_path: Path) -> None:
    async with LoopbackServer(models_and_chat) as server, opened_under(tmp_path) as (_, opened):
        saved = await opened.desk.save_key(ProviderProfile("mine", server.base_url), KEY)
        await opened.desk.save_provider(saved)
        (row,) = [row for row in opened.desk.providers() if row.profile.name == "mine"]
        tried = await opened.desk.save_key(row.profile, "sk-tried-0123456789")
        for profile in (tried, row.profile):
            async with aclosing(opened.desk.check(profile)) as steps:
                assert "failed" not in [step.status async for step in steps]
        sent = [request.headers["authorization"] for request in server.requests]
    assert list(dict.fromkeys(sent)) == ["Bearer sk-tried-0123456789", f"Bearer {KEY}"]
    assert [path.read_text().strip() for path in key_files(tmp_path)] == [KEY]


async def test_a_key_goes_when_its_provider_names_another_source(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (_, opened):
        profile = ProviderProfile("mine", "https://models.example/v1")
        await opened.desk.save_provider(await opened.desk.save_key(profile, KEY))
        assert len(key_files(tmp_path)) == 1
        await opened.desk.save_provider(replace(profile, key_env="MY_KEY"), was="mine")
    assert key_files(tmp_path) == []


async def test_a_key_stays_with_the_address_that_it_is_for(tmp_path: Path) -> None:
    """The address of a built-in provider may be another one at the next start."""
    gateway = {"OPENAI_BASE_URL": "https://gateway.example/v1"}
    async with opened_under(tmp_path, gateway) as (_, opened):
        (row,) = [row for row in opened.desk.providers() if row.profile.name == "openai"]
        await opened.desk.save_provider(await opened.desk.save_key(row.profile, KEY), was="openai")
    async with opened_under(tmp_path) as (_, opened):
        (row,) = [row for row in opened.desk.providers() if row.profile.name == "openai"]
    assert row.profile.base_url == "https://gateway.example/v1"


async def test_a_provider_of_the_environment_outlives_it_once_it_is_edited(tmp_path: Path) -> None:
    azure = {"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com"}
    async with opened_under(tmp_path, azure) as (_, opened):
        (row,) = [row for row in opened.desk.providers() if row.profile.name == "azure"]
        edited = replace(row.profile, label="Work")
        await opened.desk.save_provider(edited, was="azure")
    async with opened_under(tmp_path) as (_, opened):
        (row,) = [row for row in opened.desk.providers() if row.profile.name == "azure"]
    assert row.profile == edited


async def test_a_provider_may_be_renamed_and_deleted(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (_, opened):
        desk = opened.desk
        profile = ProviderProfile("mine", "https://models.example/v1")
        profile = await desk.save_key(profile, KEY)
        await desk.save_provider(profile)
        await desk.save_provider(replace(profile, name="ours", label="Ours"), was="mine")
        assert "mine" not in names(desk)
        (row,) = [row for row in desk.providers() if row.profile.name == "ours"]
        assert (row.own, row.ready, row.profile.label) == (True, True, "Ours")
        assert set(settings(tmp_path)["providers"]) == {"ours"}
        await desk.delete_provider("ours")
        assert "ours" not in names(desk)
        assert "providers" not in settings(tmp_path)
        assert key_files(tmp_path) == []


async def test_a_built_in_provider_shows_again_when_the_users_is_deleted(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (_, opened):
        desk = opened.desk
        (row,) = [row for row in desk.providers() if row.profile.name == "ollama"]
        await desk.save_provider(replace(row.profile, default_model="llama3"), was="ollama")
        assert settings(tmp_path) == {"providers": {"ollama": {"model": "llama3"}}}
        (edited,) = [row for row in desk.providers() if row.profile.name == "ollama"]
        assert (edited.own, edited.profile.default_model) == (True, "llama3")
        await desk.delete_provider("ollama")
        (again,) = [row for row in desk.providers() if row.profile.name == "ollama"]
        assert again == row


@pytest.mark.parametrize(
    "profile",
    [
        ProviderProfile("mine", "models.example"),
        ProviderProfile("mine", ""),
        ProviderProfile("mine", "https://user:secret@models.example"),
        ProviderProfile("mine", "https://models.example", "sk-secret-0123456789"),
        ProviderProfile("mine", "https://models.example", headers={"Authorization": "secret"}),
        ProviderProfile("my own", "https://models.example"),
        ProviderProfile("demo", "https://models.example"),
        ProviderProfile("taken", "https://models.example"),
    ],
)
async def test_a_provider_that_cannot_be_one_is_refused(
    tmp_path: Path, profile: ProviderProfile
) -> None:
    async with opened_under(tmp_path) as (_, opened):
        await opened.desk.save_provider(ProviderProfile("taken", "https://models.example/v1"))
        before = settings(tmp_path)
        with pytest.raises(UsageError) as caught:
            await opened.desk.save_provider(profile)
        assert "secret" not in str(caught.value)
        assert settings(tmp_path) == before


async def test_a_key_that_cannot_be_one_is_refused_without_showing_it(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (_, opened):
        with pytest.raises(UsageError) as caught:
            await opened.desk.save_key(ProviderProfile("mine", "https://x.example"), f"{KEY} ä")
    assert "canary" not in f"{caught.value}{caught.value.hint}"


async def test_settings_that_cannot_be_written_change_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config" / "config.toml"
    async with opened_under(tmp_path) as (_, opened):
        config.parent.mkdir(exist_ok=True)
        config.write_text("this is = not TOML = at all")
        profile = ProviderProfile("mine", "https://models.example/v1")
        profile = await opened.desk.save_key(profile, KEY)
        with pytest.raises(StorageError):
            await opened.desk.save_provider(profile)
        assert "mine" not in names(opened.desk)
    assert key_files(tmp_path) == []
    assert config.read_text() == "this is = not TOML = at all"


async def test_parameters_become_the_defaults_of_new_conversations(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (backend, opened):
        await opened.desk.save_parameters({"temperature": 0.5, "seed": None})
        assert backend.target.parameters == {"temperature": 0.5}
        with pytest.raises(UsageError, match="temperature"):
            await opened.desk.save_parameters({"temperature": 9})
        assert backend.target.parameters == {"temperature": 0.5}
    assert settings(tmp_path)["parameters"] == {"temperature": 0.5}
    again = backend_under(tmp_path)
    assert again.target.parameters == {"temperature": 0.5}
    await again.close()


async def test_what_a_model_refuses_can_be_left_out_and_taken_back(tmp_path: Path) -> None:
    target = Target("mine", "tiny")
    async with opened_under(tmp_path) as (_, opened):
        opened.desk.leave_out(target, "seed")
        opened.desk.leave_out(target, "top_p")
        opened.desk.leave_out(target, "seed", left_out=False)
        assert opened.desk.learnt(target).left_out == {"top_p"}
        assert opened.desk.learnt(Target("mine", "large")).left_out == set()


async def test_a_connection_is_tested_before_it_is_saved(tmp_path: Path) -> None:
    async with LoopbackServer(models_and_chat) as server, opened_under(tmp_path) as (_, opened):
        profile = ProviderProfile("mine", server.base_url)
        async with aclosing(opened.desk.check(profile, "tiny")) as steps:
            found = [(step.name, step.status) async for step in steps]
        assert found[-1] == ("chat", "ok")
        assert len(found) == 6
        assert "mine" not in names(opened.desk)


async def test_what_went_over_the_wire_is_there_for_the_reply(tmp_path: Path) -> None:
    async with LoopbackServer(models_and_chat) as server, opened_under(tmp_path) as (_, opened):
        await opened.desk.save_provider(ProviderProfile("mine", server.base_url))
        chat = opened.manager.start(Target("mine", "tiny"))
        async with aclosing(opened.manager.send(chat, "hi")) as events:
            finished = [event async for event in events if isinstance(event, TurnFinished)]
        (record,) = opened.desk.exchanges(finished[0].reply.id)
        assert record.status == 200
        assert opened.desk.exchanges("unknown") == ()


async def test_new_conversations_follow_a_provider_that_is_renamed(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (backend, opened):
        profile = ProviderProfile("mine", "https://m.example/v1", default_model="tiny")
        await opened.desk.save_provider(profile)
        backend.target = Target("mine", "large", {"seed": 7})
        await opened.desk.save_provider(replace(profile, name="ours"), was="mine")
        assert backend.target == Target("ours", "large", {"seed": 7})


@pytest.mark.parametrize(
    ("own", "environ", "expected"),
    [
        ([ProviderProfile("other", "http://127.0.0.1:9/v1", default_model="o")], {}, "other/o"),
        ([], {"OPENAI_API_KEY": KEY}, "openai/gpt-4o-mini"),
        ([], {}, "demo/demo"),
    ],
    ids=["own", "environment", "demo"],
)
async def test_new_conversations_go_elsewhere_when_their_provider_is_deleted(
    tmp_path: Path, own: list[ProviderProfile], environ: dict[str, str], expected: str
) -> None:
    async with opened_under(tmp_path, environ) as (backend, opened):
        for profile in [ProviderProfile("mine", "https://m.example/v1"), *own]:
            await opened.desk.save_provider(profile)
        backend.target = Target("mine", "tiny", {"seed": 7})
        await opened.desk.delete_provider("mine")
        assert str(backend.target) == expected
        assert backend.target.parameters == {"seed": 7}
        assert tuple(expected.split("/")) in await places(backend)


async def test_a_model_of_the_settings_goes_with_their_provider(tmp_path: Path) -> None:
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text(
        'provider = "mine"\nmodel = "tiny"\n[providers.mine]\nbase_url = "https://m.example/v1"\n'
    )
    async with opened_under(tmp_path, {"OPENAI_API_KEY": KEY}) as (backend, opened):
        backend.target = Target("mine", "tiny")
        await opened.desk.delete_provider("mine")
        assert str(backend.target) == "openai/gpt-4o-mini"


async def test_what_was_learnt_goes_with_the_provider_and_with_its_address(tmp_path: Path) -> None:
    async with opened_under(tmp_path) as (_, opened):
        desk, target = opened.desk, Target("mine", "tiny")
        profile = ProviderProfile("mine", "https://m.example/v1")
        await desk.save_provider(profile)
        desk.leave_out(target, "seed")
        await desk.save_provider(replace(profile, label="Mine"), was="mine")
        assert desk.learnt(target).left_out == {"seed"}
        await desk.save_provider(replace(profile, base_url="https://n.example/v1"), was="mine")
        assert desk.learnt(target).left_out == set()
        desk.leave_out(target, "seed")
        await desk.delete_provider("mine")
        assert desk.learnt(target).left_out == set()


async def test_a_window_is_saved_with_its_provider_and_taken_out_again(tmp_path: Path) -> None:
    big, small = Target("openai", "big.1"), Target("openai", "small")
    azure = {"AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com", "AZURE_OPENAI_API_KEY": KEY}
    async with opened_under(tmp_path, {"OPENAI_API_KEY": KEY, **azure}) as (_, opened):
        # Its table would be of no use where the environment does not say the address.
        await opened.desk.save_window(Target("azure", "big.1"), 8192)
        await opened.desk.save_window(big, None)
        rows = {row.profile.name: row for row in opened.desk.providers()}
        assert opened.desk.learnt(Target("azure", "big.1")).own_window == 8192
        assert not rows["openai"].own
        assert not (tmp_path / "config" / "config.toml").exists()
        await opened.desk.save_window(big, 8192)
        await opened.desk.save_window(small, 2048)
        await opened.desk.save_window(small, None)
        await opened.desk.save_window(Target("demo", "demo"), 512)
        with pytest.raises(UsageError, match="no size of a window"):
            await opened.desk.save_window(big, 0)
    assert settings(tmp_path) == {"providers": {"openai": {"windows": {"big.1": 8192}}}}
    async with opened_under(tmp_path, {"OPENAI_API_KEY": KEY}) as (_, opened):
        (row,) = (row for row in opened.desk.providers() if row.profile.name == "openai")
        assert (row.ready, row.profile.windows) == (True, {"big.1": 8192})
        assert row.profile.base_url
        await opened.desk.save_window(big, None)
        (row,) = (row for row in opened.desk.providers() if row.profile.name == "openai")
        assert row.profile.windows == {}
        demo = Target("demo", "demo")
        assert opened.manager.context.facts.window(demo) == Window(512, "settings")
        await opened.desk.save_window(demo, None)
        assert opened.manager.context.facts.window(demo).source == "list"
    assert "windows" not in (tmp_path / "config" / "config.toml").read_text()
