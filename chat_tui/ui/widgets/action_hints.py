"""The keys of a screen with what they do; a click does the same."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from chat_tui.ui.actions import Scope, active_keys, in_scope


class Hint(NamedTuple):
    """A key, what it does, and Textual's action for it."""

    key: str
    label: str
    action: str
    stays: bool = False
    """Shown also where there is little room."""


def hints_of(screen: Screen[Any], scope: Scope) -> list[Hint]:
    """The hints of a screen's actions, of those that have something to act on."""
    keys = active_keys(screen)
    return [
        Hint(keys.shown(action.id), action.label, action.run)
        for action in in_scope(scope)
        if action.hint and (not action.needs or getattr(screen, action.needs))
    ]


class ClickableLine(Static):
    """A line whose pieces run actions where they are clicked; see `clickable`."""

    DEFAULT_CSS: ClassVar[str] = """
    ClickableLine { height: 1; color: $text-muted; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id, markup=False)

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the piece that was clicked."""
        action = event.style.meta.get(_ACTION)
        if isinstance(action, str):
            event.stop()
            await self.app.run_action(action, self.screen)


class ActionHints(ClickableLine):
    """A line of hints, as many as fit.

    Those that stay always do; where none is said to, the last one: the way out.
    """

    def __init__(self, hints: Sequence[Hint] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._hints = tuple(hints)

    def show(self, hints: Sequence[Hint]) -> None:
        """Show others."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self._draw()

    def on_resize(self) -> None:
        """Show as many as fit into the new width."""
        self._draw()

    def _draw(self) -> None:
        stay = [hint for hint in self._hints if hint.stays] or [*self._hints[-1:]]
        room = self.content_size.width + 2 - sum(map(_cells, stay))
        pieces: list[Content] = []
        for hint in self._hints:
            if hint not in stay:
                room -= _cells(hint)
                if room < 0:
                    continue
            words = Content.assemble((hint.key, "$accent"), f" {hint.label}")
            pieces.append(clickable(words, hint.action))
        self.update(Content("  ").join(pieces), layout=False)


_ACTION = "run"
"""What a piece's action is called among its meta data. Not `@click`: Textual underlines that."""


def clickable(words: Content, action: str) -> Content:
    """Words that run an action where they are clicked."""
    return words.stylize(Style.from_meta({_ACTION: action}))


def _cells(hint: Hint) -> int:
    """How much room a hint takes, with the gap before the next one."""
    return cell_len(hint.key) + 1 + cell_len(hint.label) + 2
