"""What all dialogs have in common."""

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen
from textual.worker import Worker, WorkerState

from chat_tui.ui.actions import KeyedApp, Scope
from chat_tui.ui.layouts import TellingCompositor

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A small screen that is dismissed once, however many keys were typed at once.

    What was only told as information goes when it opens: it would be drawn over it again.
    """

    COVERS: ClassVar[bool] = True
    """Whether it stands where toasts do."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = TellingCompositor()

    def on_mount(self) -> None:
        """Take away what is of no use by now."""
        if self.COVERS and isinstance(self.app, KeyedApp):
            self.app.forget_information()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it; where it is closed already, Textual would pop the screen below it."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Pass failures on to the app, which tells of them: workers tell only their own screen."""
        if event.state is WorkerState.ERROR:
            self.app.post_message(event)


class ActionDialog(Dialog[T]):
    """A dialog whose keys are actions of the registry: rebindable, hinted at, in its help."""

    SCOPE: ClassVar[Scope]
    """Of its actions."""
