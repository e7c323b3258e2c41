"""Opening addresses: with one argument, without a shell, without the user's keys."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.core.links import checked_link
from chat_tui.ui.opener import open_link, opener

URL = "https://example.org/a?b=c&d=$(id)"


def _which(*there: str) -> Callable[[str], str | None]:
    return lambda name: name if name in there else None


@pytest.mark.parametrize(
    ("environ", "platform", "there", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", ("xdg-open",), "xdg-open"),
        ({"WAYLAND_DISPLAY": "w"}, "linux", ("xdg-open",), "xdg-open"),
        ({}, "linux", ("xdg-open",), ""),
        ({"DISPLAY": ":0"}, "linux", (), ""),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "x"}, "linux", ("xdg-open",), ""),
        ({}, "darwin", ("open",), "open"),
        ({"SSH_TTY": "x"}, "darwin", ("open",), ""),
        ({"WSL_DISTRO_NAME": "x"}, "linux", ("wslview", "xdg-open"), "wslview"),
        ({"WSL_DISTRO_NAME": "x", "DISPLAY": ":0"}, "linux", ("xdg-open",), "xdg-open"),
    ],
)
def test_opener_is_the_one_of_the_desktop(
    environ: dict[str, str], platform: str, there: tuple[str, ...], expected: str
) -> None:
    assert opener(environ, _which(*there), platform) == expected


async def test_program_gets_one_argument_and_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "xdg-open"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" > {tmp_path}/got\nenv >> {tmp_path}/got\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("OPENAI_API_KEY", "marker-of-a-key")
    monkeypatch.setenv("BROWSER", "firefox")
    assert await open_link(checked_link(URL), str(program))
    got = (tmp_path / "got").read_text()
    assert got.splitlines()[:2] == ["1", URL]
    assert "BROWSER=firefox" in got
    assert "marker-of-a-key" not in got


async def test_address_holds_nothing_that_powershell_would_run(tmp_path: Path) -> None:
    program = tmp_path / "wslview"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/got\n')
    program.chmod(0o755)
    url = "https://example.org/a%20b?c=d&e=$(calc)#“;calc’'|{x}"
    assert await open_link(checked_link(url), str(program))
    assert (tmp_path / "got").read_text() == (
        "https://example.org/a%20b?c=d&e=%24%28calc%29#%E2%80%9C;calc%E2%80%99%27%7C%7Bx%7D"
    )


async def test_program_that_fails_or_is_not_there_opened_nothing(tmp_path: Path) -> None:
    program = tmp_path / "xdg-open"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    assert not await open_link(checked_link(URL), str(program))
    assert not await open_link(checked_link(URL), str(tmp_path / "missing"))
