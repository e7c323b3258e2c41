"""`chat-tui models`: the picker's list in the shell."""

import asyncio
from pathlib import Path

import pytest

from chat_tui.cli.arguments.parser import parse
from chat_tui.cli.options import ModelsOptions
from chat_tui.core.model_choices import Place
from chat_tui.storage import Store, paths_under
from chat_tui.storage.model_choices import StoredChoices
from tests.cli.helpers import Program
from tests.servers import Reply, ThreadedServer, answer

LIST = answer(
    {
        "data": [
            {"id": "vendor/tiny", "context_length": 4096},
            {"id": "vendor/large-vl", "context_length": 131_072, "pricing": {"prompt": "0.000002"}},
            {"id": "text-embedding-3"},
        ]
    }
)


def configured(program: Program, server: ThreadedServer) -> None:
    config = program.home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'provider = "mine"\n[providers.mine]\nbase_url = "{server.base_url}"\n')


def names(output: str) -> list[str]:
    """The second column of a table."""
    return [line[2:].split()[0] for line in output.splitlines()[1:]]


def test_a_configured_provider_is_asked_once_and_what_it_lists_is_kept(program: Program) -> None:
    with ThreadedServer(lambda _: LIST) as server:
        configured(program, server)
        listed = program.run("models")
        found = program.run("models", "larg", "@mine")
        asked = len(server.requests)
        again = program.run("models", "--provider", "mine", "--refresh", "--limit", "1")
        refreshed = len(server.requests)
    offline = program.run("models", "tiny")
    failed = program.run("models", "tiny", "--refresh")

    assert (listed.returncode, listed.stderr) == (0, "")
    assert names(listed.stdout)[0] == "vendor/tiny"
    assert names(found.stdout) == ["vendor/large-vl"]
    assert "131k" in found.stdout
    assert (asked, refreshed) == (1, 2)
    assert len(again.stdout.splitlines()) == 2
    assert names(offline.stdout) == ["vendor/tiny"]
    # What is known is printed all the same.
    assert failed.returncode == 7
    assert names(failed.stdout) == ["vendor/tiny"]
    assert "chat-tui:" in failed.stderr


def test_json_has_all_facts_with_their_sources_and_what_the_user_likes(program: Program) -> None:
    with ThreadedServer(lambda _: LIST) as server:
        configured(program, server)
        like(program.home, "mine", "vendor/tiny")
        found = program.json("models", "--json", "@mine")
        liked = program.run("models", "--favourites").stdout

    assert [row["model"] for row in found][:2] == ["vendor/tiny", "vendor/large-vl"]
    assert found[0]["favourite"]
    assert found[0]["window"] == {"value": 4096, "source": "list"}
    assert found[0]["input_price"] is None
    assert found[1]["input_price"] == {"value": 2.0, "source": "list"}
    assert set(found[0]["abilities"]) == {"vision", "tools", "json", "reasoning"}
    assert (found[-1]["model"], found[-1]["chat"]) == ("text-embedding-3", False)
    assert liked.splitlines()[1].startswith("*  vendor/tiny")
    assert len(liked.splitlines()) == 2


def like(home: Path, provider: str, model: str) -> None:
    """Make a model a favourite, as the app does."""

    async def keep() -> None:
        async with Store(paths_under(home)) as store:
            await StoredChoices(store).set_favourite(Place(provider, model), True)

    asyncio.run(keep())


def test_without_a_provider_the_catalogue_is_listed_and_nothing_is_made(program: Program) -> None:
    listed = program.run("models", "gpt-4o", "@openai", "--limit", "2")
    image = program.run("models", "--for", "image", "--effort", "medium", "--limit", "1")
    code = program.json("models", "--for", "code", "--json", "--limit", "3")
    cheap = program.run("models", "--sort", "price", "@openai", "vision", "--limit", "3")

    assert names(listed.stdout)[0] == "gpt-4o"
    assert "128k" in listed.stdout
    assert "No provider is set up" in listed.stderr
    assert "named by the guide" in image.stdout
    assert "gpt-4o" in names(image.stdout)[0]
    assert code[0]["reason"] == {"kind": "guide", "instead": ""}
    assert len(names(cheap.stdout)) == 3
    assert not program.home.exists()


def test_other_providers_models_are_listed_with_all(program: Program) -> None:
    with ThreadedServer(lambda _: Reply(status=401)) as server:
        key = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": server.base_url}
        mine = program.run("models", "--limit", "0", **key)
        everything = program.run("models", "--all", "--limit", "0", **key)

    assert "claude" not in mine.stdout
    assert "claude" in everything.stdout
    # Nobody asked for the list: that it is not there is said, and is no failure.
    assert (mine.returncode, everything.returncode) == (0, 0)
    assert "OPENAI_API_KEY" in mine.stderr
    assert "canary" not in mine.stdout + mine.stderr


def test_words_and_hyphenated_conditions_may_stand_anywhere() -> None:
    options = parse(["models", "son", "--for", "code", "-vision", "tools", "--json"])
    assert options == ModelsOptions(("son", "-vision", "tools"), task="code", json=True)


def test_what_suits_is_found_in_the_order_of_the_picker(program: Program) -> None:
    found = program.json("models", "gpt-4o", "--for", "code", "--effort", "high", "--json")
    reasons = {row["reason"]["kind"] for row in found}
    assert found[0]["model"] == "gpt-4o"
    assert {"guide", "fits"} <= reasons
    # Named by words: what is called so comes before what only suits.
    names = [row["model"] for row in found]
    assert names.index("gpt-4o-mini") < names.index("gpt-5.4-nano")


def test_the_demo_is_listed_offline(program: Program) -> None:
    shown = program.run("models", "--demo", "reasoner")
    assert names(shown.stdout) == ["demo-reasoner"]
    assert shown.stderr == ""
    assert program.run("models", "--demo", "xyzzy").stdout == ""
    assert program.json("models", "--demo", "xyzzy", "--json") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([">abc"], ">abc"),
        (["--provider", "nobody"], "nobody"),
        (["--sort", "size"], "--sort"),
        (["--for", "music"], "--for"),
        (["--limit", "many"], "many"),
        (["--provider", "openai", "gpt-4o"], "OPENAI_API_KEY"),
        (["--effort", "high"], "--for"),
        (["-m", "gpt-4o"], "-m"),
    ],
)
def test_wrong_words_exit_2(program: Program, arguments: list[str], said: str) -> None:
    done = program.run("models", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_names_are_clean_on_a_terminal(program: Program) -> None:
    like(program.home, "demo", "evil \x1b]0;owned\x07 name")
    with program.on_terminal("models", "--demo", "evil") as terminal:
        assert terminal.wait() == 0
        shown = terminal.output.decode()
    assert "evil" in shown
    assert shown.replace("\r\n", "").isprintable()


def test_a_refused_key_exits_3(program: Program) -> None:
    with ThreadedServer(lambda _: Reply(status=401)) as server:
        done = program.run("models", "--base-url", server.base_url)
    assert (done.returncode, done.stdout) == (3, "")
