"""A provider's connection, tested step by step before one's eyes."""

from contextlib import aclosing
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from chat_tui.core.checks import CHECKS, CheckName, CheckStep
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import ProviderProfile
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.desk import ProviderDesk
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.text_lines import hanging

_SIGNS = {"ok": ("✓", "$success"), "failed": ("✗", "$error"), "skipped": ("–", "$foreground 60%")}
_NAME_WIDTH = 11
_INDENT = _NAME_WIDTH + 2
_WIDTH = 90
"""Columns of the dialog, where there is room."""


class ConnectionTest(ActionDialog[None]):
    """Runs the test when it opens; each step is shown when it is done.

    Args:
        profile: the provider, saved or not.
        desk: runs the test.
        model: what to ask; the provider's default where empty.
    """

    SCOPE = "test"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("test")]
    DEFAULT_CSS: ClassVar[str] = """
    ConnectionTest {
        align: center middle;
        & > Vertical {
            width: 90; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & VerticalScroll { height: auto; max-height: 80vh; scrollbar-size-vertical: 1; }
        & VerticalScroll > Static { height: auto; margin: 0 0 1 0; }
    }
    """

    shown = query_one("#steps", Static)

    def __init__(self, profile: ProviderProfile, desk: ProviderDesk, model: str = "") -> None:
        super().__init__()
        self._profile = profile
        self._desk = desk
        self._model = model or profile.default_model
        self._steps: dict[CheckName, CheckStep] = {}
        self._running = False

    def compose(self) -> ComposeResult:
        """The steps, and the keys."""
        with Vertical() as box:
            name = clean_line(self._profile.label or self._profile.name, code=True)
            box.border_title = Content(text("connection-test.title", name=name))
            with VerticalScroll():
                yield Static("", id="steps", markup=False)
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Begin."""
        self.action_run_again()

    @work(name="check", exclusive=True, exit_on_error=False)
    async def action_run_again(self) -> None:
        """Test it anew."""
        self._steps.clear()
        self._running = True
        self._show()
        try:
            async with aclosing(self._desk.check(self._profile, self._model)) as steps:
                async for step in steps:
                    self._steps[step.name] = step
                    self._show()
        finally:
            self._running = False
        self._show()

    def _show(self) -> None:
        waiting = [name for name in CHECKS if name not in self._steps]
        lines: list[Content] = []
        width = min(self.size.width, _WIDTH) - 6
        for name in CHECKS:
            if step := self._steps.get(name):
                lines += _told(step, width)
            elif self._running and name == waiting[0]:
                lines.append(_row("…", "$accent", name, text("connection-test.running")))
            else:
                lines.append(_row("·", "$foreground 40%", name, ""))
        if not self._running:
            failed = any(step.status == "failed" for step in self._steps.values())
            done = text("connection-test.failed" if failed else "connection-test.passed")
            lines += [Content(""), Content.styled(done, "$error" if failed else "$success")]
        self.shown.update(Content("\n").join(lines))


def _told(step: CheckStep, width: int) -> list[Content]:
    sign, style = _SIGNS[step.status]
    told = clean_line(step.message, code=True)
    if step.seconds >= 0.005:
        told += f" ({step.seconds:.2f} s)"
    lines = [_row(sign, style, step.name, hanging(told, _INDENT, width))]
    if step.hint:
        hint = hanging(clean_line(step.hint, code=True), _INDENT, width)
        lines.append(Content.styled(" " * _INDENT + hint, "$accent"))
    return lines


def _row(sign: str, style: str, name: CheckName, told: str) -> Content:
    label = text(f"check.{name}")
    return Content.assemble((sign, style), f" {label:<{_NAME_WIDTH}}", told)
