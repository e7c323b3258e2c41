"""A comparison as a file: in which form, and where."""

import os
from pathlib import Path

from chat_tui.core.side_by_side.comparison import ComparisonFormat
from chat_tui.core.texts import text
from chat_tui.ui.screens.dialogs import LineDialog
from chat_tui.ui.screens.question import Answer, QuestionDialog


class FormatDialog(QuestionDialog[ComparisonFormat | None]):
    """Asks for the form of a comparison; gives None where none was taken."""

    def __init__(self) -> None:
        forms: list[Answer[ComparisonFormat | None]] = [
            Answer("m", text("export.md"), "md"),
            Answer("h", text("export.html"), "html"),
            Answer("j", text("export.json"), "json"),
            Answer("n", text("export.none"), None),
        ]
        super().__init__(text("export.question"), text("export.more"), forms)


class SaveComparisonDialog(LineDialog):
    """Asks where a comparison is to be saved.

    Args:
        path: the proposed one; clean.
        trouble: why another path did not do; clean.
    """

    def __init__(self, path: str, trouble: str = "") -> None:
        title, hint = text("export.save"), text("code.save-hint")
        super().__init__(title, path, hint, longest=1_000, trouble=trouble)


def write_private(path: Path, words: str, *, replace: bool) -> None:
    """Write a text to a file that only its owner may read.

    Args:
        path: the file; its folder must be there.
        words: what is written.
        replace: overwrite what is there.

    Raises:
        FileExistsError: something is there, and it is not to be replaced.
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    file = os.open(path, flags | (os.O_TRUNC if replace else os.O_EXCL), 0o600)
    with os.fdopen(file, "w", encoding="utf-8", newline="\n") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(words)
