"""`chat-tui ask`: one prompt from the shell, through the same manager as the app's."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_tui.cli import loop
from chat_tui.cli.answer import Outcome, error_info, json_text, unasked, with_pictures
from chat_tui.cli.ask_backend import AskBackend
from chat_tui.cli.compose import Setup, load_setup, say_trouble
from chat_tui.cli.continuing import copy_into_memory, load, recipients
from chat_tui.cli.options import AskOptions
from chat_tui.cli.output import (
    AnswerWriter,
    ClosedOutputError,
    say,
    say_error,
    write_last_words,
    write_out,
)
from chat_tui.cli.parameters import given_parameters
from chat_tui.cli.receiving import Reception
from chat_tui.cli.reply_pictures import make_folder, save_pictures
from chat_tui.cli.several import SeveralAnswers
from chat_tui.cli.signals import Terminated, call_on_signals
from chat_tui.cli.stdin import Given, whole_prompt
from chat_tui.cli.telling import explain, for_address, way_on
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.continuing import can_continue
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import (
    ChatError,
    ErrorInfo,
    PlanRefusedError,
    StorageError,
    UsageError,
)
from chat_tui.core.events import TurnEvent
from chat_tui.core.messages import ChatMessage, ImagePart
from chat_tui.core.targets import Target
from chat_tui.core.turns import OpenConversation

if TYPE_CHECKING:  # only who attaches something pays for it
    from chat_tui.cli.attaching import Attached

LAST_WORDS_SECONDS = 0.5
"""How long a signal waits for a reader of standard output that stands still."""


def run(options: AskOptions) -> int:
    """Ask; gives the exit code.

    Whatever is raised but the first two, the JSON that is asked for was printed before.

    Raises:
        UsageError: a word of the command line, the settings or the prompt is wrong.
        ClosedOutputError: standard output was closed.
        StorageError: standard output cannot be written.
    """
    ask: _Ask | None = None
    try:
        # Before standard input is waited for.
        parameters = given_parameters(options)
        from_stdin = any(name == "-" for _, name in options.attach.files)
        prompt = whole_prompt(options.prompt, whole=from_stdin)
        setup = load_setup(os.environ)
        for problem in setup.problems:
            say(problem)
        ask = _Ask(options, setup, parameters)
        return loop.run(ask.run(prompt))
    except (UsageError, ClosedOutputError):
        raise
    except Terminated as signal:
        write_out(_last_json(options, ask))
        return signal.exit_code
    except asyncio.CancelledError:
        # A second signal, while the first one was obeyed.
        if ask is None or ask.stopped is None:
            raise
        asyncio.run(write_last_words(_last_json(options, ask), LAST_WORDS_SECONDS))
        return ask.stopped
    except Exception as error:
        write_out(_last_json(options, ask, error_info(error)))
        raise


def _last_json(options: AskOptions, ask: "_Ask | None", error: ErrorInfo | None = None) -> str:
    """The JSON where the command did not come to its end; empty where none is to be printed."""
    if not options.json or (ask is not None and ask.told):
        return ""
    outcomes = ask.outcomes(error) if ask is not None else unasked(_targets(options), error)
    return json_text(outcomes, array=len(options.models) > 1)


def _targets(options: AskOptions) -> tuple[Target, ...]:
    """Who is asked, as far as the command line says it."""
    return tuple(Target(options.target.provider, model) for model in options.models or ("",))


class _Ask:
    """One run of the command."""

    def __init__(self, options: AskOptions, setup: Setup, parameters: Mapping[str, Any]) -> None:
        self._options = options
        self._setup = setup
        self._parameters = parameters
        self._backend = AskBackend(options, setup)
        self._store, self._manager = self._backend.store, self._backend.manager
        self._chat: OpenConversation | None = None
        self._targets = _targets(options)
        self._answers: dict[int, Outcome] = {}
        self._prompt_id = ""
        self._before = 0
        """How many messages there were before."""
        self._error: ErrorInfo | None = None
        self._unsaved = False
        """Whether pictures of an answer could not be written."""
        self.told = False
        """Whether the JSON was printed, or its printing was begun."""
        self.stopped: int | None = None
        """The exit code of the signal that came."""
        self._ending = False

    async def run(self, prompt: Given) -> int:
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
            self._error = self._suited(error.info)
            say_error(self._error)
        except asyncio.CancelledError:
            self._survive()
        finally:
            self._ending = True
            await self._backend.aclose()
        return await self._finish()

    async def _converse(self, given: Given) -> None:
        conversation = await self._load()
        asked = recipients(self._options, self._setup, conversation, self._parameters)
        self._targets = asked.targets
        attached = await self._attached(given, asked.targets)
        self._targets = await self._backend.named(asked.profile, asked.targets)
        self._chat = chat = await self._backend.open(conversation, self._targets)
        stream, self._before = self._options.stream, len(chat.tree)
        try:
            prompt = await self._prompt(chat, given.words, attached)
            if len(self._targets) > 1:
                await self._ask_all(chat, prompt)
            elif self.stopped is None:
                outcome = Outcome(self._targets[0], conversation=chat.id)
                turn = self._manager.send(chat, prompt, stream=stream)
                await self._receive(chat, turn, outcome, chat.conversation.board.alone)
        finally:
            if not self._prompt_id:
                if attached is not None and self._refused:
                    say(attached.largest())
                await self._backend.take_back(chat)

    async def _attached(self, given: Given, targets: Sequence[Target]) -> "Attached | None":
        """What goes with the prompt; None where there is nothing."""
        wanted, settings = self._options.attach, self._setup.settings
        if wanted.save_images is not None:
            make_folder(wanted.save_images)
        if not (wanted.files or given.piped):
            return None
        from chat_tui.cli.attaching import gather  # only where something is attached: 20 ms

        return await gather(wanted, settings, targets, given.piped, self._manager.context)

    async def _prompt(
        self, chat: OpenConversation, words: str, attached: "Attached | None"
    ) -> Prompt:
        """The prompt, with what goes with it; what speaks against sending that is said."""
        if attached is None:
            return Prompt(words)
        await chat.store.save_attachments(attached.bytes)
        facts = self._manager.context.facts
        for words_against in attached.objections([facts.card(each) for each in self._targets]):
            say(words_against)
        return Prompt(words, attached.parts)

    @property
    def _refused(self) -> bool:
        """Whether what was to be sent is more than there is room for."""
        errors = (each.error for each in self._answers.values())
        return any(error is not None and error.kind == "context" for error in errors)

    async def _ask_all(self, chat: OpenConversation, prompt: Prompt) -> None:
        """Ask several models side by side, one whole answer after the other."""
        async with SeveralAnswers(self._manager, chat, self._targets) as several:
            if not await several.begin(prompt, stream=self._options.stream):
                return
            self._prompt_id = several.prompt
            for outcome in several.outcomes:
                if self.stopped is not None:
                    return
                say(f"{outcome.target}:")
                if outcome.error is not None:
                    self._answers[outcome.slot] = outcome
                    say_error(outcome.error)
                    continue
                turn, slot = several.events(outcome), several.slot_of(outcome)
                await self._receive(chat, turn, outcome, slot)

    async def _load(self) -> Conversation | None:
        if self._options.save:
            return await load(self._options, self._store)
        return await copy_into_memory(self._options, self._setup, self._store)

    async def _receive(
        self,
        chat: OpenConversation,
        turn: AsyncGenerator[TurnEvent, None],
        outcome: Outcome,
        slot: int,
    ) -> None:
        """Print an answer and keep its outcome.

        Raises:
            Exception: it failed in a way that is not part of the reply, and there is no use in
                asking the next model: the prompt is not stored, or the failure was unforeseen.
        """
        writer = None if self._options.json else self._writer
        own_vocabulary = self._backend.counts_as_model(outcome.target)
        reception = Reception(writer, own_vocabulary=own_vocabulary)
        try:
            # Nothing else is awaited in this loop: stopping interrupts it where it waits.
            async with aclosing(turn) as events:
                async for event in events:
                    reception.take(event)
                    self._prompt_id = reception.prompt or self._prompt_id
        except UsageError:
            raise
        except Exception as error:
            plan = error.plan if isinstance(error, PlanRefusedError) else reception.plan
            outcome = replace(outcome, plan=plan, error=error_info(error))
            await self._end_failed(chat, slot, outcome)
            if not (isinstance(error, ChatError) and self._prompt_id):
                raise
            say_error(error)
            return
        reply = reception.reply
        if reply is None:
            return
        if reply.error is not None:
            reply = replace(reply, error=self._suited(reply.error))
        choices = [each for each in await self._replies(chat, slot) if each.id != reply.id]
        if self._options.json:
            reply, *choices = await with_pictures(chat.store, [reply, *choices])
        self._answers[outcome.slot] = outcome = replace(
            outcome,
            reply=reply,
            choices=choices,
            plan=reception.plan or outcome.plan,
            expected=reception.expected,
            summary=reception.summary,
        )
        self._writer.end()
        await self._drain()
        explain(outcome, reply, json=self._options.json)
        await self._save_pictures(chat, [reply, *choices])
        saved = self._options.save and self._store.trouble is None
        if saved and can_continue(reply) and reply.error is not None and len(self._targets) == 1:
            say(way_on(self._options.target, chat.id))

    async def _save_pictures(self, chat: OpenConversation, replies: list[ChatMessage]) -> None:
        """Write the pictures of replies where they are wanted, or tell of them."""
        parts = [part for each in replies for part in each.parts if isinstance(part, ImagePart)]
        try:
            await save_pictures(chat.store, parts, self._options.attach.save_images)
        except StorageError as error:
            self._unsaved = True
            say_error(error)

    async def _end_failed(self, chat: OpenConversation, slot: int, outcome: Outcome) -> None:
        """Keep the outcome of an answer that failed; what came of it is stored all the same."""
        self._answers[outcome.slot] = outcome
        self._writer.end()
        await self._drain()
        with suppress(ChatError):  # the failure that led here is the one to tell
            for reply in (await self._replies(chat, slot))[:1]:
                if reply.status == "streaming":
                    reply = replace(reply, status="interrupted")
                self._answers[outcome.slot] = replace(outcome, reply=reply)

    def _suited(self, error: ErrorInfo) -> ErrorInfo:
        """The error, with a way out that there is where the server is named by its address."""
        target = self._options.target
        return for_address(error, target.api_key_env) if target.base_url else error

    async def _replies(self, chat: OpenConversation, slot: int) -> list[ChatMessage]:
        """The replies of a model that came in this run."""
        new = list(chat.tree.stored())[self._before :]
        ids = [node.id for node in new if node.role == "assistant" and node.slot == slot]
        return await chat.messages(ids)

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

    def outcomes(self, error: ErrorInfo | None = None) -> list[Outcome]:
        """One for each model asked, in their order; those without an answer have the error."""
        trouble = self._store.trouble.info if self._store.trouble is not None else None
        outcomes = [self._answers.get(each.slot, each) for each in unasked(self._targets, error)]
        if trouble is not None:
            outcomes = [replace(each, error=each.error or trouble) for each in outcomes]
        if trouble is not None or not self._options.save:
            outcomes = [replace(each, conversation="") for each in outcomes]
        return outcomes

    async def _finish(self) -> int:
        say_trouble(self._store)
        outcomes = self.outcomes(self._error)
        code = next((each.exit_code for each in outcomes if each.exit_code), 0)
        if self._options.json and code != UsageError.exit_code:
            self.told = True
            self._writer.write(json_text(outcomes, array=len(self._options.models) > 1))
            await self._drain()
        return self.stopped or code or (StorageError.exit_code if self._unsaved else 0)
