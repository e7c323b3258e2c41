"""Answers: anew, by another model, gone on with, and what else a failed one asks for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.messages import ChatMessage
from chat_tui.core.model_choices import Place
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.screens.conversation.asking import to_answer_again
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.remedies import Remedies

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView


class AnsweringCommands(CommandGroup):
    """What the cards of the transcript offer, and choosing who answers.

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self._remedies = Remedies(screen)
        self._noted: tuple[str, tuple[Place, ...]] | None = None
        """The conversation and the models of which it was noted last that they are used."""

    # What there is to act on, as the registry of actions asks for it

    @property
    def can_retry(self) -> bool:
        """Whether there is something to be answered again."""
        return self._remedies.offers("retry-other-model")

    @property
    def can_continue(self) -> bool:
        """Whether a reply was cut that can be gone on with."""
        return self._remedies.offers("continue-answer")

    @property
    def can_leave_out(self) -> bool:
        """Whether a parameter was refused that can be left out."""
        return self._remedies.offers("leave-out")

    @property
    def can_wait(self) -> bool:
        """Whether a server asked to wait for longer than is waited unasked."""
        return self._remedies.offers("wait-and-retry")

    @property
    def can_hurry(self) -> bool:
        """Whether something waits to be sent again."""
        return self._remedies.offers("retry-now")

    # Answering again

    async def regenerate(self) -> None:
        """Answer the last prompt again; a summary that follows its answer is none."""
        chat = await self._ready()
        path = self._screen.stage.path(chat)
        said = (id_ for id_ in reversed(path) if chat.tree[id_].role != "system")
        self._regenerate(chat, next(said, None))

    async def regenerate_message(self) -> None:
        """Answer again from the marked message on."""
        chat = await self._ready()
        self._regenerate(chat, self._screen.reading.meant_id)

    def retry_other_model(self) -> None:
        """Let another model answer; an answer that is on its way goes on until one is chosen."""
        self._in_background(self._retry_other_model(), "other model")

    async def _retry_other_model(self) -> None:
        chat = await self._ready()
        if not self.can_retry:
            self._say_nothing_to("retry-other-model")
            return
        id_, sides = self._screen.reading.meant_id, self._screen.sides
        for target in await self.pick(chat, several=False):
            if sides.on and sides.target is None and id_ is not None:
                # In no model's column: this answer alone is made by another one.
                again = partial(self._screen.session.manager.regenerate, chat, id_, target=target)
                self._screen.turns.start(chat, again)
                return
            await self._screen.turns.stop(chat, sides.marked_slot)
            await self.switch_to(target)
            self._regenerate(chat, id_)

    def _regenerate(self, chat: OpenConversation, id_: str | None) -> None:
        slot = self._screen.sides.marked_slot
        if self._screen.turns.busy(chat, slot):
            self._tell("notice.busy", timeout=5)
        elif id_ is None:
            self._tell("notice.nothing-to-regenerate", timeout=3)
        else:
            again = to_answer_again(self._screen.session.manager, chat, id_, slot)
            self._screen.turns.start(chat, again)

    # What a card offers

    async def continue_reply(self) -> None:
        """Go on with a reply that was cut."""
        await self._remedy("continue-answer", self._remedies.continue_reply)

    async def leave_out(self) -> None:
        """Leave a refused parameter out and answer again."""
        await self._remedy("leave-out", self._remedies.leave_out)

    async def wait_and_retry(self) -> None:
        """Wait as long as the server asked for and answer again."""
        await self._remedy("wait-and-retry", self._remedies.wait_and_retry)

    async def retry_now(self) -> None:
        """Wait no longer."""
        if not self._screen.turns.hurry(await self._ready()):
            self._say_nothing_to("retry-now")
        self._screen.update_status()

    async def _remedy(
        self, action: str, do: Callable[[OpenConversation, ChatMessage], None]
    ) -> None:
        chat, reply = await self._ready(), self._remedies.reply()
        if reply is None or not self._remedies.offers(action):
            self._say_nothing_to(action)
        else:
            do(chat, reply)

    def _say_nothing_to(self, action: str) -> None:
        self._tell(f"notice.nothing-to.{action}")

    # Who answers

    def switch_model(self) -> None:
        """Choose where the next prompts go; several models go side by side."""
        self._in_background(self._switch_model(), "model")

    async def _switch_model(self) -> None:
        if self._screen.sides.on:
            await self._screen.sides.choose()
            return
        targets = await self.pick(await self._ready())
        if len(targets) > 1:
            await self._screen.sides.start(targets)
        elif targets:
            await self.switch_to(targets[0])

    async def choose(self) -> None:
        """Choose the model of this conversation, side by side that of the marked column.

        Returns when one was chosen, or none.
        """
        for target in await self.pick(await self._ready(), several=False):
            await self.switch_to(target)

    async def switch_to(self, target: Target) -> None:
        """Send the next prompts here, and those of new conversations, to a model.

        Side by side it is asked in the marked column.
        """
        if self._screen.sides.on:
            await self._screen.sides.models.change_model(target)
            return
        session = self._screen.session
        await session.manager.conversations.switch_target(await self._ready(), target)
        # New conversations keep the default parameters, whatever this one has.
        session.backend.target = replace(target, parameters=session.backend.target.parameters)
        model = clean_line(target.model, code=True)
        provider = clean_line(session.backend.label(target.provider))
        if model:
            self._tell("notice.switched", timeout=5, model=model, provider=provider)
        else:
            self._tell("notice.switched-alone", timeout=5, provider=provider)
        self._screen.stage.show_welcome()
        self._screen.update_status()

    async def pick(
        self,
        chat: OpenConversation,
        *,
        several: bool = True,
        title: str = "",
        marked: Sequence[Target] = (),
    ) -> tuple[Target, ...]:
        """Have the user pick models: one, or several that go side by side.

        Args:
            chat: for which; what is picked has the parameters of its model, or of the marked one.
            several: whether more than one may be picked.
            title: what it is for; clean.
            marked: are marked at first, and given as they are.

        Returns:
            Those that were picked; none where it was left.
        """
        # 8 ms that only who picks need pay.
        from chat_tui.ui.screens.picker.screen import ModelPicker

        session = self._screen.session
        # Nobody is to be told by it whose column it is.
        marked_one = None if self._screen.comparing.hides else self._screen.sides.target
        picker = ModelPicker(
            marked_one or chat.target,
            session.backend,
            session.choices,
            several=several,
            title=title,
            marked=marked,
            answered=self._screen.sides.answers.answered_by(chat) if several else None,
        )
        picked = await self._screen.app.push_screen_wait(picker)
        return picked.targets if picked is not None else ()

    def note_used(self, chat: OpenConversation, targets: Iterable[Target]) -> None:
        """Note that prompts of a conversation go to some models, once as long as these stay.

        The picker lists what was used last before all else. A temporary one leaves nothing behind.
        """
        if chat.temporary:
            return
        places = tuple(dict.fromkeys(Place(each.provider, each.model) for each in targets))
        if self._noted != (chat.id, places):
            self._noted = (chat.id, places)
            now = self._screen.clock.now()
            noting = self._screen.session.choices.note_used(places, now)
            self._in_background(noting, "models used")
