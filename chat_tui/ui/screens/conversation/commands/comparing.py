"""Comparing answers: differences, figures, votes, merging, exporting."""

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.errors import UsageError
from chat_tui.core.figures import money, short_count
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.blind import newest_turn
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.commands.blindness import BlindCommands

if TYPE_CHECKING:
    from chat_tui.core.side_by_side.orders import Order
    from chat_tui.core.side_by_side.votes import Verdict, Vote
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.comparing.answers import Answers
    from chat_tui.ui.screens.conversation.view import ConversationView


class CompareCommands(BlindCommands):
    """Opens the screens on which answers are compared, and does what is decided there.

    Each screen, and the core of comparing, is imported by the command that needs it: 5 to 20 ms
    that who compares nothing need not pay.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._tag = ""
        """What kind of task the last vote was about."""

    async def _several(
        self, chat: "OpenConversation", *, with_text: bool, to_judge: bool = False
    ) -> "Answers | None":
        """Two or more answers that have ended; None, and a word about it, where there are fewer.

        Args:
            chat: the conversation on the screen.
            with_text: only those that have any.
            to_judge: those of the models, once all of them have ended.
        """
        from chat_tui.ui.screens.conversation.commands.compared import compared, only_ended

        found = await compared(self._screen, chat, to_judge=to_judge)
        ended = None if found is None else only_ended(found, with_text=with_text)
        running = found is not None and any(each.status == "streaming" for each in found.replies)
        enough = ended is not None and len(ended.replies) > 1
        if running and (to_judge or not enough):
            self._tell("comparing.running", timeout=5)
        elif enough:
            return ended
        else:
            several, again = self._shown_key("side-by-side"), self._shown_key("regenerate")
            key = "comparing.too-few-beside" if to_judge else "comparing.too-few"
            self._tell(key, timeout=8, several=several, again=again)
        return None

    # Looking

    def diff(self) -> None:
        """Compare two answers word by word."""
        self._in_background(self._diff(), "diff")

    async def _diff(self) -> None:
        from chat_tui.ui.screens.comparing.diff import DiffScreen

        answers = await self._several(await self._ready(), with_text=True)
        if answers is not None:
            await self._screen.app.push_screen_wait(DiffScreen(answers))

    def figures(self) -> None:
        """Show times, tokens and costs beside each other."""
        self._in_background(self._figures(), "figures")

    async def _figures(self) -> None:
        from chat_tui.ui.screens.comparing.figures import FiguresScreen

        chat = await self._ready()
        if self.hides:
            self._tell("blind.no-figures", timeout=6, key=self._shown_key("vote"))
            return
        answers = await self._several(chat, with_text=False)
        if answers is not None:
            await self._screen.app.push_screen_wait(FiguresScreen(answers, self._screen.copy))

    def standings(self) -> None:
        """Show who won how often."""
        self._in_background(self._standings(), "standings")

    async def _standings(self) -> None:
        from chat_tui.ui.screens.comparing.standings import StandingsScreen

        await self._ready()
        votes = await self._screen.session.choices.votes()
        several, vote = self._shown_key("side-by-side"), self._shown_key("vote")
        how = text("standings.how", several=several, vote=vote, blind=self._shown_key("blind"))
        await self._screen.app.push_screen_wait(StandingsScreen(votes, self._screen.copy, how))

    # Voting

    def vote(self) -> None:
        """Say which answer is the best."""
        self._in_background(self._vote(), "vote")

    async def _vote(self) -> None:
        from chat_tui.ui.screens.comparing.vote import VoteDialog, offered_tags, row_of, verdict_at
        from chat_tui.ui.screens.conversation.commands.compared import target_of

        chat, choices = await self._ready(), self._screen.session.choices
        answers = await self._several(chat, with_text=True, to_judge=True)
        if answers is None:
            return
        await self._learn_votes(chat)
        earlier = self.vote_about(answers.turn)
        tags = offered_tags(await choices.votes())
        row = row_of(earlier, [str(target_of(chat, each)) for each in answers.replies])
        tag = self._tag if earlier is None else _own_tag(earlier, chat.conversation.tags)
        dialog = VoteDialog(answers, earlier, row, tags, tag)
        choice = await self._screen.app.push_screen_wait(dialog)
        if choice is None or chat is not self._screen.session.chat:
            return
        self._tag = dialog.tag
        if choice.row >= len(answers.replies) + 2:
            await self.forget_vote(chat, answers.turn)
            self._tell("vote.taken-back", timeout=6)
            return
        verdict = verdict_at(choice.row, len(answers.replies))
        await self.keep_vote(chat, self._made(chat, answers, verdict, choice.row))
        await self._tell_vote(chat, answers, choice.row)
        # To go on with an earlier answer would leave all that was said since.
        goes_on = answers.turn == newest_turn(chat.tree)
        if verdict == "win" and goes_on and chat.conversation.board.sharing == "one":
            await self._manager_sides.choose(chat, answers.replies[choice.row].id)
        await self._follow(chat)

    def _made(
        self, chat: "OpenConversation", answers: "Answers", verdict: "Verdict", row: int
    ) -> "Vote":
        """A vote as it is kept."""
        from chat_tui.core.side_by_side.votes import Vote
        from chat_tui.ui.screens.conversation.commands.compared import target_of

        models = tuple(str(target_of(chat, each)) for each in answers.replies)
        return Vote(
            answers.turn,
            chat.id,
            self._screen.clock.now(),
            models,
            verdict,
            models[row] if verdict == "win" else "",
            tuple(filter(None, dict.fromkeys((*chat.conversation.tags, self._tag)))),
        )

    async def _tell_vote(self, chat: "OpenConversation", answers: "Answers", row: int) -> None:
        """Say who won, and who stood behind the letters."""
        from chat_tui.ui.screens.conversation.commands.compared import names

        told = names(self._screen, chat, answers.replies)
        key = "vote.won" if row < len(told) else "vote.tied"
        key = "vote.all-bad" if row > len(told) else key
        words = text(key, name=told[row]) if key == "vote.won" else text(key)
        if told != list(answers.names):
            both = zip(answers.names, told, strict=True)
            words += "\n" + "\n".join(f"{letter}: {name}" for letter, name in both)
        self._screen.app.notify(words, timeout=10, markup=False)

    # Merging

    def merge(self) -> None:
        """Have a model make one answer of several."""
        self._in_background(self._merge(), "merge")

    async def _merge(self) -> None:
        from chat_tui.ui.screens.comparing.merge import MergeDialog

        chat, screen = await self._ready(), self._screen
        if chat.streaming:
            self._tell("notice.busy", timeout=5)
            return
        answers = await self._several(chat, with_text=True)
        if answers is None:
            return
        dialog = MergeDialog(answers, self._merging_target(chat), Merging(screen, chat))
        order = await screen.app.push_screen_wait(dialog)
        if order is not None and chat is screen.session.chat:
            merge = partial(
                screen.session.manager.merging.merge,
                *(chat, order.replies, order.recipe),
                target=order.target,
                words=order.words,
            )
            screen.turns.start(chat, merge)

    def _merging_target(self, chat: "OpenConversation") -> "Target":
        """The marked column's model; while nobody is to know who that is, the first one."""
        slot = self._screen.panes.marked_slot
        if self.hides or slot not in chat.conversation.board.slots:
            return chat.target
        return chat.conversation.targets[slot]

    # Exporting

    def export(self) -> None:
        """Write the answers beside each other to a file."""
        self._in_background(self._export(), "export")

    async def _export(self) -> None:
        from chat_tui.ui.code_files import shown_path
        from chat_tui.ui.screens.comparing.export import (
            FormatDialog,
            SaveComparisonDialog,
            write_private,
        )
        from chat_tui.ui.screens.saving import save_to_file

        chat, app = await self._ready(), self._screen.app
        form = await app.push_screen_wait(FormatDialog())
        if form is None:
            return
        exported = await self._screen.session.backend.export_comparison(chat, form)

        def write(path: Path, replace: bool) -> None:
            write_private(path, exported.text, replace=replace)

        path = await save_to_file(app, clean_line(exported.name), SaveComparisonDialog, write)
        if path is not None:
            self._tell("export.saved", path=shown_path(path), timeout=8)


class Merging:
    """What the dialog of merging asks of the conversation; see `MergeWork`.

    Args:
        screen: chooses models.
        chat: whose answers are merged.
    """

    def __init__(self, screen: "ConversationView", chat: "OpenConversation") -> None:
        self._screen = screen
        self._chat = chat

    async def told_size(self, order: "Order") -> str:
        """See `MergeWork.told_size`."""
        weigh = self._screen.session.manager.merging.size
        try:
            size = await weigh(
                self._chat, order.replies, order.recipe, target=order.target, words=order.words
            )
        except UsageError as error:
            return clean_line(error.told)
        told = [text("merging.tokens", tokens=short_count(size.tokens))]
        told += [text("merging.cost", cost=money(size.cost))] if size.cost else []
        told += [text("merging.too-large")] if size.refused else []
        return " · ".join(told)

    async def choose_model(self, current: "Target") -> "Target | None":
        """See `MergeWork.choose_model`."""
        title = text("merging.which-model")
        picked = await self._screen.answering.pick(self._chat, several=False, title=title)
        return next(iter(picked), None)


def _own_tag(vote: "Vote", others: Collection[str]) -> str:
    """The tag that was given with a vote, besides those of its conversation."""
    return next((tag for tag in vote.tags if tag not in others), "")
