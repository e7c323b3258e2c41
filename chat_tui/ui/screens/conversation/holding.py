"""Says in place of a reply why it does not come."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chat_tui.ui.screens.conversation.waiting import WHILE_WAITING

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.runs import Runs
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.screens.conversation.waiting import Waits


class Holding:
    """What holds answers up, as their transcripts tell it.

    Args:
        screen: where it is told.
        runs: the answers that are on their way.
        waits: those that are waited for.
    """

    def __init__(self, screen: "ConversationView", runs: "Runs", waits: "Waits") -> None:
        self._screen = screen
        self._runs = runs
        self._waits = waits
        self._told: dict[str, str] = {}
        """What stands in place of a reply that is held up, by its id."""

    def tell(self, chat: "OpenConversation", *, anew: bool = False) -> None:
        """Say in place of each reply why it does not come; for a countdown, again and again.

        Args:
            chat: whose replies.
            anew: say it although it was said: the transcript has forgotten it.
        """
        if chat is not self._screen.session.chat:
            return
        now = self._screen.clock.monotonic()
        for run in self._runs.live(chat.id):
            self._note(run.reply_id, run.progress.held_up(now), run.progress.offered(now), anew)
        for reply_id, words in self._waits.told(chat.id):
            self._note(reply_id, words, WHILE_WAITING, anew)
        if chat.conversation.board:
            self._screen.sides.show_heads()

    def _note(self, reply_id: str, words: str, offered: Sequence[str], anew: bool) -> None:
        if reply_id and (anew or words != self._told.get(reply_id, "")):
            self._told[reply_id] = words
            self._write(reply_id, words, offered)

    def untell(self, conversation: str, reply_id: str) -> None:
        """Say no longer that an answer is waited for."""
        chat = self._screen.session.chat
        if self.forget(reply_id) and chat is not None and chat.id == conversation:
            self._write(reply_id, "")

    def forget(self, reply_id: str) -> bool:
        """A reply has ended; tells whether something was told of it."""
        return bool(self._told.pop(reply_id, ""))

    def _write(self, reply_id: str, words: str, offered: Sequence[str] = ()) -> None:
        for transcript in self._screen.panes.transcripts:
            transcript.note(reply_id, words, offered)
