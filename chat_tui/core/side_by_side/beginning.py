"""Begins rounds of a conversation: what is asked of whom."""

from collections.abc import Collection, Sequence
from functools import partial
from weakref import WeakKeyDictionary

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.messages import ImagePart
from chat_tui.core.questions import Questions
from chat_tui.core.side_by_side.asks import Ask, to_answer, to_edit, to_go_on, to_send
from chat_tui.core.side_by_side.foreseeing import Foreseeing, RoundOutlook
from chat_tui.core.side_by_side.places import Places
from chat_tui.core.side_by_side.plans import Means, Wish
from chat_tui.core.side_by_side.rounds import Round
from chat_tui.core.turns import OpenConversation


class Rounds:
    """Makes rounds of those that are side by side.

    Args:
        means: what they are made with.
        questions: makes prompts.
    """

    def __init__(self, means: Means, questions: Questions) -> None:
        self._means = means
        self._questions = questions
        self._foreseeing = Foreseeing(means.planner)
        self._places: WeakKeyDictionary[OpenConversation, Places] = WeakKeyDictionary()

    def send(
        self,
        chat: OpenConversation,
        prompt: Prompt | str,
        *,
        stream: bool = True,
        anyway: bool = False,
        many: bool = False,
    ) -> Round:
        """A new prompt to all slots of the board.

        Args:
            chat: the conversation.
            prompt: words, and what is attached to them; its bytes are in `chat.store` already.
            stream: ask for the replies as they are made.
            anyway: send all, also where it is known not to fit.
            many: ask each for n answers where its parameters say so; else only a single model is.
        """
        slots = chat.conversation.board.slots

        async def ask() -> list[Ask]:
            return to_send(self._questions, chat, slots, prompt)

        return self._round(chat, slots, Wish("send", ask, stream, anyway, many))

    def edit(
        self,
        chat: OpenConversation,
        prompt_id: str,
        prompt: Prompt | str,
        *,
        stream: bool = True,
        anyway: bool = False,
    ) -> Round:
        """Another version of a prompt, to all slots; see `ConversationManager.edit`."""
        slots = chat.conversation.board.slots
        ask = partial(to_edit, self._questions, chat, slots, prompt_id, prompt)
        return self._round(chat, slots, Wish("edit", ask, stream, anyway))

    def answer(
        self,
        chat: OpenConversation,
        slots: Collection[int],
        prompt: str | None = None,
        *,
        stream: bool = True,
        anyway: bool = False,
    ) -> Round:
        """Have a prompt answered, or answered anew, by some slots; others may run. Else as `send`.

        Args:
            chat: the conversation.
            slots: those of the board that answer.
            prompt: by default the newest one.
            stream: ask for the replies as they are made.
            anyway: send all, also where it is known not to fit.
        """
        asked = [slot for slot in chat.conversation.board.slots if slot in slots]

        async def ask() -> list[Ask]:
            return to_answer(chat, asked, prompt)

        return self._round(chat, asked, Wish("regenerate", ask, stream, anyway))

    def continue_reply(
        self,
        chat: OpenConversation,
        reply_id: str,
        *,
        stream: bool = True,
        anyway: bool = False,
    ) -> Round:
        """Go on with a cut answer of one of the board's slots; others may run. Else as `send`.

        See `ConversationManager.continue_reply`.
        """
        ask = partial(to_go_on, chat, reply_id, self._means.new_id)
        slot = chat.tree[reply_id].slot
        return self._round(chat, [slot], Wish("continue", ask, stream, anyway))

    async def foresee_round(
        self, chat: OpenConversation, draft: int = 0, pictures: Sequence[ImagePart] = ()
    ) -> RoundOutlook:
        """What the next prompt would be to each model; see `Foreseeing.look`."""
        return await self._foreseeing.look(chat, draft, pictures)

    def _allow(self, chat: OpenConversation) -> Places:
        """The places of a conversation's answers, as many as its board says."""
        places = self._places.setdefault(chat, Places())
        places.allow(chat.conversation.board.at_once)
        return places

    def _round(self, chat: OpenConversation, slots: Sequence[int], wish: Wish) -> Round:
        return Round(self._means, chat, slots, wish, self._allow(chat))
