"""The setup: settings, environment and providers, put together; nothing wrong is fatal."""

from pathlib import Path

from chat_tui.cli.compose import load_setup


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"CHAT_TUI_HOME": str(tmp_path), **more}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_own_providers_lie_over_the_built_in_ones(tmp_path: Path) -> None:
    write(tmp_path, '[providers.openai]\nmodel = "m"\n[providers.azure]\nmodel = "d"\n')

    setup = load_setup(environ(tmp_path, AZURE_OPENAI_ENDPOINT="https://t.openai.azure.com"))

    assert setup.problems == ()
    assert setup.profiles["openai"].default_model == "m"
    assert setup.profiles["openai"].key_env == "OPENAI_API_KEY"
    assert setup.profiles["azure"].base_url == "https://t.openai.azure.com/openai/v1"
    assert setup.profiles["azure"].default_model == "d"


def test_all_problems_are_told_at_once_and_the_rest_holds(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'modle = "x"\n[providers.azure]\nmodel = "d"\n[parameters]\ntemperature = 9\nseed = 1\n',
    )

    setup = load_setup(environ(tmp_path, OPENAI_BASE_URL="ftp://x"))

    assert [problem.split(": ")[0] for problem in setup.problems] == [
        f"{path}, line 1",
        f"{path}, line 2",
        f"{path}, line 5",
        "OPENAI_BASE_URL",
    ]
    assert "openai" not in setup.profiles
    assert setup.settings.parameters == {"seed": 1}
