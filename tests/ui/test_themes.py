"""Themes: each shipped one can be applied, and a bad file fails alone, with a sentence."""

from pathlib import Path

import pytest
from textual.app import App

from chat_tui.core.settings import Settings
from chat_tui.ui.themes import load_themes, read_theme, theme_folder
from tests.fakes import answer, eventually
from tests.ui.rig import running

NAMES = [path.stem for path in sorted(theme_folder().glob("*.toml"))]
GOOD = (theme_folder() / "chat-tui-dark.toml").read_text()


def test_shipped_themes_are_usable() -> None:
    themes, problems = load_themes(theme_folder())
    assert problems == []
    assert [theme.name for theme in themes] == NAMES
    assert {theme.dark for theme in themes} == {True, False}


@pytest.mark.parametrize("name", NAMES)
async def test_theme_can_be_applied(name: str, tmp_path: Path) -> None:
    async with running(tmp_path, answer("**x**"), settings=Settings(theme=name)) as rig:
        await rig.ask("hello")
        assert rig.app.theme == name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("dark = true", ""), "dark = true or dark = false is missing"),
        (('primary = "#7aa2f7"', ""), "primary is missing"),
        (('primary = "#7aa2f7"', 'primary = "blueish"'), "primary = 'blueish' is no colour"),
        (('primary = "#7aa2f7"', "primary = 7"), "primary = 7 is no colour"),
        (("dark = true", 'dark = true\nborder = "#000000"'), "border is not a field"),
        (('border = "#7aa2f7"', 'bordr = "#7aa2f7"'), "variables.bordr is not a variable"),
        (("dark = true", "dark = = true"), "Invalid value"),
    ],
)
def test_bad_theme_is_named(change: tuple[str, str], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(ValueError, match=r".") as error:
        read_theme(path)
    assert reason in str(error.value)


def test_bad_file_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("nonsense")
    (tmp_path / "good.toml").write_text(GOOD)
    themes, problems = load_themes(tmp_path)
    assert [theme.name for theme in themes] == ["good"]
    assert len(problems) == 1
    assert "bad.toml" in problems[0]


async def test_unknown_theme_is_told_and_the_default_taken(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x"), settings=Settings(theme="[/]nope")) as rig:
        await eventually(lambda: any("There is no theme [/]nope." in toast for toast in rig.toasts))
        assert rig.app.theme == "chat-tui-dark"


async def test_theme_of_textual_can_be_chosen(tmp_path: Path) -> None:
    async with running(tmp_path, answer("**bold**"), settings=Settings(theme="nord")) as rig:
        await rig.ask("hello")
        assert rig.app.theme == "nord"
        assert isinstance(rig.app, App)
