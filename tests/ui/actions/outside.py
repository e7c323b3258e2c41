"""What is read in the pager and written in the editor of the user."""

import os
from pathlib import Path

from tests.ui.actions.hands import Hands, scenario


def program(hands: Hands, name: str, script: str) -> Path:
    """A program of the user's, and the file in which it notes what it was given."""
    folder = hands.folder
    note = folder / f"{name}.txt"
    note.unlink(missing_ok=True)
    program = folder / name
    program.write_text(f'#!/bin/sh\ncat "$1" > {note}.new\n{script}\nmv {note}.new {note}\n')
    program.chmod(0o755)
    os.environ[name.upper()] = str(program)
    return note


@scenario("writing", "page-conversation", "page-message")
async def _pager(hands: Hands) -> None:
    note = program(hands, "pager", "")
    await hands.ask("first words", "last words")
    await hands.press("page-conversation")
    await hands.until(note.exists)
    assert "first words" in note.read_text()
    note.unlink()
    await hands.until(lambda: not hands.rig.screen.outside.busy)
    await hands.read(2)
    await hands.press("page-message")
    await hands.until(note.exists)
    assert "last words" in note.read_text()
    assert "first words" not in note.read_text()
    await hands.until(lambda: not hands.rig.screen.outside.busy)


@scenario("writing", "edit-conversation", "view-message", "edit-outside")
async def _editor(hands: Hands) -> None:
    rig = hands.rig
    note = program(hands, "editor", "")
    os.environ.pop("VISUAL", None)
    await hands.ask("first words", "last words")
    await hands.press("edit-conversation")
    await hands.until(note.exists)
    assert "first words" in note.read_text()
    note.unlink()
    await hands.until(lambda: not rig.screen.outside.busy)
    await hands.read(2)
    await hands.press("view-message")
    await hands.until(note.exists)
    assert note.read_text().strip() == "last words"
    await hands.until(lambda: not rig.screen.outside.busy)
    program(hands, "editor", 'echo edited >> "$1"')
    rig.screen.set_focus(rig.screen.prompt)
    await hands.write("draft")
    await hands.press("edit-outside")
    await hands.until(lambda: "edited" in rig.screen.prompt.text)
    await hands.until(lambda: not rig.screen.outside.busy)
