"""`chat-tui ask`: one prompt from the shell, through the same manager as the app's."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from chat_tui.cli.answer import Outcome, json_text
from chat_tui.cli.compose import Setup, load_setup, say_trouble
from chat_tui.cli.continuing import copy_into_memory, load, recipients
from chat_tui.cli.models import ListedModels
from chat_tui.cli.options import AskOptions
from chat_tui.cli.output import AnswerWriter, say, say_error, write_out
from chat_tui.cli.signals import Terminated, call_on_signals
from chat_tui.cli.stdin import whole_prompt
from chat_tui.core.clock import SystemClock
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import ChatError, UsageError
from chat_tui.core.events import (
    Notice,
    RetryScheduled,
    TextDelta,
    TurnEvent,
    TurnFinished,
    TurnStarted,
)
from chat_tui.core.manager import ConversationManager, OpenConversation
from chat_tui.core.messages import ChatMessage
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.providers.clients import Clients
from chat_tui.storage import open_store

LAST_WORDS_SECONDS = 0.5
"""How long a signal waits for a reader of standard output that stands still."""


def run(options: AskOptions) -> int:
    """Ask; gives the exit code.

    Raises:
        UsageError: a word of the command line, the settings or the prompt is wrong.
        ClosedOutputError: standard output was closed.
        StorageError: standard output cannot be written.
    """
    target = Target(options.target.provider, "".join(options.models[:1]))
    try:
        prompt = whole_prompt(options.prompt)
        setup = load_setup(os.environ)
        for problem in setup.problems:
            say(problem)
    except Terminated as signal:
        if options.json:
            write_out(json_text([Outcome(target)], array=len(options.models) > 1))
        return signal.exit_code
    ask = _Ask(options, setup)
    try:
        return asyncio.run(ask.run(prompt))
    except asyncio.CancelledError:
        # A second signal, while the first one was obeyed: no more words.
        if ask.stopped is None:
            raise
        return ask.stopped


class _Ask:
    """One run of the command."""

    def __init__(self, options: AskOptions, setup: Setup) -> None:
        self._options = options
        self._setup = setup
        clock = SystemClock()
        self._store = open_store(setup.paths if options.save else None)
        self._clients = Clients(setup.profiles, setup.environ, clock)
        self._models = ListedModels(self._clients)
        self._manager = ConversationManager(self._store, self._models, clock=clock)
        self._chat: OpenConversation | None = None
        self._target = Target("", "")
        self._outcomes: list[Outcome] = []
        self.stopped: int | None = None
        """The exit code of the signal that came."""
        self._ending = False

    async def run(self, prompt: str) -> int:
        """Ask, print, save; gives the exit code."""
        self._task = asyncio.current_task()
        self._writer = AnswerWriter(on_failure=self._stop_turn)
        call_on_signals(asyncio.get_running_loop(), self._stop)
        self._store.on_notice(say)
        try:
            await self._converse(prompt)
        except UsageError:
            raise
        except ChatError as error:
            say_error(error)
            self._outcomes.append(Outcome(self._target, len(self._outcomes), error=error.info))
        except asyncio.CancelledError:
            self._survive()
        finally:
            self._ending = True
            await self._store.aclose()
            await self._clients.aclose()
        return await self._finish()

    async def _converse(self, prompt: str) -> None:
        conversation = await self._load()
        asked = recipients(self._options, self._setup, conversation)
        self._clients.add(asked.profile)
        self._target = asked.targets[0]
        targets = [await self._models.named(target) for target in asked.targets]
        self._target = targets[0]
        self._chat = chat = await self._open(conversation, self._target)
        prompt_id = ""
        for slot, target in enumerate(targets):
            if self.stopped is not None:
                return
            if len(targets) > 1:
                say(f"{target}:")
            stream = self._options.stream
            if not slot:
                turn = self._manager.send(chat, prompt, stream=stream)
            else:
                turn = self._manager.regenerate(chat, prompt_id, target=target, stream=stream)
            prompt_id = await self._receive(chat, turn, Outcome(target, slot, chat.id)) or prompt_id

    async def _load(self) -> Conversation | None:
        if self._options.save:
            return await load(self._options, self._store)
        return await copy_into_memory(self._options, self._setup, self._store)

    async def _open(self, conversation: Conversation | None, target: Target) -> OpenConversation:
        system = self._options.system
        if conversation is None:
            default = self._setup.settings.system_prompt
            return self._manager.start(target, system_prompt=default if system is None else system)
        if system is not None:
            await self._store.update_conversation(conversation.id, {"system_prompt": system})
        chat = await self._manager.open(conversation.id)
        if chat.conversation.targets[:1] != (target,):
            await self._manager.switch_target(chat, target)
        return chat

    async def _receive(
        self, chat: OpenConversation, turn: AsyncGenerator[TurnEvent, None], outcome: Outcome
    ) -> str:
        """Print an answer and keep its outcome; gives the id of the prompt that it begins with."""
        prompt_id = ""
        reply: ChatMessage | None = None
        before = len(chat.tree)
        # Nothing else is awaited in this loop: stopping interrupts it where it waits.
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, TurnStarted):
                    prompt_id = event.prompt.id if event.prompt is not None else ""
                elif isinstance(event, TurnFinished):
                    reply = event.reply
                else:
                    self._show(event)
        if reply is None:
            return prompt_id
        ids = [node.id for node in list(chat.tree)[before:] if node.role == "assistant"]
        choices = await self._manager.messages(chat, [id_ for id_ in ids if id_ != reply.id])
        self._outcomes.append(replace(outcome, reply=reply, choices=choices))
        self._writer.end()
        await self._drain()
        _explain(reply, choices)
        return prompt_id

    def _show(self, event: TurnEvent) -> None:
        match event:
            case TextDelta(piece, 0) if not self._options.json:
                self._writer.write(piece)
            case RetryScheduled(attempt, attempts, delay, error):
                say(f"Attempt {attempt} of {attempts} in {delay:.1f} s: {error.message}")
            case Notice(_, message):
                say(message)
            case _:
                pass  # of reasoning, tool calls and usage only the sum is told

    # Stopping

    def _stop(self, exit_code: int) -> None:
        """A signal came: stop the answer, or whatever comes before it."""
        again = self.stopped is not None
        self.stopped = self.stopped or exit_code
        if not again and (self._ending or self._stop_turn()):
            return
        if self._task is not None:
            self._task.cancel()

    def _stop_turn(self) -> bool:
        return self._chat is not None and self._manager.stop(self._chat)

    def _survive(self) -> None:
        """Take back a cancellation that a signal made; another one is raised again."""
        if self.stopped is None or self._task is None:
            raise asyncio.CancelledError
        self._task.uncancel()

    async def _drain(self) -> None:
        """Wait for the reader of standard output; after a signal not for long."""
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS if self.stopped else None):
                await self._writer.drain()
        except TimeoutError:
            return
        except asyncio.CancelledError:
            self._survive()

    # The end

    async def _finish(self) -> int:
        outcomes = self._outcomes or [Outcome(self._target)]
        if say_trouble(self._store) and self._store.trouble is not None:
            error = self._store.trouble.info
            outcomes = [
                replace(each, conversation="", error=each.error or error) for each in outcomes
            ]
        elif not self._options.save:
            outcomes = [replace(each, conversation="") for each in outcomes]
        code = next((each.exit_code for each in outcomes if each.exit_code), 0)
        if self._options.json and code != UsageError.exit_code:
            self._writer.write(json_text(outcomes, array=len(self._options.models) > 1))
            await self._drain()
        return self.stopped or code


def _explain(reply: ChatMessage, choices: Sequence[ChatMessage]) -> None:
    """Tell what the text alone does not."""
    if reply.refusal:
        say(f"{text('transcript.refused')}: {reply.refusal}")
    for call in reply.tool_calls:
        say(f"The model asks for the tool {call.name} with {call.arguments}")
    if choices:
        say(f"There are {len(choices)} further answers to this prompt; --json has them.")
    if reply.error is not None:
        say_error(reply.error)
    elif reply.status in ("length", "filtered", "stopped"):
        say(text(f"transcript.status.{reply.status}"))
    elif reply.empty and not reply.refusal:
        say(text("transcript.empty"))
