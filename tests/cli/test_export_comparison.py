"""`chat-tui export --comparison`."""

import json
from dataclasses import replace
from pathlib import Path

from chat_tui.cli.arguments.parser import parse
from chat_tui.cli.options import ExportOptions
from chat_tui.core.conversation import Conversation
from chat_tui.core.side_by_side.comparison import FORMATS
from chat_tui.storage.exporters.own_json import document, export_conversation
from tests.cli.helpers import Program
from tests.core.side_by_side.comparing import SIDES, SIDES_MESSAGES


def test_every_format_can_be_asked_for() -> None:
    for format_ in FORMATS:
        options = parse(["export", "x", "--comparison", "--format", format_])
        assert options == ExportOptions("x", None, True, format_)


def test_comparison_is_written_in_each_format(program: Program, tmp_path: Path) -> None:
    plain = Conversation("c-2", targets=SIDES.targets, head="a")
    alone = [replace(each, id=each.id[0], parent=each.parent and "p") for each in SIDES_MESSAGES]
    file = tmp_path / "conversations.json"
    file.write_text(
        document(
            [
                export_conversation(SIDES, SIDES_MESSAGES),
                export_conversation(plain, alone[:2]),
            ]
        )
    )
    assert program.run("import", str(file)).returncode == 0

    markdown = program.run("export", "c-1", "--comparison")
    assert markdown.returncode == 0, markdown.stderr
    assert "### m-2" in markdown.stdout

    page = tmp_path / "page.html"
    written = program.run("export", "c-1", "--comparison", "-o", str(page))
    assert (written.returncode, written.stdout) == (0, "")
    assert "<article" in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600

    told = program.json("export", "c-1", "--comparison", "--format", "json")
    assert told["format"] == "chat-tui-comparison"
    whole = json.loads(program.run("export", "c-1").stdout)
    assert whole["format"] == "chat-tui"

    nothing = program.run("export", "c-2", "--comparison")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "nothing to compare" in nothing.stderr
    wrong = program.run("export", "c-1", "--format", "html")
    assert wrong.returncode == 2
    assert "--comparison" in wrong.stderr
