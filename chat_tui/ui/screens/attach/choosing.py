"""Opens the attach screen over a conversation."""

import os
from typing import TYPE_CHECKING

from chat_tui.core.attachments.limits import PictureLimits, limits_for_all
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.messages import ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.ui.screens.attach.options import ChosenPicture, Options
from chat_tui.ui.screens.attach.screen import AttachScreen

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView


class _Models:
    """The models that answer in a conversation, as an `Audience`."""

    def __init__(self, view: "ConversationView", chat: "OpenConversation") -> None:
        self._view = view
        self._chat = chat

    @property
    def label(self) -> str:
        """See `Audience.label`."""
        return ", ".join(map(_named, self._chat.targets))

    @property
    def blind(self) -> str:
        """See `Audience.blind`."""
        facts = self._view.session.manager.context.facts
        unseeing = (each for each in self._chat.targets if facts.card(each).can("vision") is False)
        return ", ".join(map(_named, unseeing))

    @property
    def limits(self) -> PictureLimits:
        """See `Audience.limits`; of several the narrowest."""
        return limits_for_all(self._chat.targets)

    def cost(self, part: ImagePart) -> PictureCost:
        """See `Audience.cost`; of several the one that it is most for."""
        context = self._view.session.manager.context
        costs = [context.picture_cost(part, target) for target in self._chat.targets]
        return max(costs, key=lambda cost: cost.tokens)

    async def choose(self) -> None:
        """See `Audience.choose`."""
        await self._view.answering.choose()


def _named(target: Target) -> str:
    return clean_line(target.model or target.provider, code=True)


async def choose_pictures(
    view: "ConversationView", chat: "OpenConversation"
) -> list[ChosenPicture] | None:
    """Let the user choose pictures for a prompt; None where that was left.

    What is attached to them is not stored yet.

    Args:
        view: the screen over which it opens.
        chat: the conversation on it, for whose models they are.

    Raises:
        StorageError: the folders used last cannot be read or kept.
    """
    session = view.session
    settings, choices = session.settings, session.choices
    side = settings.picture_side
    screen = AttachScreen(
        session.media,
        _Models(view, chat),
        Options(settings.picture_detail, side, own_side=side),
        os.getcwd(),  # noqa: PTH109 - a path as text
        await choices.folders(),
        # A temporary conversation leaves nothing behind.
        None if chat.temporary else choices.note_folder,
    )
    return await view.app.push_screen_wait(screen)
