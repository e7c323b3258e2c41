"""Moving about, folding, times, and which messages were seen."""

from typing import TYPE_CHECKING

from chat_tui.core.settings import Settings
from chat_tui.core.texts import text
from chat_tui.ui.actions import Scope, action_called, active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.widgets.transcript import Transcript, TranscriptOptions

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class ReadingCommands(CommandGroup):
    """Moving about, folding, times, and which messages were seen."""

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._seen: dict[str, str] = {}
        """Conversation → the last message of it that was on the screen whole."""
        self._told_how_to_write = False
        self._went_to_new = ""
        """The first message that was not seen, once it was gone to."""

    # What is meant

    @property
    def marked(self) -> int | None:
        """The place of the marked message while one reads; None elsewhere.

        Every command that acts on a message asks here or for `meant`: a mark that is not seen does
        not count, and that of a transcript that is not in use is not seen. A screen over it leaves
        it in use.
        """
        transcript = self._transcript
        if self._screen.focused is not transcript:
            return None
        transcript.keep_mark()
        return transcript.current

    @property
    def meant(self) -> int | None:
        """The place of the marked message while one reads, else of the last; None without any."""
        if (marked := self.marked) is not None:
            return marked
        return len(self._transcript.column) - 1 if len(self._transcript.column) else None

    @property
    def meant_id(self) -> str | None:
        """The id of that message."""
        return None if (at := self.meant) is None else self._transcript.column.id_at(at)

    # Where the keyboard is

    def focus_transcript(self) -> None:
        """Go to the messages."""
        if not self._screen.has_class("-empty"):
            self._screen.set_focus(self._transcript)

    def focus_prompt(self) -> None:
        """Go to the prompt."""
        self._screen.set_focus(self._screen.prompt)

    @property
    def leaves_at_stop(self) -> bool:
        """Whether the key that stops leads to the prompt too, where there is nothing to stop."""
        keys = active_keys(self._screen)
        stop = keys.of(action_called("stop"))
        return any(key in stop for key in keys.of(action_called("leave-reading")))

    def focus_changed(self, scope: Scope) -> None:
        """Say in the prompt whether one reads or writes."""
        reads = scope == "transcript"
        key = active_keys(self._screen).shown("write")
        told = text("prompt.reading", key=key) if reads else text("prompt.placeholder")
        if self._screen.prompt.placeholder != told:
            self._screen.prompt.placeholder = told
        self._told_how_to_write &= reads
        self._screen.update_status()

    def tell_how_to_write(self) -> None:
        """Say once how to go to the prompt, to somebody who types while reading."""
        if not self._told_how_to_write:
            self._told_how_to_write = True
            self._tell("reading.how-to-write", key=active_keys(self._screen).shown("write"))

    # Moving

    def scroll_wide(self, cells: int) -> None:
        """Move wide tables sideways."""
        self._transcript.scroll_wide(cells)

    def select_lines(self, step: int) -> None:
        """Grow or shrink the selection by a line."""
        self._transcript.selecting.by(step)

    def move_message(self, steps: int) -> None:
        """Put the mark on another message."""
        self._transcript.move_by(steps)

    def move_to_prompt(self, step: int) -> None:
        """Put the mark on another prompt, with what was answered below it."""
        transcript, column = self._transcript, self._transcript.column
        if not len(column):
            return
        start = self.marked
        if start is None:
            start, within = transcript.line_at(0)
            # A prompt that has left the view in part is the one before.
            start += 1 if step < 0 and within else 0
        places = range(start + step, len(column) if step > 0 else -1, step)
        found = next((at for at in places if column.node(at).role == "user"), None)
        if found is not None:
            transcript.move_to(found, top=True)
        else:
            self._tell("reading.no-later-prompt" if step > 0 else "reading.no-earlier-prompt")

    def jump_to_start(self) -> None:
        """Go to the first message."""
        self._transcript.move_to(0, top=True)

    def jump_to_end(self) -> None:
        """Go to the last message and follow what comes."""
        self._transcript.move_to_end()

    def jump_to_unread(self) -> None:
        """Go to the first message that was not seen, or to the text below all that was."""
        transcript, new = self._transcript, self._transcript.column.new
        marked = self.marked
        id_ = "" if new is None else transcript.column.id_at(new)
        if new is not None and (id_ != self._went_to_new or (marked is not None and marked < new)):
            self._went_to_new = id_
            transcript.move_to(new, top=True)
        elif transcript.has_unseen:
            transcript.jump_to_unseen()
        else:
            self._tell("reading.nothing-new")

    # What was seen

    def leave(self, chat: "OpenConversation") -> None:
        """Note how far a conversation was seen that is about to leave the screen."""
        column, seen = self._transcript.column, self._transcript.seen
        if not 0 <= seen < len(column) or column.id_at(seen) not in chat.tree:
            return
        message = column.message(seen)
        partly = message is None or message.status == "streaming"
        if partly and not seen:
            return
        self._seen[chat.id] = column.id_at(seen - 1 if partly else seen)

    def arrive(self, chat: "OpenConversation") -> None:
        """Say where the messages begin that came since a conversation was left."""
        column = self._transcript.column
        at = column.index_of(self._seen.pop(chat.id, ""))
        if at is not None and at + 1 < len(column):
            self._transcript.mark_new(at + 1)

    # Folding

    def toggle_fold(self) -> None:
        """Unfold the marked message, else the last one, or fold it again."""
        if (index := self.meant) is not None:
            self._transcript.toggle_fold(index)

    def fold_message(self) -> None:
        """Fold the marked message, else the last one, or unfold it."""
        if (index := self.meant) is not None:
            self._transcript.toggle_message(index)

    def fold_all(self) -> None:
        """Fold all messages, or unfold them."""
        self._transcript.toggle_all()

    # Options

    def toggle_timestamps(self) -> None:
        """Show times, or hide them."""
        options = self._transcript.column.folds.options
        for transcript in self._screen.panes.every:
            transcript.use(options=options._replace(timestamps=not options.timestamps))
        self._tell("reading.no-times" if options.timestamps else "reading.times", timeout=2)

    def use_settings(self, settings: Settings) -> None:
        """Take over what was set about reading."""
        for transcript in self._screen.panes.every:
            transcript.use(options=options_from(settings))
        self._screen.panes.rearrange()

    @property
    def _transcript(self) -> Transcript:
        return self._screen.transcript


def options_from(settings: Settings) -> TranscriptOptions:
    """What was set about reading."""
    return TranscriptOptions(
        settings.fold_reasoning,
        settings.fold_lines,
        settings.timestamps,
        settings.pictures == "thumbnails",
    )
