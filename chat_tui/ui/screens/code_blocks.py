"""The code blocks of a message: which one is meant, and where it is saved."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.content import Content

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.markdown import CodeBlock
from chat_tui.ui.screens.choices import ChoiceDialog
from chat_tui.ui.screens.dialogs import LineDialog

CodePurpose = Literal["copy", "save"]

_FIRST = 200
"""Characters of a block's first line at most."""


class CodeBlocksDialog(ChoiceDialog):
    """Asks for one of several code blocks.

    Args:
        blocks: in their order.
        purpose: what it is wanted for.
    """

    SCOPE = "code"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("code")]

    def __init__(self, blocks: Sequence[CodeBlock], purpose: CodePurpose) -> None:
        title = text("code.which-save") if purpose == "save" else text("code.which-copy")
        super().__init__(title, [_row(block) for block in blocks], purpose)


def _row(block: CodeBlock) -> Content:
    lines = block.source.count("\n") + 1
    size = text("code.lines", count=f"{lines:,}") if lines > 1 else text("code.line")
    first = next((line for line in block.source.split("\n") if line.strip()), "")
    return Content.assemble(
        (clean_line(block.info, code=True)[:_FIRST] or text("code.plain"), "bold"),
        (f" · {size}  ", "$foreground 60%"),
        clean_line(first[:_FIRST], code=True),
    )


class SaveCodeDialog(LineDialog):
    """Asks where code is to be saved.

    Args:
        path: the proposed one; clean.
        trouble: why another path did not do; clean.
    """

    def __init__(self, path: str, trouble: str = "") -> None:
        hint = text("code.save-hint")
        super().__init__(text("code.save"), path, hint, longest=1_000, trouble=trouble)
