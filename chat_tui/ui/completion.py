"""What can be completed at the cursor of the prompt, and the popup that offers it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from chat_tui.ui.widgets.completions import Completions
from chat_tui.ui.widgets.prompt import PromptInput


class Choice(NamedTuple):
    """Something that is offered; all clean but `insert`."""

    insert: str
    """What takes the place of what was typed."""
    name: str
    """How it is shown."""
    about: str = ""
    """What it is, in a few words."""
    key: str = ""
    """The key that does the same."""
    runs: bool = False
    """Whether Enter sends it at once, where it is sure or was marked with the arrows."""
    sure: bool = True
    """Whether what was typed is its beginning."""
    passes: bool = False
    """Whether Enter sends what was typed, unless this was marked with the arrows."""
    file: str = ""
    """The path of a file that is attached when this is taken; empty where it is only words."""


class Offer(NamedTuple):
    """What can stand in place of a part of the cursor's line."""

    start: int
    """The first column of that part; it ends at the cursor."""
    choices: Sequence[Choice]


class Source(Protocol):
    """Finds what can be completed."""

    def offer(self, row: int, before: str) -> Offer | None:
        """What is offered for the line before the cursor; None where nothing of its kind stands.

        It may begin to load something and call for another look when that is there. It must not
        take long.
        """
        ...


class Completion:
    """Offers, above the prompt, what may stand at its cursor.

    Args:
        prompt: where it is typed.
        popup: shows what is offered.
        sources: asked in turn; the first one that knows what is typed offers.
        on_file: called with the path of a file that was taken, and what stands for it now.
    """

    def __init__(
        self,
        prompt: PromptInput,
        popup: Completions,
        sources: Sequence[Source],
        on_file: Callable[[str, str], None],
    ) -> None:
        self._prompt = prompt
        self._popup = popup
        self._sources = sources
        self._on_file = on_file
        self._offer: Offer | None = None
        self._closed: tuple[int, int] | None = None
        """Row and column of what was closed with Esc: it is not offered again while it is typed."""
        self._moved = False
        """Whether the user marked a choice."""
        self._hushed: tuple[str, tuple[int, int]] | None = None
        """Text and cursor for which nothing is offered."""
        popup.on_taken = self._take_clicked

    @property
    def open(self) -> bool:
        """Whether something is offered."""
        return self._offer is not None

    def hush(self) -> None:
        """Offer nothing until something is typed, or the cursor moved."""
        self._hushed = self._prompt.text, self._prompt.cursor_location
        self._closed = None
        self._show(None)

    def follow(self) -> None:
        """Look again at what is typed."""
        if self._hushed == (self._prompt.text, self._prompt.cursor_location):
            return
        self._hushed = None
        offer = self._find()
        if offer is None or not offer.choices:
            if offer is None:
                self._closed = None
            self._show(None)
            return
        place = (self._prompt.cursor_location[0], offer.start)
        if self._closed != place:
            self._closed = None
            self._show(offer)

    def _find(self) -> Offer | None:
        prompt = self._prompt
        if not prompt.selection.is_empty or not prompt.has_focus:
            return None
        row, column = prompt.cursor_location
        before = prompt.document.get_line(row)[:column]
        offers = (source.offer(row, before) for source in self._sources)
        return next((offer for offer in offers if offer is not None), None)

    def _show(self, offer: Offer | None) -> None:
        if offer == self._offer:
            return
        old, self._offer, self._moved = self._offer, offer, False
        if offer is not None:
            self._popup.show([(each.name, each.about, each.key) for each in offer.choices])
        elif old is not None:
            self._popup.hide()

    def close(self) -> bool:
        """Offer nothing until something else is typed; tells whether something was offered."""
        if self._offer is None:
            return False
        self._closed = (self._prompt.cursor_location[0], self._offer.start)
        self._show(None)
        return True

    # Keys

    def takes(self, key: str) -> bool:
        """Up, down and tab are for what is offered."""
        offer = self._offer
        if offer is None:
            return False
        if key == "tab":
            self._take(offer, self._popup.marked)
        else:
            self._popup.move(1 if key == "down" else -1)
            self._moved = True
        return True

    def entered(self) -> bool:
        """Enter takes the marked choice; tells whether nothing is to be sent now."""
        offer, moved = self._offer, self._moved
        if offer is None:
            return False
        choice = offer.choices[self._popup.marked]
        if choice.passes and not moved:
            return False
        self._take(offer, self._popup.marked)
        return not (choice.runs and (choice.sure or moved))

    def _take_clicked(self, index: int) -> None:
        if self._offer is not None:
            self._take(self._offer, index)
            self._prompt.focus()

    def _take(self, offer: Offer, index: int) -> None:
        row, column = self._prompt.cursor_location
        place = (row, offer.start), (row, column)
        choice = offer.choices[index]
        result = self._prompt.replace(choice.insert, *place, maintain_selection_offset=False)
        self._prompt.move_cursor(result.end_location)
        if choice.file:
            self._on_file(choice.file, choice.insert)


def rank(word: str, names: Sequence[str], label: str = "") -> int | None:
    """How well a word that is typed fits something: 0 is best, None not at all.

    Args:
        word: in lower case.
        names: of the thing, in lower case.
        label: words that tell what it is.
    """
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == word,
        lambda name: name.startswith(word),
        lambda name: any(part.startswith(word) for part in name.split("-")),
    )
    for place, fits in enumerate(tests):
        if any(map(fits, names)):
            return place
    if any(part.startswith(word) for part in label.lower().split()):
        return 3
    if len(word) > 1 and any(_holds_in_order(name, word) for name in names):
        return 4
    return None


def _holds_in_order(name: str, word: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in word)
