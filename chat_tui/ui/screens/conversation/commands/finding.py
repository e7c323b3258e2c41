"""Finding words in the open conversation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chat_tui.core.finding import Finder, Hit
from chat_tui.core.texts import text
from chat_tui.ui.actions import action_called, active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.commands.searched import SearchedTexts
from chat_tui.ui.widgets.action_hints import Hint
from chat_tui.ui.widgets.find_bar import FindBar
from chat_tui.ui.widgets.transcript.hits import HitMarks

if TYPE_CHECKING:  # for annotations alone
    from textual.widget import Widget

    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.widgets.transcript import Transcript

_NEARBY = 10
"""Messages on either side of one that is gone to that are loaded with it."""

_WHILE_WRITING = ("find-next", "find-previous")
_WHILE_READING = ("next-hit", "previous-hit")


class FindCommands(CommandGroup):
    """Finding words in the open conversation.

    Esc leaves the line first, for the transcript, where the places found stay marked and can be
    gone through; the next Esc ends it. The words are kept for the next time.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._texts = SearchedTexts(screen, self._grown)
        self._bar: FindBar | None = None
        self._words = ""
        self._hit: Hit | None = None
        """The place that was gone to."""
        self._hit_id = ""
        """Its message."""
        self._origin = (0, 0)
        """The message, and the line in it, from which on places are looked for while one types."""
        self._place = (0, 0)
        """The message, and the line in it, of the place that was gone to."""
        self._scrolled = 0
        """Where the view stood then: who has scrolled since means what is seen."""
        self._seeking = False
        """Whether to go to the first place as soon as there is one."""
        self._marking = False
        """Whether places are marked."""
        self._note = ""
        self._back: Widget | None = None
        """What had the focus before."""

    @property
    def active(self) -> bool:
        """Whether the line is there, and places are marked."""
        return self._bar is not None and bool(self._bar.display)

    @property
    def _writing(self) -> bool:
        """Whether words are being written."""
        return self._bar is not None and self._screen.focused is self._bar.field

    # Commands

    async def open(self) -> None:
        """Show the line to write in, with the words of the last time."""
        await self._ready()
        await self._begin()
        if self._bar is not None:
            self._bar.write(self._words)
            # At once: what was typed already is meant for it.
            self._screen.set_focus(self._bar.field)
        self._tell_found()

    async def move(self, step: int) -> None:
        """Go to another place that was found; where nothing is looked for, look for it first."""
        await self._ready()
        if not self._words.strip():
            await self.open()
            return
        await self._begin()
        self._step(step)

    def leave(self) -> bool:
        """Leave the line, then stop finding; tells whether there was something to leave."""
        if self._bar is None or not self.active:
            return False
        if self._writing and self._finder.total:
            self._screen.set_focus(self._transcript)
            self._note = ""
            self._tell_found()
        else:
            self._close()
        return True

    def ended(self, message: str) -> None:
        """A message was completed: what came is searched too."""
        self._texts.changed(message)
        if self.active and self._screen.session.chat is self._texts.chat:
            self._read_again()

    def shown(self, chat: "OpenConversation") -> None:
        """Another conversation is on the screen, or another path of this one."""
        if chat is not self._texts.chat:
            self._texts.forget()
            self._close()
        elif self.active:
            self._read_again()

    # The line

    async def _begin(self) -> None:
        """Show the line and search what is on the screen; go on where it is there already."""
        if self.active:
            self._read_again()
            return
        self._back = self._screen.focused
        if self._bar is None:
            self._bar = FindBar(self._typed)
            await self._screen.query_one("#main").mount(self._bar, before="#prompt")
        self._bar.display = True
        self._texts.begin()
        self._hit = None
        self._stand_here()
        self._texts.read(self._origin[0])
        self._look(self._words)

    def _close(self) -> None:
        if self._bar is None or not self.active:
            return
        focused = self._screen.focused
        self._bar.display = False
        self._texts.stop()
        self._transcript.show_hits(None)
        if focused is None or focused in (self._bar.field, self._transcript):
            # What had the focus may be hidden by now: the queue that has run empty.
            there = self._back in self._screen.focus_chain
            self._screen.set_focus(self._back if there else self._screen.prompt)

    def _typed(self, words: str) -> None:
        """The words were changed: go to the first place from the origin on."""
        if self._transcript.scroll_offset.y != self._scrolled:
            self._stand_here()
        self._look(words)
        self._seek()

    def _tell_found(self) -> None:
        """Tell in the line how much was found, and the keys."""
        if self._bar is None:
            return
        finder, reading, facts = self._finder, self._texts.reading, list[str]()
        if finder.total:
            count = f"{finder.total:,}"
            if self._hit is None:
                facts.append(text("find.found", count=count))
            else:
                number = f"{finder.number_of(self._hit) + 1:,}"
                facts.append(text("find.of", number=number, count=count))
        elif finder.query is not None and not reading:
            facts.append(text("find.none"))
        if finder.query is not None and reading:
            facts.append(text("find.reading"))
        if self._note:
            facts.append(self._note)
        found = finder.query is None or finder.total > 0 or reading
        self._bar.tell(" · ".join(facts), self._hints(), self._where(), found=found)

    def _where(self) -> Sequence[str]:
        """Which of several columns is searched."""
        marked = self._screen.panes.marked
        if marked is None:
            return ()
        number, name = marked.head.number, marked.head.hidden or marked.head.title
        short = text("find.in-column", number=number)
        return text("find.in-model", number=number, model=name), short

    def _hints(self) -> list[Hint]:
        keys = active_keys(self._screen)
        ids = _WHILE_WRITING if self._writing else _WHILE_READING
        moves = map(action_called, _WHILE_WRITING)
        hints = [
            Hint(keys.shown(id_), action.label, action.run)
            for id_, action in zip(ids, moves, strict=True)
        ]
        close = Hint(keys.shown("stop"), text("find.close"), action_called("stop").run)
        return [*(hints if self._finder.total else ()), close]

    # Looking

    @property
    def _finder(self) -> Finder:
        return self._texts.finder

    @property
    def _transcript(self) -> "Transcript":
        return self._screen.transcript

    def _stand_here(self) -> None:
        """Look from the top of the view on."""
        if len(self._transcript.column):
            self._origin = self._transcript.line_at(0)
        self._scrolled = self._transcript.scroll_offset.y

    def _look(self, words: str) -> None:
        self._words, self._note, self._hit, self._seeking = words, "", None, False
        self._finder.look_for(words)
        self._mark()
        self._tell_found()

    def _read_again(self) -> None:
        """Search the path as it is now, with what was added to it."""
        self._texts.read(min(self._origin[0], max(len(self._transcript.column) - 1, 0)))
        if self._hit is not None:
            index = self._transcript.column.index_of(self._hit_id)
            self._hit = None if index is None else self._hit._replace(message=index)
        self._mark()
        self._tell_found()

    def _grown(self) -> None:
        """More texts are searched; where nothing was found yet, go to the first place in them."""
        if self._seeking:
            self._seek()
        else:
            if not self._marking:
                self._mark()
            self._tell_found()

    def _seek(self) -> None:
        """Go to the first place from the origin on, or wait for one."""
        self._seeking = self._finder.query is not None and not self._finder.total
        if self._finder.total:
            self._go(self._first())
        self._tell_found()

    def _step(self, step: int) -> None:
        finder = self._finder
        total, self._note = finder.total, ""
        if not total:
            self._seek()
            return
        if self._hit is None:
            number = self._first() + min(step, 0)
        else:
            number = finder.number_of(self._hit) + step
        if not 0 <= number < total:
            self._note = text("find.from-top" if step > 0 else "find.from-end")
        self._go(number % total)
        # What is typed from now on is looked for from here.
        self._origin = self._place
        self._tell_found()

    def _first(self) -> int:
        """The first place at or below the origin, else the last one above it."""
        finder, (index, line) = self._finder, self._origin
        number = finder.first_from(index)
        column = self._transcript.column
        rendered = column.rendered(index) if line and index < len(column) else None
        marks = self._marks()
        if rendered is not None and marks is not None:
            for section, count in finder.counts_of(index):
                number += min(marks.above(rendered, line, section), count)
        return min(number, finder.total - 1)

    # Going there

    def _go(self, number: int) -> None:
        """Show a place; its message may have to be loaded first."""
        hit, column = self._finder.hit(number), self._transcript.column
        self._hit, self._hit_id = hit, column.id_at(hit.message)
        if column.message(hit.message) is not None:
            self._show(hit)
            return
        self._place = (hit.message, 0)
        self._mark()
        self._screen.run_worker(
            self._load_around(hit),
            name="find place",
            group="find place",
            exclusive=True,
            exit_on_error=False,
        )

    async def _load_around(self, hit: Hit) -> None:
        chat, column = self._texts.chat, self._transcript.column
        near = range(max(hit.message - _NEARBY, 0), min(hit.message + _NEARBY + 1, len(column)))
        ids = tuple(column.id_at(at) for at in near if column.message(at) is None)
        if chat is None:
            return
        await self._screen.stage.supply(chat, ids)
        if self._hit == hit and self.active:
            self._show(hit)

    def _show(self, hit: Hit) -> None:
        line = self._transcript.show_hits(self._marks(), hit)
        self._place = (hit.message, line)
        self._scrolled = self._transcript.scroll_offset.y

    def _mark(self) -> None:
        marks = self._marks()
        self._marking = marks is not None
        self._transcript.show_hits(marks)

    def _marks(self) -> HitMarks | None:
        finder = self._finder
        if finder.query is None or not finder.total:
            return None
        current = None if self._hit is None else (self._hit_id, self._hit)
        return HitMarks(finder.query, current, source=finder.by_source)
