"""The commands about answers: another model, going on, and what else a failed reply asks for."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import action_called
from chat_tui.ui.screens.conversation.workbench import WorkbenchCommands

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.widgets.transcript import Transcript


class AnsweringCommands(WorkbenchCommands):
    """What the cards of the transcript offer, and choosing who answers."""

    # What there is to act on, as the registry of actions asks for it

    @property
    def can_retry(self) -> bool:
        """Whether there is something to be answered again."""
        return self._offers("retry-other-model")

    @property
    def can_continue(self) -> bool:
        """Whether a reply was cut that can be gone on with."""
        return self._offers("continue-answer")

    @property
    def can_leave_out(self) -> bool:
        """Whether a parameter was refused that can be left out."""
        return self._offers("leave-out")

    @property
    def can_wait(self) -> bool:
        """Whether a server asked to wait for longer than is waited unasked."""
        return self._offers("wait-and-retry")

    @property
    def can_hurry(self) -> bool:
        """Whether something waits to be sent again."""
        return self._offers("retry-now")

    def _offers(self, action: str) -> bool:
        return self.session.is_open and self.remedies.offers(action)

    # Commands

    async def action_continue_answer(self) -> None:
        """Go on with a reply that was cut."""
        await self._remedy("continue-answer", self.remedies.continue_reply)

    async def action_leave_out(self) -> None:
        """Leave a refused parameter out and answer again."""
        await self._remedy("leave-out", self.remedies.leave_out)

    async def action_wait_and_retry(self) -> None:
        """Wait as long as the server asked for and answer again."""
        await self._remedy("wait-and-retry", self.remedies.wait_and_retry)

    async def action_retry_now(self) -> None:
        """Wait no longer."""
        chat = await self.session.ready()
        if not self.turns.hurry(chat):
            self._say_nothing_to("retry-now")
        self.update_status()

    @work(name="other model", exit_on_error=False)
    async def action_retry_other_model(self) -> None:
        """Let another model answer; an answer that is on its way goes on until one is chosen."""
        chat = await self.session.ready()
        if not self.can_retry:
            self._say_nothing_to("retry-other-model")
            return
        id_ = self._id_at(self.remedies.place)
        target = await self._choose_model(chat)
        if target is not None:
            await self.turns.stop(chat)
            await self._switch_to(target)
            self._regenerate(chat, id_)

    @work(name="model", exit_on_error=False)
    async def action_switch_model(self) -> None:
        """Choose where the next prompts go."""
        target = await self._choose_model(await self.session.ready())
        if target is not None:
            await self._switch_to(target)

    async def _choose_model(self, chat: "OpenConversation") -> Target | None:
        # 4 ms that only who switches need pay.
        from chat_tui.ui.screens.models import ModelDialog

        load = partial(self.session.backend.targets, chat.target.provider)
        dialog = ModelDialog(chat.target, load, self.session.backend.label)
        return await self.app.push_screen_wait(dialog)

    async def _remedy(
        self, action: str, do: "Callable[[OpenConversation, ChatMessage], None]"
    ) -> None:
        chat, reply = await self.session.ready(), self.remedies.reply()
        if reply is None or not self._offers(action):
            self._say_nothing_to(action)
        else:
            do(chat, reply)

    def _say_nothing_to(self, action: str) -> None:
        self.app.notify(text(f"notice.nothing-to.{action}"), timeout=4, markup=False)

    def on_transcript_offer_taken(self, event: "Transcript.OfferTaken") -> None:
        """Do what was clicked, with the message on which it stands."""
        action = "regenerate-message" if event.action == "regenerate" else event.action
        run = self.app.run_action(action_called(action).run, self)
        self.run_worker(run, name="offer", exit_on_error=False)
