"""Copying takes the way that works where the app runs."""

from pathlib import Path

import pytest

from chat_tui.ui.clipboard import clipboard_command, copy_with


def _found(*names: str):  # type: ignore[no-untyped-def]
    return lambda name: f"/bin/{name}" if name in names else None


@pytest.mark.parametrize(
    ("environ", "programs", "command"),
    [
        ({"TMUX": "x", "DISPLAY": ":0"}, ("tmux", "xclip"), ("tmux", "load-buffer", "-w", "-")),
        ({"SSH_CONNECTION": "x", "DISPLAY": ":0"}, ("xclip",), ()),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ("wl-copy", "xclip"), ("wl-copy",)),
        ({"DISPLAY": ":0"}, ("xclip", "xsel"), ("xclip", "-selection", "clipboard")),
        ({"DISPLAY": ":0"}, ("xsel",), ("xsel", "--clipboard", "--input")),
        ({"WSL_DISTRO_NAME": "d"}, ("clip.exe",), ("clip.exe",)),
        ({"DISPLAY": ":0"}, (), ()),
        ({}, ("xclip",), ()),
    ],
)
def test_way_is_chosen_by_the_surroundings(
    environ: dict[str, str], programs: tuple[str, ...], command: tuple[str, ...]
) -> None:
    assert clipboard_command(environ, _found(*programs)) == command


async def test_program_gets_the_whole_text(tmp_path: Path) -> None:
    target = tmp_path / "copied"
    assert await copy_with(("tee", str(target)), "Grüße 中文\n" * 10_000)
    assert target.read_text() == "Grüße 中文\n" * 10_000


async def test_program_that_fails_or_is_missing_is_told() -> None:
    assert not await copy_with(("false",), "x")
    assert not await copy_with(("no-such-program-here",), "x")


async def test_program_gets_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    target = tmp_path / "environment"
    assert await copy_with(("sh", "-c", f"cat >/dev/null; env > {target}"), "x")
    assert "canary" not in target.read_text()
