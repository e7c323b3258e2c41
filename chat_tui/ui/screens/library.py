"""The user's prompts: take one, write one, change it, delete it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chat_tui.core.prompt_library import PromptLibrary, SavedPrompt
from chat_tui.core.prompt_presets import with_built_in
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.dialogs import ConfirmDialog
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.screens.saved_prompt import SavedPromptScreen
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput
from chat_tui.ui.widgets.text_lines import Line, TextLines

_WIDTHS = [(0, "-narrow"), (70, "-wide")]
"""Under 70 columns the text stands below the list."""

_LONGEST = 100_000
"""Characters of a draft that can be saved as a prompt."""


class LibraryScreen(ActionDialog[SavedPrompt | None]):
    """Lists the saved prompts; gives the one that is taken.

    Args:
        library: keeps them.
        written: what stands in the prompt, which can be saved; clean.
        words: with what the list is filtered at first.
    """

    SCOPE = "library"
    AUTO_FOCUS = "OptionList"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("library")]
    DEFAULT_CSS: ClassVar[str] = """
    LibraryScreen {
        align: center middle;
        & > Vertical {
            width: 110; max-width: 100%; height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; }
        & Horizontal { height: 1fr; margin: 1 0; }
        & OptionList {
            width: 34; height: 1fr; border: none; background: $surface;
            padding: 0; scrollbar-size-vertical: 1;
            &:focus { border: none; }
        }
        & TextLines { width: 1fr; padding: 0 0 0 1; }
        &.-narrow Horizontal { layout: vertical; margin: 0; }
        &.-narrow OptionList { width: 1fr; height: 1fr; }
        &.-narrow TextLines { width: 1fr; height: 1fr; padding: 0; }
    }
    """

    found = query_one(OptionList)
    filter = query_one(CleanInput)
    preview = query_one(TextLines)

    def __init__(self, library: PromptLibrary, written: str, words: str = "") -> None:
        super().__init__()
        self._library = library
        self._words = words
        self._prompts: Sequence[SavedPrompt] = ()
        self._rows: list[SavedPrompt] = []
        self.written = written.strip()
        """What can be saved; empty where nothing is written."""

    def compose(self) -> ComposeResult:
        """A line to filter with, the prompts, the marked one's text, and the keys."""
        with Vertical() as box:
            box.border_title = Content(text("library.title"))
            yield CleanInput(self._words, placeholder=text("library.filter"))
            with Horizontal():
                yield OptionList(markup=False)
                preview = TextLines()
                preview.can_focus = False
                yield preview
            yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Read them."""
        self._reload("")

    @work(name="read", exclusive=True, exit_on_error=False)
    async def _reload(self, mark: str) -> None:
        self._prompts = with_built_in(await self._library.prompts())
        self._find(mark)

    # The list

    @on(Input.Changed)
    def follow_filter(self) -> None:
        """Show the prompts that hold all of the words."""
        self._find("")

    def _find(self, mark: str) -> None:
        words = self.filter.value.lower().split()
        self._rows = [
            prompt
            for prompt in self._prompts
            if all(word in f"{prompt.name}\n{prompt.text}".lower() for word in words)
        ]
        self.found.set_options(Option(_row(prompt)) for prompt in self._rows)
        marked = [at for at, prompt in enumerate(self._rows) if prompt.name == mark]
        self.found.highlighted = (marked or [0])[0] if self._rows else None
        self._show()

    @on(OptionList.OptionHighlighted)
    def show_marked(self) -> None:
        """Show the marked one's text."""
        self._show()

    def _show(self) -> None:
        prompt = self._marked
        if prompt is not None:
            told = [Line(line) for line in clean(prompt.text).split("\n")]
            if prompt.built_in:
                key = active_keys(self).shown("library-edit")
                told += [Line(""), Line(text("library.built-in-more", key=key), "muted")]
            self.preview.show(told)
        else:
            self.preview.show([Line(text("library.none-found"), "muted")])

    @property
    def _marked(self) -> SavedPrompt | None:
        at = self.found.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def action_move(self, step: int) -> None:
        """Mark another one."""
        if self._rows:
            self.found.highlighted = ((self.found.highlighted or 0) + step) % len(self._rows)

    def action_filter(self) -> None:
        """Go to the line to filter with."""
        self.filter.focus()

    # Taking, and leaving

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def take(self) -> None:
        """Take the marked one."""
        self.action_take()

    def action_take(self) -> None:
        """Take the marked one."""
        if self._marked is not None:
            self.dismiss(self._marked)

    def action_leave(self) -> None:
        """Leave the filter; then the screen."""
        if self.filter.has_focus:
            self.filter.value = ""
            self.found.focus()
        else:
            self.dismiss(None)

    # Changing

    def action_new(self) -> None:
        """Write a new one."""
        self._edit(SavedPrompt("", ""), "")

    def action_edit(self) -> None:
        """Change the marked one."""
        prompt = self._marked
        if prompt is not None and prompt.built_in:
            self._edit(SavedPrompt("", prompt.text), "")
        elif prompt is not None:
            self._edit(prompt, prompt.name)

    def action_save(self) -> None:
        """Save what stands in the prompt."""
        if not self.written:
            self.app.notify(text("library.nothing-written"), timeout=4, markup=False)
        elif len(self.written) > _LONGEST:
            self.app.notify(text("library.too-long"), timeout=6, markup=False)
        else:
            self._edit(SavedPrompt("", self.written), "")

    @work(name="edit", exit_on_error=False)
    async def _edit(self, prompt: SavedPrompt, was: str) -> None:
        async def save(changed: SavedPrompt) -> None:
            await self._library.save(changed, was=was)

        saved = await self.app.push_screen_wait(SavedPromptScreen(prompt, save))
        if saved is not None:
            self.filter.value = ""
            self._reload(saved.name)

    @work(name="delete", exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete the marked one, after a question."""
        prompt = self._marked
        if prompt is None:
            return
        name = clean_line(prompt.name, code=True)
        if prompt.built_in:
            self.app.notify(text("library.built-in-stays", name=name), timeout=4, markup=False)
            return
        question = text("library.delete", name=name)
        if await self.app.push_screen_wait(ConfirmDialog(question, text("library.delete-more"))):
            await self._library.delete(prompt.name)
            self._reload("")


def _row(prompt: SavedPrompt) -> Content:
    name = Content(clean_line(prompt.name, code=True))
    if not prompt.built_in:
        return name
    return name + Content.styled(f" · {text('library.built-in')}", "$foreground 60%")
