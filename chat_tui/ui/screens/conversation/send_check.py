"""Before a prompt is sent: files that it names are attached, and what speaks against it is said."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.attachments.objections import Objection, blind_to_earlier, objections
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.models import ModelCard
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.disk import ask_disk
from chat_tui.ui.mentions import mentioned, unfound, without_signs
from chat_tui.ui.screens.conversation.gathered import Gathered
from chat_tui.ui.screens.conversation.intake import Intake
from chat_tui.ui.screens.objections import ObjectionsDialog

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_TOLD = 3
"""Words that name no file of which it is said."""

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
        self._told: set[tuple[str, tuple[str, ...]]] = set()
        """The conversations in which models are told of pictures that they do not see, as the user
        wants it."""

    async def attach_named(
        self, chat: "OpenConversation", prompt: Prompt, intake: Intake
    ) -> tuple[Prompt, Gathered] | None:
        """Attach the files that a prompt names; None where a folder of them was left.

        Raises:
            UsageError: one of them cannot be attached, or the disk does not answer.
            StorageError: it cannot be kept.
        """
        found = await ask_disk(partial(mentioned, prompt.text, Path.cwd()))
        await self._tell_unfound(prompt.text)
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

    async def _tell_unfound(self, words: str) -> None:
        """Say which words look like files and go out as words."""
        for each in (await ask_disk(partial(unfound, words, Path.cwd())))[:_TOLD]:
            key = "attaching.no-file" if each.exists else "attaching.no-mention"
            told = text(key, name=clean_line(each.written, code=True))
            self._screen.app.notify(told, timeout=6, markup=False)

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
        while True:
            targets = chat.targets
            asked = chat.id, prompt.attached, targets
            told = chat.id, tuple(str(target) for target in targets)
            found = await self._objections(prompt, targets, sizes)
            out = _spoken_against(prompt, found)
            blind = any(each.kind == "no-vision" for each in found)
            if not blind and told not in self._told:
                found += await self._of_earlier(chat, targets)
            if not found or asked == self._agreed:
                return prompt
            if chat is not self._screen.session.chat:
                # It was left while files were read: nobody sees what is asked about.
                return None
            clock = self._screen.clock
            dialog = ObjectionsDialog(found, clock.monotonic, can_take_out=bool(out))
            way = await self._screen.app.push_screen_wait(dialog)
            if way == "send":
                self._agreed = asked
                if any(each.kind == "no-vision" for each in found):
                    self._told.add(told)
                return prompt
            if way is None:
                return None
            if way == "model":
                await self._screen.answering.choose()
            else:
                left = tuple(each for each in prompt.attached if each not in out)
                prompt = replace(prompt, attached=left)
                if not prompt:
                    return None

    async def _objections(
        self, prompt: Prompt, targets: tuple[Target, ...], sizes: Mapping[str, int]
    ) -> list[Objection]:
        if not prompt.attached:
            return []
        cards = self._cards(targets)
        # In a thread: all of a document is looked through for keys.
        return await asyncio.to_thread(objections, prompt, cards, sizes)

    async def _of_earlier(
        self, chat: "OpenConversation", targets: tuple[Target, ...]
    ) -> list[Objection]:
        """What speaks against sending the pictures of earlier prompts once more."""
        found = blind_to_earlier(self._cards(targets))
        return found if found and await self._earlier_pictures(chat) else []

    async def _earlier_pictures(self, chat: "OpenConversation") -> int:
        """How many of them the next request would hold."""
        screen = self._screen
        if chat.conversation.board:
            # What is known of the columns on the screen: each has a path of its own.
            shown = screen.context.outlook if chat is screen.session.chat else None
            return 0 if shown is None else shown.plan.pictures
        edited, path = screen.branches.editing, None
        if edited is not None and chat is screen.session.chat:
            parent = chat.tree.parent(edited)
            path = [] if parent is None else chat.tree.path(parent)
        outlook = await screen.session.manager.context.outlook(chat, path=path)
        return outlook.plan.pictures

    def _cards(self, targets: tuple[Target, ...]) -> list[ModelCard]:
        facts = self._screen.session.manager.context.facts
        return [facts.card(target) for target in targets]


def _spoken_against(prompt: Prompt, found: Sequence[Objection]) -> frozenset[ImagePart | FilePart]:
    """What of a prompt would have to be taken out so that nothing is said against it."""
    documents = {each.sha256 for each in found}
    pictures = "" in documents
    return frozenset(
        part
        for part in prompt.attached
        if (pictures if isinstance(part, ImagePart) else part.sha256 in documents)
    )
