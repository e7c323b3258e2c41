"""What `ask` needs from outside: the same parts as the app's, for one prompt."""

import asyncio
from contextlib import AsyncExitStack, suppress

from chat_tui.cli.compose import Setup
from chat_tui.cli.continuing import changed_policy, changes_of, with_window
from chat_tui.cli.facts import KnownModels
from chat_tui.cli.models import ListedModels, ModelLists
from chat_tui.cli.options import AskOptions
from chat_tui.cli.planning import make_planner
from chat_tui.core.clock import SystemClock
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ChatError
from chat_tui.core.manager import ConversationManager
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.settings import policy_of
from chat_tui.core.targets import ProviderProfile, Target
from chat_tui.core.turns import OpenConversation
from chat_tui.providers.clients import Clients
from chat_tui.storage import open_store
from chat_tui.storage.learnt import LearntFile
from chat_tui.storage.model_lists import ModelListCache

COUNTING_SECONDS = 1.0
"""How long the end waits for counts that are on their way; else they are made another time."""


class AskBackend:
    """Store, providers and manager of one run. Nothing is written with `--no-save`.

    Args:
        options: of the command line.
        setup: settings, folders, providers.
    """

    def __init__(self, options: AskOptions, setup: Setup) -> None:
        self._options = options
        self._settings = setup.settings
        clock, paths, save = SystemClock(), setup.paths, options.save
        self.store = open_store(paths if save else None)
        memory = LearntFile(paths.state / "learnt.json") if save else ForgetfulMemory()
        self._clients = clients = Clients(
            setup.profiles, setup.environ, clock, load_image=self._load_image, memory=memory
        )
        cache = ModelListCache(paths.cache / "models")
        self._lists = ModelLists(clients, cache, clock) if save else None
        self._models = ListedModels(clients)
        default = policy_of(setup.settings)
        facts = KnownModels(clients, memory, clock, self._lists)
        planner = make_planner(facts, memory, lambda: default)
        self.manager = ConversationManager(self.store, self._models, clock=clock, planner=planner)
        self._before: ConversationChanges = {}
        """What was changed of a conversation, as it was before."""

    async def _load_image(self, sha256: str) -> bytes | None:
        """The bytes of a picture; None where there are none."""
        found = await self.store.attachment(sha256)
        return None if found is None else found.content

    async def named(
        self, profile: ProviderProfile, targets: tuple[Target, ...]
    ) -> tuple[Target, ...]:
        """The targets with their models, and with the window that the command line gives them.

        Raises:
            UsageError: the server has no list of models.
            ChatError: it does not answer.
        """
        self._clients.add(profile)
        named = tuple([await self._models.named(target) for target in targets])
        if self._options.window is not None:
            self._clients.add(with_window(profile, named, self._options.window))
        return named

    async def open(
        self, conversation: Conversation | None, targets: tuple[Target, ...]
    ) -> OpenConversation:
        """Open a conversation with what the command line changes of it; None begins one.

        Raises:
            UsageError: nothing can be sent there.
            StorageError: it cannot be read, or changed.
        """
        options, settings = self._options, self._settings
        if conversation is None:
            words = settings.system_prompt if options.system is None else options.system
            chat = self.manager.start(targets[0], system_prompt=words)
            policy = changed_policy(options, policy_of(settings))
            await self.manager.context.set_policy(chat, policy)
            return chat
        # It refuses where the prompt would be refused, and then nothing is to be changed.
        self._models.client_for(targets[0])
        changes = changes_of(options, settings, conversation, targets)
        if changes:
            await self.store.update_conversation(conversation.id, changes)
        if changes or len(targets) > 1:
            self._before = {
                "system_prompt": conversation.system_prompt,
                "targets": conversation.targets,
                "board": conversation.board,
                "heads": conversation.heads,
                "policy": conversation.policy,
            }
        return await self.manager.open(conversation.id, target=targets[0])

    async def take_back(self, chat: OpenConversation) -> None:
        """Leave a conversation as it was: nothing was sent after all."""
        if self._before:
            with suppress(ChatError):  # what is wrong with the disk is told anyway
                await self.store.update_conversation(chat.id, self._before)

    def counts_as_model(self, target: Target) -> bool:
        """Whether what is counted is counted with the model's own vocabulary."""
        return self.manager.context.counter.own_encoding(target.model)

    async def aclose(self) -> None:
        """Close all, the last one too where another fails or a signal comes."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._clients.aclose)
            closing.push_async_callback(self.store.aclose)
            if self._lists is not None:
                closing.push_async_callback(self._lists.aclose)
            # First, since it may store a count yet.
            closing.push_async_callback(self.manager.aclose)
            if self.manager.context.counter.ready:
                with suppress(TimeoutError):
                    async with asyncio.timeout(COUNTING_SECONDS):
                        await self.manager.settled()
