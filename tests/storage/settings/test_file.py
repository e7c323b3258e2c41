"""The settings file: all faults told at once, none of them fatal."""

import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui.core.settings import Settings
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, TimeLimits
from chat_tui.storage.settings.file import SettingsReport, read_settings

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


def test_values_that_are_not_among_the_choices_or_beyond_the_range_are_told(
    tmp_path: Path,
) -> None:
    report = read(
        tmp_path,
        """\
send_key = "ctrl+enter"
notify = "loud"
fold_lines = -1
notify_after = 86401
keep_deleted_days = 2.5
timestamps = true
""",
    )
    path = tmp_path / "config.toml"
    assert report.problems == (
        f'{path}, line 1: send_key is expected to be "enter" or "ctrl+j".',
        f'{path}, line 2: notify is expected to be "off", "bell", "osc9" or "osc777".',
        f"{path}, line 3: fold_lines is expected to be a whole number from 0 to 100000.",
        f"{path}, line 4: notify_after is expected to be a whole number from 0 to 86400.",
        f"{path}, line 5: keep_deleted_days is expected to be a whole number.",
    )
    assert report.settings == Settings(timestamps=True)
    good = read(
        tmp_path,
        """
        send_key = "ctrl+j"
        notify = "osc777"
        fold_lines = 0
        notify_after = 86400
        keep_deleted_days = 0
        """,
    )
    assert good == SettingsReport(
        Settings(
            send_key="ctrl+j",
            notify="osc777",
            fold_lines=0,
            notify_after=86400,
            keep_deleted_days=0,
        )
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


def test_all_of_a_provider_can_be_set(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        """
        [providers.full]
        base_url = "https://full.example/v1?api-version=1"
        key_command = ["pass", "show", "full"]
        key_file = "~/keys/full"
        keyring = true
        proxy = "socks5://127.0.0.1:1080"
        ca_file = "/etc/ca.pem"
        allow_http = true
        max_concurrency = 2
        timeouts = { connect = 5, first_token = 30.5 }
        prices."m.1" = { input = 1, output = 2.5, cached = 0 }
        windows = { "m.1" = 8192 }
        max_outputs = { "m.1" = 4096 }
        abilities = { "m.1" = ["vision", "tools"], n = [] }

        [providers.full.quirks]
        auth = "x-api-key"
        max_tokens = "max_output_tokens"
        stream_options = false
        system_role = "developer"
        null_content = false
        reasoning_back = true
        left_out = ["seed", "user"]
        """,
    )
    assert report.problems == ()
    assert report.settings.providers["full"] == ProviderProfile(
        "full",
        "https://full.example/v1?api-version=1",
        key_command=("pass", "show", "full"),
        key_file="~/keys/full",
        keyring=True,
        proxy="socks5://127.0.0.1:1080",
        ca_file="/etc/ca.pem",
        allow_http=True,
        limits=TimeLimits(5.0, 30.5),
        max_concurrency=2,
        quirks=Quirks(
            "x-api-key",
            "max_output_tokens",
            False,
            "developer",
            False,
            True,
            frozenset({"seed", "user"}),
        ),
        prices={"m.1": Prices(1.0, 2.5, 0.0)},
        windows={"m.1": 8192},
        max_outputs={"m.1": 4096},
        abilities={"m.1": frozenset({"vision", "tools"}), "n": frozenset()},
    )


WRONG = """\
providers.one = { base_url = "https://one.example", timeouts = { stal = 5, connect = 0 } }
providers.two.base_url = "https://u:canary@two.example"
providers.three.base_url = "https://three.example/v1?api_key=canary"

[providers.four]
base_url = "https://four.example:canary/"
[providers.five]
base_url = "https://five.example"
key_command = "pass show canary"
keyring = "canary"
proxy = "canary"
max_concurrency = -1
timeouts = 5

[providers.five.quirks]
auth = "basic"
max_tokens = "max tokens"
left_out = [
  "seed",
  "canary",
]
role = "canary"
[providers.five.prices.m]
input = -1
inptu = 2
[providers.five.prices]
n = 3
[[providers.six]]
x = 1
[providers.seven]
base_url = "https://seven.example"
windows = { m = 0, n = "canary", o = 1 }
max_outputs = { m = 1.5 }
abilities = { m = "vision", n = ["canary"], o = ["json"] }
"""


def test_every_fault_of_a_provider_has_its_line_and_no_value(tmp_path: Path) -> None:
    report = read(tmp_path, WRONG)

    place = f"{tmp_path / 'config.toml'}, line "
    told = [problem.removeprefix(place) for problem in report.problems]
    left_out = next(problem for problem in told if "left_out" in problem)
    assert left_out.startswith("18: providers.five.quirks.left_out names no parameter; known are")
    assert sorted(problem for problem in told if problem != left_out) == sorted(
        [
            "1: providers.one.timeouts.stal is not a setting; did you mean stall?",
            "1: providers.one.timeouts.connect is expected to be a number above 0.",
            (
                "2: providers.two.base_url has a user name or password in it; take it out and"
                " name the key with key_env."
            ),
            (
                "3: providers.three.base_url has a key in it; take it out and name its"
                " variable with key_env."
            ),
            "6: providers.four.base_url has a host or a port that cannot be read.",
            (
                "9: providers.five.key_command is expected to be a list of texts, like"
                ' ["pass", "show", "my-key"].'
            ),
            "10: providers.five.keyring is expected to be true or false.",
            (
                "11: providers.five.proxy is expected to be an address that begins with http://, https://"
                " or socks5://."
            ),
            "12: providers.five.max_concurrency is expected to be a whole number from 0 on.",
            "13: providers.five.timeouts is expected to be a table, [providers.five.timeouts].",
            "16: providers.five.quirks.auth is expected to be one of bearer, api-key, x-api-key.",
            (
                "17: providers.five.quirks.max_tokens is expected to be the name of a field,"
                " max_completion_tokens."
            ),
            "22: providers.five.quirks.role is not a setting.",
            "24: providers.five.prices.m.input is expected to be a number from 0 on.",
            "25: providers.five.prices.m.inptu is not a setting; did you mean input?",
            "27: providers.five.prices.n is expected to be a table, { input = 1.0, output = 2.0 }.",
            "28: providers.six is expected to be a table, [providers.six].",
            "32: providers.seven.windows.m is expected to be a whole number of tokens, 8192.",
            "32: providers.seven.windows.n is expected to be a whole number of tokens, 8192.",
            "33: providers.seven.max_outputs.m is expected to be a whole number of tokens, 4096.",
            *(
                f"34: providers.seven.abilities.{model} is expected to be a list of some of"
                ' "vision", "tools", "json", "reasoning"; [] for none.'
                for model in "mn"
            ),
        ]
    )
    assert "canary" not in str(report)
    assert list(report.settings.providers) == ["one", "five", "seven"]
    assert report.settings.providers["seven"].windows == {"o": 1}
    assert report.settings.providers["seven"].abilities == {"o": {"json"}}
    assert report.settings.providers["five"].quirks.left_out == {"seed"}


@pytest.mark.parametrize("key", ["sk-canary-1234567890ab", "gsk_canary1234567890abcdef"])
def test_a_key_in_the_place_of_its_variable_is_told(tmp_path: Path, key: str) -> None:
    report = read(tmp_path, f'[providers.a]\nbase_url = "https://a.example"\nkey_env = "{key}"\n')

    assert report.problems == (
        (
            f"{tmp_path / 'config.toml'}, line 3: providers.a.key_env is expected to be the name"
            " of an environment variable, not the key itself."
        ),
    )
    assert report.settings.providers["a"].key_env == ""


def test_a_wrong_address_does_not_hide_the_other_faults(tmp_path: Path) -> None:
    report = read(tmp_path, '[providers.one]\nbase_url = "one"\nproxy = "none"\n')

    assert [
        problem.partition(" is ")[0].partition(" needs ")[0] for problem in report.problems
    ] == [
        f"{tmp_path / 'config.toml'}, line 2: providers.one.base_url",
        f"{tmp_path / 'config.toml'}, line 3: providers.one.proxy",
    ]


def test_a_built_in_provider_needs_no_address(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[providers.openai]\nmodel = "m"\n[providers.other]\nmodel = "m"\n')

    report = read_settings(path, frozenset({"openai"}))

    assert report.settings.providers == {"openai": ProviderProfile("openai", "", "", "m")}
    assert report.problems == (
        f"{path}, line 3: providers.other needs a base_url that begins with https:// or http://.",
    )


def test_parameters_are_checked_one_by_one_and_together(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        """\
[parameters]
temperature = 0.5
top_p = 2
max_completion_tokens = 100
max_tokens = 50
tempratur = 1
seed = 1979-05-27
top_logprobs = 3
tool_choice = "auto"
stop = ["a", "b"]
response_format = '{"type": "json_object"}'
extra = { canary = inf }
""",
    )
    place = f"{tmp_path / 'config.toml'}, line "
    assert sorted(problem.removeprefix(place) for problem in report.problems) == sorted(
        [
            "3: parameters.top_p is expected to be a number from 0 to 1.",
            (
                "5: parameters.max_tokens is the same as max_completion_tokens, which is given"
                " already."
            ),
            "6: parameters.tempratur is not a parameter; did you mean temperature?",
            "7: parameters.seed is expected to be a whole number of 64 bits.",
            "8: parameters.top_logprobs is left out: top_logprobs is given without logprobs.",
            "9: parameters.tool_choice is left out: tool_choice is given without tools.",
            "12: parameters.extra is expected to be a JSON object.",
        ]
    )
    assert report.settings.parameters == {
        "temperature": 0.5,
        "max_tokens": 100,
        "stop": ["a", "b"],
        "response_format": {"type": "json_object"},
    }


def test_a_number_beyond_all_bounds_is_told(tmp_path: Path) -> None:
    report = read(tmp_path, "x = " + "1" * 5000)

    assert "is not valid TOML" in report.problems[0]


def test_tomllib_is_loaded_only_where_there_is_a_file() -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from chat_tui.storage.settings.file import read_settings; "
        "read_settings(Path('/nowhere/config.toml')); sys.exit('tomllib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
