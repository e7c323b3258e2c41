"""Before a prompt is sent: files that it names are attached, and what speaks against it is said."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.attachments.objections import Objection, objections
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.mentions import mentioned, without_signs
from chat_tui.ui.screens.conversation.intake import Intake, Taken
from chat_tui.ui.screens.objections import ObjectionsDialog

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_Agreed = tuple[str, tuple[ImagePart | FilePart, ...], tuple[Target, ...]]


class SendCheck:
    """Decides with the user what becomes of a prompt with attachments.

    Args:
        screen: where it was written.
    """

    def __init__(self, screen: "ConversationView") -> None:
        self._screen = screen
        self._agreed: _Agreed | None = None
        """What the user wanted to be sent all the same, last."""

    async def attach_named(
        self, chat: "OpenConversation", prompt: Prompt, intake: Intake
    ) -> tuple[Prompt, list[Taken]] | None:
        """Attach the files that a prompt names; None where a folder of them was left.

        Raises:
            UsageError: one of them cannot be attached.
            StorageError: it cannot be kept.
        """
        found = await asyncio.to_thread(mentioned, prompt.text, Path.cwd())
        if not found:
            return prompt, []
        gathered = await intake.paths(list(dict.fromkeys(each.path for each in found)))
        for error in gathered.failures:
            hint = f"{error.hint} {text('attaching.mention-hint')}".strip()
            raise UsageError(error.message, hint=hint)
        if gathered.left:
            return None
        kept = [each.attachment for each in gathered.taken if each.attachment is not None]
        await chat.store.save_attachments(kept)
        more = tuple(each.part for each in gathered.taken if each.part not in prompt.attached)
        words = without_signs(prompt.text, found)
        return Prompt(words, (*prompt.attached, *more)), gathered.taken

    async def agreed(
        self, chat: "OpenConversation", prompt: Prompt, sizes: Mapping[str, int]
    ) -> Prompt | None:
        """Say what speaks against sending it; gives what is to be sent, None for not now.

        Args:
            chat: where it goes.
            prompt: with what is attached.
            sizes: bytes of the attachments, as far as they are known, by their hash.
        """
        while prompt.attached:
            targets = targets_of(chat)
            asked = chat.id, prompt.attached, targets
            found = await self._objections(prompt, targets, sizes)
            if not found or asked == self._agreed:
                return prompt
            pictures = any(isinstance(part, ImagePart) for part in prompt.attached)
            dialog = ObjectionsDialog(found, pictures=pictures)
            way = await self._screen.app.push_screen_wait(dialog)
            if way == "send":
                self._agreed = asked
                return prompt
            if way is None:
                return None
            if way == "model":
                await self._screen.answering.choose()
            else:
                documents = (each for each in prompt.attached if isinstance(each, FilePart))
                prompt = replace(prompt, attached=tuple(documents))
                if not prompt:
                    return None
        return prompt

    async def _objections(
        self, prompt: Prompt, targets: tuple[Target, ...], sizes: Mapping[str, int]
    ) -> list[Objection]:
        facts = self._screen.session.manager.context.facts
        cards = [facts.card(target) for target in targets]
        # In a thread: all of a document is looked through for keys.
        return await asyncio.to_thread(objections, prompt, cards, sizes)


def targets_of(chat: "OpenConversation") -> tuple[Target, ...]:
    """The models that the next prompt of a conversation goes to."""
    about = chat.conversation
    return tuple(about.targets[slot] for slot in about.board.slots) or (chat.target,)
