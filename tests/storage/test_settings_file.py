"""The settings file: all faults told at once, none of them fatal."""

import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui.core.settings import Settings
from chat_tui.core.targets import ProviderProfile
from chat_tui.storage.settings_file import SettingsReport, read_settings

URL = "providers.one.base_url needs a base_url that begins with https:// or http://."
NAME = "providers.demo is not a name for a provider: letters, digits, - and _ make one."


def read(tmp_path: Path, text: str) -> SettingsReport:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config.toml") == SettingsReport(Settings())


def test_everything_can_be_set(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        """
        provider = "local"
        model = "qwen"
        theme = "chat-tui-light"
        system_prompt = "Be brief."
        title_by_model = true
        sidebar = false

        [providers.local]
        base_url = "http://localhost:8080/v1"
        key_env = "LOCAL_KEY"
        model = "qwen"
        label = "Local"
        headers = { "X-Title" = "chat" }

        [keys]
        "message.copy" = "y, ctrl+y"
        send = "enter"
        """,
    )
    assert report.problems == ()
    assert report.settings == Settings(
        provider="local",
        model="qwen",
        theme="chat-tui-light",
        system_prompt="Be brief.",
        title_by_model=True,
        sidebar=False,
        providers={
            "local": ProviderProfile(
                "local",
                "http://localhost:8080/v1",
                "LOCAL_KEY",
                "qwen",
                "Local",
                {"X-Title": "chat"},
            )
        },
        keys={"message.copy": "y,ctrl+y", "send": "enter"},
    )


def test_all_faults_are_told_with_their_lines_and_the_rest_holds(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        """\
themee = "x"
sidebar = "yes"
model = "good"
title_by_model = 1

[providers.one]
base_url = "localhost:8080"

[providers.two]
base_url = "https://two.example/v1"
key-env = "X"
label = 5

[providers.demo]
base_url = "https://demo.example"

[keys]
send = 3
stop = "esc,,"
""",
    )
    path = tmp_path / "config.toml"
    assert report.problems == (
        f"{path}, line 1: themee is not a setting; did you mean theme?",
        f"{path}, line 2: sidebar is expected to be true or false.",
        f"{path}, line 4: title_by_model is expected to be true or false.",
        f"{path}, line 7: {URL}",
        f"{path}, line 11: providers.two.key-env is not a setting; did you mean key_env?",
        f"{path}, line 12: providers.two.label is expected to be a text in quotes.",
        f"{path}, line 14: {NAME}",
        f'{path}, line 18: keys.send is expected to be keys in quotes, like "f2, ctrl+r".',
        f'{path}, line 19: keys.stop is expected to be keys in quotes, like "f2, ctrl+r".',
    )
    assert report.settings == Settings(
        model="good", providers={"two": ProviderProfile("two", "https://two.example/v1")}
    )


def test_a_key_in_the_file_is_refused_and_never_repeated(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        """
        [providers.one]
        base_url = "https://one.example"
        key_env = "sk-canary-1234567890"
        headers = { Authorization = "Bearer sk-canary-1234567890", "X-A" = "a\\nb" }
        """,
    )
    assert len(report.problems) == 3
    assert "canary" not in str(report)
    assert report.settings.providers["one"].headers == {}


@pytest.mark.parametrize(
    "text",
    [
        "model = ",
        "a = 1\na = 2",
        "providers = 5\nkeys = 'x'",
        "[" * 5000,
        "\x1b[2J = 1",
        "x = [" * 3000,
    ],
)
def test_a_file_that_cannot_be_read_gives_the_defaults_and_clean_sentences(
    tmp_path: Path, text: str
) -> None:
    report = read(tmp_path, text)
    assert report.settings == Settings()
    assert report.problems
    assert "\x1b" not in str(report.problems)


def test_other_bytes_folders_and_huge_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    assert "UTF-8" in read_settings(path).problems[0]
    path.write_bytes(b"#" * 2_000_000)
    assert "1 MB" in read_settings(path).problems[0]
    path.unlink()
    path.mkdir()
    assert "cannot be read" in read_settings(path).problems[0]


def test_tomllib_is_loaded_only_where_there_is_a_file() -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from chat_tui.storage.settings_file import read_settings; "
        "read_settings(Path('/nowhere/config.toml')); sys.exit('tomllib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
