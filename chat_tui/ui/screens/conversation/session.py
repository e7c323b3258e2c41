"""The backend as the conversation screen uses it, and which conversation is on the screen."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from chat_tui.core.errors import ChatError, StorageError
from chat_tui.core.settings import Settings
from chat_tui.core.texts import text
from chat_tui.ui.backend import Backend, Opened

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.attachments.media import Media
    from chat_tui.core.manager import ConversationManager
    from chat_tui.core.model_choices import ModelChoices
    from chat_tui.core.ports import ConversationStore
    from chat_tui.core.prompt_library import PromptLibrary
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.desk import ProviderDesk, SettingsDesk


class Session:
    """Opens the backend once and hands out what is in it.

    Args:
        backend: storage and providers.
        settings: the user's.
        resume: the conversation to begin with; "" for the newest, None for a new one.
    """

    def __init__(self, backend: Backend, settings: Settings, resume: str | None) -> None:
        self.backend = backend
        self.settings = settings
        self.chat: OpenConversation | None = None
        """The conversation on the screen; None until the backend is open."""
        self._resume = resume
        self._opened: Opened | None = None
        self._failed: ChatError | None = None
        self._ready = asyncio.Event()

    async def open(
        self,
        on_trouble: Callable[[StorageError | None], None],
        on_notice: Callable[[str], None],
    ) -> None:
        """Open the backend; see `Backend.open`.

        Raises:
            ChatError: it cannot be opened; `ready` raises the same from now on.
        """
        try:
            self._opened = await self.backend.open(on_trouble, on_notice)
        except Exception as error:
            # Whatever it is, prompts must come back to the input and not wait for ever.
            self._failed = (
                error if isinstance(error, ChatError) else StorageError(text("crash.not-opened"))
            )
            self._ready.set()
            raise

    async def begin(self) -> "OpenConversation":
        """Give the conversation to begin with; from now on, the session is ready.

        Raises:
            ChatError: the one that was asked for cannot be opened; a new one stands in.
        """
        try:
            self.chat = self.new_chat()
            if self._resume is not None:
                wanted = self._resume or await self.backend.newest()
                self.chat = await self.open_chat(wanted) if wanted else self.chat
                asked = self.backend.asked_for
                if asked and (asked.model or asked.provider != self.chat.target.provider):
                    await self.manager.conversations.switch_target(self.chat, self.backend.target)
        finally:
            self._ready.set()
        return self.chat

    async def ready(self) -> "OpenConversation":
        """Wait until there is a conversation on the screen, and give it.

        Raises:
            ChatError: the backend could not be opened.
        """
        await self._ready.wait()
        if self._failed is not None:
            raise self._failed
        if self.chat is None:
            self.chat = self.new_chat()
        return self.chat

    @property
    def is_open(self) -> bool:
        """Whether storage and providers are there."""
        return self._opened is not None

    @property
    def manager(self) -> "ConversationManager":
        """Runs the conversations; there once the backend is open."""
        return self._there().manager

    @property
    def store(self) -> "ConversationStore":
        """Lists the conversations; there once the backend is open."""
        return self._there().store

    @property
    def desk(self) -> "ProviderDesk":
        """Looks after the providers; there once the backend is open."""
        return self._there().desk

    @property
    def library(self) -> "PromptLibrary":
        """Keeps the user's prompts; there once the backend is open."""
        return self._there().library

    @property
    def choices(self) -> "ModelChoices":
        """Favourites, models used last, model sets, votes; there once the backend is open."""
        return self._there().choices

    @property
    def settings_desk(self) -> "SettingsDesk":
        """The settings file; there once the backend is open."""
        return self._there().settings

    @property
    def media(self) -> "Media":
        """Reads pictures and documents; there once the backend is open."""
        return self._there().media

    def new_chat(self, *, temporary: bool = False) -> "OpenConversation":
        """Begin a conversation with the backend's target; a temporary one is never written."""
        usual = self.settings.system_prompt
        return self.manager.start(self.backend.target, system_prompt=usual, temporary=temporary)

    async def open_chat(self, id_: str) -> "OpenConversation":
        """Open a stored conversation; one that names no target (imported) gets the backend's."""
        return await self.manager.open(id_, target=self.backend.target)

    def _there(self) -> Opened:
        if self._opened is None:
            raise RuntimeError("the backend is not open yet")
        return self._opened
