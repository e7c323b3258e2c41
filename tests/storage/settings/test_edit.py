"""Changes to the settings file: what they do not concern stays, to the byte."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.errors import StorageError, UsageError
from chat_tui.core.models import ABILITIES
from chat_tui.core.parameters import PARAMETERS
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, TimeLimits
from chat_tui.storage.private_files import write_private
from chat_tui.storage.settings.change import Edit, change
from chat_tui.storage.settings.edit import (
    delete_provider,
    write_parameters,
    write_provider,
    write_settings,
)
from chat_tui.storage.settings.file import read_settings
from tests.examples import examples

COMMENTED = """\
# All of this is mine.
theme = "chat-tui-light"   # bright

   # about a
[providers.a]  # the company's
base_url = 'https://a.example/v1'
  label = "A" # indented
# key_env = "NOT_YET"

# about b
[providers.b]
base_url="https://b.example"
colour = "blue"   # unknown
headers = { "X-Team" = "b" }

[providers.b.prices]
"m.1" = { input = 1, output = 2.5 }   # dollars

# the keys
[keys]
send = "enter"


# the end
"""
A = ProviderProfile("a", "https://a.example/v1", label="A")
B = ProviderProfile(
    "b",
    "https://b.example",
    headers={"X-Team": "b"},
    prices={"m.1": Prices(1.0, 2.5)},
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir(mode=0o700)
    path.write_text(COMMENTED, encoding="utf-8")
    return path


def test_a_new_field_is_all_that_changes(file: Path) -> None:
    write_provider(file, ProviderProfile("a", A.base_url, "A_KEY", label="A"), "a")

    before = '  label = "A" # indented\n'
    assert file.read_text() == COMMENTED.replace(before, before + '  key_env = "A_KEY"\n')


def test_a_changed_value_keeps_its_place_and_its_remark(file: Path) -> None:
    write_provider(file, ProviderProfile("a", A.base_url, label="Other"), "a")

    assert file.read_text() == COMMENTED.replace('"A" # indented', '"Other" # indented')


def test_what_becomes_the_default_is_taken_out(file: Path) -> None:
    write_provider(file, ProviderProfile("a", A.base_url), "a")

    assert file.read_text() == COMMENTED.replace('  label = "A" # indented\n', "")


def test_tables_inside_a_provider_change_key_by_key(file: Path) -> None:
    new = ProviderProfile(
        "b",
        B.base_url,
        headers={"X-Team": "b", "X-New": "1"},
        prices={"m.1": Prices(1.0, 3.0), "n": Prices(cached=0.5)},
    )

    write_provider(file, new, "b")

    assert file.read_text() == COMMENTED.replace(
        '{ "X-Team" = "b" }', '{ X-Team = "b", X-New = "1" }'
    ).replace(
        "{ input = 1, output = 2.5 }   # dollars\n",
        "{ input = 1, output = 3.0 }   # dollars\nn = { cached = 0.5 }\n",
    )
    assert read_settings(file).settings.providers["b"] == new


def test_nothing_is_written_where_nothing_changes(file: Path) -> None:
    before = file.stat()
    write_provider(file, A, "a")
    write_provider(file, B, "b")
    write_parameters(file, {})

    assert (file.read_text(), file.stat().st_ino) == (COMMENTED, before.st_ino)


def test_a_new_provider_stands_after_the_others(file: Path) -> None:
    write_provider(file, ProviderProfile("c", "https://c.example", key_command=("pass", "c")))

    new = '\n[providers.c]\nbase_url = "https://c.example"\nkey_command = ["pass", "c"]\n'
    assert file.read_text() == COMMENTED.replace("# dollars\n", "# dollars\n" + new)


def test_a_renamed_provider_keeps_its_tables_and_is_still_chosen(file: Path) -> None:
    text = 'provider = "b"\n' + COMMENTED
    file.write_text(text, encoding="utf-8")

    write_provider(
        file,
        ProviderProfile("b-2", B.base_url, headers=B.headers, prices=B.prices),
        "b",
    )

    wanted = text.replace("[providers.b", "[providers.b-2").replace('= "b"\n#', '= "b-2"\n#')
    assert file.read_text() == wanted


def test_a_name_that_is_taken_is_refused(file: Path) -> None:
    with pytest.raises(UsageError, match="b already"):
        write_provider(file, ProviderProfile("b", A.base_url), "a")
    for name in ("demo", "a b", "", "\x1b[2J"):
        with pytest.raises(UsageError) as caught:
            write_provider(file, ProviderProfile(name, A.base_url))
        assert "\x1b" not in caught.value.message
    assert file.read_text() == COMMENTED


def test_only_what_differs_from_the_built_in_one_is_written(tmp_path: Path) -> None:
    base = ProviderProfile("openai", "https://api.example/v1", "KEY", "small", "OpenAI")
    path = tmp_path / "new" / "config.toml"

    write_provider(path, base, base=base)
    assert path.read_text() == '[providers.openai]\nbase_url = "https://api.example/v1"\n'
    large = ProviderProfile("openai", base.base_url, "KEY", "large", "OpenAI")
    write_provider(path, large, base=base)
    assert path.read_text().endswith('/v1"\nmodel = "large"\n')
    kept = ProviderProfile("openai", base.base_url, "KEY", "small", "OpenAI", key_file="/k")
    write_provider(path, kept, base=base)
    # Whoever names one source names all of them: the built-in one is not asked any more.
    assert path.read_text().endswith('/v1"\nkey_env = "KEY"\nkey_file = "/k"\n')
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_deleted_provider_leaves_the_remarks_of_the_others(file: Path) -> None:
    delete_provider(file, "a")
    gone = COMMENTED.index("[providers.a]")
    rest = COMMENTED.index("# about b")
    assert file.read_text() == COMMENTED[:gone] + COMMENTED[rest - 1 :]
    delete_provider(file, "b")
    assert '# about b\n\n# the keys\n[keys]\nsend = "enter"\n\n\n# the end\n' in file.read_text()
    delete_provider(file, "b")
    assert read_settings(file).settings.providers == {}


@pytest.mark.parametrize("keep", [True, False])
def test_a_deleted_provider_is_not_chosen_any_more(file: Path, keep: bool) -> None:
    file.write_text('provider = "a"\nmodel = "m"\n\n' + COMMENTED, encoding="utf-8")

    delete_provider(file, "a", keep_choice=keep)

    read = read_settings(file).settings
    assert (read.provider, read.model) == (("a", "m") if keep else ("", ""))


def test_parameters_become_a_table_and_leave_it(file: Path) -> None:
    unknown = COMMENTED + "\n[parameters]\nheat = 1 # unknown\ntop_p = 0.5 # mine\n"
    file.write_text(unknown, encoding="utf-8")
    given = {"top_p": 1, "temperature": 0.7, "extra": {"a": [None]}, "stop": None}

    write_parameters(file, given)

    assert file.read_text() == unknown.replace("top_p = 0.5", "top_p = 1") + (
        'temperature = 0.7\nextra = "{\\"a\\": [null]}"\n'
    )
    read = read_settings(file).settings.parameters
    assert read == {"top_p": 1, "temperature": 0.7, "extra": {"a": [None]}}
    write_parameters(file, {})
    assert file.read_text() == unknown.replace("top_p = 0.5 # mine\n", "")


def test_parameters_that_cannot_be_sent_are_refused(file: Path) -> None:
    with pytest.raises(UsageError, match="temperature"):
        write_parameters(file, {"temperature": 3})
    assert file.read_text() == COMMENTED


def test_settings_are_written_above_the_tables(file: Path) -> None:
    change(file, lambda _: [Edit(("model",), "m")])
    line = 'theme = "chat-tui-light"   # bright\n'
    assert file.read_text() == COMMENTED.replace(line, line + 'model = "m"\n')
    change(file, lambda _: [Edit(("model",))])
    assert file.read_text() == COMMENTED
    file.write_text("# one\n[keys]\n", encoding="utf-8")
    change(file, lambda _: [Edit(("sidebar",), False)])
    assert file.read_text() == "sidebar = false\n\n# one\n[keys]\n"


OTHER_FORMS = [
    'providers = { a = { base_url = "https://a.example/v1", label = "A" } }\n',
    'providers.a = { base_url = "https://a.example/v1", label = "A" }\nsidebar = true\n',
    'providers.a.base_url = "https://a.example/v1"\nproviders.a.label = "A"\n[keys]\n',
    '[providers]\na.base_url = "https://a.example/v1"\na.label = "A"\n',
    '[ "providers" . \'a\' ]\r\nbase_url = "https://a.example/v1"\r\nlabel = "A"',
    '\ufeff[providers.a.timeouts]\n[providers.a]\nbase_url = "https://a.example/v1"\nlabel="A"\n',
]


@pytest.mark.parametrize("text", OTHER_FORMS)
def test_every_way_to_write_a_table_can_be_changed(file: Path, text: str) -> None:
    new = ProviderProfile(
        "z", "https://z.example", "Z", limits=TimeLimits(stall=9.0), headers={"A": "b"}
    )
    file.write_bytes(text.encode())
    steps: list[tuple[Callable[[], None], dict[str, ProviderProfile]]] = [
        (lambda: write_provider(file, new, "a"), {"z": new}),
        (lambda: write_provider(file, A), {"z": new, "a": A}),
        (lambda: delete_provider(file, "z"), {"a": A}),
        (lambda: delete_provider(file, "a"), {}),
    ]
    for step, wanted in steps:
        step()
        report = read_settings(file)
        assert (report.problems, report.settings.providers) == ((), wanted)
    assert file.read_text().startswith("\ufeff") == text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'model = "\nx = 1\n', "not valid TOML"),
        (b"\xff", "not UTF-8"),
        (b"#" * 1_048_577, "larger than 1 MB"),
    ],
    ids=["toml", "bytes", "large"],
)
def test_a_file_that_cannot_be_read_is_never_overwritten(
    file: Path, content: bytes, word: str
) -> None:
    file.write_bytes(content)
    acts: list[Callable[[], None]] = [
        lambda: write_provider(file, A),
        lambda: delete_provider(file, "a"),
        lambda: write_parameters(file, {"top_p": 1}),
    ]
    for act in acts:
        with pytest.raises(StorageError, match=word) as caught:
            act()
        assert str(file) in caught.value.message
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ["[[providers]]\nname = 'x'\n", "providers = 3\n"])
def test_what_cannot_be_changed_safely_stays(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(StorageError, match="without harm"):
        write_provider(file, A)

    assert file.read_text() == text


def test_a_link_stays_a_link_and_a_mode_stays_a_mode(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "chat.toml"
    real.parent.mkdir()
    file.rename(real)
    real.chmod(0o640)
    file.symlink_to(real)

    write_parameters(file, {"seed": 1})

    assert file.is_symlink()
    assert "seed = 1" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


def test_what_an_editor_wrote_meanwhile_is_kept(file: Path) -> None:
    tries = []

    def plan(table: Any) -> list[Edit]:
        tries.append(dict(table))
        if len(tries) == 1:
            file.write_text(COMMENTED + "\n[parameters]\nseed = 1\n", encoding="utf-8")
        return [Edit(("model",), "m")]

    change(file, plan)

    assert len(tries) == 2
    report = read_settings(file)
    assert (report.settings.model, report.settings.parameters) == ("m", {"seed": 1})


def test_a_file_that_never_rests_is_told(file: Path) -> None:
    def plan(table: Any) -> list[Edit]:
        file.write_text(file.read_text() + "#\n", encoding="utf-8")
        return [Edit(("model",), "m")]

    with pytest.raises(StorageError, match="another program"):
        change(file, plan)
    assert list(file.parent.iterdir()) == [file]


def test_a_path_through_a_file_is_told(file: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        delete_provider(file / "config.toml", "a")
    assert file.read_text() == COMMENTED


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=str(tmp_path)):
        delete_provider(tmp_path, "a")


def test_a_failed_write_leaves_nothing_behind(file: Path) -> None:
    def explode() -> bool:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_private(file, b"x", still=explode)
    assert list(file.parent.iterdir()) == [file]
    assert file.read_text() == COMMENTED


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,11}", fullmatch=True)
SECONDS = st.floats(0.001, 1e6)
AMOUNTS = st.none() | st.floats(0, 1e6)
PRICES = st.builds(Prices, AMOUNTS, AMOUNTS, AMOUNTS).filter(lambda prices: prices != Prices())
PROFILES = st.builds(
    ProviderProfile,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True).filter(lambda n: n != "demo"),
    st.sampled_from(["https://a.example/v1", "http://127.0.0.1:9", "https://ä.example/?v=1"]),
    key_env=st.just("") | WORDS,
    default_model=TEXTS,
    label=TEXTS,
    headers=st.dictionaries(
        WORDS.map(lambda name: "X-" + name),
        st.text(st.characters(min_codepoint=32, max_codepoint=126)),
        max_size=3,
    ),
    key_command=st.lists(TEXTS.filter(bool), max_size=3).map(tuple),
    key_file=TEXTS,
    keyring=st.booleans(),
    proxy=st.sampled_from(["", "http://proxy:1", "socks5://u:p@[::1]:2"]),
    ca_file=TEXTS,
    allow_http=st.booleans(),
    limits=st.builds(TimeLimits, SECONDS, SECONDS, SECONDS),
    max_concurrency=st.integers(0, 99),
    quirks=st.builds(
        Quirks,
        auth=st.sampled_from(["bearer", "api-key", "x-api-key"]),
        max_tokens=st.just("") | WORDS,
        stream_options=st.booleans(),
        system_role=st.sampled_from(["system", "developer", "user"]),
        null_content=st.booleans(),
        reasoning_back=st.booleans(),
        alternate=st.booleans(),
        left_out=st.frozensets(st.sampled_from([each.name for each in PARAMETERS]), max_size=3),
    ),
    prices=st.dictionaries(TEXTS, PRICES, max_size=2),
    windows=st.dictionaries(TEXTS, st.integers(1, 10**9), max_size=2),
    max_outputs=st.dictionaries(TEXTS, st.integers(1, 10**9), max_size=1),
    abilities=st.dictionaries(TEXTS, st.frozensets(st.sampled_from(ABILITIES)), max_size=2),
)


@settings(derandomize=True, deadline=None, max_examples=examples(60))
@given(st.lists(PROFILES, min_size=1, max_size=3), st.sampled_from(["", COMMENTED, *OTHER_FORMS]))
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, profiles: list[ProviderProfile], text: str
) -> None:
    file = tmp_path_factory.mktemp("config") / "config.toml"
    file.write_bytes(text.encode())
    wanted = dict(read_settings(file).settings.providers)
    for profile in profiles:
        write_provider(file, profile)
        wanted[profile.name] = profile

        report = read_settings(file)
        assert report.settings.providers == wanted
        assert all("colour" in problem for problem in report.problems)


def test_settings_are_written_in_the_place_of_their_old_values(file: Path) -> None:
    write_settings(
        file,
        {
            "theme": "chat-tui-dark",
            "system_prompt": 'Be "brief".\nAlways. \ud800',
            "keep_deleted_days": 0,
            "timestamps": True,
            # The defaults, which the file does not name.
            "sidebar": True,
            "notify": "bell",
        },
    )
    text = file.read_text(encoding="utf-8")
    added = (
        'theme = "chat-tui-dark"   # bright\n'
        'system_prompt = "Be \\"brief\\".\\nAlways. \ufffd"\n'
        "keep_deleted_days = 0\n"
        "timestamps = true\n"
    )
    lines = added.splitlines(keepends=True)
    assert sorted(text.splitlines(keepends=True)[1:5]) == sorted(lines)
    rest = COMMENTED.replace('theme = "chat-tui-light"   # bright\n', "")
    assert text.replace("".join(text.splitlines(keepends=True)[1:5]), "") == rest
    written = read_settings(file).settings
    assert written.system_prompt == 'Be "brief".\nAlways. \ufffd'
    assert (written.theme, written.keep_deleted_days) == ("chat-tui-dark", 0)
    # Back to the defaults: in their places.
    write_settings(file, {"timestamps": False, "keep_deleted_days": 30})
    assert "timestamps = false\n" in file.read_text()
    before = file.stat()
    write_settings(file, {"timestamps": False, "theme": "chat-tui-dark"})
    assert file.stat() == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"theme": "x", "notify": "loud"}, "notify is expected to be"),
        ({"fold_lines": True}, "fold_lines is expected to be a whole number"),
        ({"keep_deleted_days": 36_501}, "from 0 to 36500"),
        ({"them": "x"}, "them is not a setting; did you mean theme"),
        ({"providers": {}}, "providers is not a setting"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_is_written(
    file: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        write_settings(file, changes)
    assert file.read_text(encoding="utf-8") == COMMENTED


def test_settings_stand_above_the_tables_of_a_file_and_make_one_that_is_missing(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config" / "config.toml"
    write_settings(file, {"theme": "x"})
    assert file.read_text() == 'theme = "x"\n'
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("# mine\n\n# keys\n[keys]\nsend = 'enter'\n")
    write_settings(file, {"model": "m"})
    assert file.read_text() == "# mine\n\nmodel = \"m\"\n\n# keys\n[keys]\nsend = 'enter'\n"


def test_neither_this_nor_its_helpers_are_loaded_for_reading_nothing() -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from chat_tui.storage.settings.file import read_settings; "
        "read_settings(Path('/nowhere/config.toml')); "
        "sys.exit(any(name in sys.modules for name in "
        "('tomllib', 'tomlkit', 'chat_tui.storage.settings.reader', 'chat_tui.core.parameters')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
