"""Where a column of several is shown: the same conversation, by another path."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from chat_tui.core.side_by_side.threads import Column, path_of
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.session import Session
from chat_tui.ui.screens.conversation.stage import Stage
from chat_tui.ui.widgets.transcript import Transcript


class ColumnStage(Stage):
    """Shows what a column shows of the session's conversation.

    Args:
        session: what is shown.
        transcript: shows what was said.
        welcome: stands in its place while there is nothing to be seen.
        column: whose path it is.
    """

    def __init__(
        self, session: Session, transcript: Transcript, welcome: Static, column: Column
    ) -> None:
        super().__init__(session, transcript, welcome)
        self._made_of: object = None
        self._path: list[str] = []
        self.column = column
        """Whose path it is."""

    def path(self, chat: OpenConversation) -> list[str]:
        """See `threads.path_of`; it is asked for again and again."""
        about, tree = chat.conversation, chat.tree
        made_of = tree, len(tree), tree.moves, about.heads, about.board
        if made_of != self._made_of:
            self._made_of, self._path = made_of, path_of(about, tree, self.column)
        return [*self._path]

    def siblings(self, chat: OpenConversation, id_: str) -> Sequence[str]:
        """Of an answer those of its own model: the others stand in other columns."""
        node, siblings = chat.tree[id_], chat.tree.siblings(id_)
        if node.role != "assistant":
            return siblings
        if len(chat.conversation.board.slots) == 1:
            # Its n answers are the columns.
            return (id_,)
        return [each for each in siblings if _is_beside(chat, id_, each)]

    def show_welcome(self) -> None:
        """Say below the headings how many one talks to, while there is nothing to see."""
        chat = self._session.chat
        self._transcript.screen.set_class(self.empty, "-empty")
        if self.empty and chat is not None:
            keys = active_keys(self._transcript)
            count = len(chat.conversation.board.slots)
            ways = text(
                "columns.welcome-keys",
                send=keys.shown("send"),
                next=keys.shown("next-column"),
                zoom=keys.shown("zoom-column"),
                sharing=keys.shown("sharing"),
            )
            lines = [
                Content.styled(text("columns.welcome", count=count), "bold $foreground"),
                Content.styled(ways, "$foreground 60%"),
            ]
            self._welcome.update(Content("\n\n").join(lines))


def _is_beside(chat: OpenConversation, id_: str, other: str) -> bool:
    node, beside = chat.tree[id_], chat.tree[other]
    return (beside.slot, beside.role) == (node.slot, node.role)
