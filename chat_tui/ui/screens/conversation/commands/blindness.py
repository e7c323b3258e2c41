"""Comparing blind: letters in place of names until the user has voted, and who voted how."""

from random import SystemRandom
from typing import TYPE_CHECKING, Literal

from chat_tui.core.side_by_side.blind import (
    blind_name,
    newest_turn,
    shuffled,
    without_blindness,
)
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.commands.telling import TELLING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from chat_tui.core.conversation import Node
    from chat_tui.core.messages import ChatMessage
    from chat_tui.core.side_by_side.board import Board
    from chat_tui.core.side_by_side.sides import SideBySide
    from chat_tui.core.side_by_side.votes import Verdict, Vote
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class BlindCommands(CommandGroup):
    """Hides who answers until the user has voted about the newest prompt.

    That somebody voted is kept as the vote itself, so that a conversation that is opened again
    shows what it showed. Votes about a temporary conversation are kept with nothing but the screen.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._votes: dict[str, Vote] = {}
        """Turn → the vote about it, of the conversation on the screen."""
        self._temporary_votes: dict[str, Vote] = {}
        self._shown = self._known = ""
        """The conversation that came to the screen last; the one whose votes were read."""
        self.order: Callable[[list[int]], None] = SystemRandom().shuffle
        """Puts a list into a random order: the columns, while nobody is to know who they are."""

    # What may be seen

    @property
    def hides(self) -> bool:
        """Whether names, figures and order are hidden now."""
        chat = self._screen.session.chat
        if chat is None or not chat.conversation.board.blind:
            return False
        return self._known != chat.id or newest_turn(chat.tree) not in self._votes

    def name_of(self, slot: int) -> str:
        """What stands in place of a model's name; empty where that may be seen."""
        return blind_name(self._board, slot) if self.hides else ""

    @property
    def alias(self) -> "Callable[[Node], str] | None":
        """What stands over an answer in place of its model's name; None while all may be seen."""
        return self._alias if self.hides else None

    def vote_about(self, turn: str) -> "Vote | None":
        """The vote about the answers to a prompt in the conversation on the screen."""
        return self._votes.get(turn)

    def verdict_on(self, answer: "ChatMessage", *, chosen: bool) -> "Verdict | Literal['']":
        """What was voted about an answer; empty where nothing was, or another one won.

        Args:
            answer: of the conversation on the screen.
            chosen: whether it is gone on with: so it is known which one of a model's two won.
        """
        chat, vote = self._screen.session.chat, self._votes.get(answer.turn)
        if chat is None or vote is None or answer.slot not in chat.conversation.board.slots:
            return ""
        model = str(chat.conversation.targets[answer.slot])
        if vote.verdict != "win":
            return vote.verdict if model in vote.models else ""
        won = model == vote.winner and (chosen or vote.models.count(model) == 1)
        return "win" if won else ""

    @property
    def _board(self) -> "Board":
        chat = self._screen.session.chat
        if chat is None:
            raise RuntimeError("there is no conversation yet")
        return chat.conversation.board

    # As things change

    def shown(self, chat: "OpenConversation") -> None:
        """Another conversation comes to the screen: its votes are read. Returns at once."""
        self._shown = chat.id
        if self._known != chat.id and chat.conversation.board:
            self._in_background(self._learn_votes(chat), "votes")

    async def _learn_votes(self, chat: "OpenConversation") -> None:
        """Read the votes about a conversation, once while it is on the screen.

        Raises:
            StorageError: they cannot be read.
        """
        if self._known == chat.id:
            return
        votes = await self._screen.session.choices.votes()
        if self._shown == chat.id:
            here = {each.turn: each for each in votes if each.conversation == chat.id}
            self._known, self._votes = chat.id, here | self._temporary_votes
            self.refresh()

    async def before_round(self, chat: "OpenConversation") -> None:
        """A prompt is about to go to all: who stands where is drawn anew while it is blind.

        Where each model keeps its own thread the letters stay with the threads, and a vote about
        one of their turns ends it: it would be seen by the earlier answers who gives the next ones.
        """
        board = chat.conversation.board
        if not board.blind:
            return
        if board.sharing != "own":
            await self._manager_sides.set_board(chat, shuffled(board, self.order))
        elif not self._apart(chat).isdisjoint(await self._voted(chat)):
            await self._manager_sides.set_board(chat, without_blindness(board))
            if chat is self._screen.session.chat:
                self._tell("blind.own-known", timeout=8)

    def _apart(self, chat: "OpenConversation") -> frozenset[str]:
        # 2 ms that only who compares need pay.
        from chat_tui.core.side_by_side.threads import turns_apart

        return turns_apart(chat.conversation, chat.tree)

    async def _voted(self, chat: "OpenConversation") -> "Collection[str]":
        """The turns of a conversation that there are votes about."""
        if self._known == chat.id:
            return self._votes
        votes = await self._screen.session.choices.votes()
        return [each.turn for each in votes if each.conversation == chat.id]

    def refresh(self) -> None:
        """Draw names and figures as they may be seen now; cheap where nothing changed."""
        screen, chat = self._screen, self._screen.session.chat
        if chat is not None and chat.conversation.board:
            screen.panes.refresh_heads(chat)
            screen.update_status()

    def _alias(self, node: "Node") -> str:
        # A letter over an earlier answer, whose model was told, would tell whose it is now.
        chat = self._screen.session.chat
        newest = chat is not None and node.turn == newest_turn(chat.tree)
        return (newest and self.name_of(node.slot)) or text("blind.other")

    # Votes

    async def keep_vote(self, chat: "OpenConversation", vote: "Vote") -> None:
        """Keep a vote, in place of one about the same prompt; names are shown from then on.

        Raises:
            StorageError: it cannot be stored.
        """
        if chat.temporary:
            self._temporary_votes[vote.turn] = vote
        else:
            await self._screen.session.choices.save_vote(vote)
        self._votes[vote.turn] = vote
        self.refresh()

    async def forget_vote(self, chat: "OpenConversation", turn: str) -> None:
        """Take a vote back; where it is blind, names are hidden again.

        Raises:
            StorageError: it cannot be deleted.
        """
        if chat.temporary:
            self._temporary_votes.pop(turn, None)
        else:
            await self._screen.session.choices.delete_vote(turn)
        self._votes.pop(turn, None)
        self.refresh()

    # Commands

    async def toggle_blind(self) -> None:
        """Hide who answers what until there is a vote, or show it again."""
        chat = await self._ready()
        board = chat.conversation.board
        if board.blind:
            await self._show_all(chat)
            self._tell("blind.off", timeout=6)
        elif len(board.slots) < 2:
            self._tell("blind.too-few", timeout=6, key=self._shown_key("side-by-side"))
        elif board.sharing == "own" and self._apart(chat):
            sharing, new = self._shown_key("sharing"), self._shown_key("new")
            self._tell("blind.own", timeout=10, sharing=sharing, new=new)
        else:
            await self._learn_votes(chat)
            await self._manager_sides.set_board(chat, shuffled(board, self.order))
            await self._follow(chat)
            key = "blind.on" if self.hides else "blind.on-later"
            self._tell(key, timeout=8, key=self._shown_key("vote"))

    async def _show_all(self, chat: "OpenConversation") -> None:
        await self._manager_sides.set_board(chat, without_blindness(chat.conversation.board))
        await self._follow(chat)

    async def _follow(self, chat: "OpenConversation") -> None:
        """Show the columns in their new order."""
        self.refresh()
        await self._screen.branches.follow(chat)
        self.refresh()

    # What would tell

    def asks_first(self, command: str, run: "Callable[[], Awaitable[None]]") -> bool:
        """Ask before a command that would name who answered; tells whether it is asked.

        Args:
            command: as an action names it.
            run: runs it; called after the question, if at all.
        """
        if command not in TELLING or not self.hides:
            return False
        self._in_background(self._ask_first(run), "telling")
        return True

    async def _ask_first(self, run: "Callable[[], Awaitable[None]]") -> None:
        # 3 ms that only who compares need pay.
        from chat_tui.ui.screens.dialogs import ConfirmDialog

        screen, chat = self._screen, await self._ready()
        question = ConfirmDialog(text("blind.question"), text("blind.more"))
        if await screen.app.push_screen_wait(question) and chat is screen.session.chat:
            await self._show_all(chat)
            await run()

    def _shown_key(self, action: str) -> str:
        return active_keys(self._screen).shown_anywhere(action)

    @property
    def _manager_sides(self) -> "SideBySide":
        return self._screen.session.manager.sides
