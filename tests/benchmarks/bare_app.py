"""The least that Textual can do: one input that takes a key."""

from textual.app import App, ComposeResult
from textual.widgets import Input


class BareApp(App[None]):
    """An input."""

    def compose(self) -> ComposeResult:
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False


if __name__ == "__main__":
    BareApp().run()
