"""Runs what begins with a slash in the prompt."""

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.errors import UsageError
from chat_tui.core.parameters import definition, parse_parameter
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import Action, action_called
from chat_tui.ui.screens.conversation.commands.group import CommandGroup, told_title
from chat_tui.ui.screens.conversation.slash_offers import SlashOffers, saved_prompt
from chat_tui.ui.slash import PATH_WORDS, Entry, assignments, escaped, find, parse_command, unknown

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.widgets.prompt import PromptInput


class SlashCommands(CommandGroup):
    """Does what a text that begins with a slash means.

    Args:
        screen: where it was written.
        offers: knows the commands.
    """

    def __init__(self, screen: "ConversationView", offers: SlashOffers) -> None:
        super().__init__(screen)
        self._offers = offers
        self._takers = {
            "model": self._switch_model,
            "system": self._set_system_prompt,
            "title": self._rename,
            "rename": self._rename,
            "temp": self._set_temperature,
            "set": self._set_parameters,
            "prompt": self._take_saved,
            "policy": screen.context.policies.set_words,
            "history": screen.context.policies.set_history_words,
            "compact": self._sum_up_by,
            **dict.fromkeys((*PATH_WORDS, "url"), screen.attaching.attach_words),
        }
        """What takes words, by the command."""

    async def run(self, chat: OpenConversation, sent: "PromptInput.Submitted") -> Prompt | None:
        """Run a command.

        Returns:
            The prompt that is to be sent, where it is none; None where it was run.

        Raises:
            UsageError: there is no such command, or it cannot be run like this.
        """
        written = sent.draft.text
        several_lines = "\n" in written.strip()
        if escaped(written) is not None:
            command = parse_command(written[1:])
            known = command is not None and await self._find(command.word) is not None
            # Code may begin with // too: it is as it is, unless a command was meant to be text.
            if known or not several_lines:
                return replace(sent.prompt, text=sent.prompt.text[1:])
            return sent.prompt
        command = parse_command(written)
        if command is None:
            return sent.prompt
        entry = await self._find(command.word)
        if entry is None:
            if several_lines:
                return sent.prompt
            raise unknown(command.word, self._offers.entries())
        if entry.demo:
            return sent.prompt
        if sent.prompt.attached:
            if entry.prompt is None:
                hint = text("slash.as-text", word=command.word)
                raise UsageError(text("slash.attached", word=command.word), hint=hint)
            # They go with what is written then.
            self._screen.prompt.attach(*sent.prompt.attached)
        whole = parse_command(sent.prompt.text)
        await self._run(chat, entry, command.word, whole.rest if whole else command.rest)
        return None

    def runs(self, words: str) -> bool:
        """Whether a text would be run, and not sent, as far as is known without waiting."""
        command = parse_command(words)
        entry = None if command is None else find(command.word, self._offers.entries())
        return entry is not None and not entry.demo

    def typed(self, words: str) -> str:
        """How a text is typed that is to be sent as it is: `//` where it would be a command."""
        command = parse_command(words)
        if command is None:
            return words
        known = find(command.word, self._offers.entries()) is not None
        return f"/{words}" if known or "\n" not in words.strip() else words

    async def _find(self, word: str) -> Entry | None:
        entry = find(word, self._offers.entries())
        if entry is None:
            await self._offers.prompts()
            entry = find(word, self._offers.entries())
        return entry

    async def _run(self, chat: OpenConversation, entry: Entry, word: str, rest: str) -> None:
        if entry.prompt is not None:
            self._screen.writing.take_saved(entry.prompt, rest)
        elif rest and word in self._takers:
            await self._takers[word](chat, rest)
        elif rest:
            hint = text("slash.as-text", word=word)
            raise UsageError(text("slash.takes-nothing", word=word), hint=hint)
        elif word == "prompt":
            self._screen.writing.show_library()
        elif word == "history":
            self._screen.context.policies.change_history()
        else:
            self._do(entry.action or action_called("parameters"))

    def _do(self, action: Action) -> None:
        # In the background: what ends the app waits for prompts that are being sent.
        self._in_background(self._run_action(action), "command")

    async def _run_action(self, action: Action) -> None:
        await self._screen.app.run_action(action.run, self._screen)

    # Commands that take words

    async def _switch_model(self, chat: OpenConversation, name: str) -> None:
        target = self._named(chat, name)
        await self._screen.answering.switch_to(target)
        self._warn_unlisted(target)

    async def _sum_up_by(self, chat: OpenConversation, name: str) -> None:
        target = self._named(chat, name)
        await self._screen.context.compact(target)
        self._warn_unlisted(target)

    def _named(self, chat: OpenConversation, name: str) -> Target:
        """The model of a name: one that is listed, else one of the same provider."""
        name, provider = clean_line(name), chat.target.provider
        known, wanted = self._offers.models(provider), name.lower()
        places = [row.place for row in known]
        meant = [each for each in places if wanted in (each.model.lower(), "/".join(each).lower())]
        meant.sort(key=lambda each: name not in (each.model, "/".join(each)))
        return Target(*(meant[0] if meant else (provider, name)))

    def _warn_unlisted(self, target: Target) -> None:
        # Not refused: providers have models that they do not list.
        name, known = target.model, self._offers.models(target.provider)
        places = [row.place for row in known if row.listed]
        if name in (place.model for place in places):
            return
        listed = [place.model for place in places if place.provider == target.provider]
        close = [model for model in listed if name.lower() in model.lower()]
        close += get_close_matches(name, listed, 1)
        if close:
            meant = clean_line(close[0], code=True)
            self._tell("slash.unlisted", timeout=8, name=name, meant=meant)

    async def _set_system_prompt(self, _chat: OpenConversation, words: str) -> None:
        self._screen.chats.edit_system_prompt(words)

    async def _rename(self, chat: OpenConversation, title: str) -> None:
        title = clean_line(title)
        await self._screen.session.manager.conversations.rename(chat.id, title)
        await self._screen.reload_list()
        self._tell("slash.renamed", title=told_title(title))

    async def _set_temperature(self, chat: OpenConversation, written: str) -> None:
        await self._set(chat, {"temperature": parse_parameter("temperature", written)})

    async def _set_parameters(self, chat: OpenConversation, written: str) -> None:
        await self._set(chat, dict(assignments(written)))

    async def _set(self, chat: OpenConversation, given: dict[str, object]) -> None:
        target = self._screen.sides.target or chat.target
        kept = {definition(name).name: value for name, value in target.parameters.items()}
        if self._screen.sides.on:
            await self._screen.sides.settings.set_parameters(kept | given)
            return
        await self._screen.session.manager.conversations.set_parameters(chat, kept | given)
        names = clean_line(", ".join(chat.target.parameters), code=True)
        if names:
            self._tell("notice.parameters", names=names)
        else:
            self._tell("notice.no-parameters")
        self._screen.update_status()

    async def _take_saved(self, _chat: OpenConversation, name: str) -> None:
        prompts = await self._offers.prompts()
        prompt = saved_prompt(name, prompts)
        if prompt is None:
            close = get_close_matches(name, [each.name for each in prompts], 1)
            guess = text("slash.guess-prompt", name=clean_line(close[0])) if close else ""
            raise UsageError(text("slash.no-prompt", name=clean_line(name)), hint=guess)
        self._screen.writing.take_saved(prompt)
