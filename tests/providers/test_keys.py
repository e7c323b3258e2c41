"""Keys are found in their order, checked, and never shown."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from chat_tui.core.errors import UsageError
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.key_sources import ask_command, ask_keyring
from chat_tui.providers.keys import (
    PASTED,
    Key,
    KnownKeys,
    find_key,
    key_from_environment,
    key_problem,
    key_state,
)
from tests.fakes import eventually

CANARY = "sk-canary-0123456789"
PLAIN = ProviderProfile("mine", "https://api.test/v1", label="Mine")


def printing(text: str, more: str = "") -> tuple[str, ...]:
    """A key command: a program that prints something."""
    return (sys.executable, "-S", "-c", f"import sys; print({text!r}); {more}")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine"
    path.write_text(f"{CANARY}\n")
    path.chmod(0o600)
    return path


def test_a_key_shows_its_source_only() -> None:
    key = Key(f"  {CANARY}\n", "TEST_KEY")
    assert key.reveal() == CANARY
    assert CANARY not in f"{key} {key!r} {[key]}"


@pytest.mark.parametrize("bad", ["", "   ", "sk-ab c-12345678", "sk-ключ-12345", "x" * 8193])
def test_what_cannot_be_a_key_is_refused_without_showing_it(bad: str) -> None:
    with pytest.raises(UsageError) as caught:
        Key(bad, "TEST_KEY")
    assert "TEST_KEY" in caught.value.message
    assert not bad.strip() or bad not in f"{caught.value.info}"


def test_the_longest_key_is_taken() -> None:
    assert len(Key("x" * 8192, "TEST_KEY").reveal()) == 8192


def test_the_position_of_a_bad_character_is_named() -> None:
    with pytest.raises(UsageError, match="position 4 "):
        Key("sk-\u00e9abcdefg", "TEST_KEY")


def test_short_placeholders_are_not_taken_out_of_texts() -> None:
    assert Key("EMPTY", "K").redact("EMPTY answer") == "EMPTY answer"
    assert Key("EMPTY", "K").is_short
    assert Key(CANARY, "K").redact(f"<{CANARY}>") == "<[key]>"
    assert not Key(CANARY, "K").is_short


def test_a_key_is_taken_out_in_its_escaped_forms_too() -> None:
    value = 'a/b+c="d\\e&f'
    key = Key(value, "K")
    for form in (value, json.dumps(value)[1:-1], json.dumps(value)[1:-1].replace("/", "\\/")):
        assert key.redact(f"({form})") == "([key])"
    assert key.redact(f"({quote(value, safe='')})") == "([key])"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_a_key_is_taken_out_of_bytes_that_come_in_pieces(size: int) -> None:
    whole = f"a {CANARY} b {CANARY}{CANARY} c".encode()
    got = bytearray()
    for at in range(0, len(whole), size):
        start = len(got)
        got += whole[at : at + size]
        Key(CANARY, "K").redact_bytes(got, start)
        assert CANARY.encode() not in got
    assert got == b"a [key] b [key][key] c"


def test_the_environment_gives_a_key_or_none() -> None:
    found = key_from_environment("TEST_KEY", {"TEST_KEY": CANARY})
    assert found is not None
    assert found.source == "TEST_KEY"
    assert key_from_environment("TEST_KEY", {"TEST_KEY": " "}) is None
    assert key_from_environment("", {"": CANARY}) is None


async def test_no_key_is_looked_for_where_none_is_taken() -> None:
    assert await find_key(PLAIN, {"OPENAI_API_KEY": CANARY}) is None


async def test_sources_are_asked_in_their_order(key_file: Path) -> None:
    environ = {"K": "key-of-the-environment"}
    profile = replace(
        PLAIN, key_env="K", key_file=str(key_file), key_command=printing("key-of-the-command")
    )
    found = [
        await find_key(profile, environ),
        await find_key(replace(profile, key_command=()), environ),
        await find_key(replace(profile, key_command=()), {}),
    ]
    values = [key.reveal() for key in found if key is not None]
    assert values == ["key-of-the-command", "key-of-the-environment", CANARY]


@pytest.mark.parametrize("more", ["", "print('more' * 100_000)", "print('x', file=sys.stderr)"])
async def test_a_command_gives_its_first_line(more: str) -> None:
    assert await ask_command(printing(f" {CANARY} ", more), os.environ) == CANARY


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("A_KEY", "the key from A_KEY"),
        ("`pass …`", "the key of `pass …`"),
        ("~/keys/mine", "the key from ~/keys/mine"),
        ("the keyring", "the key from the keyring"),
        (PASTED, "the pasted key"),
    ],
)
def test_a_key_is_named_by_its_source_in_a_sentence(source: str, words: str) -> None:
    assert Key(CANARY, source).words == words


async def test_a_command_gets_no_key_of_a_provider_and_all_else(tmp_path: Path) -> None:
    secret = ("OPENAI_API_KEY", "HF_TOKEN", "GITHUB_TOKEN", "NEW_API_KEY", "MINE", "THEIRS")
    kept = {"PATH": os.environ["PATH"], "OP_SERVICE_ACCOUNT_TOKEN": "ops_x", "GPG_TTY": "/dev/x"}
    written = tmp_path / "environ"
    command = ("sh", "-c", f"env > {written}; echo {CANARY}")
    profile = replace(PLAIN, key_env="MINE", key_command=command)
    others = {"other": replace(PLAIN, key_env="THEIRS"), "mine": profile}

    await KnownKeys(dict.fromkeys(secret, "x" * 9) | kept, others).of(profile)

    found = dict(line.split("=", 1) for line in written.read_text().splitlines())
    assert not found.keys() & set(secret)
    assert kept.items() <= found.items()


async def test_a_command_may_leave_a_program_behind() -> None:
    line = await ask_command(("sh", "-c", f"sleep 60 & echo {CANARY} $!"), os.environ)
    value, pid = line.split()
    assert value == CANARY
    await ask_command(("sh", "-c", f"kill {pid} && echo done"), os.environ)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/nowhere/pass", "show"), "`pass …` cannot be run: No such file"),
        (("a\0b",), "cannot be run"),
        (printing("", "sys.exit(3)"), "failed with code 3"),
        (printing("", f"print({CANARY!r})"), "printed nothing on its first line"),
        (printing(CANARY, "import time; time.sleep(60)"), "did not end within 0.3 s"),
    ],
)
async def test_a_command_that_fails_is_named_without_its_arguments(
    command: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        await ask_command(command, os.environ, seconds=0.3 if "within" in words else 10)
    assert words in caught.value.message
    assert "import" not in f"{caught.value.info}"
    assert CANARY not in f"{caught.value.info}"


async def test_a_command_ends_with_the_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    command = ("sh", "-c", f"echo $$ > {path}.new; mv {path}.new {path}; exec sleep 60")
    task = asyncio.create_task(ask_command(command, os.environ))
    await eventually(path.exists)
    pid = int(path.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_command_that_fails_ends_the_search() -> None:
    profile = replace(PLAIN, key_env="K", key_command=printing("", "sys.exit(1)"))
    with pytest.raises(UsageError, match="failed with code 1"):
        await find_key(profile, {"K": CANARY})


async def test_the_keyring_is_asked_by_the_name_of_the_provider() -> None:
    asked: list[tuple[str, str]] = []

    def get(service: str, user: str) -> str | None:
        asked.append((service, user))
        return CANARY if user == "mine" else None

    assert await ask_keyring("mine", get=get) == CANARY
    assert await ask_keyring("other", get=get) == ""
    assert asked == [("chat-tui", "mine"), ("chat-tui", "other")]


async def test_a_keyring_that_hangs_or_fails_is_one_sentence() -> None:
    loop = asyncio.get_running_loop()
    gate = asyncio.Event()

    def hang(_service: str, _user: str) -> str | None:
        return asyncio.run_coroutine_threadsafe(_after(gate), loop).result(10)

    def fail(_service: str, _user: str) -> str | None:
        raise OSError(f"locked: {CANARY}")

    with pytest.raises(UsageError, match=r"did not answer within 0\.05 s"):
        await ask_keyring("mine", seconds=0.05, get=hang)
    gate.set()
    with pytest.raises(UsageError) as caught:
        await ask_keyring("mine", get=fail)
    assert caught.value.message == "The keyring failed: OSError."
    assert caught.value.__cause__ is None


async def _after(gate: asyncio.Event) -> str:
    await gate.wait()
    return CANARY


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package keyring is not there, whatever is installed."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    found = sys.modules["importlib.util"].find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "keyring" else found(name)
    )


@pytest.mark.usefixtures("no_keyring")
async def test_a_keyring_that_is_not_installed_is_one_sentence(key_file: Path) -> None:
    profile = replace(PLAIN, keyring=True)
    with pytest.raises(UsageError, match="keyring is not installed"):
        await find_key(profile, {})
    found = await find_key(replace(profile, key_file=str(key_file)), {})
    assert found is not None
    assert found.reveal() == CANARY


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(mode=0o700)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.chmod(0o640), "mode 640"),
        (lambda path: path.chmod(0o604), "mode 604"),
        (_make_folder, "is no file"),
        (lambda path: path.write_text("x" * 20_000), "20,000 bytes"),
    ],
)
async def test_a_key_file_that_is_not_safe_is_refused(
    key_file: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(key_file)
    profile = replace(PLAIN, key_file=str(key_file))
    with pytest.raises(UsageError) as caught:
        await find_key(profile, {})
    assert words in caught.value.message
    assert caught.value.hint
    assert key_state(profile, {}).words == caught.value.message


async def test_a_key_file_needs_an_absolute_path(
    monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    monkeypatch.chdir(key_file.parent)
    with pytest.raises(UsageError, match="no absolute path"):
        await find_key(replace(PLAIN, key_file="mine"), {})


async def test_a_bad_character_in_a_file_is_named_by_its_place(key_file: Path) -> None:
    key_file.write_bytes(b"\xef\xbb\xbfsk-ab\xff0123456789")  # noqa: ASYNC240 - some bytes
    with pytest.raises(UsageError, match="position 6 "):
        await find_key(replace(PLAIN, key_file=str(key_file)), {})


@pytest.mark.usefixtures("no_keyring")
@pytest.mark.parametrize(
    ("profile", "environ", "ready", "words"),
    [
        (PLAIN, {}, True, "none needed"),
        (replace(PLAIN, key_env="K"), {"K": CANARY}, True, "from K"),
        (replace(PLAIN, key_env="K"), {}, False, "missing: K is not set"),
        (replace(PLAIN, key_env="K"), {"K": "a b"}, False, "position 2 that cannot"),
        (
            replace(PLAIN, key_command=("/usr/bin/pass", "show", "x")),
            {},
            True,
            "asked of `pass …`",
        ),
        (replace(PLAIN, key_command=("get-key",)), {}, True, "asked of `get-key`"),
        (replace(PLAIN, keyring=True), {}, False, "no keyring is installed"),
        (replace(PLAIN, key_file="/nowhere/key"), {}, False, "no file /nowhere/key"),
        (
            replace(PLAIN, key_env="K", key_file="/nowhere/key"),
            {},
            False,
            "missing: K is not set, there is no file /nowhere/key",
        ),
    ],
)
def test_the_state_of_a_key_is_told_without_asking(
    profile: ProviderProfile, environ: dict[str, str], ready: bool, words: str
) -> None:
    state = key_state(profile, environ)
    problem = key_problem(profile, environ)
    assert state.ready is ready
    assert words in state.words
    assert (problem is None) is ready
    assert problem is None or problem.hint


def test_the_state_names_the_file(key_file: Path) -> None:
    state = key_state(replace(PLAIN, key_file=str(key_file)), {})
    assert state == (True, f"from {key_file}")


async def test_a_key_is_looked_for_once_for_each_origin(tmp_path: Path) -> None:
    count = tmp_path / "count"
    command = ("sh", "-c", f"echo x >> {count}; echo key-$(wc -l < {count})-for-tests")
    profile = replace(PLAIN, key_command=command)
    keys = KnownKeys({}, {})
    found = await asyncio.gather(*(keys.of(profile) for _ in range(3)))
    assert [key.reveal() for key in found if key is not None] == ["key-1-for-tests"] * 3
    other = await keys.of(replace(profile, base_url="https://other.test/v1"))
    assert other is not None
    assert other.reveal() == "key-2-for-tests"
    keys.forget(profile)
    again = await keys.of(profile)
    assert again is not None
    assert again.reveal() == "key-3-for-tests"
