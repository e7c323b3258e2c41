"""Before a prompt is sent: files that it names are attached, and what speaks against it is said."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.attachments.objections import Objection, objections
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.disk import ask_disk
from chat_tui.ui.mentions import mentioned, without_signs
from chat_tui.ui.screens.conversation.gathered import Gathered
from chat_tui.ui.screens.conversation.intake import Intake
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
    ) -> tuple[Prompt, Gathered] | None:
        """Attach the files that a prompt names; None where a folder of them was left.

        Raises:
            UsageError: one of them cannot be attached, or the disk does not answer.
            StorageError: it cannot be kept.
        """
        found = await ask_disk(partial(mentioned, prompt.text, Path.cwd()))
        if not found:
            return prompt, Gathered([], [])
        gathered = await intake.paths(list(dict.fromkeys(each.path for each in found)))
        for error in gathered.failures:
            hint = f"{error.hint} {text('attaching.mention-hint')}".strip()
            raise UsageError(error.message, hint=hint)
        if gathered.left:
            self._screen.app.notify(text("attaching.mention-hint"), timeout=6, markup=False)
            return None
        await chat.store.save_attachments(gathered.attachments)
        attached = tuple(dict.fromkeys((*prompt.attached, *gathered.parts)))
        return Prompt(without_signs(prompt.text, found), attached), gathered

    async def agreed(
        self, chat: "OpenConversation", prompt: Prompt, sizes: Mapping[str, int]
    ) -> Prompt | None:
        """Say what speaks against sending it; gives what is to be sent, None for not now.

        Where the conversation was left meanwhile, it is not sent now if there is anything to say.

        Args:
            chat: where it goes.
            prompt: with what is attached.
            sizes: bytes of the attachments, as far as they are known, by their hash.
        """
        while prompt.attached:
            targets = chat.targets
            asked = chat.id, prompt.attached, targets
            found = await self._objections(prompt, targets, sizes)
            if not found or asked == self._agreed:
                return prompt
            if chat is not self._screen.session.chat:
                # It was left while files were read: nobody sees what is asked about.
                return None
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
